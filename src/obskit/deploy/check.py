"""All problems of a project at once: its file, its definitions, its runbooks, and the rules over what is rendered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from obskit.catalog import own
from obskit.catalog.model import Metric, Statistic
from obskit.deploy import costs, definitions, delivery, names, paging, project, render
from obskit.deploy.aws_metrics import GLOBAL
from obskit.deploy.bounds import UnreadableError, content
from obskit.deploy.rules import Problem, dashboard_body, template
from obskit.deploy.specs import Alarm, AlarmList, Composite, Dashboard, drawn, services, statistics, widgets
from obskit.errors import ConfigError, DefinitionError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from obskit.backtest.verdicts import Verdict
    from obskit.deploy.definitions import Definitions
    from obskit.deploy.model import Environment, Project
    from obskit.deploy.rules.problem import Level

    Rule: TypeAlias = "Callable[[Project, Definitions], Iterator[Problem]]"

OWN = frozenset(value.name for value in vars(own).values() if isinstance(value, Metric))
"""Metrics that obskit records by itself: no catalog of a project has them, and no handler names them."""

LIMITS = frozenset({"resources", "template-size", "dynamic-references"})
"""Rules over one stack: what is too large is cut into several, and one above 51,200 bytes goes through a bucket."""

HEADINGS = ("## Symptom", "## Impact", "## First five minutes", "## Mitigation", "## Escalation")
"""What a runbook answers, in the order in which it is asked at night."""
_LISTED = ", ".join(f"'{heading}'" for heading in HEADINGS)


def check(root: Path) -> list[Problem]:
    """Return every problem of the project in *root*; a file that cannot be read hides what depends on it."""
    try:
        found = project.load(root)
        defined = definitions.load(found)
    except (ConfigError, DefinitionError) as error:
        return located(error)
    from obskit.deploy import coverage  # it reads source, which no render does

    problems = definition_problems(found, defined)
    problems += coverage.problems(found, coverage.signals(found, defined))
    problems += notes(found)
    rendered, more = all_rendered(found, defined, list(found.environments.values()))
    problems += more
    known: dict[object, Verdict] = {}
    told: set[str] = set()
    for one in rendered:
        problems += costs.problems(one, defined.metrics)
        problems += [fault for fault in alarm_problems(one, defined, known) if not _again(fault, told)]
    return problems


def located(error: ConfigError | DefinitionError) -> list[Problem]:
    """Return what *error* tells as problems, each with its place."""
    return [_located(text, "project" if isinstance(error, ConfigError) else "definition") for text in error.problems]


def all_rendered(
    project: Project, definitions: Definitions, environments: list[Environment]
) -> tuple[list[render.Rendered], list[Problem]]:
    """Return what can be rendered, and what is wrong in it; one fault is told once, not for each environment."""
    found: list[render.Rendered] = []
    told: dict[str, list[str]] = {}
    problems: dict[tuple[str, ...], Problem] = {}
    empty = any(listed_alarms_exist(project, definitions))
    for environment in environments:
        try:
            one = render.render(project, definitions, environment)
        except DefinitionError as error:
            for text in error.problems:
                told.setdefault(text, []).append(environment.name)
            continue
        found.append(one)
        for problem in rendered_problems(one):
            if empty and problem.rule == "count" and problem.path.endswith("/properties/alarms"):
                continue  # told already, by the name of the list
            anywhere = re.sub(r"/rendered/.*/", "/rendered/", problem.file or problem.resource)
            problems.setdefault(
                (anywhere, problem.resource if problem.file else "", problem.path, problem.rule, problem.message),
                problem,
            )
    missing = [_unfilled(text, ", ".join(names), definitions) for text, names in told.items()]
    return found, [*missing, *problems.values()]


def _unfilled(text: str, environments: str, definitions: Definitions) -> Problem:
    """Return "dashboard 'api': '{queue}' stands for nothing" as a problem of the file that defines it."""
    kind, _, rest = text.partition(" '")
    name = rest.partition("'")[0]
    kinds = (Dashboard,) if kind == "dashboard" else (Alarm, Composite)
    file = next((definitions.files[one, name] for one in kinds if (one, name) in definitions.files), project.FILE)
    return Problem(file, "", "placeholder", "error", f"{text} ({environments})")


def _located(text: str, rule: str) -> Problem:
    place, _, message = text.partition(": ")
    return Problem(place, "", rule, "error", message)


def notes(project: Project) -> Iterator[Problem]:
    """Return what is no mistake and still worth knowing before it is deployed."""
    for name, probes in project.probes.items():
        if probes.keeps_awake():
            every = f"{probes.schedule.every} minute{'s' * (probes.schedule.every > 1)}"
            words = (
                f"probes connect to the database every {every}: Aurora Serverless v2 that may pause (least capacity 0)"
                " never will, and is paid for all day; pauses = false says that it is not meant to"
            )
            yield Problem("obskit.toml", "", "database-awake", "note", f"environments.{name}.probes: {words}")


def definition_problems(project: Project, definitions: Definitions) -> list[Problem]:
    """Return what is wrong with the definitions themselves, whatever the environment."""
    return [problem for rule in RULES for problem in rule(project, definitions)]


def rendered_problems(rendered: render.Rendered) -> list[Problem]:
    """Return every rule of CloudWatch that *rendered* breaks, by the files it is written to."""
    problems: list[Problem] = []
    for name, body in rendered.bodies.items():
        problems += dashboard_body.check(rendered.dashboard_path(name), body, dashboard=name)
    whole = {stack.region: stack for stack in rendered.main if len(rendered.split[stack.region]) == 1}
    for region, document in rendered.templates.items():
        text = whole[region].compact if region in whole else None
        found = template.check(rendered.template_path(region), document, text=text, bodies=False)
        problems += [one for one in found if region in whole or one.rule not in LIMITS]
    for stack in (stack for stack in rendered.main if stack.region not in whole):
        found = template.check(rendered.stack_path(stack), stack.template, bodies=False)
        problems += [one for one in found if one.rule in LIMITS]
    for stack in rendered.beside:
        path = rendered.stack_path(stack)
        problems += template.check(path, stack.template, text=stack.compact, bodies=False)
    problems += delivery.problems(rendered)
    # That a template must be uploaded to S3 first is said of hand-written ones: with a shop's alarms, each must be.
    return [one for one in problems if one.rule != "template-size" or one.severity == "error"]


def alarm_problems(
    rendered: render.Rendered, definitions: Definitions, known: dict[object, Verdict]
) -> Iterator[Problem]:
    """
    Run each alarm over a normal series and an incident (docs/backtest.md); *known* are verdicts to be reused.

    One that cannot be evaluated is a warning: CloudWatch may know more than obskit. Where `alarm_period` stands in for
    the periods of all alarms, as in a demonstration, no objective was made for them, and none is tried.
    """
    if rendered.environment.alarm_period is not None:
        return
    from obskit.backtest.alarms import read_template  # no render tries alarms
    from obskit.backtest.verdicts import judge

    catalog = {(rendered.project.namespace, name): metric for name, metric in definitions.metrics.items()}
    for region, document in rendered.templates.items():
        alarms, unread = read_template(document)
        for text in unread:
            name, _, why = text.partition(": ")
            words = f"was not tried on any data: {why}"
            yield _tried(rendered, definitions, (region, name), words, "warning")
        for verdict in judge(alarms, catalog, known):
            for fault in verdict.faults:
                yield _tried(rendered, definitions, (region, verdict.name), fault, "error")


def _tried(
    rendered: render.Rendered, defined: Definitions, alarm_in: tuple[str, str], words: str, severity: Level
) -> Problem:
    """Return a problem of the alarm *alarm_in*, (region, name), at its definition; obskit's own alarms have none."""
    environment = rendered.environment
    region, name = alarm_in
    for alarm in defined.guards:
        if names.alarm(rendered.project, environment, region, alarm) == name:
            return _problem(defined, alarm, "backtest", f"{words} ({environment.name}, {region})", severity)
    resources = rendered.templates[region]["Resources"].items()
    ident = next((one for one, made in resources if made.get("Properties", {}).get("AlarmName") == name), name)
    return Problem(ident, "", "backtest", severity, words, rendered.template_path(region))


