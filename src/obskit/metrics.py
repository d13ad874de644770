"""Measurements of declared metrics, written as CloudWatch EMF documents when the invocation ends."""

from __future__ import annotations

import os
from _thread import RLock

from obskit import clock, config, context, output
from obskit.errors import did_you_mean
from obskit.masking import mask_field
from obskit.quotas import DIMENSION_VALUE, EMF_METRICS, EMF_VALUES, METRIC_VALUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import ParamSpec, TypeVar

    from obskit.catalog.model import Metric

    P = ParamSpec("P")
    R = TypeVar("R")

    Key = tuple[Metric, tuple[str, ...]]
    Recorded = dict[Key, list[float]]
    ByName = dict[str, tuple[Metric, list[float]]]

_SCALES = {"Seconds": 1.0, "Milliseconds": 1e3, "Microseconds": 1e6}

_ABSENT = ""
"""Stands for a dimension that a recording does not give; a given one is never empty."""

_MOST_REMEMBERED = 256
"""Heads of documents and values of dimensions that are remembered: they are few, or they cost too much anyway."""

_heads: dict[tuple[object, ...], str] = {}
_lock = RLock()  # the thread that guards the deadline takes what another is recording
_plain_values: set[tuple[str, str]] = set()  # dimension and value that CloudWatch takes as they are, masked or not


def record(metric: Metric, value: float, /, **dimensions: str) -> None:
    """
    Record *value* of *metric*.

    *dimensions* are some of those the metric declares; the value is then visible by service and environment, and by
    the given dimensions too. Inside an invocation values are written when it ends, elsewhere at once.

    Raises:
        TypeError: *metric* is not a declared metric, or it does not declare one of *dimensions*.
    """
    try:
        declared = metric.dimension_set
    except AttributeError:
        raise TypeError(
            f"record() takes a declared Metric, such as obskit.kpis.CHECKOUT_SUCCESS, not {type(metric).__name__}"
        ) from None
    if not declared.issuperset(dimensions):
        raise _undeclared(metric, dimensions)
    try:
        number = _finite(value)
        if number is None:
            output.fault(f"metric {metric.name}", "a value that is not a finite number in CloudWatch's range")
            return
        key = (metric, _values(metric, dimensions) if dimensions else ())
        invocation = context.current()
        if invocation is None:
            output.write("".join(_lines({key: [number]}, None)))
            return
        with _lock:
            recorded: Recorded = invocation.recorded  # type: ignore[assignment]  # this module's own
            numbers = recorded.get(key)
            if numbers is None:
                numbers = recorded[key] = []
            numbers.append(number)
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
    _plain_values.clear()


def _undeclared(metric: Metric, given: dict[str, str]) -> TypeError:
    names = [name for name in given if name not in metric.dimension_set]
    known = ", ".join(metric.dimensions) or "no dimension beside service and env"
    hint = did_you_mean(names[0], metric.dimensions)
    return TypeError(f"metric '{metric.name}' declares {known}; it has no '{names[0]}'.{hint}")


def _finite(value: object) -> float | None:
    """Return *value* as a number that EMF takes, or None; numbers of other kinds, such as Decimal, count too."""
    kind = type(value)
    if kind is not int and kind is not float:
        if not hasattr(value, "__float__"):
            return None
        value = float(value)
    return value if -METRIC_VALUE <= value <= METRIC_VALUE else None  # type: ignore[operator, return-value]  # NaN: false


def _values(metric: Metric, given: dict[str, str]) -> tuple[str, ...]:
    """Return the values *given*, in the order in which *metric* declares its dimensions."""
    values = []
    for name in metric.dimensions:
        value = given.get(name, _ABSENT)
        if type(value) is not str or ((name, value) not in _plain_values and name in given):
            value = _dimension_value(name, value)
        values.append(value)
    return tuple(values)


