"""Measurements of declared metrics, written as CloudWatch EMF documents when the invocation ends."""

from __future__ import annotations

import os
import time
from _thread import RLock

from obskit import config, context, output
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

    Key = tuple[str, tuple[str, ...], tuple[str, ...]]
    ByName = dict[str, tuple[Metric, list[float]]]

_NO_PROPERTIES: dict[str, object] = {}
_SCALES = {"Seconds": 1.0, "Milliseconds": 1e3, "Microseconds": 1e6}

# What was recorded since the last flush: dimensions with their values -> metric's name -> metric and its values.
_recorded: dict[Key, ByName] = {}
_lock = RLock()


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
        names = tuple(name for name in metric.dimensions if name in dimensions)
        values = tuple(_dimension_value(name, dimensions[name]) for name in names)
        with _lock:
            by_name = _recorded.setdefault((metric.service, names, values), {})
            by_name.setdefault(metric.name, (metric, []))[1].append(number)
        if context.current() is None:
            flush()
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("record", error)


class Timer:
    """Records how long its `with` block, or each call of the function it decorates, takes."""

    __slots__ = ("_dimensions", "_metric", "_scale", "_start")

    def __init__(self, metric: Metric, scale: float, dimensions: dict[str, str]) -> None:
        self._metric = metric
        self._scale = scale
        self._dimensions = dimensions
        self._start = 0.0

    def __enter__(self) -> Timer:
        self._start = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        try:
            record(self._metric, (time.perf_counter() - self._start) * self._scale, **self._dimensions)
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
    """Write what was recorded since the last flush. Never raises."""
    lines = pending()
    if lines:
        output.write(lines)


def write_audit() -> None:
    """Write what masking did since the last call as a document of its own, if it did anything. Never raises."""
    try:
        found = audit.take()
        if found:
            from obskit.catalog.own import PII_MASKED  # an invocation that masks nothing never pays

            by_name: ByName = {PII_MASKED.name: (PII_MASKED, [found.pop(PII_MASKED.name)])}  # type: ignore[list-item]
            output.write("".join(_documents(("", (), ()), by_name, found)))
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("audit", error)


def pending() -> str:
    """Take what was recorded since the last flush, as lines ready to be written. Never raises."""
    global _recorded
    if not _recorded:
        return ""
    with _lock:
        taken, _recorded = _recorded, {}
    try:
        return "".join(line for key, by_name in taken.items() for line in _documents(key, by_name))
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("metrics", error)
        return ""


def reset() -> None:
    """Forget what was recorded."""
    _recorded.clear()


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


def _dimension_value(name: str, value: object) -> str:
    """Return *value* as CloudWatch takes it: masked, printable ASCII, not empty (it would drop all dimensions)."""
    text = mask_field(name, value, audit.METRIC)
    if not (text.isascii() and text.isprintable()):
        text = "".join(char if char.isascii() and char.isprintable() else "?" for char in text)
    return text.strip().lstrip(":")[:DIMENSION_VALUE] or "none"


def _documents(key: Key, by_name: ByName, properties: Mapping[str, object] = _NO_PROPERTIES) -> list[str]:
    """Return the EMF documents for one set of dimension values, split where EMF demands it, each with *properties*."""
    service, names, values = key
    settings = config.settings()
    invocation = context.scope()[0]
    if not service:
        service = (invocation.service if invocation is not None else "") or settings.service
    sets = [["service", "env"]]
    if names:
        sets.append(["service", "env", *names])
    common: dict[str, object] = {"service": service, "env": settings.env}
    common.update(zip(names, values, strict=True))
    lines = []
    for part in _parts(by_name):
        document: dict[str, object] = {
            "_aws": {
                "Timestamp": time.time_ns() // 1_000_000,
                "CloudWatchMetrics": [
                    {
                        "Namespace": settings.namespace,
                        "Dimensions": sets,
                        "Metrics": [_definition(metric) for metric, _ in part.values()],
                    }
                ],
            }
        }
        document.update(common)
        if invocation is not None:
            _add_ids(document, invocation)
        document.update(properties)
        for name, (_, numbers) in part.items():
            document[name] = numbers[0] if len(numbers) == 1 else numbers
        lines.append(output.encode_json(document) + "\n")
    return lines


def _definition(metric: Metric) -> dict[str, object]:
    definition: dict[str, object] = {"Name": metric.name, "Unit": metric.unit}
    if metric.resolution == 1:
        definition["StorageResolution"] = 1
    return definition


def _add_ids(document: dict[str, object], invocation: context.Invocation) -> None:
    """Add what leads from a metric's log event to the request; these are not metrics."""
    document["function_request_id"] = invocation.request_id
    for key in ("xray_trace_id", "correlation_id"):
        if value := getattr(invocation, key):
            document[key] = value


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
