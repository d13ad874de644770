"""Measurements of declared metrics, written as CloudWatch EMF documents when the invocation ends."""

from __future__ import annotations

import os
from _thread import RLock

from obskit import clock, config, context, output
from obskit.errors import did_you_mean
from obskit.masking import audit, mask_field
from obskit.quotas import DIMENSION_VALUE, EMF_METRICS, EMF_VALUES, METRIC_VALUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import ParamSpec, TypeVar

    from obskit.catalog.model import Metric

    P = ParamSpec("P")
    R = TypeVar("R")

    Place = tuple[str, tuple[str, ...], tuple[str, ...]]
    ByName = dict[str, tuple[Metric, list[float]]]

_GENERATOR_OR_COROUTINE = 0x20 | 0x80 | 0x200
"""`inspect.CO_GENERATOR`, `CO_COROUTINE` and `CO_ASYNC_GENERATOR`."""
_NO_PROPERTIES: dict[str, object] = {}
_SCALES = {"Seconds": 1.0, "Milliseconds": 1e3, "Microseconds": 1e6}

_MOST_REMEMBERED = 256
"""Places and heads of documents that are remembered: those of code are few, those of data without end."""

# A place is what CloudWatch keeps values by: the service, the names of dimensions and their values.
_places: dict[tuple[object, ...], Place] = {}  # by metric and dimensions as they were given, if masking left them alone
_heads: dict[tuple[object, ...], str] = {}
_lock = RLock()  # the thread that guards the deadline takes what another is recording


def record(metric: Metric, value: float, /, **dimensions: str) -> None:
    """
    Record *value* of *metric*.

    *dimensions* are some of those the metric declares; the value is then visible by service and environment, and by
    the given dimensions too. Inside an invocation values are written when it ends, elsewhere at once.

    Raises:
        TypeError: *metric* is not a declared metric, or it does not declare one of *dimensions*.
    """
    try:
        place = _places.get((metric, *dimensions.items()) if dimensions else (metric,))
    except Exception:  # noqa: BLE001  a value that has no hash, or whose comparison fails
        place = None
    if place is None:
        _check(metric, dimensions)
    try:
        if place is None:
            place = _place(metric, dimensions)
        number = value if type(value) is float else _number(value)
        if number is None or not -METRIC_VALUE <= number <= METRIC_VALUE:  # NaN is not
            output.fault(f"metric {metric.name}", "a value that is not a finite number in CloudWatch's range")
            return
        invocation = context.current()
        if invocation is None or invocation.closed or invocation.forked:
            output.write("".join(_lines({place: {metric.name: (metric, [number])}}, invocation)))
            return
        with _lock:
            recorded: dict[Place, ByName] = invocation.recorded  # type: ignore[assignment]  # this module's own
            by_name = recorded.get(place)
            if by_name is None:
                by_name = recorded[place] = {}
            known = by_name.get(metric.name)
            if known is None:
                by_name[metric.name] = (metric, [number])
            else:
                known[1].append(number)
            late = invocation.closed  # a thread of it that goes on while it ends
        if late:
            output.write(pending(invocation))
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("record", error)


class Timer:
    """Records how long its `with` block, or each call of the function it decorates, takes."""

    __slots__ = ("_dimensions", "_metric", "_scale", "_start")

    def __init__(self, metric: Metric, scale: float, dimensions: dict[str, str]) -> None:
        self._metric = metric
        self._scale = scale
        self._dimensions = dimensions
        self._start = 0

    def __enter__(self) -> Timer:
        self._start = clock.monotonic_ns()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        try:
            record(self._metric, (clock.monotonic_ns() - self._start) / 1e9 * self._scale, **self._dimensions)
        except Exception as problem:  # noqa: BLE001  the block's own error is the one that counts
            output.fault("timer", problem)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        from functools import wraps

        if getattr(getattr(function, "__code__", None), "co_flags", 0) & _GENERATOR_OR_COROUTINE:
            raise TypeError(f"timer() would end before {function.__name__}() has begun; use `with` inside it")

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            with Timer(self._metric, self._scale, self._dimensions):
                return function(*args, **kwargs)

        return call


def timer(metric: Metric, /, **dimensions: str) -> Timer:
    """
    Return a context manager and decorator that records the time taken, in the metric's unit, errors included.

    Raises:
        TypeError: *metric* is not one of a time unit, or does not declare one of *dimensions*.
    """
    scale = _SCALES.get(getattr(metric, "unit", ""))
    if scale is None:
        raise TypeError(f"timer() takes a metric in {', '.join(_SCALES)}; {metric!r} is not one")
    if not metric.dimension_set.issuperset(dimensions):
        raise _undeclared(metric, dimensions)
    return Timer(metric, scale, dimensions)


def flush() -> None:
    """Write what the running invocation recorded since the last flush. Never raises."""
    lines = pending()
    if lines:
        output.write(lines)


def audited(invocation: context.Invocation) -> str:
    """Return what masking did since the last call as a document of its own, empty if nothing. Never raises."""
    try:
        found = audit.take()
        if not found:
            return ""
        from obskit.catalog.own import PII_MASKED  # an invocation that masks nothing never pays

        masked: float = found.pop(PII_MASKED.name)  # type: ignore[assignment]  # a number
        place = ("", (), ())
        return "".join(_lines({place: {PII_MASKED.name: (PII_MASKED, [masked])}}, invocation, found))
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("audit", error)
        return ""


def last(invocation: context.Invocation) -> str:
    """Take what *invocation* recorded, as `pending` does; what comes after is written at once."""
    invocation.closed = True
    return pending(invocation)


