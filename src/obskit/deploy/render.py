"""Project and definitions in, everything that CloudWatch needs out: pure, and the same bytes every time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from obskit.deploy import bodies, forwarder_function, logs, names, paging, probe_function, templates
from obskit.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.deploy.definitions import Definitions
    from obskit.deploy.project import Environment, Project

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """
    One environment's output.

    *bodies* are dashboard bodies by the name of their definition; *templates* are CloudFormation templates by region;
    *probes* is the template of the scheduled function, None where nothing is scheduled; *forwarders* are those of the
    function that pages go through, *logs* those of log groups, by region.
    """

    project: Project
    environment: Environment
    bodies: Mapping[str, Json]
    templates: Mapping[str, Json]
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

    @property
    def probes_path(self) -> str:
        return self.part_path(self.environment.primary, "probes")

    def dashboard_files(self) -> dict[str, str]:
        """Return the text of each body by its path below the project."""
        return {self.dashboard_path(name): dump(body) for name, body in self.bodies.items()}

    def alarm_files(self) -> dict[str, str]:
        """Return the text of each template by its path below the project."""
        found = {self.template_path(region): dump(template) for region, template in self.templates.items()}
        found |= {path: dump(template) for path, template in self.parts().items()}
        return found

    def parts(self) -> dict[str, Json]:
        """Return the templates beside those of the alarms, by path: probes, forwarders, log groups."""
        found = {self.part_path(region, "forwarder"): template for region, template in self.forwarders.items()}
        found |= {self.part_path(region, "logs"): template for region, template in self.logs.items()}
        return found if self.probes is None else {**found, self.probes_path: self.probes}


def render(project: Project, definitions: Definitions, environment: Environment) -> Rendered:
    """
    Return what *environment* needs; nothing is read or written.

    Raises:
        DefinitionError: a `{name}` in a definition stands for nothing in this environment; carries all of them.
    """
    boards: dict[str, Json] = {}
    problems: list[str] = []
    for dashboard in definitions.dashboards:
        context = bodies.Context(project, environment, dashboard, definitions.guards, problems)
        boards[dashboard.name] = bodies.render(context)
    if problems:
        raise DefinitionError(*dict.fromkeys(problems))
    return Rendered(
        project,
        environment,
        boards,
        {
            region: templates.render(project, environment, region, definitions.guards, boards)
            for region in environment.regions
        },
        _probes(project, environment),
        _forwarders(project, definitions, environment),
        _logs(project, environment),
    )


def _forwarders(project: Project, definitions: Definitions, environment: Environment) -> dict[str, Json]:
    return {
        region: forwarder_function.render(project, environment, region)
        for region in environment.regions
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
