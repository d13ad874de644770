"""All problems of a project at once: its file, its definitions, its runbooks, and the rules over what is rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from obskit.backtest.alarms import read_template
from obskit.backtest.verdicts import judge
from obskit.deploy import coverage, definitions, project, render
from obskit.deploy.rules import Problem, dashboard_body, template
from obskit.deploy.specs import Alarm, AlarmList, Dashboard, statistics, widgets
from obskit.errors import ConfigError, DefinitionError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from obskit.backtest.verdicts import Verdict
    from obskit.deploy.definitions import Definitions
    from obskit.deploy.project import Project
    from obskit.deploy.rules.problem import Level

    Rule: TypeAlias = "Callable[[Project, Definitions], Iterator[Problem]]"

HEADINGS = ("## Symptom", "## Impact", "## First five minutes", "## Mitigation", "## Escalation")
"""What a runbook answers, in the order in which it is asked at night."""


def check(root: Path) -> list[Problem]:
    """Return every problem of the project in *root*; a file that cannot be read hides what depends on it."""
    try:
        found = project.load(root)
        defined = definitions.load(found)
    except ConfigError as error:
        return [_located(text, "project") for text in error.problems]
    except DefinitionError as error:
        return [_located(text, "definition") for text in error.problems]
    problems = definition_problems(found, defined)
    problems += coverage.problems(found, coverage.signals(found, defined))
    problems += notes(found)
    known: dict[object, Verdict] = {}
    told: set[str] = set()
    for environment in found.environments.values():
        try:
            rendered = render.render(found, defined, environment)
            problems += rendered_problems(rendered)
            problems += [one for one in alarm_problems(rendered, defined, known) if not _again(one, told)]
        except DefinitionError as error:
            problems += [Problem(environment.name, "", "placeholder", "error", text) for text in error.problems]
    return problems


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
        problems += dashboard_body.check(rendered.dashboard_path(name), body)
    for region, document in rendered.templates.items():
        problems += template.check(rendered.template_path(region), document, bodies=False)
    if rendered.probes is not None:
        problems += template.check(rendered.probes_path, rendered.probes, bodies=False)
    return problems


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
    catalog = {(rendered.project.namespace, name): metric for name, metric in definitions.metrics.items()}
    for region, document in rendered.templates.items():
        alarms, unread = read_template(document)
        file = rendered.template_path(region)
        paths = {
            str(one.get("Properties", {}).get("AlarmName")): f"/Resources/{name}"
            for name, one in document["Resources"].items()
        }
        for text in unread:
            name, _, why = text.partition(": ")
            words = f"was not tried on any data: {why}"
            yield Problem(file, paths.get(name, f"/Resources/{name}"), "backtest", "warning", words)
        for verdict in judge(alarms, catalog, known):
            for fault in verdict.faults:
                path = paths.get(verdict.name, f"/Resources/{verdict.name}")
                yield Problem(file, path, "backtest", "error", fault)


def _again(problem: Problem, told: set[str]) -> bool:
    """Say whether as much was told of the same alarm in another environment or region, and remember it."""
    words = f"{problem.path} {problem.message.partition(':')[0]}"
    again = words in told
    told.add(words)
    return again


def metrics_in_catalogs(_project: Project, definitions: Definitions) -> Iterator[Problem]:
    """A metric that stands elsewhere is not one that handlers emit."""
    things: list[Dashboard | Alarm] = [*definitions.dashboards, *definitions.alarms]
    for thing in things:
        for name in dict.fromkeys(shown.metric.name for shown in statistics(thing)):
            if name not in definitions.metrics:
                words = f"metric '{name}' is in no catalog of obskit.toml.{did_you_mean(name, definitions.metrics)}"
                yield _problem(definitions, thing, "catalog", words)


def services_known(_project: Project, definitions: Definitions) -> Iterator[Problem]:
    """Without `service=`, a metric has the service of whichever function records it, and no series to show."""
    things: list[Dashboard | Alarm] = [*definitions.dashboards, *definitions.alarms]
    for thing in things:
        names = dict.fromkeys(shown.metric.name for shown in statistics(thing) if not shown.metric.service)
        for name in names:
            words = f"metric '{name}' declares no service, so its series is unknown; add service= to its declaration"
            yield _problem(definitions, thing, "service", words)


def dashboards_exist(_project: Project, definitions: Definitions) -> Iterator[Problem]:
    known = [dashboard.name for dashboard in definitions.dashboards]
    for alarm in definitions.alarms:
        if alarm.dashboard not in known:
            words = f"no dashboard is called '{alarm.dashboard}'.{did_you_mean(alarm.dashboard, known)}"
            yield _problem(definitions, alarm, "dashboard", words)


def listed_alarms_exist(_project: Project, definitions: Definitions) -> Iterator[Problem]:
    known = [alarm.name for alarm in definitions.alarms]
    for dashboard in definitions.dashboards:
        for widget in (widget for widget in widgets(dashboard) if isinstance(widget, AlarmList)):
            if not widget.alarms and not any(alarm.dashboard == dashboard.name for alarm in definitions.alarms):
                words = f"AlarmList '{widget.title}' is empty: no alarm has dashboard='{dashboard.name}'"
                yield _problem(definitions, dashboard, "alarm-list", words)
            for name in widget.alarms:
                if name not in known:
                    words = f"AlarmList '{widget.title}': no alarm is called '{name}'.{did_you_mean(name, known)}"
                    yield _problem(definitions, dashboard, "alarm-list", words)


def alarms_are_shown(_project: Project, definitions: Definitions) -> Iterator[Problem]:
    shown = {statistic.metric.name for board in definitions.dashboards for statistic in statistics(board)}
    for alarm in definitions.alarms:
        if alarm.statistic.metric.name not in shown:
            words = f"no dashboard shows '{alarm.statistic.metric.name}', which this alarm guards"
            yield _problem(definitions, alarm, "shown", words, "warning")


def alarms_guard_the_bad_side(_project: Project, definitions: Definitions) -> Iterator[Problem]:
    """An alarm that fires when things go well was meant the other way round, or the metric's direction was."""
    for alarm in definitions.alarms:
        metric = alarm.statistic.metric
        fires = "more" if alarm.comparison.startswith("Greater") else "less"
        if metric.direction == fires:
            words = f"fires at {alarm.sign} {alarm.threshold:g}, but of '{metric.name}' {metric.direction} is better"
            yield _problem(definitions, alarm, "direction", words)


def runbooks_answer(project: Project, definitions: Definitions) -> Iterator[Problem]:
    """Every runbook that an alarm or a metric names is there and has its headings."""
    folder = project.root / project.alarms / "runbooks"
    wanted = {metric.runbook: f"metric '{metric.name}'" for metric in definitions.metrics.values() if metric.runbook}
    wanted |= {alarm.runbook: f"alarm '{alarm.name}'" for alarm in definitions.alarms}
    known = sorted(path.name for path in folder.glob("*.md") if path.is_file())
    for name, who in sorted(wanted.items()):
        resource = f"{project.alarms}/runbooks/{name}"
        if name not in known:
            words = f"no such runbook; {who} names it.{did_you_mean(name, known)}"
            yield Problem(resource, "", "runbook", "error", words)
            continue
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
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
    runbooks_answer,
)


def _problem(
    definitions: Definitions, thing: Dashboard | Alarm, rule: str, words: str, severity: Level = "error"
) -> Problem:
    kind = type(thing).__name__
    return Problem(definitions.files[type(thing), thing.name], "", rule, severity, f"{kind} '{thing.name}': {words}")
