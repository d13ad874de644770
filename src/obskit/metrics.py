"""Measurements of declared metrics, written as CloudWatch EMF documents when the invocation ends."""

from __future__ import annotations

import os
from _thread import RLock

from obskit import clock, config, context, output
from obskit.catalog.model import OTHER
from obskit.errors import did_you_mean, is_interruption
from obskit.masking import audit, mask_field
from obskit.quotas import DIMENSION_VALUE, EMF_METRICS, EMF_VALUES, METRIC_VALUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import ParamSpec, TypeVar

    from obskit.catalog.model import Dimension, Metric

    P = ParamSpec("P")
    R = TypeVar("R")

    Values = dict["Series", list[float]]
    Plan = list[tuple[str, list[tuple[str, "Series"]], bool]]
    """Documents: directives and dimensions, the values' members, and whether counts of masking go in."""

_SCALES = {"Seconds": 1.0, "Milliseconds": 1e3, "Microseconds": 1e6}

MOST_KEPT = 10_000
"""Values that an invocation keeps; what there is by then is written at once, so that memory is bounded."""

MOST_WAITING = 1_000
"""Values that wait outside of an invocation for the next of the ten-second writes."""

_OF_MASKING = frozenset({"pii_masked", "pii", "pii_unseen", "pii_shadow"})
"""Members that counts of masking have; a dimension of such a name would be one of them."""

_MOST_REMEMBERED = 256
"""Series and plans that are remembered as they were asked for: those of code are few, those of data without end."""

_MOST_SERIES = 4096
"""Series that are known at a time; beyond, all are forgotten, and values of the same series may be in two documents."""


class Series:
    """What CloudWatch keeps values by: a metric, and the names and values of some of its dimensions."""

    __slots__ = ("member", "metric", "names", "values")

    def __init__(self, metric: Metric, names: tuple[str, ...], values: tuple[str, ...]) -> None:
        self.metric = metric
        self.names = names
        self.values = values
        self.member = f",{output.encode_text(metric.name)}:"


class Recorded:
    """Values by series until they are written, and how many more there may be."""

    __slots__ = ("left", "values")

    def __init__(self, most: int) -> None:
        self.left = most
        self.values: Values = {}


_remembered: dict[object, Series] = {}  # by metric and dimensions as they were given, if masking left them alone
_series: dict[tuple[object, ...], Series] = {}  # by what they are
_seen: dict[tuple[str, str], set[str]] = {}  # values so far, by metric and dimension, of those with a limit
_plans: dict[tuple[object, ...], Plan] = {}
_counts: dict[tuple[object, ...], str] = {}  # what documents say of masking, by the numbers
_masked: Series | None = None  # the series of what masking did
_waiting = Recorded(MOST_WAITING)  # what was recorded outside of an invocation
_by_timer = True
_lock = RLock()  # the thread that guards the deadline takes what another is recording


def record(metric: Metric, value: float, /, **dimensions: str) -> None:
    """
    Record *value* of *metric*.

    *dimensions* are some of those the metric declares; the value is then visible by service and environment, and by
    the given dimensions too. Inside an invocation values are written when it ends. Elsewhere they are written together
    every ten seconds, after a thousand of them, and when the process ends; in a function of Lambda at once, for
    between invocations it may be frozen or end without notice.

    Raises:
        TypeError: *metric* is not a declared metric, or it does not declare one of *dimensions*.
    """
    try:
        series = _remembered.get((metric, *dimensions.items()) if dimensions else metric)
    except Exception as error:  # a value that has no hash, or whose comparison fails
        if is_interruption(error):
            raise
        series = None
    if series is None:
        _check(metric, dimensions)
    try:
        if series is None:
            series = _find(metric, dimensions)
        kind = type(value)
        number = value if kind is float or kind is int else _number(value)
        if number is None or not metric.least <= number <= METRIC_VALUE:  # NaN is not
            output.fault(f"metric {metric.name}", _refusal(metric, number))
            return
        invocation = context.current()
        if invocation is not None and (invocation.closed or invocation.forked):
            output.write("".join(_lines({series: [number]}, invocation)))
            return
        with _lock:
            kept: Recorded = (
                _waiting if invocation is None else invocation.recorded or _begin(invocation)  # type: ignore[assignment]  # this module's own
            )
            numbers = kept.values.get(series)
            if numbers is None:
                kept.values[series] = [number]
            else:
                numbers.append(number)
            kept.left -= 1
            due = kept.left <= 0 or (kept.left == MOST_WAITING - 1 if invocation is None else invocation.closed)
        if due:
            _write_due(invocation, kept)
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

        if context.works_later(function):
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
    """Write what the running invocation, or else the process, recorded since the last flush. Never raises."""
    if context.current() is None:
        flush_waiting()
    elif lines := pending():
        output.write(lines)


