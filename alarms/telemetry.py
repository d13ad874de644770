"""obskit itself: metrics that do not arrive, personal data in logs, probes that do not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit import kpis
from obskit.catalog import own
from obskit.deploy.specs import Alarm, AwsMetric, Composite, any_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypedDict

    from obskit.deploy.specs import Measured, Severity

    class Told(TypedDict):
        """What all alarms of one kind are told."""

        severity: Severity
        owner: str
        summary: str
        impact: str
        runbook: str
        dashboard: str


FUNCTIONS = ("checkout", "search", "outbox", "indexer", "dsar", "email")
GROUPS = {
    **{name: f"/aws/lambda/{{project}}-{{env}}-{name}" for name in (*FUNCTIONS, "probes", "forwarder")},
    "typesense": "/ecs/{project}-{env}-typesense",
    "api": "/aws/appsync/apis/{graphql_api}",
}


def of_groups(metric: str, groups: tuple[str, ...]) -> dict[str, AwsMetric]:
    return {name: AwsMetric("AWS/Logs", metric, {"LogGroupName": GROUPS[name]}, "Sum") for name in groups}


def one_for_all(name: str, series: Mapping[str, Measured], told: Told) -> tuple[Alarm | Composite, ...]:
    """Return an alarm for each of *series*, and the composite that speaks for them: once, and naming which it was."""
    parts = [
        Alarm(
            f"{part}-{name}",
            one,
            above=0,
            period=300,
            missing="notBreaching",
            service=part,
            acts=False,
            **told,
        )
        for part, one in series.items()
    ]
    return (*parts, Composite(name, any_of(*parts), service="telemetry", **told))


EMF_PARSING = one_for_all(
    "emf-parsing",
    of_groups("EMFParsingErrors", FUNCTIONS),
    {
        "severity": "ticket",
        "owner": "platform",
        "summary": "CloudWatch cannot read metrics that a function writes: their values are lost.",
        "impact": "Charts have holes, and alarms on these metrics see nothing.",
        "runbook": "telemetry.md",
        "dashboard": "jobs",
    },
)

EMF_VALIDATION = one_for_all(
    "emf-validation",
    of_groups("EMFValidationErrors", FUNCTIONS),
    {
        "severity": "ticket",
        "owner": "platform",
        "summary": "CloudWatch refuses metrics that a function writes: their values are lost.",
        "impact": "Charts have holes, and alarms on these metrics see nothing.",
        "runbook": "telemetry.md",
        "dashboard": "jobs",
    },
)

FINDINGS = one_for_all(
    "masking-findings",
    of_groups("LogEventsWithFindings", tuple(GROUPS)),
    {
        "severity": "page",
        "owner": "privacy",
        "summary": "The second line found personal data in a log that masking let through.",
        "impact": "Data of buyers is in a log; the policy hides it, whoever may unmask sees it.",
        "runbook": "masking-findings.md",
        "dashboard": "jobs",
    },
)

FAULTS = one_for_all(
    "telemetry-faults",
    dict.fromkeys(FUNCTIONS, own.TELEMETRY_FAULTS.sum),  # the series of each service
    {
        "severity": "ticket",
        "owner": "platform",
        "summary": "obskit cannot mask, write or send what a function gives it.",
        "impact": "Lines, spans or metrics of that function are missing.",
        "runbook": "telemetry.md",
        "dashboard": "jobs",
    },
)

PROBES_FAIL = Alarm(
    "probe-failures",
    kpis.PROBE_FAILURE.sum,
    above=0,
    for_=(5, 5),
    severity="ticket",
    owner="platform",
    summary="A probe has had no answer for five minutes.",
    impact="What it measures is not watched: backlogs, staleness or the search cluster.",
    runbook="probe-failures.md",
    dashboard="jobs",
)

NO_PROBES = Alarm.heartbeat(
    "probe-silence",
    kpis.PROBE_SUCCESS.sum,
    period=300,
    for_=(3, 3),
    severity="ticket",
    owner="platform",
    summary="No probe has run for a quarter of an hour.",
    impact="Backlogs, staleness and the search cluster are not watched.",
    runbook="probe-failures.md",
    dashboard="jobs",
)
