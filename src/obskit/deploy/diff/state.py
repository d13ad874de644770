"""One environment as it is somewhere: rendered, on disk, in a revision, or deployed; and what lies between two."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from obskit.deploy import prices
from obskit.deploy.bounds import UnreadableError, content
from obskit.deploy.diff import bodies, templates
from obskit.deploy.diff.change import ADDED, REMOVED, Change
from obskit.deploy.diff.report import Report
from obskit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from obskit.deploy.render import Rendered

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """Bodies of dashboards by name, and templates by file (`us-east-1/shop`)."""

    bodies: Mapping[str, Json] = field(default_factory=dict)
    templates: Mapping[str, Json] = field(default_factory=dict)

    @property
    def cost(self) -> float:
        """USD a month for dashboards and alarms, by list price."""
        resources = [one for template in self.templates.values() for one in (template.get("Resources") or {}).values()]
        alarms = [one for one in resources if one.get("Type") != templates.DASHBOARD]
        return round(prices.of_resources(alarms) + prices.DASHBOARD_USD_MONTH * len(self.bodies), 2)


def of_rendered(rendered: Rendered) -> State:
    """Return what has just been rendered."""
    return of_files(
        {**rendered.dashboard_files(), **rendered.alarm_files()}, rendered.dashboards_folder, rendered.alarms_folder
    )


def of_files(texts: Mapping[str, str], dashboards: str, alarms: str) -> State:
    """
    Return the state that files hold: *texts* by path, bodies below *dashboards*, templates below *alarms*.

    Raises:
        ConfigError: a file is no JSON object; names all of them.
    """
    problems: list[str] = []
    found: dict[str, dict[str, Json]] = {dashboards: {}, alarms: {}}
    for path, text in sorted(texts.items()):
        folder = dashboards if path.startswith(f"{dashboards}/") else alarms
        if not path.startswith(f"{folder}/") or not path.endswith(".json"):
            continue
        name = str(PurePosixPath(path).relative_to(folder)).removesuffix(".json").removesuffix(".template")
        document = _object(text)
        if document is None:
            problems.append(f"{path}: not a JSON object")
        elif name != "manifest":
            found[folder][name] = document
    if problems:
        raise ConfigError(*problems)
    return State(found[dashboards], found[alarms])


def on_disk(root: Path, dashboards: str, alarms: str) -> State:
    """Return the state that the committed files hold."""
    paths = [path for folder in (dashboards, alarms) for path in sorted((root / folder).rglob("*.json"))]
    texts: dict[str, str] = {}
    problems: list[str] = []
    for path in paths:
        name = path.relative_to(root).as_posix()
        try:
            texts[name] = content(path).decode(errors="replace")
        except UnreadableError as error:
            problems.append(f"{name}: {error}")
    if problems:
        raise ConfigError(*problems)
    return of_files(texts, dashboards, alarms)


def _object(text: str) -> Json | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def compare(
    environment: str, against: str, before: State, after: State, units: Mapping[str, str] | None = None
) -> Report:
    """Return what changes from *before* to *after*; *units* are those of metrics by name."""
    changes = [*_boards(before, after), *_templates(before, after, units or {})]
    return Report(environment, against, tuple(changes), before.cost, after.cost)


def _boards(before: State, after: State) -> Iterator[Change]:
    for name in sorted({*before.bodies, *after.bodies}):
        was, now = before.bodies.get(name), after.bodies.get(name)
        if was is None or now is None:
            yield Change(REMOVED if now is None else ADDED, "dashboard", name, "dashboards")
        else:
            yield from bodies.compare(name, was, now)


def _templates(before: State, after: State, units: Mapping[str, str]) -> Iterator[Change]:
    for name in sorted({*before.templates, *after.templates}):
        both = [one.templates.get(name, {}) for one in (before, after)]
        kept = set.intersection(*(set(one.get("Resources") or {}) for one in both))
        was, now = (_without_bodies(one, kept) for one in both)
        region, _, file = name.partition("/")
        yield from templates.compare(region, was, now, units, file)


def _without_bodies(template: Json, kept: set[str]) -> Json:
    """Return *template* with no body in a dashboard: these are compared as files, and tell of one that came or went."""
    resources = {}
    for name, one in (template.get("Resources") or {}).items():
        if one.get("Type") != templates.DASHBOARD:
            resources[name] = one
        elif name in kept:
            properties = {key: value for key, value in one.get("Properties", {}).items() if key != "DashboardBody"}
            resources[name] = {**one, "Properties": properties}
    return {**template, "Resources": resources}
