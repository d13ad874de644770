"""
What a dashboard shows, without CloudWatch's JSON.

`{project}`, `{env}`, `{region}` and the ids of the environment may stand in log group names, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from obskit.deploy.specs.collected import collect
from obskit.deploy.specs.metrics import Shown, check_name, check_shows
from obskit.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Graph:
    """
    Lines over time.

    Args:
        title: what is seen.
        shows: catalog statistics (`kpis.SEARCH_LATENCY.p95`) or AWS metrics; a tuple, also for one.
        by: values of further declared dimensions, e.g. `{"operation": "checkout"}`; without it, the whole service.
        period: seconds between points; a guarding alarm's period replaces it, for the threshold to mean the same.
        width: columns out of 24; 0 shares the row equally.
    """

    title: str
    shows: tuple[Shown, ...]
    by: Mapping[str, str] = field(default_factory=dict)
    period: int = 300
    stacked: bool = False
    width: int = 0
    height: int = 6

    def __post_init__(self) -> None:
        check_shows(f"Graph '{self.title}'", self.shows, self.by)


@dataclass(frozen=True, slots=True)
class Number:
    """The newest value in large digits; with *whole_range*, one value for all of the time that is looked at."""

    title: str
    shows: tuple[Shown, ...]
    by: Mapping[str, str] = field(default_factory=dict)
    period: int = 300
    whole_range: bool = False
    width: int = 0
    height: int = 4

    def __post_init__(self) -> None:
        check_shows(f"Number '{self.title}'", self.shows, self.by)


@dataclass(frozen=True, slots=True)
class Text:
    """Markdown."""

    markdown: str
    width: int = 0
    height: int = 3


@dataclass(frozen=True, slots=True)
class Logs:
    """A Logs Insights query over log groups; every refresh scans them, at $0.005 a GB."""

    title: str
    groups: tuple[str, ...]
    query: str
    width: int = 0
    height: int = 6

    def __post_init__(self) -> None:
        if not self.groups or isinstance(self.groups, str):
            raise DefinitionError(f"Logs '{self.title}': groups is a tuple of log group names with at least one")


@dataclass(frozen=True, slots=True)
class AlarmList:
    """The states of alarms, by the names they have here; without names, all whose `dashboard` this one is."""

    title: str
    alarms: tuple[str, ...] = ()
    width: int = 0
    height: int = 3


Widget: TypeAlias = Graph | Number | Text | Logs | AlarmList


@dataclass(frozen=True, slots=True)
class Section:
    """A headline and rows of widgets, laid out over 24 columns from left to right."""

    title: str
    rows: tuple[tuple[Widget, ...], ...]

    def __post_init__(self) -> None:
        rows: tuple[object, ...] = self.rows  # mypy holds callers to the type; not every definition is checked by it
        for row in rows:
            if not isinstance(row, tuple) or not row:
                raise DefinitionError(
                    f"Section '{self.title}': rows is a tuple of tuples of widgets; a row is not empty"
                )


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One dashboard; *name* is what alarms and file names call it."""

    name: str
    title: str
    sections: tuple[Section, ...]

    def __post_init__(self) -> None:
        check_name(f"Dashboard '{self.name}'", self.name)
        collect(self)


def widgets(dashboard: Dashboard) -> Iterator[Widget]:
    """Yield every widget of *dashboard*, row by row."""
    yield from (widget for section in dashboard.sections for row in section.rows for widget in row)