def flush_waiting() -> None:
    """Write what was recorded outside of any invocation and waits for its turn. Never raises."""
    global _waiting  # noqa: PLW0603  its one home
    with _lock:
        taken = _waiting.values
        if not taken:
            return
        _waiting = Recorded(MOST_WAITING)
    try:
        output.write("".join(_lines(taken, None)))
    except Exception as error:  # noqa: BLE001  telemetry never breaks the program
        output.fault("metrics", error)


def write_by_timer(*, on: bool) -> bool:
    """Say whether what waits is written after ten seconds; a test that looks at what was written does without."""
    global _by_timer
    before, _by_timer = _by_timer, on
    return before


def last(invocation: context.Invocation, *, audited: bool = False) -> str:
    """
    Take what *invocation* recorded, as `pending` does; what comes after is written at once.

    *audited* adds what masking did since somebody last asked.
    """
    invocation.closed = True
    return pending(invocation, audited=audited)


def pending(invocation: context.Invocation | None = None, *, audited: bool = False) -> str:
    """Take what *invocation*, by default the running one, recorded so far, as lines to be written. Never raises."""
    invocation = invocation or context.current()
    if invocation is None:
        return ""
    with _lock:
        taken, invocation.recorded = invocation.recorded, None
    counted = _counted() if audited else None
    if taken is None and counted is None:
        return ""
    try:
        recorded: Values = taken.values if taken is not None else {}  # type: ignore[attr-defined]  # filled by `record`
        return "".join(_lines(recorded, invocation, counted))
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("metrics", error)
        return ""


def _counted() -> tuple[Series, str] | None:
    """Return the series of what masking did, and the members that a document has of it; None for nothing."""
    try:
        plain = audit.take_plain()
        if plain is not None and not plain[1]:
            return None
        series = _masked or _find_masked()
        return series, _said_of_masking(plain, series.member)
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("audit", error)
        return None


def _find_masked() -> Series:
    """Return the series of what masking did: an invocation that masks nothing never loads it, one that does once."""
    global _masked  # noqa: PLW0603  its one home
    from obskit.catalog.own import PII_MASKED

    _masked = _find(PII_MASKED, {})
    return _masked


def _said_of_masking(plain: tuple[str, dict[str, int]] | None, member: str) -> str:
    if plain is None:
        found = audit.take()
        masked = found.pop("pii_masked")
        return f",{output.encode_json(found)[1:-1]}{member}{masked}"
    surface, numbers = plain  # as nearly always, and mostly the same numbers: then in a tenth of the time
    key = (surface, *numbers.items())
    text = _counts.get(key)
    if text is None:
        pii = ",".join([f'"{name}":{{"redact":{{"{surface}":{number}}}}}' for name, number in numbers.items()])
        text = f',"pii":{{{pii}}}{member}{sum(numbers.values())}'
        if len(_counts) < _MOST_REMEMBERED:
            _counts[key] = text
    return text


def reset() -> None:
    """Forget what was remembered and what waits."""
    global _waiting, _masked  # noqa: PLW0603  their one home
    _masked = None
    _counts.clear()
    _remembered.clear()
    _series.clear()
    _seen.clear()
    _plans.clear()
    _waiting = Recorded(MOST_WAITING)


def _begin(invocation: context.Invocation) -> Recorded:
    invocation.recorded = recorded = Recorded(MOST_KEPT)
    return recorded


def _write_due(invocation: context.Invocation | None, kept: Recorded) -> None:
    """Write what is there where it is enough, or nobody would write it later: an invocation may end meanwhile."""
    if invocation is not None:
        output.write(pending(invocation))
    elif kept.left <= 0 or not _written_later():
        flush_waiting()


