"""Project and definitions in, everything that CloudWatch needs out: pure, and the same bytes every time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from obskit.deploy import (
    bodies,
    forwarder_function,
    logs,
    metric_widgets,
    names,
    paging,
    probe_function,
    stacks,
    templates,
)
from obskit.deploy.dashboard_context import Context
from obskit.deploy.stacks import PARTS, Part, Stack
from obskit.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.deploy.definitions import Definitions
    from obskit.deploy.model import Environment, Project

Json = dict[str, Any]


@dataclass(frozen=True)
class Rendered:
    """
    One environment's output.

    *bodies* are dashboard bodies by the name of their definition; *templates* are CloudFormation templates by region,
    *split* the same, cut where one is too large; *probes* is the template of the scheduled function, None where nothing
    is scheduled; *forwarders* are those of the function that pages go through, *logs* those of log groups, by region.
    """

    project: Project
    environment: Environment
    bodies: Mapping[str, Json]
    templates: Mapping[str, Json]
    split: Mapping[str, list[Json]]
    probes: Json | None = None
    forwarders: Mapping[str, Json] = field(default_factory=dict)
    logs: Mapping[str, Json] = field(default_factory=dict)

    @property
    def dashboards_folder(self) -> str:
        return f"{self.project.dashboards}/rendered/{self.environment.name}"

    @property
    def alarms_folder(self) -> str:
        return f"{self.project.alarms}/rendered/{self.environment.name}"

    def dashboard_path(self, name: str) -> str:
        return f"{self.dashboards_folder}/{name}.json"

    def template_path(self, region: str) -> str:
        return f"{self.alarms_folder}/{region}/{self.project.name}.template.json"

    def part_path(self, region: str, part: str) -> str:
        return f"{self.alarms_folder}/{region}/{self.project.name}-{part}.template.json"

    def stacks(self) -> list[Stack]:
        """Return what is deployed, in this order; what is too large for one stack is several."""
        return [*self.main, *self.beside]

    @cached_property
    def main(self) -> list[Stack]:
        """The stacks of alarms and dashboards."""
        return [
            Stack(region, self.project.name + (f"-{number}" if number > 1 else ""), part)
            for region, parts in self.split.items()
            for number, part in enumerate(parts, 1)
        ]

    def stack_path(self, stack: Stack) -> str:
        return f"{self.alarms_folder}/{stack.region}/{stack.name}.template.json"

    def paths(self) -> list[str]:
        """Return where the files of all parts are, below the project."""
        return [*map(self.dashboard_path, self.bodies), *map(self.stack_path, self.stacks())]

    def dashboard_files(self) -> dict[str, str]:
        """Return the text of each body by its path below the project."""
        return {self.dashboard_path(name): dump(body) for name, body in self.bodies.items()}

    def alarm_files(self, part: Part | None = None) -> dict[str, str]:
        """Return the text of each template, or of those of *part*, by its path below the project."""
        return {
            self.stack_path(stack): dump(stack.template)
            for stack in self.stacks()
            if part is None or stack.part == part
        }

    @cached_property
    def beside(self) -> list[Stack]:
        """The stacks of forwarders, log groups and probes."""
        name = self.project.name
        found = [Stack(region, f"{name}-forwarder", template) for region, template in self.forwarders.items()]
        found += [Stack(region, f"{name}-logs", template, "logs") for region, template in self.logs.items()]
        if self.probes is not None:
            found.append(Stack(self.environment.primary, f"{name}-probes", self.probes))
        return found

    def files(self, parts: tuple[Part, ...] = PARTS) -> dict[str, str]:
        """Return the text of each file of *parts* by its path below the project, where it is committed."""
        found = self.dashboard_files() if "dashboards" in parts else {}
        for part in ("alarms", "logs"):
            found |= self.alarm_files(part) if part in parts else {}
        return found


def render(project: Project, definitions: Definitions, environment: Environment) -> Rendered:
    """
    Return what *environment* needs; nothing is read or written.

    Raises:
        DefinitionError: a `{name}` in a definition stands for nothing in this environment; carries all of them.
    """
    definitions = _in(environment, definitions)
    boards: dict[str, Json] = {}
    problems: list[str] = []
    guards, boards_ = definitions.guards, definitions.dashboards
    guarding = metric_widgets.guarding(guards)
    for dashboard in boards_:
        context = Context(project, environment, dashboard, guards, problems, boards_, guarding)
        boards[dashboard.name] = bodies.render(context)
    found: dict[str, Json] = {}
    for region in names.regions(environment, definitions.guards):
        try:
            found[region] = templates.render(project, environment, region, definitions.guards, boards)
        except DefinitionError as error:
            problems += error.problems
    if problems:
        raise DefinitionError(*dict.fromkeys(problems))
    return Rendered(
        project,
        environment,
        boards,
        found,
        {region: stacks.split(whole, region, environment.account) for region, whole in found.items()},
        _probes(project, environment),
        _forwarders(project, definitions, environment),
        _logs(project, environment),
    )


def _in(environment: Environment, definitions: Definitions) -> Definitions:
    """Return *definitions* with the thresholds that `obskit.toml` says for *environment*."""
    lines = environment.thresholds
    if not lines:
        return definitions
    return replace(
        definitions,
        alarms=tuple(
            replace(alarm, thresholds={**alarm.thresholds, environment.name: lines[alarm.name]})
            if alarm.name in lines and alarm.band is None
            else alarm
            for alarm in definitions.alarms
        ),
    )


def _forwarders(project: Project, definitions: Definitions, environment: Environment) -> dict[str, Json]:
    return {
        region: forwarder_function.render(project, environment, region)
        for region in names.regions(environment, definitions.guards)
        if paging.forwards(environment, names.alarms_in(environment, region, definitions.guards))
    }


def _logs(project: Project, environment: Environment) -> dict[str, Json]:
    found = {region: logs.template(project, environment, region) for region in environment.regions}
    return {region: template for region, template in found.items() if template is not None}


def _probes(project: Project, environment: Environment) -> Json | None:
    probes = project.probes.get(environment.name)
    return probe_function.render(project, environment, probes) if probes and probes.schedule.every else None


def dump(document: Json) -> str:
    """Return *document* as it is committed: sorted keys, indent 2, a final newline."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
