"""The metric array of a widget, read: which series, from where, shown how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One entry of a metric array: a metric, or an *expression* over others of the array.

    *period* is in seconds; *axis* is `left` or `right`; *color* is empty where CloudWatch chooses one.
    """

    namespace: str = ""
    name: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    stat: str = "Average"
    period: int = 300
    region: str = ""
    account: str = ""
    expression: str = ""
    id: str = ""
    label: str = ""
    color: str = ""
    axis: str = "left"
    visible: bool = True

    @property
    def called(self) -> str:
        """What it is called where it has no label."""
        if self.expression:
            return self.id or self.expression
        return " ".join([*(value for _, value in self.dimensions), self.name])

    @property
    def source(self) -> str:
        """Say in full where the numbers come from."""
        if self.expression:
            return self.expression
        dimensions = ", ".join(f"{name}={value}" for name, value in self.dimensions)
        return f"{self.namespace} {self.name} {{{dimensions}}} {self.stat}"


def read(properties: Json) -> list[Entry]:
    """Return the entries of a metric widget's *properties*; what the grammar does not know is left out."""
    found: list[Entry] = []
    before: list[str] = []
    for raw in properties.get("metrics") or []:
        if not isinstance(raw, list) or not raw:
            continue
        options = raw[-1] if isinstance(raw[-1], dict) else {}
        words = [str(word) for word in raw if not isinstance(word, dict)]
        if words:
            words = _spelled_out(words, before)
            before = words
        found.append(_entry(words, options, properties))
    return found


def _spelled_out(words: list[str], before: list[str]) -> list[str]:
    """Replace the shorthand: `.` stands for the word above, `...` for all words above that are not given after it."""
    if "..." in words:
        place = words.index("...")
        rest = words[place + 1 :]
        words = [*words[:place], *before[place : len(before) - len(rest)], *rest]
    return [before[place] if word == "." and place < len(before) else word for place, word in enumerate(words)]


def _entry(words: list[str], options: Json, properties: Json) -> Entry:
    expression = str(options.get("expression", ""))
    return Entry(
        namespace=words[0] if words else "",
        name=words[1] if len(words) > 1 else "",
        dimensions=tuple(zip(words[2::2], words[3::2], strict=False)),
        stat=str(options.get("stat", properties.get("stat", "Average"))),
        period=_period(options.get("period", properties.get("period", 300))),
        region=str(options.get("region", properties.get("region", ""))),
        account=str(options.get("accountId", properties.get("accountId", ""))),
        expression=expression,
        id=str(options.get("id", "")),
        label=str(options.get("label", "")),
        color=str(options.get("color", "")),
        axis="right" if options.get("yAxis") == "right" else "left",
        visible=options.get("visible", True) is not False,
    )


def _period(value: object) -> int:
    return value if isinstance(value, int) and value >= 1 else 300