def _written_later() -> bool:
    """Say whether what waits will be written; asked when the first value waits."""
    if not _by_timer:
        return True
    if config.settings().in_lambda:
        return False
    from obskit import periodic  # only containers and scripts pay

    return periodic.start(flush_waiting)


def _undeclared(metric: Metric, given: Mapping[str, object]) -> TypeError:
    names = [name for name in given if name not in metric.dimension_set]
    known = ", ".join(metric.dimensions) or "no dimension beside service and env"
    hint = did_you_mean(names[0], metric.dimensions)
    return TypeError(f"metric '{metric.name}' declares {known}; it has no '{names[0]}'.{hint}")


def _no_metric(given: object) -> TypeError:
    words = "record() takes a declared Metric, such as obskit.kpis.CHECKOUT_SUCCESS, not"
    if isinstance(given, str):
        from obskit.catalog.model import declared

        return TypeError(f"{words} str.{did_you_mean(given, declared())}")
    return TypeError(f"{words} {type(given).__name__}")


def _check(metric: Metric, given: Mapping[str, object]) -> None:
    """
    Refuse what is not declared.

    Raises:
        TypeError: *metric* is not a declared metric, or it does not declare one of the dimensions.
    """
    try:
        declared = metric.dimension_set
    except AttributeError:
        raise _no_metric(metric) from None
    if not declared.issuperset(given):
        raise _undeclared(metric, given)


def _find(metric: Metric, given: Mapping[str, object]) -> Series:
    """Return the series that *metric* has with the dimensions *given*."""
    bounds = [bound for bound in metric.bounds if bound.name in given]
    names = tuple([bound.name for bound in bounds])
    values = tuple([_bounded(metric, bound, given[bound.name]) for bound in bounds])
    key = (metric.name, names, values)
    found = _series.get(key)
    if found is None:
        if len(_series) >= _MOST_SERIES:
            _series.clear()
            _remembered.clear()
        found = _series[key] = Series(metric, names, values)
    if len(_remembered) < _MOST_REMEMBERED and values == tuple([given[name] for name in names]):
        _remembered[(metric, *given.items()) if given else metric] = found
    return found


def _bounded(metric: Metric, bound: Dimension, value: object) -> str:
    """Return *value* as one of those the dimension may have, `other` if it is none."""
    if bound.one_of:
        if type(value) is str and value in bound.one_of:
            return value  # it stands in the code: no need to look for personal data
        text = _dimension_value(bound.name, value)
        if text in bound.one_of:
            return text
        output.fault(f"metric {metric.name}, dimension {bound.name}", "a value that is not declared is 'other'")
        return OTHER
    text = _dimension_value(bound.name, value)
    seen = _seen.setdefault((metric.name, bound.name), set())
    if text in seen or text == OTHER:
        return text
    if len(seen) < bound.limit:
        seen.add(text)
        return text
    output.fault(f"metric {metric.name}, dimension {bound.name}", "more values than its limit; new ones are 'other'")
    return OTHER


def _number(value: object) -> float | None:
    """Return *value*, which is neither `int` nor `float`, as a number; other kinds, such as Decimal, count too."""
    return float(value) if hasattr(value, "__float__") else None


def _refusal(metric: Metric, number: float | None) -> str:
    if number is not None and -METRIC_VALUE <= number < metric.least:
        return f"a value below 0, which a {metric.kind} never has"
    return "a value that is not a finite number in CloudWatch's range"


def _dimension_value(name: str, value: object) -> str:
    """Return *value* as CloudWatch takes it: masked, printable ASCII, not empty (it would drop all dimensions)."""
    text = mask_field(name, value, audit.METRIC)
    if not (text.isascii() and text.isprintable()):
        text = "".join(char if char.isascii() and char.isprintable() else "?" for char in text)
    return text.strip().lstrip(":")[:DIMENSION_VALUE].strip() or "none"


