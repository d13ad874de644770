"""Alarms over alarms: what only counts together, and what keeps quiet while something else is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from obskit.deploy.specs.alarms import Alarm, Severity, check_facts
from obskit.deploy.specs.collected import collect
from obskit.deploy.specs.metrics import check_name
from obskit.deploy.specs.types import check_types
from obskit.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterator

CHILDREN = 100
"""Alarms that a rule names. CloudWatch API, `PutCompositeAlarm`, 2026-11-24."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Parts joined by `AND` or `OR`; `any_of`, `all_of` and `none_of` make it."""

    word: str
    parts: tuple[Part, ...]
    negated: bool = False

    def __post_init__(self) -> None:
        parts: tuple[object, ...] = self.parts
        if not parts or not all(isinstance(part, (Rule, Alarm, Composite)) for part in parts):
            raise DefinitionError(f"a rule joins alarms, composites and other rules; it has {self.parts!r}")


@dataclass(frozen=True, slots=True)
class Composite:
    """
    An alarm that is in ALARM while *rule* holds; the arguments that it has in common with `Alarm` mean the same.

    Args:
        name: as an alarm's, and none that an alarm has.
        rule: e.g. `all_of(SLOW, any_of(BUSY, FULL))`; a single alarm is fine, too.
        service: whose it is; by default that of the first alarm in *rule*.
        suppressor: while this alarm is in ALARM, actions wait: a deployment, or the cause that pages already.
        wait: seconds that actions are held back for the suppressor to come.
        extension: seconds that it stays quiet after the suppressor has ended.
        called: the end of its full name, where that is not *name*.
        output: name of template outputs, `<output>Name` and `<output>Arn`, for what deploys.
        acts: False for one that only others read.
    """

    name: str
    rule: Part
    severity: Severity = field(kw_only=True)
    owner: str = field(kw_only=True)
    summary: str = field(kw_only=True)
    impact: str = field(kw_only=True)
    runbook: str = field(kw_only=True)
    dashboard: str = field(kw_only=True)
    service: str = field(default="", kw_only=True)
    suppressor: Alarm | Composite | None = field(default=None, kw_only=True)
    wait: int = field(default=60, kw_only=True)
    extension: int = field(default=60, kw_only=True)
    called: str = field(default="", kw_only=True)
    output: str = field(default="", kw_only=True)
    acts: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        who = f"Composite '{self.name}'"
        check_types(who, self)
        check_name(who, self.name)
        check_facts(who, self)
        if not isinstance(self.rule, (Rule, Alarm, Composite)):
            raise DefinitionError(f"{who}: rule is an alarm, or any_of, all_of, none_of over alarms")
        children = tuple(named(self.rule))
        if len(children) > CHILDREN:
            raise DefinitionError(f"{who}: names {len(children)} alarms; a composite takes {CHILDREN}")
        if self.suppressor is not None and (self.wait < 0 or self.extension < 0):
            raise DefinitionError(f"{who}: wait and extension are seconds, at least 0")
        if not self.service:
            object.__setattr__(self, "service", children[0].service)
        collect(self)


Part: TypeAlias = Rule | Alarm | Composite


def any_of(*parts: Part) -> Rule:
    """Hold while one of *parts* is in ALARM, or holds."""
    return Rule("OR", parts)


def all_of(*parts: Part) -> Rule:
    """Hold while all of *parts* are in ALARM, or hold."""
    return Rule("AND", parts)


def none_of(*parts: Part) -> Rule:
    """Hold while none of *parts* is in ALARM, or holds."""
    return Rule("OR", parts, negated=True)


def named(part: Part) -> Iterator[Alarm | Composite]:
    """Yield every alarm and composite that *part* names, each once."""
    yield from {id(one): one for one in _named(part)}.values()


def _named(part: Part) -> Iterator[Alarm | Composite]:
    if isinstance(part, Rule):
        for one in part.parts:
            yield from _named(one)
    else:
        yield part