def pending(invocation: context.Invocation | None = None) -> str:
    """Take what *invocation*, by default the running one, recorded so far, as lines to be written. Never raises."""
    invocation = invocation or context.current()
    if invocation is None or not invocation.recorded:
        return ""
    with _lock:
        taken, invocation.recorded = invocation.recorded, {}
    try:
        return "".join(_lines(taken, invocation))  # type: ignore[arg-type]  # filled by `record`
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("metrics", error)
        return ""


def reset() -> None:
    """Forget what was remembered."""
    _heads.clear()
    _places.clear()


def _undeclared(metric: Metric, given: dict[str, str]) -> TypeError:
    names = [name for name in given if name not in metric.dimension_set]
    known = ", ".join(metric.dimensions) or "no dimension beside service and env"
    hint = did_you_mean(names[0], metric.dimensions)
    return TypeError(f"metric '{metric.name}' declares {known}; it has no '{names[0]}'.{hint}")


def _check(metric: Metric, given: dict[str, str]) -> None:
    """
    Refuse what is not declared.

    Raises:
        TypeError: *metric* is not a declared metric, or it does not declare one of the dimensions.
    """
    try:
        declared = metric.dimension_set
    except AttributeError:
        raise TypeError(
            f"record() takes a declared Metric, such as obskit.kpis.CHECKOUT_SUCCESS, not {type(metric).__name__}"
        ) from None
    if not declared.issuperset(given):
        raise _undeclared(metric, given)


def _place(metric: Metric, given: dict[str, str]) -> Place:
    """Return where *metric* is kept with the dimensions *given*."""
    names = tuple(name for name in metric.dimensions if name in given)
    values = tuple(_dimension_value(name, given[name]) for name in names)
    place = (metric.service, names, values)
    if len(_places) < _MOST_REMEMBERED and values == tuple(given[name] for name in names):
        _places[metric, *given.items()] = place
    return place


def _number(value: object) -> float | None:
    """Return *value* as a number; those of other kinds, such as Decimal, count too."""
    if type(value) is int:
        return value
    return float(value) if hasattr(value, "__float__") else None


def _dimension_value(name: str, value: object) -> str:
    """Return *value* as CloudWatch takes it: masked, printable ASCII, not empty (it would drop all dimensions)."""
    text = mask_field(name, value, audit.METRIC)
    if not (text.isascii() and text.isprintable()):
        text = "".join(char if char.isascii() and char.isprintable() else "?" for char in text)
    return text.strip().lstrip(":")[:DIMENSION_VALUE] or "none"


def _lines(
    recorded: dict[Place, ByName],
    invocation: context.Invocation | None,
    properties: Mapping[str, object] = _NO_PROPERTIES,
) -> list[str]:
    """Return the EMF documents for *recorded*, one for each place, split where EMF demands it, with *properties*."""
    settings = config.settings()
    ids = _ids(invocation) if invocation is not None else ""
    if properties:
        ids += "," + output.encode_json(properties)[1:-1]
    start = f'{{"_aws":{{"Timestamp":{clock.time_ns() // 1_000_000},"CloudWatchMetrics":['
    service = (invocation.service if invocation is not None else "") or settings.service
    encode = output.encode_text
    lines = []
    for place, by_name in recorded.items():
        for part in _parts(by_name):
            head = _heads.get((settings, service, place, *part)) or _head(settings, service, place, part)
            members = "".join([f",{encode(name)}:{_written(numbers)}" for name, (_, numbers) in part.items()])
            lines.append(f"{start}{head}{ids}{members}}}\n")
    return lines


def _written(numbers: list[float]) -> str:
    return repr(numbers[0]) if len(numbers) == 1 else output.encode_json(numbers)


def _head(settings: config.Settings, service: str, place: Place, part: ByName) -> str:
    """Return what is the same in every document of *place* with these metrics: which is which, and the dimensions."""
    owner, names, values = place
    sets = [["service", "env"]]
    if names:
        sets.append(["service", "env", *names])
    definitions = [_definition(metric) for metric, _ in part.values()]
    directive = output.encode_json({"Namespace": settings.namespace, "Dimensions": sets, "Metrics": definitions})
    known = {"service": owner or service, "env": settings.env, **dict(zip(names, values, strict=True))}
    head = f"{directive}]}},{output.encode_json(known)[1:-1]}"
    if len(_heads) < _MOST_REMEMBERED:
        _heads[settings, service, place, *part] = head
    return head


def _definition(metric: Metric) -> dict[str, object]:
    definition: dict[str, object] = {"Name": metric.name, "Unit": metric.unit}
    if metric.resolution == 1:
        definition["StorageResolution"] = 1
    return definition


def _ids(invocation: context.Invocation) -> str:
    """Return what leads from a metric's log event to the request, as members of a document; these are not metrics."""
    text = f',"function_request_id":{output.encode_text(invocation.request_id)}'
    if invocation.correlation_id:
        text += f',"correlation_id":{output.encode_text(invocation.correlation_id)}'
    return text


def _parts(by_name: ByName) -> list[ByName]:
    """Split into parts of at most 100 metrics with at most 100 values each."""
    if len(by_name) <= EMF_METRICS and all(len(numbers) <= EMF_VALUES for _, numbers in by_name.values()):
        return [by_name]
    parts: list[ByName] = []
    for name, (metric, numbers) in by_name.items():
        index = 0
        for start in range(0, len(numbers), EMF_VALUES):
            while index < len(parts) and len(parts[index]) >= EMF_METRICS:
                index += 1
            if index == len(parts):
                parts.append({})
            parts[index][name] = (metric, numbers[start : start + EMF_VALUES])
            index += 1
    return parts


def _forget_lock() -> None:
    """Give a forked child a lock of its own: another thread of the parent may have held this one."""
    global _lock  # noqa: PLW0603
    _lock = RLock()


os.register_at_fork(after_in_child=_forget_lock)
