"""The pytest plugin in a user's project: every fixture, and what a failing test shows."""

import pytest

# Loaded here, because what a run of pytester loads it forgets again, and modules would be there twice.
from obskit import clock, config, context, handler, ids, logs, metrics, output  # noqa: F401
from obskit.testing import captured, fake_clock, fake_ids, lambda_context, leaks, spans  # noqa: F401

PROJECT = """
import obskit
from obskit import kpis

class CardDeclined(Exception):
    pass

@obskit.instrument
def handler(event, context):
    obskit.logger.info("checkout started", email=event["email"])
    with obskit.span("authorise", provider="stripe"):
        if event.get("fail"):
            raise CardDeclined("card of " + event["email"])
    obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
    return "ok"
"""


@pytest.fixture
def project(pytester, monkeypatch):
    """A folder with a handler; `project(test_source)` runs the tests there and returns the result."""
    pytester.makepyfile(shop=PROJECT)
    for name in ("OBSKIT_SERVICE", "OBSKIT_ENV", "_X_AMZN_TRACE_ID", "AWS_XRAY_DAEMON_ADDRESS"):
        monkeypatch.delenv(name, raising=False)

    def run(source, *arguments):
        pytester.makepyfile(source)
        return pytester.runpytest_inprocess("-p", "no:hypothesispytest", "-p", "no:cacheprovider", *arguments)

    return run


def shown(*lines):
    return "\n".join(lines)


def test_lines_are_given_as_documents(project):
    project("""
        import shop

        def test_it(obskit_logs, lambda_context):
            assert obskit_logs == []
            shop.handler({"email": "ann@example.com"}, lambda_context)
            line = obskit_logs.only(message="checkout started")
            assert line["email"] == "[EMAIL]"
            assert line["function_request_id"] == lambda_context.aws_request_id
            assert obskit_logs == [line]
    """).assert_outcomes(passed=1)


def test_measurements_are_given_by_metric(project):
    project("""
        from obskit import kpis
        import shop

        def test_it(obskit_metrics, lambda_context):
            shop.handler({"email": "ann@example.com"}, lambda_context)
            assert obskit_metrics.values("CheckoutSuccess", operation="checkout") == [1.0]
            assert obskit_metrics.only(kpis.CHECKOUT_SUCCESS) == 1.0
            assert obskit_metrics[0]["CheckoutSuccess"] == 1
    """).assert_outcomes(passed=1)


def test_spans_are_given_by_name(project):
    project("""
        import pytest, shop

        def test_it(obskit_spans, lambda_context):
            with pytest.raises(shop.CardDeclined):
                shop.handler({"email": "ann@example.com", "fail": True}, lambda_context)
            (root,) = obskit_spans
            assert (root.name, root.parent_id) == ("handler", "53995c3f42cd8ad8")
            assert root.trace_id == "1-5759e988-bd862e3fe1be46a994272793"
            span = obskit_spans.only("authorise")
            assert span.attributes == {"provider": "stripe"}
            assert span.error == {"type": "CardDeclined", "message": "card of [EMAIL]"}
            assert root.children == (span,)

        def test_the_next_has_none(obskit_spans):
            assert list(obskit_spans) == []
    """).assert_outcomes(passed=2)


def test_a_trace_of_the_tests_own(project):
    project("""
        import shop

        def test_it(obskit_env, obskit_spans, lambda_context):
            obskit_env(_X_AMZN_TRACE_ID="Root=1-00000001-000000000000000000000001;Parent=0000000000000001;Sampled=1")
            shop.handler({"email": ""}, lambda_context)
            assert obskit_spans[0].trace_id == "1-00000001-000000000000000000000001"
    """).assert_outcomes(passed=1)


def test_all_of_them_see_the_same_invocation(project):
    project("""
        import shop

        def test_it(obskit_captured, obskit_logs, obskit_metrics, obskit_spans, lambda_context):
            shop.handler({"email": "ann@example.com"}, lambda_context)
            assert obskit_logs.only()["xray_trace_id"] == obskit_spans[0].trace_id
            assert obskit_metrics[0]["function_request_id"] == lambda_context.aws_request_id
            assert obskit_logs.only()["span_id"] == obskit_spans[0].span_id
            assert obskit_captured.documents == [*obskit_logs, *obskit_metrics]
    """).assert_outcomes(passed=1)


