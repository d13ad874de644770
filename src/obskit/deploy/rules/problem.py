"""What a rule says when it is broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["error", "warning", "note"]
"""
An error fails a deployment or leaves somebody unpaged; a warning is stored, and shows something else; a note is right
as it is, and has a price.
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One broken rule.

    *path* is a JSON pointer into *resource*, as in PutDashboard's own `DataPath`; *message* begins with AWS's words
    where AWS has some.
    """

    resource: str
    path: str
    rule: str
    severity: Level
    message: str

    def __str__(self) -> str:
        place = f"{self.resource}{self.path}" if self.path.startswith("/") else self.resource
        return f"{place}: {self.severity}: {self.message} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class Fault:
    """A `Problem` before it is known whose."""

    path: str
    rule: str
    message: str
    severity: Level = "error"

    def of(self, resource: str, prefix: str = "") -> Problem:
        return Problem(resource, prefix + self.path, self.rule, self.severity, self.message)
