"""Every function: errors, throttles, time and memory that run out, events that wait or are dropped."""

from obskit.catalog import own
from obskit.deploy.specs import Alarm, AwsMetric, Math

OWNERS = {
    "checkout": "payments",
    "search": "search",
    "outbox": "platform",
    "indexer": "search",
    "dsar": "privacy",
    "email": "platform",
}
BOARDS = {"checkout": "api", "search": "search"}
ASYNCHRONOUS = ("dsar", "email")  # called by EventBridge; the others by AppSync, a schedule or a queue
HOUR_MS = 3_600_000


def of(function: str, metric: str, stat: str = "Sum") -> AwsMetric:
    return AwsMetric("AWS/Lambda", metric, {"FunctionName": f"{{project}}-{{env}}-{function}"}, stat, metric)


ERRORS = tuple(
    Alarm.ratio(
        f"{function}-errors",
        of(function, "Errors"),
        of(function, "Invocations"),
        above=5,
        minimum=10,
        label="errors, %",
        period=300,
        for_=(2, 3),
        service=function,
        severity="ticket",
        owner=owner,
        summary=f"More than 5 % of the invocations of {function} fail.",
        impact="What it does is done late, in part or not at all; the runbook says what that is.",
        runbook="function-errors.md",
        dashboard=BOARDS.get(function, "jobs"),
    )
    for function, owner in OWNERS.items()
)

THROTTLES = tuple(
    Alarm(
        f"{function}-throttles",
        of(function, "Throttles"),
        above=0,
        period=300,
        for_=(2, 3),
        service=function,
        severity="ticket",
        owner=owner,
        summary=f"Lambda throttles {function}: all its concurrency is in use.",
        impact="Callers wait or are refused.",
        runbook="function-errors.md",
        dashboard=BOARDS.get(function, "jobs"),
    )
    for function, owner in OWNERS.items()
)

TIMEOUTS = tuple(
    Alarm(
        f"{function}-timeouts",
        own.TIMEOUTS.sum,
        above=0,
        period=300,
        for_=(2, 3),
        missing="notBreaching",  # obskit records timeouts, never a zero
        service=function,
        severity="ticket",
        owner=owner,
        summary=f"Invocations of {function} run out of time.",
        impact="What it was doing is half done; what it waits for is slow or gone.",
        runbook="function-errors.md",
        dashboard=BOARDS.get(function, "jobs"),
    )
    for function, owner in OWNERS.items()
)

KILLED = Alarm(
    "functions-killed",
    Math(
        "FILL(late, 0) + FILL(full, 0)",
        {
            "late": AwsMetric("Shop/Logs", "RuntimeTimeouts", {}, "Sum", "killed for time"),
            "full": AwsMetric("Shop/Logs", "RuntimeOutOfMemory", {}, "Sum", "killed for memory"),
        },
        "killed",
    ),
    above=0,
    period=300,
    for_=(2, 3),
    service="functions",
    severity="ticket",
    owner="platform",
    summary="Lambda kills invocations: time or memory ran out before the function could say so.",
    impact="What they were doing is half done, and their last lines are missing.",
    runbook="function-errors.md",
    dashboard="jobs",
)

EVENTS_WAIT = tuple(
    Alarm(
        f"{function}-event-age",
        of(function, "AsyncEventAge", "Maximum"),
        above=HOUR_MS / 4,
        period=300,
        for_=(2, 2),
        service=function,
        severity="ticket",
        owner=OWNERS[function],
        summary=f"Events for {function} wait for more than a quarter of an hour.",
        impact="Mails and privacy requests are late; after six hours they are dropped.",
        runbook="events.md",
        dashboard="jobs",
    )
    for function in ASYNCHRONOUS
)

EVENTS_DROPPED = tuple(
    Alarm(
        f"{function}-events-dropped",
        of(function, "AsyncEventsDropped"),
        above=0,
        period=300,
        service=function,
        severity="page",
        owner=OWNERS[function],
        summary=f"Lambda dropped events for {function} that it could not hand over.",
        impact="A mail is not sent, a privacy request not answered, unless the dead-letter queue has the event.",
        runbook="events.md",
        dashboard="jobs",
    )
    for function in ASYNCHRONOUS
)