def test_the_environment(project):
    project("""
        import obskit

        def test_it(obskit_env, obskit_logs):
            obskit_env(OBSKIT_SERVICE="checkout", OBSKIT_ENV="test")
            obskit.logger.info("one")
            obskit_env(OBSKIT_ENV=None, OBSKIT_LOG_LEVEL="ERROR")
            obskit.logger.info("not written")
            obskit.logger.error("two")
            assert [(line["service"], line["env"], line["message"]) for line in obskit_logs] == [
                ("checkout", "test", "one"),
                ("checkout", "unknown", "two"),
            ]

        def test_the_next_has_its_own(obskit_logs):
            obskit.logger.info("three")
            assert obskit_logs.only()["service"] == "unknown"
    """).assert_outcomes(passed=2)


def test_a_clock_stands_still_until_it_is_advanced(project):
    project("""
        import datetime
        import pytest
        from obskit import clock

        def test_it_stands_still_and_is_moved(obskit_clock):
            assert (clock.time_ns(), clock.monotonic_ns()) == (1767323045_000_000_000, 0)
            obskit_clock.advance(0.25)
            obskit_clock.advance(datetime.timedelta(seconds=1))
            assert (clock.time_ns(), clock.monotonic_ns()) == (1767323046_250_000_000, 1_250_000_000)
            assert obskit_clock.timestamp == "2026-01-02T03:04:06.250Z"
            obskit_clock.set("2025-12-31T23:59:59Z")
            assert (clock.time_ns(), clock.monotonic_ns()) == (1767225599_000_000_000, 1_250_000_000)
            assert obskit_clock.now == datetime.datetime(2025, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)

        def test_it_refuses_nonsense(obskit_clock):
            with pytest.raises(ValueError, match="time does not go back by advance"):
                obskit_clock.advance(-1)
            with pytest.raises(ValueError, match="has no time zone"):
                obskit_clock.set("2026-01-01T00:00:00")

        def test_the_next_has_the_machines():
            import time
            assert clock.time_ns is time.time_ns
    """).assert_outcomes(passed=3)


def test_ids_count(project):
    project("""
        from obskit import ids

        def test_they_count(obskit_ids):
            assert [ids.span_id(), ids.trace_id(), ids.span_id()] == [
                obskit_ids.span(1), obskit_ids.trace(1), obskit_ids.span(2)
            ]
            assert obskit_ids.span(1) == "face000000000001"
            assert obskit_ids.trace(1) == "face0000000000000000000000000001"

        def test_the_next_has_random_ones():
            assert ids.span_id() != ids.span_id()
    """).assert_outcomes(passed=2)


def test_a_whole_invocation_is_the_same_each_time(project):
    project("""
        import obskit
        from obskit import kpis

        def test_it(obskit_clock, obskit_ids, obskit_logs, obskit_metrics, obskit_spans, obskit_env, lambda_context):
            obskit_env(OBSKIT_SERVICE="search", OBSKIT_ENV="test")

            @obskit.instrument
            def handler(event, context):
                with obskit.span("query"), obskit.timer(kpis.SEARCH_LATENCY, index="listings"):
                    obskit_clock.advance(0.25)
                obskit.logger.info("found", hits=3)

            handler({}, lambda_context)
            assert obskit_logs == [
                {
                    "timestamp": "2026-01-02T03:04:05.250Z",
                    "level": "INFO",
                    "message": "found",
                    "hits": 3,
                    "location": "handler:11",
                    "service": "search",
                    "env": "test",
                    "function_request_id": "face0000-0000-4000-8000-000000000001",
                    "cold_start": True,
                    "xray_trace_id": "1-5759e988-bd862e3fe1be46a994272793",
                    "correlation_id": "5759e988bd862e3fe1be46a994272793",
                    "span_id": obskit_ids.span(1),
                }
            ]
            assert obskit_metrics.values(kpis.SEARCH_LATENCY, index="listings") == [250.0]
            assert obskit_metrics[0]["_aws"]["Timestamp"] == 1767323045250
            (root,) = obskit_spans
            (query,) = root.children
            assert (root.span_id, query.span_id) == (obskit_ids.span(1), obskit_ids.span(2))
            assert (query.start, query.end, query.duration_s) == (1767323045.0, 1767323045.25, 0.25)
    """).assert_outcomes(passed=1)


