"""Realistic records of a marketplace, with what must be masked in them and what must not be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from obskit.testing import planted, traps
from obskit.testing.placements import Deck, Filler
from obskit.testing.shapes import SHAPES
from obskit.testing.survival import survives

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.testing.draft import Path

PERSONAL_SHARE = 0.6
"""Records with personal data or secrets in them."""


@dataclass(frozen=True)
class Planted:
    """A text that must not be written: its class (`EMAIL`, `SECRET` …), its kind, and the path of the leaf it is in."""

    class_name: str
    kind: str
    text: str
    path: Path


@dataclass(frozen=True)
class Harmless:
    """A text that looks like personal data and is not."""

    kind: str
    text: str
    path: Path


@dataclass(frozen=True)
class Record:
    """A document in JSON types, and all that is known about it."""

    value: dict[str, Any]
    planted: tuple[Planted, ...]
    harmless: tuple[Harmless, ...]


def records(count: int, seed: int = 0) -> Iterator[Record]:
    """
    Yield *count* invented records, about 1 KB of JSON each; the same *seed* gives the same ones.

    Events of AppSync, API Gateway, SQS, SNS, EventBridge, DynamoDB and Kinesis, objects of Stripe, log lines, errors
    and customers' messages. Six in ten hold personal data or secrets. Addresses, domains and telephone numbers are
    reserved for documentation or fiction, other numbers are made up with right check digits.

    A planted text occurs where it is planted and nowhere else, so what is left of it after masking is a leak.

    >>> any(record.planted for record in records(8)), all(record.harmless for record in records(8))
    (True, True)
    """
    random = Random(seed)  # noqa: S311  the same records for the same seed, no secrets
    shapes = Deck(random, [str(number) for number in range(len(SHAPES))])
    personal_kinds, trap_kinds = Deck(random, list(planted.KINDS)), Deck(random, list(traps.KINDS))
    for _ in range(count):
        shape = SHAPES[int(shapes.draw())]
        personal = random.random() < PERSONAL_SHARE
        chosen = [personal_kinds.draw() for _ in range(random.randrange(1, 4))] if personal else []
        others = [trap_kinds.draw() for _ in range(random.randrange(2, 6))]
        record = None
        while record is None:
            filler = Filler(random, personal=personal, personal_kinds=chosen, trap_kinds=others)
            record = _finished(filler, shape(filler))
        yield record


def _finished(filler: Filler, node: object) -> Record | None:
    """Return the record, or None where chance made a planted text occur in a harmless place, or the other way round."""
    personal = [value.text for value in filler.values if value.class_name]
    harmless = [value.text for value in filler.values if not value.class_name]
    written = json.dumps(filler.render_masked(node), ensure_ascii=False)
    if any(survives(text, written) for text in personal):
        return None
    if any(text in other or other in text for text in personal for other in harmless):
        return None
    found = [(value, path) for value, path in filler.places(node)]
    return Record(
        value=filler.render(node),
        planted=tuple(
            Planted(value.class_name, value.kind, value.text, path) for value, path in found if value.class_name
        ),
        harmless=tuple(Harmless(value.kind, value.text, path) for value, path in found if not value.class_name),
    )
