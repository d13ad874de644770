"""obskit itself: metrics that do not arrive, personal data in logs, probes that do not run."""

from obskit import kpis
from obskit.catalog import own
from obskit.deploy.specs import Alarm, AwsMetric, Math

FUNCTIONS = ("checkout", "search", "outbox", "indexer", "dsar", "email")
GROUPS = {
    **{name: f"/aws/lambda/{{project}}-{{env}}-{name}" for name in (*FUNCTIONS, "probes", "forwarder")},
    "typesense": "/ecs/{project}-{env}-typesense",
    "api": "/aws/appsync/apis/{graphql_api}",
}


def together(metric: str, groups: tuple[str, ...], label: str) -> Math:
    """Return the sum over *groups*: one alarm costs as much as one for each, and pages once."""
    uses = {name: AwsMetric("AWS/Logs", metric, {"LogGroupName": GROUPS[name]}, "Sum", name) for name in groups}
    return Math(" + ".join(f"FILL({name}, 0)" for name in uses), uses, label)


EMF_ERRORS = tuple(
    Alarm(
        name,
        together(metric, FUNCTIONS, words),
        above=0,
        period=300,
        service="telemetry",
        severity="ticket",
        owner="platform",
        summary=f"CloudWatch {words} that functions write: their values are lost.",
        impact="Charts have holes, and alarms on these metrics see nothing.",
        runbook="telemetry.md",
        dashboard="jobs",
    )
    for name, metric, words in (
        ("emf-parsing", "EMFParsingErrors", "cannot read metrics"),
        ("emf-validation", "EMFValidationErrors", "refuses metrics"),
    )
)

FINDINGS = Alarm(
    "masking-findings",
    together("LogEventsWithFindings", tuple(GROUPS), "lines with personal data"),
    above=0,
    period=300,
    service="telemetry",
    severity="page",
    owner="privacy",
    summary="The second line found personal data in a log that masking let through.",
    impact="Data of buyers is in a log; the policy hides it, whoever may unmask sees it.",
    runbook="masking-findings.md",
    dashboard="jobs",
)

FAULTS = Alarm(
    "telemetry-faults",
    Math(
        " + ".join(f"FILL({name}, 0)" for name in FUNCTIONS),
        {
            name: AwsMetric("Shop", own.TELEMETRY_FAULTS.name, {"service": name, "env": "{env}"}, "Sum", name)
            for name in FUNCTIONS
        },
        "faults of obskit",
    ),
    above=0,
    period=300,
    for_=(2, 3),
    service="telemetry",
    severity="ticket",
    owner="platform",
    summary="obskit cannot mask, write or send what a function gives it.",
    impact="Lines, spans or metrics of that function are missing.",
    runbook="telemetry.md",
    dashboard="jobs",
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