def _dimension_value(name: str, value: object) -> str:
    """Return *value* as CloudWatch takes it: masked, printable ASCII, not empty (it would drop all dimensions)."""
    text = mask_field(name, value)
    if not (text.isascii() and text.isprintable()):
        text = "".join(char if char.isascii() and char.isprintable() else "?" for char in text)
    text = text.strip().lstrip(":")[:DIMENSION_VALUE] or "none"
    if text == value and len(_plain_values) < _MOST_REMEMBERED:
        _plain_values.add((name, text))
    return text


def _lines(recorded: Recorded, invocation: context.Invocation | None) -> list[str]:
    """Return the EMF documents for *recorded*: one for each set of dimension values, split where EMF demands it."""
    settings = config.settings()
    ours = (invocation.service if invocation is not None else "") or settings.service
    groups: dict[tuple[str, tuple[str, ...], tuple[str, ...]], ByName] = {}
    for (metric, values), numbers in recorded.items():
        names: tuple[str, ...] = metric.dimensions if values else ()
        if _ABSENT in values:
            names, values = _given(names, values)
        by_name = groups.setdefault((metric.service or ours, names, values), {})
        known = by_name.get(metric.name)  # of another declaration with the same facts
        by_name[metric.name] = (metric, numbers if known is None else known[1] + numbers)
    ids = _ids(invocation) if invocation is not None else ""
    start = f'{{"_aws":{{"Timestamp":{clock.time_ns() // 1_000_000},"CloudWatchMetrics":['
    encode = output.encode_text
    lines = []
    for (service, names, values), by_name in groups.items():
        common = f'"service":{encode(service)},"env":{encode(settings.env)}'
        for name, value in zip(names, values, strict=True):
            common += f",{encode(name)}:{encode(value)}"
        for part in _parts(by_name):
            directive = _directive(settings.namespace, names, tuple(metric for metric, _ in part.values()))
            members = "".join([f",{encode(name)}:{_written(numbers)}" for name, (_, numbers) in part.items()])
            lines.append(f"{start}{directive}]}},{common}{ids}{members}}}\n")
    return lines


def _given(names: tuple[str, ...], values: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return those of *names* that have one of *values*, and these."""
    pairs = [(name, value) for name, value in zip(names, values, strict=True) if value != _ABSENT]
    return tuple(name for name, _ in pairs), tuple(value for _, value in pairs)


def _written(numbers: list[float]) -> str:
    return output.encode_json(numbers[0] if len(numbers) == 1 else numbers)


def _directive(namespace: str, names: tuple[str, ...], metrics: tuple[Metric, ...]) -> str:
    """Return what tells CloudWatch which members of a document are metrics, and by which dimensions."""
    key = (namespace, names, *metrics)
    text = _heads.get(key)
    if text is None:
        sets = [["service", "env"]]
        if names:
            sets.append(["service", "env", *names])
        text = output.encode_json(
            {"Namespace": namespace, "Dimensions": sets, "Metrics": [_definition(metric) for metric in metrics]}
        )
        if len(_heads) < _MOST_REMEMBERED:
            _heads[key] = text
    return text


def _definition(metric: Metric) -> dict[str, object]:
    definition: dict[str, object] = {"Name": metric.name, "Unit": metric.unit}
    if metric.resolution == 1:
        definition["StorageResolution"] = 1
    return definition


def _ids(invocation: context.Invocation) -> str:
    """Return what leads from a metric's log event to the request, as members of a document; these are not metrics."""
    text = f',"function_request_id":{output.encode_text(invocation.request_id)}'
    if invocation.xray_trace_id:
        text += f',"xray_trace_id":{output.encode_text(invocation.xray_trace_id)}'
    if invocation.correlation_id:
        text += f',"correlation_id":{output.encode_text(invocation.correlation_id)}'
    return text


def _parts(by_name: ByName) -> list[ByName]:
    """Split into parts of at most 100 metrics with at most 100 values each."""
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
