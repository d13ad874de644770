"""What every widget of a dashboard is rendered with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from obskit.deploy import names
from obskit.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.deploy.model import Environment, Project
    from obskit.deploy.specs import Alarm, Composite, Dashboard, Watched


@dataclass(frozen=True, slots=True)
class Context:
    """
    One *dashboard* of one environment, and what is known beside it.

    *problems* takes what cannot be filled in; *used* the names that were; *dashboards* are all of the project,
    *guarding* the alarms with a line by what they watch.
    """

    project: Project
    environment: Environment
    dashboard: Dashboard
    alarms: tuple[Alarm | Composite, ...]
    problems: list[str]
    dashboards: tuple[Dashboard, ...] = ()
    guarding: Mapping[Watched, list[Alarm]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def fill(self, text: str) -> str:
        """Return *text* with its `{names}` filled in; an unknown one is noted and stays."""
        try:
            found = names.fill(text, self.project, self.environment, self.environment.primary)
        except DefinitionError as error:
            self.problems.extend(f"dashboard '{self.dashboard.name}': {problem}" for problem in error.problems)
            return text
        self.used.update(names.in_braces(text))
        return found

    def fill_all(self, value: object) -> object:
        """Return *value* with the `{names}` of every text in it filled in."""
        if isinstance(value, str):
            return self.fill(value)
        if isinstance(value, dict):
            return {key: self.fill_all(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.fill_all(one) for one in value]
        return value
