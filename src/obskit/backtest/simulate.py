"""Series that nobody has measured: seeded, with an incident in them or not."""

from __future__ import annotations

import math
import random
from array import array
from typing import TYPE_CHECKING, NamedTuple

from obskit.backtest.series import NONE, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from obskit.backtest.shapes import Shape

    Effect = Callable[[Shape, int], float | None]
    """The value of a shape so many slots into an incident, None for no data."""

DAY = 86_400
PLENTY = 5000.0
"""Values in a slot of a level: as many as any percentile needs. How much traffic there is, no declaration says."""


class Incident(NamedTuple):
    """*effect* from slot *start* on, for *slots* of them."""

    start: int
    slots: int
    effect: Effect

    def at(self, shape: Shape, slot: int) -> tuple[bool, float | None]:
        """Return whether it is on in *slot*, and the value then."""
        into = slot - self.start
        return (True, self.effect(shape, into)) if 0 <= into < self.slots else (False, None)


def bad(shape: Shape, _into: int) -> float | None:
    """All that goes wrong does so at once, and stays."""
    return shape.bad


def series(  # noqa: PLR0913  what there is to say of it
    shape: Shape,
    statistics: Iterable[str],
    *,
    start: int,
    step: int,
    slots: int,
    seed: str,
    incident: Incident | None = None,
    quiet: Callable[[int], bool] = lambda _slot: False,
    days: bool = False,
) -> Series:
    """
    Return a series of *shape* that can be read by *statistics*, the same for the same *seed*.

    Where *quiet* says so, a sparse metric has no data. With *days* there is more at noon than at midnight.
    """
    chance = random.Random(seed)  # noqa: S311  invented numbers, no secrets
    values = array("d")
    owed = 0.0
    for slot in range(slots):
        on, value = incident.at(shape, slot) if incident else (False, None)
        if not on:
            value = (
                None if shape.sparse and quiet(slot) else shape.normal * (1 + shape.jitter * (2 * chance.random() - 1))
            )
            if value is not None and days:
                value *= 1 + (0.5 if shape.counts else shape.jitter / 2) * math.sin(
                    2 * math.pi * (slot * step / DAY - 0.25)
                )
        if value is None:
            values.append(NONE)
            continue
        if shape.counts:  # whole things only; what is left over is owed to the next slot
            owed += value * step
            value = math.floor(owed + 1e-9)
            owed -= value
        values.append(NONE if shape.sparse and shape.counts and not value else value)
    columns = _columns(values, statistics, counts=shape.counts)
    if shape.of:
        columns |= _with_zeros(values, shape.of * step)
    return Series(start, step, columns, loose=True)


def _with_zeros(values: array[float], recorded: float) -> dict[str, array[float]]:
    """Return sum and number where *recorded* values come in a slot, and most of them are 0."""
    numbers = array("d")
    owed = 0.0
    for _ in values:
        owed += recorded
        numbers.append(math.floor(owed + 1e-9))
        owed -= numbers[-1]
    sums = [0.0 if value != value else min(value, number) for value, number in zip(values, numbers, strict=True)]
    there = [NONE if not number else 1.0 for number in numbers]
    return {
        "Sum": array("d", [total * one for total, one in zip(sums, there, strict=True)]),
        "SampleCount": array("d", [number * one for number, one in zip(numbers, there, strict=True)]),
    }


def _columns(values: array[float], statistics: Iterable[str], *, counts: bool) -> dict[str, array[float]]:
    """Return each statistic: of things that are counted, each counts 1; a level is the same by every measure."""
    there = array("d", [value if value != value else 1.0 for value in values])
    columns: dict[str, array[float]] = {}
    for name in {*statistics, "Sum", "SampleCount"}:
        if counts:
            columns[name] = values if name in ("Sum", "SampleCount") else there
        elif name in ("Sum", "SampleCount"):
            many = PLENTY if name == "SampleCount" else 1.0
            columns[name] = array(
                "d",
                [many * (one if name == "SampleCount" else value) for value, one in zip(values, there, strict=True)],
            )
        else:
            columns[name] = values
    return columns


# --- incidents by name ------------------------------------------------------------------------------------------------


class Kind(NamedTuple):
    """An incident that can be asked for by name."""

    says: str
    seconds: int
    effect: Callable[[int], Effect]
    """Of the seconds of a slot."""


def _silence(_step: int) -> Effect:
    return lambda _shape, _into: None


def _ramp(step: int) -> Effect:
    def effect(shape: Shape, into: int) -> float | None:
        if shape.bad is None:
            return None
        return shape.normal + (shape.bad - shape.normal) * min(1.0, into * step / (6 * 3600))

    return effect


def _flap(step: int) -> Effect:
    return lambda shape, into: shape.bad if into * step // 180 % 2 == 0 else shape.normal


KINDS = {
    "outage": Kind("everything goes wrong for an hour", 3600, lambda _step: bad),
    "spike": Kind("everything goes wrong for ten minutes", 600, lambda _step: bad),
    "blip": Kind("everything goes wrong for a minute", 60, lambda _step: bad),
    "ramp": Kind("it gets worse for six hours, and stays bad for two more", 8 * 3600, _ramp),
    "flap": Kind("three minutes bad, three minutes good, for an hour", 3600, _flap),
    "silence": Kind("no data at all for six hours", 6 * 3600, _silence),
    "none": Kind("nothing goes wrong", 0, lambda _step: bad),
}
