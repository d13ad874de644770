"""The tour: one real request from GraphQL to a page and back to quiet, each step checked as it goes."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from obskit.demo import incidents_page
from obskit.demo.stack import Stack
from obskit.demo.waiting import wait_until
from obskit.deploy import check, definitions, names, project, render
from obskit.deploy.files import write
from obskit.errors import MissingExtraError, ObskitError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Self

    from obskit.demo.incidents import Incident
    from obskit.demo.shop import Shop

ENVIRONMENT = "demo"
SERVICE = "checkout"
ALARM = "checkout-failures"
REGION = "us-east-1"

PERSONAL = {
    "email": "ann.buyer@mail.example.com",
    "phone": "+44 20 7946 0958",  # reserved for fiction by Ofcom
    "cardNumber": "4242 4242 4242 4242",  # a public test number
}
"""What the buyer sends; none of it may come out anywhere."""

CALLER_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{CALLER_TRACE}-00f067aa0ba902b7-01"

ALARM_PERIOD_S = 10
"""Seconds that one data point of every alarm covers in the demo, so that a recovery takes seconds, not minutes."""

SOON_S = 15.0
"""For what takes well under a second on an idle machine."""

_MOST_FAILURES = 20
_BETWEEN_CHECKOUTS_S = 0.5


class StepFailedError(ObskitError):
    """A step of the tour failed; `step` is its title."""

    def __init__(self, step: str, *problems: str) -> None:
        super().__init__(*problems)
        self.step = step


@dataclass(frozen=True)
class Options:
    """
    What a run is told.

    Args:
        root: the folder with `obskit.toml`.
        code: the folder that is the function's package root.
        handler: `module.function` in *code*.
        out: the folder that everything shown is written to.
        port: of the emulator; None for a free one.
        emulator_python: interpreter that has ministack; None for the usual place.
    """

    root: Path
    code: Path
    out: Path
    handler: str = "checkout.handler.handler"
    port: int | None = None
    emulator_python: Path | None = None


@dataclass(frozen=True)
class Seen:
    """One step that went well: what it showed, in a line, and how long it took."""

    step: str
    what: str
    seconds: float


@dataclass(frozen=True)
class Step:
    title: str
    run: Callable[[Tour], str]


@dataclass
class Tour:
    """One run. As a context manager it ends everything that it started."""

    options: Options
    seen: list[Seen] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    stack: Stack = field(init=False)
    shop: Shop = field(init=False)
    project: project.Project = field(init=False)
    rendered: render.Rendered = field(init=False)
    alarm: str = field(init=False)
    threshold: float = field(init=False)
    incident: Incident | None = field(default=None, init=False)
    _exits: ExitStack = field(default_factory=ExitStack, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def take(self, step: Step) -> Seen:
        """
        Run one *step*.

        Raises:
            StepFailedError: what it should have shown did not happen; names the step.
        """
        started = monotonic()
        try:
            what = step.run(self)
        except ObskitError as error:
            raise StepFailedError(step.title, *error.problems) from error
        except Exception as error:
            raise StepFailedError(step.title, f"{type(error).__name__}: {error}") from error
        seen = Seen(step.title, what, monotonic() - started)
        self.seen.append(seen)
        return seen

    def checkout(self, cart: str, headers: Mapping[str, str] | None = None, **more: str) -> dict[str, Any]:
        """Send one checkout with personal data; returns the GraphQL answer."""
        order: dict[str, object] = {"cartId": cart, "amount": 4200, "currency": "EUR", **PERSONAL, **more}
        answer = self.shop.checkout(order, headers)
        self.answers.append(answer)
        return answer

    def keep(self, name: str, content: object) -> None:
        """Write *content*, text or JSON, to the folder of this run."""
        path = self.options.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content, indent=2, ensure_ascii=False, default=str)
        path.write_text(text + ("" if text.endswith("\n") else "\n"), encoding="utf-8")
        self.files.append(path)

    def enter(self, stack: Stack) -> None:
        """Start *stack*; it ends with the tour."""
        self.stack = self._exits.enter_context(stack)
        self._exits.enter_context(stack.bridge)


def start(tour: Tour) -> str:
    options = tour.options
    if importlib.util.find_spec("awslambdaric") is None:
        raise MissingExtraError("test", "the demo's Lambda function")
    module = options.code.joinpath(*options.handler.split(".")[:-1]).with_suffix(".py")
    if not module.is_file():
        raise ObskitError(
            f"there is no {module}; --code is the folder that --handler, '{options.handler}', is imported from;"
            " without both, the demo runs in a clone of obskit (make demo)"
        )
    loaded = project.load(options.root)
    tour.enter(Stack(python=options.emulator_python, port=options.port, region=REGION))
    stack = tour.stack
    tour.shop = stack.build_shop(
        options.code,
        {
            "OBSKIT_ENV": ENVIRONMENT,
            "OBSKIT_METRICS_NAMESPACE": loaded.namespace,
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "INFO",
        },
        handler=options.handler,
    )
    first = next(iter(loaded.environments.values()))
    tour.project = project.with_environment(
        loaded,
        project.Environment(
            name=ENVIRONMENT,
            account=stack.emulator.account,
            regions=(REGION,),
            log_retention_days=30,
            pages=True,
            paging_secret=f"obskit/pagerduty/{ENVIRONMENT}",
            kms_key="alias/shop-data",
            fallback="oncall@shop.example",
            paging_endpoint=_base(stack.pagerduty.endpoint),
            alarm_period=ALARM_PERIOD_S,
            ids={**first.ids, "graphql_api": tour.shop.api_id},
        ),
    )
    return f"AppSync, Lambda, CloudWatch, SNS: {stack.emulator.url}; PagerDuty: {stack.pagerduty.url}"


def request(tour: Tour) -> str:
    answer = tour.checkout("cart-1", {"traceparent": TRACEPARENT})
    if answer.get("errors"):
        raise ObskitError(*(str(error.get("message")) for error in answer["errors"]))
    order = answer["data"]["checkout"]
    return f"order {order['orderId']} {order['status']}"


def log_lines(tour: Tour) -> str:
    lines = wait_until(lambda: _lines(tour) if len(_lines(tour)) > 1 else None, SOON_S, "log lines are in CloudWatch")
    for line in lines:
        _expect(line.get("correlation_id") == CALLER_TRACE, f"a line lacks the caller's trace id: {line}")
    masked = lines[0]
    _expect(masked.get("email") == "[EMAIL]", f"the e-mail address is not masked: {masked}")
    _expect(masked.get("phone") == "[PHONE]", f"the telephone number is not masked: {masked}")
    tour.keep("logs.jsonl", "\n".join(_events(tour)))
    return f"{len(lines)} lines, masked: email={masked['email']} phone={masked['phone']}, trace {CALLER_TRACE[:8]}…"


def spans(tour: Tour) -> str:
    trace_id = str(_lines(tour)[0]["xray_trace_id"])
    documents = tour.stack.xray.wait_for(trace_id, lambda found: len(found) > 1, SOON_S)
    by_parent = {document.get("parent_id"): document for document in documents}
    segment = next(document for document in documents if document.get("origin") == "AWS::Lambda::Function")
    ours = by_parent.get(segment["id"])
    if ours is None:
        raise ObskitError(f"no span hangs below Lambda's own segment {segment['id']}")
    _expect(not tour.stack.xray.rejected, f"X-Ray would refuse: {tour.stack.xray.rejected}")
    tour.keep("trace.json", documents)
    inner = " > ".join(child["name"] for child in ours.get("subsegments", []))
    return f"{trace_id}: {segment['name']} (Lambda) > {ours['name']} > {inner}"


def metrics(tour: Tour) -> str:
    dimensions = {"service": SERVICE, "env": ENVIRONMENT, "operation": "checkout"}
    total = wait_until(lambda: _sum(tour, "CheckoutSuccess", dimensions), SOON_S, "CheckoutSuccess is a metric")
    _expect(not tour.stack.bridge.refused, f"CloudWatch would refuse: {tour.stack.bridge.refused}")
    found = tour.stack.emulator.client("cloudwatch").list_metrics(Namespace=tour.project.namespace)["Metrics"]
    tour.keep("metrics.json", found)
    return f"CheckoutSuccess = {total:g}; {len(found)} series in {tour.project.namespace}"


def render_all(tour: Tour) -> str:
    defined = definitions.load(tour.project)
    environment = tour.project.environment(ENVIRONMENT)
    tour.rendered = render.render(tour.project, defined, environment)
    problems = [
        *check.definition_problems(tour.project, defined),
        *check.rendered_problems(tour.rendered),
    ]
    if any(problem.severity == "error" for problem in problems):
        raise ObskitError(*map(str, problems))
    guard = next((alarm for alarm in defined.alarms if alarm.name == ALARM), None)
    if guard is None:
        raise ObskitError(f"no alarm is called '{ALARM}' in {tour.project.alarms}/; the tour drives that one")
    tour.alarm = names.alarm(tour.project, environment, REGION, guard)
    tour.threshold = guard.threshold
    files = {**tour.rendered.dashboard_files(), **tour.rendered.alarm_files()}
    write(tour.options.out, files, ())
    tour.files += [tour.options.out / path for path in files]
    types = Counter(one["Type"] for one in tour.rendered.templates[REGION]["Resources"].values())
    alarms = types["AWS::CloudWatch::Alarm"] + types["AWS::CloudWatch::CompositeAlarm"]
    return f"{len(tour.rendered.bodies)} dashboards, {alarms} alarms, no rule of CloudWatch broken"


def load(tour: Tour) -> str:
    emulator = tour.stack.emulator
    key = tour.stack.pagerduty.endpoint.removesuffix("/enqueue").rpartition("/")[2]
    emulator.client("secretsmanager").create_secret(
        Name=f"obskit/pagerduty/{ENVIRONMENT}", SecretString=json.dumps({"integration_key": key})
    )
    loaded = tour.stack.load(tour.rendered.templates[REGION], f"{tour.project.name}-{ENVIRONMENT}")
    cloudwatch = emulator.client("cloudwatch")
    boards = {entry["DashboardName"] for entry in cloudwatch.list_dashboards()["DashboardEntries"]}
    environment = tour.project.environment(ENVIRONMENT)
    wanted = {names.dashboard(tour.project, environment, name) for name in tour.rendered.bodies}
    _expect(wanted <= boards, f"dashboards are missing: {sorted(wanted - boards)}")
    pages = cloudwatch.get_paginator("describe_alarms").paginate()
    alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
    _expect(bool(loaded.confirmed), "the subscription to PagerDuty was not confirmed")
    counted = Counter(loaded.left_out.values())
    left = "".join(f", {number} {why}s" for why, number in sorted(counted.items()))
    lacks = f"; without{left.removeprefix(',')}, which the emulator lacks" if left else ""
    return f"CREATE_COMPLETE: {len(wanted)} dashboards, {len(alarms)} alarms, subscription confirmed{lacks}"


def fail(tour: Tour) -> str:
    for number in range(1, _MOST_FAILURES + 1):
        answer = tour.checkout(f"cart-f{number}", failWith="provider_unavailable")
        messages = [str(error.get("message")) for error in answer.get("errors") or []]
        _expect(bool(messages), f"a checkout that should fail did not: {answer}")
        tour.stack.bridge.pump()
        # The emulator adds up all dimension sets of a metric, so its alarm fires too early: CloudWatch's would need
        # the threshold, and so does the tour.
        if number >= tour.threshold and _state(tour) == "ALARM":
            return f"{number} failures: {tour.alarm} in ALARM; the client saw “{messages[0]}”"
    raise ObskitError(f"{_MOST_FAILURES} checkouts failed and {tour.alarm} is {_state(tour)}")


def page(tour: Tour) -> str:
    tour.incident = incident = tour.stack.pagerduty.wait_for(
        lambda one: one.alarm == tour.alarm, SOON_S, f"{tour.alarm} opens an incident"
    )
    for name in ("severity", "owner", "impact", "dashboard", "runbook"):
        _expect(bool(getattr(incident, name)), f"the page has no {name}: {incident}")
    tour.keep("incident.json", incident.as_json())
    return f"#{incident.number} “{incident.summary}” severity {incident.severity}, owner {incident.owner}"


def recover(tour: Tour) -> str:
    sent = 0

    def quiet() -> bool:
        nonlocal sent
        sent += 1
        tour.checkout(f"cart-r{sent}")
        tour.stack.bridge.pump()
        return _state(tour) == "OK"

    wait_until(quiet, ALARM_PERIOD_S + SOON_S, f"{tour.alarm} returns to OK", pause_s=_BETWEEN_CHECKOUTS_S)
    tour.incident = resolved = tour.stack.pagerduty.wait_for(
        lambda one: one.alarm == tour.alarm and one.status == "resolved", SOON_S, "the incident resolves"
    )
    tour.keep("incident.json", resolved.as_json())
    tour.keep("pagerduty.html", incidents_page.page(tour.stack.pagerduty.incidents.all()))
    opened = [one for one in tour.stack.pagerduty.incidents.all() if one.alarm == tour.alarm]
    _expect(len(opened) == 1, f"{len(opened)} incidents for one failure")
    return f"{sent} checkouts went well, incident #{resolved.number} resolved, one in all"


def search(tour: Tour) -> str:
    """Look for the buyer's data in everything that came out."""
    tour.keep("logs.jsonl", "\n".join(_events(tour)))
    traces = {trace_id: tour.stack.xray.documents(trace_id) for trace_id in tour.stack.xray.trace_ids()}
    tour.keep("trace.json", traces)
    tour.keep("answers.json", tour.answers)
    texts = {path.name: path.read_text(encoding="utf-8") for path in tour.files}
    texts |= {path.name: path.read_text(errors="replace") for path in tour.stack.processes.directory.glob("*.log")}
    texts["incidents"] = json.dumps([incident.as_json() for incident in tour.stack.pagerduty.incidents.all()])
    found = leaks(texts)
    if found:
        raise ObskitError(*found)
    size = sum(len(text.encode()) for text in texts.values())
    return f"none of {len(PERSONAL)} planted values in {size:,} bytes of logs, answers, spans, pages and files"


