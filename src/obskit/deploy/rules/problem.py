"""What a rule says when it is broken."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Level: TypeAlias = Literal["error", "warning", "note"]
"""
An error fails a deployment or leaves somebody unpaged; a warning is stored, and shows something else; a note is right
as it is, and has a price.
"""


class Problem(NamedTuple):
    """
    One broken rule.

    *path* is a JSON pointer into *resource*, as in PutDashboard's own `DataPath`; *message* begins with AWS's words
    where AWS has some. *resource* is the logical id in the template *file*; without *file* it is a file itself.
    *source* says where the rule is from, *fix* what to do.
    """

    resource: str
    path: str
    rule: str
    severity: Level
    message: str
    file: str = ""
    source: str = ""
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.message} [{self.rule}]"

    @property
    def place(self) -> str:
        inside = f"{self.resource}{self.path}" if self.path.startswith("/") else self.resource
        return ": ".join(part for part in (self.file, inside) if part)


class Fault(NamedTuple):
    """A `Problem` before it is known whose."""

    path: str
    rule: str
    message: str
    severity: Level = "error"

    def under(self, prefix: str) -> Fault:
        """Return the same fault, of something that stands at *prefix*."""
        return Fault(prefix + self.path, self.rule, self.message, self.severity)

    def of(self, resource: str, *, file: str = "", page: str = "") -> Problem:
        """Return the problem of *resource* in *file*; *page* is the source of rules that many pages have."""
        from obskit.deploy.rules.rulebook import RULEBOOK

        rule = RULEBOOK[self.rule]
        source = rule.source or page
        return Problem(resource, self.path, self.rule, self.severity, self.message, file, source, rule.fix)


def short(text: object, most: int = 80) -> str:
    """Return *text* for a message: as long as a person reads, and on one line."""
    plain = str(text)
    plain = plain if len(plain) <= most else f"{plain[: most - 1]}…"
    return "".join(character if character.isprintable() else "�" for character in plain)