def _lines(
    recorded: Values, invocation: context.Invocation | None, counted: tuple[Series, str] | None = None
) -> list[str]:
    """
    Return the EMF documents for *recorded*, split where EMF demands it.

    What masking *counted* stands in the first document of the function's own service, under a directive of its own: a
    document of its own would say once more when and in which request, and cost as much as the metrics of a user.

    A document has at most 100 metrics with 100 values each and 30 dimensions: with the longest names and values about
    400 kB, so that CloudWatch's 1 MB needs no split of its own.
    """
    settings = config.settings()
    ids, service = "", settings.service
    if invocation is not None:
        # What leads from a metric's log event to the request: members that are no metrics.
        ids = invocation.ids or context.ids_of(invocation)
        service = invocation.service or service
    guest, counts = (None, "") if counted is None else counted
    moment = clock.time_ns() // 1_000_000
    lines = []
    for part in _parts(recorded):
        for known, members, hosts in _plans.get((settings, service, guest, *part)) or _plan(
            settings, service, guest, part
        ):
            text = ""
            for member, series in members:
                numbers = part[series]
                text += f"{member}{numbers[0]!r}" if len(numbers) == 1 else f"{member}{output.encode_json(numbers)}"
            if hosts:
                text += counts
            lines.append(f'{{"_aws":{{"Timestamp":{moment},"CloudWatchMetrics":[{known}{ids}{text}}}\n')
        guest = None
    return lines


def _plan(settings: config.Settings, service: str, guest: Series | None, recorded: Iterable[Series]) -> Plan:
    """
    Return the documents that these series make: what is the same whatever the values, and whose they are.

    What masking did, the series *guest*, is in the first that can have it, or has a document of its own.
    """
    places: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[Series]] = {}
    for series in recorded:
        places.setdefault((series.metric.service, series.names, series.values), []).append(series)
    if guest is not None and not any(_can_host(place, service) for place in places):
        places["", (), ()] = []
    plan: Plan = []
    waits = guest
    for place, here in places.items():
        owner, names, values = place
        known = {"service": owner or service, "env": settings.env, **dict(zip(names, values, strict=True))}
        for start in range(0, max(len(here), 1), EMF_METRICS):
            part = here[start : start + EMF_METRICS]
            directives = [_directive(settings, names, part)] if part else []
            hosts = False
            if waits is not None and _can_host(place, service):
                directives.append(_directive(settings, (), [waits]))
                hosts, waits = True, None
            text = f"{','.join(directives)}]}},{output.encode_json(known)[1:-1]}"
            plan.append((text, [(series.member, series) for series in part], hosts))
    if len(_plans) < _MOST_REMEMBERED:
        _plans[(settings, service, guest, *recorded)] = plan
    return plan


def _can_host(place: tuple[str, tuple[str, ...], tuple[str, ...]], service: str) -> bool:
    """Say whether counts of masking may be in the documents of *place*: owner, names and values of dimensions."""
    owner, names, _ = place
    return owner in ("", service) and not _OF_MASKING.intersection(names)


def _directive(settings: config.Settings, names: tuple[str, ...], series: list[Series]) -> str:
    sets = [["service", "env"]]
    if names:
        sets.append(["service", "env", *names])
    definitions = [_definition(one.metric) for one in series]
    return output.encode_json({"Namespace": settings.namespace, "Dimensions": sets, "Metrics": definitions})


def _definition(metric: Metric) -> dict[str, object]:
    definition: dict[str, object] = {"Name": metric.name, "Unit": metric.unit}
    if metric.resolution == 1:
        definition["StorageResolution"] = 1
    return definition


def _parts(recorded: Values) -> list[Values]:
    """Split into parts of at most 100 values of a series; what has no more is in the first part only."""
    for numbers in recorded.values():  # a tenth of what `max` of a `map` takes for the few there are
        if len(numbers) > EMF_VALUES:
            break
    else:
        return [recorded]
    most = max(map(len, recorded.values()))
    long = {series: numbers for series, numbers in recorded.items() if len(numbers) > EMF_VALUES}
    parts = [{series: numbers[:EMF_VALUES] for series, numbers in recorded.items()}]
    for start in range(EMF_VALUES, most, EMF_VALUES):
        long = {series: numbers for series, numbers in long.items() if len(numbers) > start}
        parts.append({series: numbers[start : start + EMF_VALUES] for series, numbers in long.items()})
    return parts


def _start_anew() -> None:
    """Give a forked child a lock of its own, and leave what waits to its parent, which writes it."""
    global _lock, _waiting  # noqa: PLW0603
    _lock = RLock()
    _waiting = Recorded(MOST_WAITING)


os.register_at_fork(after_in_child=_start_anew)