def leaks(texts: Mapping[str, str]) -> list[str]:
    """Return where a planted value stands in *texts*, in any of the ways it may be written; never the value."""
    return [
        f"{name}: the buyer's {kind} came out"
        for name, text in texts.items()
        for kind, value in PERSONAL.items()
        if any(form in text for form in {value, value.replace(" ", ""), value.replace(" ", "-").lstrip("+")})
    ]


STEPS = (
    Step("Start the platform", start),
    Step("GraphQL mutation", request),
    Step("Log lines", log_lines),
    Step("Trace", spans),
    Step("EMF to metrics", metrics),
    Step("Render", render_all),
    Step("Load", load),
    Step("Drive failures", fail),
    Step("Page", page),
    Step("Recover", recover),
    Step("Search for leaks", search),
)


def _expect(holds: bool, otherwise: str) -> None:  # noqa: FBT001  a condition, not a switch
    if not holds:
        raise ObskitError(otherwise)


def _base(endpoint: str) -> str:
    return endpoint.partition("/integration/")[0]


def _events(tour: Tour) -> list[str]:
    pages = tour.stack.emulator.client("logs").get_paginator("filter_log_events")
    found = [event for page in pages.paginate(logGroupName=tour.shop.log_group) for event in page["events"]]
    return [event["message"].rstrip("\n") for event in found]


def _lines(tour: Tour) -> list[dict[str, Any]]:
    documents = [json.loads(message) for message in _events(tour) if message.startswith("{")]
    return [document for document in documents if "_aws" not in document]


def _sum(tour: Tour, metric: str, dimensions: Mapping[str, str]) -> float:
    now = datetime.now(UTC)
    points = tour.stack.emulator.client("cloudwatch").get_metric_statistics(
        Namespace=tour.project.namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in points))


def _state(tour: Tour) -> str:
    alarms = tour.stack.emulator.client("cloudwatch").describe_alarms(AlarmNames=[tour.alarm])["MetricAlarms"]
    return str(alarms[0]["StateValue"]) if alarms else "missing"