def test_a_trace_that_begins_here_has_an_id_that_counts(project):
    project("""
        import shop

        def test_it(obskit_ids, obskit_logs):
            shop.handler({"email": ""}, None)
            assert obskit_logs.only()["correlation_id"].endswith("0001")
    """).assert_outcomes(passed=1)


def test_the_context_follows_clock_and_ids_in_any_order(project):
    project("""
        def check(context, clock, ids):
            assert context.aws_request_id == "face0000-0000-4000-8000-000000000001"
            assert context.get_remaining_time_in_millis() == 30_000
            clock.advance(29.5)
            assert context.get_remaining_time_in_millis() == 500
            clock.advance(2)
            assert context.get_remaining_time_in_millis() == 0

        def test_first(lambda_context, obskit_clock, obskit_ids):
            check(lambda_context, obskit_clock, obskit_ids)

        def test_last(obskit_clock, obskit_ids, lambda_context):
            check(lambda_context, obskit_clock, obskit_ids)
    """).assert_outcomes(passed=2)


def test_no_test_leaves_anything_for_the_next(project):
    """Also where no fixture was asked for: settings, bound fields, an open capture, an invocation, clock and ids."""
    project("""
        import os, time
        import obskit, shop
        from obskit import clock, config, context, ids, output

        def test_a_test_that_tidies_nothing_up(monkeypatch):
            monkeypatch.setenv("OBSKIT_SERVICE", "left-over")
            obskit.bind(left="over")
            obskit.bind(more="too").__enter__()
            context.enter(context.Invocation(request_id="left-over"))
            clock.set(time_ns=lambda: 1)
            ids.set(bytes)
            output.redirect(lambda data: None)
            output.fault("left", "over")
            assert config.settings().service == "left-over"

        def test_the_next_is_clean(obskit_logs):
            assert (context.current(), output.faults()) == (None, {})
            obskit.logger.info("clean")
            line = obskit_logs.only(message="clean")
            assert {"left", "more", "function_request_id"}.isdisjoint(line)
            assert line["service"] == "unknown"
            assert clock.time_ns is time.time_ns
            assert ids.span_id() != "0" * 16

        def test_and_lines_reach_standard_output(capfd):
            obskit.logger.info("seen")
            assert '"message":"seen"' in capfd.readouterr().out

        def test_each_test_begins_cold(obskit_logs):
            shop.handler({"email": ""}, None)
            assert obskit_logs.only(message="checkout started")["cold_start"] is True
    """).assert_outcomes(passed=4)


def test_a_capture_of_the_whole_session_stays_open(project):
    project("""
        import pytest, obskit
        from obskit.testing import capture

        @pytest.fixture(scope="session")
        def captured():
            with capture() as everything:
                yield everything

        def test_one(captured):
            obskit.logger.info("one")

        def test_two(captured):
            obskit.logger.info("two")
            assert captured.logs.messages == ["one", "two"]
    """).assert_outcomes(passed=2)


def test_a_project_that_never_imports_obskit_does_not_load_it(pytester):
    pytester.makepyfile("""
        import sys

        def test_it():
            ours = {name for name in sys.modules if name.startswith("obskit")}
            assert ours == {"obskit", "obskit.testing", "obskit.testing.plugin", "obskit.testing.state"}
    """)

    pytester.runpytest_subprocess("-p", "no:hypothesispytest").assert_outcomes(passed=1)


