"""Changes as text, as a comment on a pull request, or as JSON."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from obskit.terminal import in_json, visible

if TYPE_CHECKING:
    from obskit.deploy.diff.change import Change

SHOWN = 40
"""Rows in a comment; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Report:
    """What has changed in *environment* against *against*, and what it costs in USD a month, before and after."""

    environment: str
    against: str
    changes: tuple[Change, ...]
    cost_before: float = 0.0
    cost_after: float = 0.0

    @property
    def cost(self) -> str:
        """Say what changes on the bill; empty if nothing does."""
        more = round(self.cost_after - self.cost_before, 2)
        if not more:
            return ""
        return f"{self.cost_before:.2f} → {self.cost_after:.2f} USD a month ({more:+.2f})"

    @property
    def summary(self) -> str:
        """
        Count in one line.

        >>> Report("prod", "main", ()).summary
        'prod against main: no change'
        """
        counts = Counter((one.kind, one.what) for one in self.changes)
        parts = [f"{number} {kind}{'s' * (number != 1)} {what}" for (kind, what), number in sorted(counts.items())]
        return f"{self.environment} against {self.against}: {', '.join(parts) or 'no change'}"


def as_text(reports: list[Report]) -> str:
    lines = []
    for one in reports:
        lines += [visible(one.summary), *(f"  {visible(str(change))}" for change in one.changes)]
        if one.cost:
            lines.append(f"  cost: {one.cost}")
    return "\n".join(lines) + "\n"


def as_json(reports: list[Report]) -> str:
    document = [
        {
            "environment": one.environment,
            "against": one.against,
            "changes": [change.as_json() for change in one.changes],
            "cost": {"before": one.cost_before, "after": one.cost_after, "currency": "USD", "each": "month"},
        }
        for one in reports
    ]
    return in_json(json.dumps(document, ensure_ascii=False, indent=2)) + "\n"


def as_markdown(reports: list[Report]) -> str:
    """Return a comment: one line for each environment, the rows folded away."""
    lines = ["### Dashboards and alarms", ""]
    for one in reports:
        lines.append(f"**{_cell(one.summary)}**" + (f" · {one.cost}" if one.cost else ""))
        lines.append("")
        if one.changes:
            lines += [
                "<details><summary>what changes</summary>",
                "",
                "| | where | what | details |",
                "|---|---|---|---|",
            ]
            lines += [_row(change) for change in one.changes[:SHOWN]]
            if len(one.changes) > SHOWN:
                lines.append(f"| | | and {len(one.changes) - SHOWN} more | |")
            lines += ["", "</details>", ""]
    return "\n".join(lines).rstrip() + "\n"


_PLAIN = {ord(sign): f"&#{ord(sign)};" for sign in "&<>|*_`~[]\\!"}
"""An entity is never a sign of Markdown's; a backslash before a `|` may itself be behind one."""
_APART = (("@", "@&#8203;"), ("://", ":&#8203;//"), ("www.", "www&#8203;."))
"""GitHub looks for people and addresses in the text that entities become; a space of no width parts them."""

_SIGNS = {"added": "🟢", "removed": "🔴", "changed": "🟡", "moved": "🔵"}


def _row(change: Change) -> str:
    details = "<br>".join(_cell(str(one)) for one in change.details)
    sign, name = _SIGNS[change.what], _cell(change.name)
    return f"| {sign} {change.what} | {_cell(change.where)} | {change.kind} **{name}** | {details} |"


def _cell(text: str) -> str:
    """Return *text* so that it stays in its cell and stays text."""
    text = visible(text.replace("\n", " ")).translate(_PLAIN)
    for sign, parted in _APART:
        text = text.replace(sign, parted)
    return text