def _again(problem: Problem, told: set[str]) -> bool:
    """Say whether as much was told of the same alarm in another environment or region, and remember it."""
    words = f"{problem.resource} {': '.join(problem.message.split(': ', 2)[:2])}"
    again = words in told
    told.add(words)
    return again


def metrics_in_catalogs(_project: Project, definitions: Definitions) -> Iterator[Problem]:
    """A metric that stands elsewhere is not one that handlers emit."""
    things: list[Dashboard | Alarm] = [*definitions.dashboards, *definitions.alarms]
    for thing in things:
        for name in dict.fromkeys(shown.metric.name for shown in statistics(thing)):
            if name not in definitions.metrics and name not in OWN:
                words = f"metric '{name}' is in no catalog of obskit.toml.{did_you_mean(name, definitions.metrics)}"
                yield _problem(definitions, thing, "catalog", words)


def services_known(_project: Project, definitions: Definitions) -> Iterator[Problem]:
    """Without `service=`, a metric has the service of whichever function records it, and no series to show."""
    things: list[Dashboard | Alarm] = [*definitions.dashboards, *definitions.alarms]
    for thing in things:
        if isinstance(thing, Alarm) and thing.service:
            continue
        given = {one for widget in drawn(thing) for one in services(widget)} if isinstance(thing, Dashboard) else ()
        names = dict.fromkeys(
            shown.metric.name for shown in statistics(thing) if not shown.metric.service and shown not in given
        )
        for name in names:
            words = f"metric '{name}' declares no service, so its series is unknown; add service= to its declaration"
            yield _problem(definitions, thing, "service", words)