@pytest.mark.parametrize("module", ["output", "config", "masking", "context", "clock"])
def test_a_project_that_uses_a_part_of_obskit_loads_no_more(pytester, module):
    pytester.makepyfile(f"import obskit.{module}\n\ndef test_it():\n    pass\n\ndef test_another():\n    pass")

    pytester.runpytest_subprocess("-p", "no:hypothesispytest").assert_outcomes(passed=2)


def test_a_missing_line_reads_well(project):
    result = project("""
        import obskit

        def test_it(obskit_logs):
            obskit.logger.info("checkout started", cart_id="c-1")
            obskit_logs.only(message="checkout done", cart_id="c-1")
    """)

    result.assert_outcomes(failed=1)
    assert (
        shown(
            '>       obskit_logs.only(message="checkout done", cart_id="c-1")',
            "E       AssertionError: no line has message='checkout done' and cart_id='c-1'",
            "E       the nearest is line 1:",
            "E         message is 'checkout started', not 'checkout done'",
            "E       1 line was written:",
            "E         1: INFO 'checkout started' cart_id='c-1'",
            "",
            "test_a_missing_line_reads_well.py:5: AssertionError",
        )
        in result.stdout.str()
    )


def test_missing_values_read_well(project):
    result = project("""
        import shop

        def test_it(obskit_metrics):
            shop.handler({"email": ""}, None)
            assert obskit_metrics.values("CheckoutSuccess", operation="chekout") == [1.0]
    """)

    result.assert_outcomes(failed=1)
    assert (
        shown(
            "E       assert [] == [1.0]",
            "E         values of CheckoutSuccess{operation=chekout}",
            "E         recorded were:",
            "E           CheckoutSuccess{service=checkout, env=unknown, operation=checkout} = [1.0] Count",
        )
        in result.stdout.str()
    )
    result.stdout.no_fnmatch_line("*measurements.py*")


def test_a_list_of_lines_is_compared_as_a_list(project):
    result = project("""
        import obskit

        def test_it(obskit_logs):
            obskit.logger.info("one")
            assert obskit_logs.messages == ["two"]

        def test_documents(obskit_logs):
            obskit.logger.info("one")
            assert obskit_logs == []
    """)

    result.assert_outcomes(failed=2)
    shown_text = result.stdout.str()
    assert "assert ['one'] == ['two']" in shown_text
    assert "Left contains one more item: {'timestamp': " in shown_text


def test_a_missing_span_reads_well(project):
    result = project("""
        import shop

        def test_it(obskit_spans):
            shop.handler({"email": ""}, None)
            obskit_spans.only("autorise")
    """)

    result.assert_outcomes(failed=1)
    assert (
        shown(
            '>       obskit_spans.only("autorise")',
            "E       AssertionError: no span 'autorise'. Did you mean 'authorise'?",
            "E       Sent were:",
            "E         handler faas_invocation_id='' faas_coldstart=True faas_trigger='other'",
            "E           authorise provider='stripe'",
        )
        in result.stdout.str()
    )


def test_pii_is_looked_for_in_what_the_fixtures_give(project):
    result = project("""
        import pytest, shop
        from obskit.testing import assert_no_pii

        def test_it(obskit_captured, obskit_logs, obskit_metrics, obskit_spans, lambda_context):
            shop.handler({"email": "ann@example.com"}, lambda_context)
            for written in (obskit_captured, obskit_logs, obskit_metrics, obskit_spans):
                assert_no_pii(written, "ann@example.com")
                with pytest.raises(AssertionError, match="planted"):
                    assert_no_pii(written, "handler", "stripe", "checkout", "CheckoutSuccess")
    """)

    result.assert_outcomes(passed=1)


def test_the_fixtures_are_listed_with_what_they_give(project):
    listed = project("", "--fixtures").stdout.str()

    for name in "captured logs metrics spans env clock ids".split():
        assert f"obskit_{name} -- " in listed
    assert "lambda_context -- " in listed
    ours = listed.partition("fixtures defined from obskit.testing.plugin")[2].partition("fixtures defined from")[0]
    assert "no docstring available" not in ours
