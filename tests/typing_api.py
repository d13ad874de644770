"""The public interface as a type checker sees it; mypy reads this file, nothing runs it."""

from __future__ import annotations

from typing import Any, assert_type

import obskit
from obskit import kpis, output
from obskit.deploy import aws
from obskit.deploy.specs import Anomaly, AwsMetric, Each, Graph, Number, Series
from obskit.masking import mask_document
from obskit.testing import Harmless, Planted, assert_no_pii, capture, records


@obskit.instrument
def handler(event: dict[str, Any], context: object) -> str:
    with obskit.bind(order="o"), obskit.span("work", provider="x") as span, obskit.timer(kpis.SEARCH_LATENCY):
        span.set_attribute("n", 1)
        obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
        obskit.logger.info("m", name="n", message="m", args=())
    return "done"


@obskit.instrument(service="checkout")
def named(event: object, context: object) -> int:
    return 1


@obskit.traced
def work(number: int) -> str:
    return str(number)


assert_type(handler({}, None), str)
assert_type(named({}, None), int)
assert_type(work(1), str)
assert_type(obskit.extract({}), obskit.TraceContext | None)
assert_type(obskit.inject({"a": "b"}), dict[str, str])
assert_type(obskit.mask("x"), object)

for record in records(1, seed=1):
    assert_type(record.value, dict[str, Any])
    assert_type(record.planted, tuple[Planted, ...])
    assert_type(record.harmless, tuple[Harmless, ...])
    assert_no_pii(record.value, record.planted[0].text)
    assert_no_pii([record.value, "a line"])
with capture() as captured:
    assert_no_pii(captured, "ann@example.com")
assert_no_pii(captured, 1)  # type: ignore[arg-type]  # planted texts are text
assert_no_pii(17)  # type: ignore[arg-type]  # not something that was written

SIZE = obskit.Dimension("size", one_of=("s", "l"))
assert_type(obskit.Metric.counter("A", "A.", (SIZE, "shop"), owner="a", direction="more"), obskit.Metric)
assert_type(obskit.Metric.gauge("B", obskit.Unit.BYTES, "B.", resolution=1), obskit.Metric)
assert_type(obskit.Metric.duration("C", "C.", unit=obskit.Unit.SECONDS, statistics=("p99",)), obskit.Metric)
obskit.Metric.counter("D", "D.", ownr="a")  # type: ignore[call-arg]  # no such fact
obskit.Metric.counter("E", "E.", resolution="1")  # type: ignore[arg-type]  # seconds are a number

output.encode(mask_document({"email": "ann@example.com"}))
output.encode({"email": "ann@example.com"})  # type: ignore[arg-type]  # unmasked: must not type-check
obskit.record("CheckoutSuccess", 1)  # type: ignore[arg-type]  # metrics are declared, not named
obskit.recrod  # type: ignore[attr-defined]  # noqa: B018  # a misspelt name is an error

assert_type(aws.appsync("{graphql_api}").latency.p95, AwsMetric)
assert_type(aws.lambda_("{project}-{env}-pay").throttles, AwsMetric)
Graph("Age", (kpis.QUEUE_AGE.maximum, Each(kpis.QUEUE_AGE.maximum, "queue"), Anomaly(kpis.QUEUE_AGE.maximum)))
Number("Hits", (Series(kpis.SEARCH_HIT.ratio, "${LAST}", axis="right"),), objective=True)
aws.lambda_("pay").throtles  # type: ignore[attr-defined]  # noqa: B018  # a misspelt metric
aws.sqs("jobs").errors  # type: ignore[attr-defined]  # noqa: B018  # another service's metric
aws.lamda("pay")  # type: ignore[attr-defined]  # a misspelt service
aws.sqs(queue_name="jobs")  # type: ignore[call-arg]  # a misspelt dimension
Graph("Age", (kpis.QUEUE_AGE,))  # type: ignore[arg-type]  # a metric is read by a statistic
Series(kpis.QUEUE_AGE.maximum, axis="rigth")  # type: ignore[arg-type]  # left or right
