"""Whose fields, ids and metrics are whose: threads, tasks, pools, and handlers that run side by side."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import obskit
from obskit import context, kpis
from obskit.testing import LambdaContext, capture
from obskit.tracing import spans
from tests.helpers import SPAN_ID, TRACE_ID, XRAY_HEADER


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("OBSKIT_SERVICE", "shop")
    monkeypatch.setenv("OBSKIT_ENV", "test")
    monkeypatch.setenv("OBSKIT_METRICS_NAMESPACE", "Shop")
    monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)


@pytest.fixture
def root():
    invocation = context.Invocation("r-1", root=spans.Span("root"))
    context.enter(invocation)
    yield invocation.root
    context.leave(invocation)
    context.reset()


def event(number):
    return {"headers": {"traceparent": f"00-{TRACE_ID[:-1]}{number}-{SPAN_ID}-00"}}


def test_handlers_in_two_threads_have_ids_fields_and_metrics_of_their_own():
    barrier = threading.Barrier(2, timeout=10)

    @obskit.instrument
    def handler(event, context):
        obskit.bind(order=context.aws_request_id)
        barrier.wait()
        obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
        barrier.wait()
        obskit.logger.info("paid")
        return obskit.current_trace().trace_id

    with capture() as captured, ThreadPoolExecutor(2) as pool:
        traces = list(pool.map(lambda n: handler(event(n), LambdaContext(aws_request_id=f"r-{n}")), (1, 2)))

    assert traces == [f"{TRACE_ID[:-1]}1", f"{TRACE_ID[:-1]}2"]
    assert sorted(
        (line["function_request_id"], line["order"], line["correlation_id"][-1]) for line in captured.logs
    ) == [
        ("r-1", "r-1", "1"),
        ("r-2", "r-2", "2"),
    ]
    assert sorted((doc["function_request_id"], doc["CheckoutSuccess"]) for doc in captured.metrics) == [
        ("r-1", 1),
        ("r-2", 1),
    ]
    assert context.current() is None


def test_a_thread_that_a_handler_starts_belongs_to_it():
    @obskit.instrument
    def handler(event, context):
        with obskit.bind(order="o-1"):
            thread = threading.Thread(target=lambda: obskit.logger.info("in a thread"))
            thread.start()
            thread.join()

    with capture() as captured:
        handler({}, LambdaContext(aws_request_id="r-1"))

    assert captured.logs[0]["function_request_id"] == "r-1"
    assert "order" not in captured.logs[0]  # fields are the thread's own, unless they are kept


def test_a_pool_keeps_fields_and_span_when_asked(monkeypatch):
    monkeypatch.setenv("_X_AMZN_TRACE_ID", XRAY_HEADER)
    seen = []

    def fetch(number):
        obskit.logger.info("fetched", number=number)
        seen.append(context.scope()[2].span_id)
        with obskit.bind(number=number):
            return number * 2

    @obskit.instrument
    def handler(event, context):
        with obskit.span("outer") as span, obskit.bind(order="o-1"), ThreadPoolExecutor(3) as pool:
            results = list(pool.map(obskit.keep_context(fetch), range(5)))
        return results, span.span_id

    with capture() as captured:
        results, span_id = handler({}, LambdaContext())

    assert results == [0, 2, 4, 6, 8]
    assert set(seen) == {span_id}
    assert sorted((line["order"], line["number"]) for line in captured.logs) == [("o-1", n) for n in range(5)]


def test_a_binding_that_another_has_replaced_takes_nothing_back():
    first = obskit.bind(cart=1, shop="a")
    second = obskit.bind(cart=2)
    first.undo()
    left = dict(context.scope()[1])
    second.undo()
    first.undo()  # a second time changes nothing

    assert left == {"cart": 2}
    assert context.scope()[1] == {"cart": 1}  # what was there when it was made
    context.reset()


def test_an_invocation_that_ended_while_another_ran_within_it_does_not_come_back():
    outer, inner = context.Invocation("r-1"), context.Invocation("r-2")
    context.enter(outer)
    context.enter(inner)
    context.leave(outer)
    assert context.current() is inner
    context.leave(inner)

    assert (context.current(), context.scope()) == (None, (None, {}, None))


def test_a_span_that_is_left_out_of_turn_leaves_the_open_one_open(root):
    first, second = obskit.span("first"), obskit.span("second")
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert context.scope()[2] is second
    second.__exit__(None, None, None)

    assert context.scope()[2] is first  # as it was when the second was opened


def test_a_span_that_is_entered_twice_is_left_once(root):
    with obskit.span("work") as span, span:
        assert context.scope()[2] is span

    assert context.scope()[2] is root


def test_a_kept_context_is_given_back():
    with obskit.bind(a=1):
        kept = obskit.keep_context(lambda: dict(context.scope()[1]))
    with obskit.bind(b=2):
        assert kept() == {"a": 1}
        assert context.scope()[1] == {"b": 2}


def test_tasks_see_their_own_fields(monkeypatch):
    monkeypatch.setenv("_X_AMZN_TRACE_ID", XRAY_HEADER)

    async def work(name):
        with obskit.bind(worker=name), obskit.span(name):
            await asyncio.sleep(0)
            obskit.logger.info("working", name_seen=name)
            await asyncio.to_thread(obskit.logger.info, "in a thread")

    @obskit.instrument
    def handler(event, lambda_context):
        async def both():
            await asyncio.gather(work("a"), work("b"))

        asyncio.run(both())
        return len(context.current().root.children)

    with capture() as captured:
        assert handler({}, LambdaContext()) == 2

    spans = {line["worker"]: line["span_id"] for line in captured.logs}
    assert len(set(spans.values())) == 2
    for line in captured.logs:
        assert line["span_id"] == spans[line["worker"]]
    assert sorted(line["worker"] for line in captured.logs) == ["a", "a", "b", "b"]


def test_nothing_of_an_invocation_is_left_when_it_ends():
    @obskit.instrument
    def handler(event, context):
        obskit.bind(order="o-1")
        obskit.span("never closed").__enter__()

    with capture() as captured:
        handler({}, LambdaContext())
        obskit.logger.info("after")

    assert context.scope() == (None, {}, None)
    assert "order" not in captured.logs[0]
    assert "span_id" not in captured.logs[0]


@pytest.mark.parametrize(
    ("kind", "cold"),
    [
        ("on-demand", True),
        ("snap-start", True),
        ("provisioned-concurrency", False),
        ("lambda-managed-instances", False),
    ],
)
def test_a_start_that_nobody_waits_for_is_not_cold(monkeypatch, kind, cold):
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", kind)

    @obskit.instrument
    def handler(event, context):
        obskit.logger.info("m")

    with capture() as captured:
        handler({}, LambdaContext())
        handler({}, LambdaContext())

    assert [line["cold_start"] for line in captured.logs] == [cold, False]


@pytest.mark.parametrize(("operations", "replay"), [(1, None), (2, True)])
def test_a_durable_function_that_runs_again_says_so(operations, replay):
    @obskit.instrument
    def handler(event, context):
        obskit.logger.info("m")

    with capture() as captured:
        handler(
            {
                "DurableExecutionArn": "arn:aws:lambda:us-east-1:111111111111:function:f:1/durable-execution/n/i",
                "InitialExecutionState": {"Operations": [{"Id": str(number)} for number in range(operations)]},
            },
            LambdaContext(),
        )

    assert captured.logs[0].get("durable_replay") == replay


def test_a_tenant_is_on_every_line_and_is_masked():
    @obskit.instrument
    def handler(event, context):
        obskit.logger.info("m")

    with capture() as captured:
        handler({}, LambdaContext(tenant_id="tenant-7"))
        handler({}, LambdaContext(tenant_id="ann@example.com"))

    assert [line["tenant_id"] for line in captured.logs] == ["tenant-7", "[EMAIL]"]