def dashboards_exist(_project: Project, definitions: Definitions) -> Iterator[Problem]:
    known = [dashboard.name for dashboard in definitions.dashboards]
    lost: dict[tuple[str, str], list[Alarm | Composite]] = {}
    for alarm in (alarm for alarm in definitions.guards if alarm.dashboard not in known):
        lost.setdefault((definitions.files[type(alarm), alarm.name], alarm.dashboard), []).append(alarm)
    for (_, name), alarms in lost.items():
        words = f"no dashboard is called '{name}' (known: {', '.join(known) or 'none'}).{did_you_mean(name, known)}"
        yield _problem(definitions, alarms[0], "dashboard", words, more=len(alarms) - 1)


def listed_alarms_exist(_project: Project, definitions: Definitions) -> Iterator[Problem]:
    known = [alarm.name for alarm in definitions.guards]
    for dashboard in definitions.dashboards:
        for widget in (widget for widget in widgets(dashboard) if isinstance(widget, AlarmList)):
            if (
                not widget.alarms
                and not widget.every
                and not any(alarm.dashboard == dashboard.name for alarm in definitions.guards)
            ):
                words = f"AlarmList '{widget.title}' is empty: no alarm has dashboard='{dashboard.name}'"
                yield _problem(definitions, dashboard, "alarm-list", words)
            for name in widget.alarms:
                if name not in known:
                    words = f"AlarmList '{widget.title}': no alarm is called '{name}'.{did_you_mean(name, known)}"
                    yield _problem(definitions, dashboard, "alarm-list", words)


def alarms_are_shown(_project: Project, definitions: Definitions) -> Iterator[Problem]:
    shown = {statistic.metric.name for board in definitions.dashboards for statistic in statistics(board)}
    unseen: dict[tuple[str, str], list[Alarm]] = {}
    for alarm in definitions.alarms:
        for name in dict.fromkeys(one.metric.name for one in statistics(alarm)):
            if name not in shown and name not in OWN:
                unseen.setdefault((definitions.files[Alarm, alarm.name], name), []).append(alarm)
    for (_, name), alarms in unseen.items():
        words = f"no dashboard shows '{name}', which {'these alarms guard' if alarms[1:] else 'this alarm guards'}"
        yield _problem(definitions, alarms[0], "shown", words, "warning", more=len(alarms) - 1)


