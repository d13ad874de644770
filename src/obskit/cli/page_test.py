"""`obskit page-test`: the way of a page in an account, looked at, and walked once by a labelled test alarm."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, TypedDict

import click

from obskit.cli import options
from obskit.errors import ObskitError, did_you_mean
from obskit.terminal import visible

if TYPE_CHECKING:
    from typing import Unpack

    from obskit.deploy.model import Environment
    from obskit.deploy.page_test.calls import Calls
    from obskit.deploy.page_test.faults import Inspection
    from obskit.deploy.page_test.incidents import Incidents
    from obskit.deploy.page_test.sending import Walk
    from obskit.deploy.page_test.way import Way
    from obskit.deploy.render import Rendered
    from obskit.deploy.rules import Problem


class Chosen(TypedDict):
    """What the options say."""

    env: str
    regions: tuple[str, ...]
    severity: str
    alarm: str
    dry_run: bool
    yes: bool
    format_: str
    wait: int
    endpoint_url: str
    incidents: str
    token_secret: str


@click.command("page-test", cls=options.Page)
@options.env_option()
@click.option("--region", "regions", multiple=True, metavar="NAME", help="May be repeated. Default: all that it has.")
@click.option(
    "--severity",
    type=click.Choice(("page", "ticket")),
    default="page",
    show_default=True,
    help="Whose topic is walked.",
)
@click.option(
    "--alarm", default="", metavar="NAME", help="Only this alarm and its topics: whole name, or the definition's."
)
@click.option("--dry-run", is_flag=True, help="Only look: nothing is made, nobody is woken.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.format_option("text", "json")
@click.option(
    "--wait", type=click.IntRange(1, 3600), default=300, show_default=True, help="Seconds, for the whole walk."
)
@click.option("--endpoint-url", default="", metavar="URL", help="Of the embedded AWS, instead of the real one.")
@click.option("--incidents", default="", metavar="URL", help="The embedded PagerDuty's list of incidents, as JSON.")
@click.option(
    *("--pagerduty-token-secret", "token_secret"),
    default="",
    metavar="SECRET",
    help="Name or ARN of a secret with a REST API token that may read incidents: its text, or JSON with api_token.",
)
@options.project_option
@click.pass_context
def command(ctx: click.Context, **chosen: Unpack[Chosen]) -> int:
    """
    Find out whether a page would arrive: look at its way in the account, then walk it once.

    Looks at every deployed alarm, its actions and topics, key and policies, subscriptions, dead-letter queues and who
    guards them, the forwarder and the secret (never its value). All faults are told at once, each with what to do.

    Then makes a metric alarm for each topic, and a composite where composites page, called …-page-test-ID and labelled
    as a test; sets it to ALARM and back to OK, so that CloudWatch itself publishes; and deletes it, also when it is
    broken off. Reports what CloudWatch's history, SNS's metrics, the dead-letter queues and PagerDuty show of it.
    WHOEVER IS ON CALL MAY BE WOKEN: it asks before, unless --yes.

    Examples:
      obskit page-test --env prod --dry-run                    look only
      obskit page-test --env prod --yes --pagerduty-token-secret obskit/pagerduty/rest
      obskit page-test --env prod --region us-west-2           the region that stands by, before it is needed

    Needs the extra `aws`, and credentials of the environment's account; obskit policy page-test prints the rights.

    Exit codes: 0 proven (with --dry-run: sound), 1 not proven, failed or declined, 2 wrong usage.
    """
    from obskit.deploy import definitions, project
    from obskit.deploy.page_test import report
    from obskit.deploy.render import render

    loaded = project.load(options.project_root(ctx))
    (environment,) = options.environments(loaded, (chosen["env"],), every=False)
    _check_usage(ctx, environment, chosen)
    rendered = render(loaded, definitions.load(loaded), environment)
    regions = _regions(ctx, rendered, chosen["regions"])
    calls = _calls(rendered, regions, chosen["endpoint_url"])
    ways = {region: _read(rendered, calls[region], chosen) for region in regions}
    inspections = _inspections(rendered, ways, chosen["severity"])
    topics = _topics(ctx, rendered, inspections, chosen)
    problems = _look(inspections, chosen["format_"])
    walk = None
    if not chosen["dry_run"]:
        if not (chosen["yes"] or _agreed(topics)):
            click.echo("nothing was sent", err=True)
            return 1
        walk, more = _walk(rendered, calls, ways, topics, chosen)
        problems += more
    if chosen["format_"] == "json":
        click.echo(json.dumps(report.as_json(environment.name, list(ways.values()), walk, problems), indent=2))
    else:
        _print(walk, problems)
    return 0 if report.proven(problems) else 1


def _check_usage(ctx: click.Context, environment: Environment, chosen: Chosen) -> None:
    if chosen["incidents"] and chosen["token_secret"]:
        raise click.UsageError("Give --incidents or --pagerduty-token-secret, not both.", ctx)
    if chosen["dry_run"]:
        return
    if chosen["severity"] == "page" and not environment.pages:
        raise click.UsageError(f"{environment.name} pages nobody (pages = false): give --dry-run to look only.", ctx)
    if not chosen["yes"] and not sys.stdin.isatty():
        raise click.UsageError("Nobody is there to be asked: give --yes or --dry-run.", ctx)


def _regions(ctx: click.Context, rendered: Rendered, given: tuple[str, ...]) -> list[str]:
    known = list(rendered.templates)
    for region in given:
        if region not in known:
            near = did_you_mean(region, known)
            raise click.UsageError(f"{rendered.environment.name} has no alarms in '{region}'.{near}", ctx)
    return list(dict.fromkeys(given)) or known


def _calls(rendered: Rendered, regions: list[str], url: str) -> dict[str, Calls]:
    from obskit.deploy.page_test.calls import At, Calls
    from obskit.deploy.publish import account

    session = At(account.session("obskit page-test"), url)
    account.check(session, rendered.environment)
    return {region: Calls(session, region) for region in regions}


def _read(rendered: Rendered, calls: Calls, chosen: Chosen) -> Way:
    from obskit.deploy.page_test import reading

    click.echo(f"{calls.region}: looking", err=True)
    wanted = reading.expected(rendered)[calls.region]
    return reading.read(calls, rendered, wanted, chosen["severity"], chosen["alarm"])


def _inspections(rendered: Rendered, ways: dict[str, Way], severity: str) -> list[Inspection]:
    from obskit.deploy.page_test.faults import Inspection

    return [Inspection(way, rendered.environment, rendered.project.name, severity) for way in ways.values()]


def _topics(ctx: click.Context, rendered: Rendered, inspections: list[Inspection], chosen: Chosen) -> list[str]:
    """Return the topics that are walked: that of the severity in each region, or those that --alarm speaks to."""
    from obskit.deploy.page_test import reading

    wanted, environment = chosen["alarm"], rendered.environment.name
    if not wanted:
        pages = [one.page for one in inspections if one.page.rpartition(":")[2] in one.way.expected.topics]
        if not pages:
            raise click.UsageError(f"No alarm of {environment} is of severity {chosen['severity']} there.", ctx)
        return pages
    found = [
        (one.way, one.way.of_name(name)) for one in inspections for name in reading.named(one.way, wanted, environment)
    ]
    if not found:
        known = [name for one in reading.expected(rendered).values() for name in one.alarms]
        raise ObskitError(f"no alarm '{wanted}' is deployed.{did_you_mean(wanted, known)}")
    return list(dict.fromkeys(topic for way, alarm in found for topic in alarm["AlarmActions"] if topic in way.topics))


def _look(inspections: list[Inspection], format_: str) -> list[Problem]:
    from obskit.deploy.page_test import faults, report

    problems: list[Problem] = []
    for one in inspections:
        found = faults.problems(one)
        if format_ == "text":
            click.echo(visible(report.looked_at(one.way)))
            _tell(found)
        problems += found
    return problems


def _agreed(topics: list[str]) -> bool:
    where = ", ".join(f"{topic.rpartition(':')[2]} in {topic.split(':')[3]}" for topic in topics)
    return click.confirm(f"Send a test alarm to {where}? Whoever is on call may be woken.", err=True)


def _walk(
    rendered: Rendered, calls: dict[str, Calls], ways: dict[str, Way], topics: list[str], chosen: Chosen
) -> tuple[Walk, list[Problem]]:
    from obskit.deploy.page_test import verdict
    from obskit.deploy.page_test.sending import Plan, Sender

    plan = Plan(
        *(rendered.project, rendered.environment, chosen["severity"], calls, ways, tuple(topics)),
        incidents=_incidents(rendered, calls, chosen),
        wait_s=chosen["wait"],
    )
    sender = Sender(plan, lambda line: click.echo(visible(line), err=True))
    walk = sender.run()
    return walk, verdict.problems(walk)


def _incidents(rendered: Rendered, calls: dict[str, Calls], chosen: Chosen) -> Incidents | None:
    from datetime import UTC, datetime, timedelta

    from obskit.deploy.page_test import incidents

    if chosen["incidents"]:
        return incidents.StandIn(chosen["incidents"])
    name = chosen["token_secret"]
    if not name:
        return None
    first = next(iter(calls.values()))
    found = first.need("secretsmanager:GetSecretValue", f"secret {name}", SecretId=name)
    since = datetime.now(UTC) - timedelta(minutes=1)  # clocks differ
    url = incidents.api_of(rendered.environment.paging_endpoint)
    return incidents.PagerDuty(url, incidents.token_in(str(found.get("SecretString", ""))), since.isoformat())


def _print(walk: Walk | None, problems: list[Problem]) -> None:
    from obskit.deploy.page_test import report, verdict

    if walk is not None:
        for line in report.walked(walk):
            click.echo(visible(line))
        _tell(verdict.problems(walk))
        for line in verdict.unlooked(walk):
            click.echo(visible(line))
    click.echo(report.verdict(problems, sent=walk is not None))


def _tell(problems: list[Problem]) -> None:
    from obskit.deploy.page_test import report

    for problem in problems:
        for line in report.lines(problem):
            click.echo(visible(line), err=True)