def alarms_guard_the_bad_side(_project: Project, definitions: Definitions) -> Iterator[Problem]:
    """An alarm that fires when things go well was meant the other way round, or the metric's direction was."""
    for alarm in definitions.alarms:
        if alarm.band is not None or not isinstance(alarm.watches, Statistic):
            continue
        metric = alarm.watches.metric
        fires = "more" if alarm.comparison.startswith("Greater") else "less"
        if metric.direction == fires:
            words = f"fires at {alarm.sign} {alarm.threshold:g}, but of '{metric.name}' {metric.direction} is better"
            yield _problem(definitions, alarm, "direction", words)


def thresholds_are_used(project: Project, definitions: Definitions) -> Iterator[Problem]:
    """A line for an environment or an alarm that is not there guards nothing."""
    known = {alarm.name: alarm for alarm in definitions.alarms}
    for environment in project.environments.values():
        for name in environment.thresholds:
            where = f"environments.{environment.name}.thresholds"
            if name not in known:
                words = f"{where}: no alarm is called '{name}'.{did_you_mean(name, known)}"
                yield Problem("obskit.toml", "", "threshold", "error", words)
            elif known[name].band is not None:
                words = f"{where}: '{name}' is guarded by a band, which has no threshold"
                yield Problem("obskit.toml", "", "threshold", "error", words)
    for alarm in definitions.alarms:
        for name in (name for name in alarm.thresholds if name not in project.environments):
            words = f"has a threshold for '{name}', which is no environment.{did_you_mean(name, project.environments)}"
            yield _problem(definitions, alarm, "threshold", words)


def alarms_have_a_region(project: Project, definitions: Definitions) -> Iterator[Problem]:
    """An alarm of a region that the environment lacks would be nowhere; us-east-1 gets a stack of its own."""
    for alarm in (alarm for alarm in definitions.alarms if alarm.only_in not in ("", GLOBAL)):
        for environment in project.environments.values():
            if alarm.only_in not in environment.regions:
                words = f"is only in {alarm.only_in}, which is no region of environment '{environment.name}'"
                yield _problem(definitions, alarm, "region", words)


def runbooks_answer(project: Project, definitions: Definitions) -> Iterator[Problem]:
    """Every runbook that an alarm or a metric names is there and has its headings."""
    folder = project.root / project.alarms / "runbooks"
    wanted = {metric.runbook: f"metric '{metric.name}'" for metric in definitions.metrics.values() if metric.runbook}
    wanted |= {alarm.runbook: f"alarm '{alarm.name}'" for alarm in definitions.guards}
    if any(environment.pages and environment.fallback for environment in project.environments.values()):
        wanted |= {paging.RUNBOOK: "what guards the way of a page (fallback)"}
    known = sorted(path.name for path in folder.glob("*.md") if path.is_file())
    for name, who in sorted(wanted.items()):
        resource = f"{project.alarms}/runbooks/{name}"
        if name not in known:
            hint = " obskit's repository has one" if name == paging.RUNBOOK else did_you_mean(name, known)
            words = f"no such runbook; {who} names it.{hint or f' Its headings: {_LISTED}'}"
            yield Problem(resource, "", "runbook", "error", words)
            continue
        try:
            lines = content(folder / name).decode().splitlines()
        except (UnreadableError, UnicodeDecodeError) as error:
            words = f"is not UTF-8 (byte {error.start})" if isinstance(error, UnicodeDecodeError) else str(error)
            yield Problem(resource, "", "runbook", "error", words)
            continue
        for heading in HEADINGS:
            if heading not in lines:
                yield Problem(resource, "", "runbook", "error", f"has no heading '{heading}'")


RULES: tuple[Rule, ...] = (
    metrics_in_catalogs,
    services_known,
    dashboards_exist,
    listed_alarms_exist,
    alarms_are_shown,
    alarms_guard_the_bad_side,
    thresholds_are_used,
    alarms_have_a_region,
    runbooks_answer,
)


def _problem(  # noqa: PLR0913  a problem has as many parts
    definitions: Definitions,
    thing: Dashboard | Alarm | Composite,
    rule: str,
    words: str,
    severity: Level = "error",
    *,
    more: int = 0,
) -> Problem:
    """Return a problem of *thing*, and of so many *more* in its file."""
    who = f"{type(thing).__name__} '{thing.name}'" + (f" and {more} more" if more else "")
    return Problem(definitions.files[type(thing), thing.name], "", rule, severity, f"{who}: {words}")
