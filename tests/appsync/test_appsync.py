"""The APPSYNC_JS that `obskit appsync-function` writes: what it puts where, and that AWS's linter takes it."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import obskit
from obskit.deploy import appsync
from obskit.tracing import TraceContext, carriers
from tests import command
from tests.helpers import SPAN_ID, TRACE_ID, TRACEPARENT, XRAY_HEADER, XRAY_PARENT, XRAY_ROOT, XRAY_TRACE_ID
from tests.parts import APPSYNC, ROOT, require

HEADERS = {"traceparent": TRACEPARENT, "x-correlation-id": "cart-1", "x-amzn-trace-id": f"Root={XRAY_ROOT}"}
PASSED = {
    "traceparent": TRACEPARENT,
    "x-amzn-trace-id": f"Root=1-{TRACE_ID[:8]}-{TRACE_ID[8:]};Parent={SPAN_ID};Sampled=1",
    "x-correlation-id": "cart-1",
}
STASH = {**PASSED, "x-trace-id": TRACE_ID, "x-span-id": SPAN_ID}


def context(headers: dict[str, str], kind: str = "Query", **more: object) -> dict[str, Any]:
    info = {"fieldName": "order", "parentTypeName": kind, "variables": {}}
    return {"arguments": {"id": "1"}, "stash": {}, "request": {"headers": headers}, "info": info, **more}


def test_the_pipeline_function_puts_the_trace_into_the_stash_and_tells_the_client(evaluate):
    found = evaluate("trace-function.js", "request", context(HEADERS))

    assert found == {
        "result": {"payload": None},
        "stash": STASH,
        "headers": [["x-trace-id", TRACE_ID]],
        "errors": [],
    }


def test_what_came_before_the_pipeline_function_goes_on(evaluate):
    assert evaluate("trace-function.js", "response", context({}, prev={"result": [1]}))["result"] == [1]


def test_only_fields_of_the_roots_tell_the_client(evaluate):
    assert evaluate("trace-function.js", "request", context(HEADERS, "Mutation"))["headers"]
    assert evaluate("trace-function.js", "request", context(HEADERS, "Order"))["headers"] == []
    assert evaluate("trace-function.js", "request", context(HEADERS, "Subscription"))["headers"] == []


def test_a_function_gets_the_event_of_a_direct_resolver_with_the_trace_in_its_stash(evaluate):
    given = context(HEADERS, source=None, identity={"sub": "u-1"}, prev={"result": None})

    found = evaluate("lambda-resolver.js", "request", given)

    assert found["result"] == {"operation": "Invoke", "payload": {**given, "stash": STASH}}
    assert found["headers"] == [["x-trace-id", TRACE_ID]]
    trace = TraceContext(TRACE_ID, SPAN_ID, sampled=True)
    assert carriers.read(found["result"]["payload"]) == (trace, "cart-1", ())


def test_a_batch_and_a_call_that_nobody_waits_for(evaluate):
    more = {"operation": "BatchInvoke", "invocationType": "Event"}

    found = evaluate("obskit.js", "lambdaRequest", context(HEADERS), more)["result"]

    assert found == {**more, "payload": found["payload"]}
    batch = [found["payload"], found["payload"]]
    assert obskit.extract(batch) == TraceContext(TRACE_ID, SPAN_ID, sampled=True)


def test_errors_and_results_of_the_function_pass(evaluate):
    assert evaluate("lambda-resolver.js", "response", context({}, result={"id": "1"}))["result"] == {"id": "1"}
    failed = context({}, error={"message": "provider_unavailable", "type": "Lambda:Unhandled"})
    assert evaluate("lambda-resolver.js", "response", failed)["errors"] == [
        ["provider_unavailable", "Lambda:Unhandled"]
    ]


def test_headers_of_a_request_and_the_detail_of_an_event_carry_it_without_baggage(evaluate):
    headers = {**HEADERS, "tracestate": "rojo=1", "baggage": "user=ann"}

    found = evaluate("obskit.js", "withTrace", context(headers), {"orderId": "ord_1", "traceparent": "old"})

    assert found["result"] == {"orderId": "ord_1", **PASSED, "tracestate": "rojo=1"}
    assert found["stash"] == {**STASH, "tracestate": "rojo=1", "baggage": "user=ann"}
    event = {"source": "shop", "detail-type": "OrderPlaced", "detail": found["result"]}
    producer = TraceContext(TRACE_ID, SPAN_ID, sampled=True, tracestate="rojo=1")
    assert carriers.read(event) == (None, "cart-1", (producer,))
    assert obskit.extract(found["result"]) == producer  # as headers


def test_a_stash_that_has_the_trace_is_not_read_again(evaluate):
    ctx = context({"x-amzn-trace-id": XRAY_HEADER}, stash=STASH)

    assert evaluate("obskit.js", "carry", ctx) == {"result": PASSED, "stash": STASH, "headers": [], "errors": []}


@pytest.mark.parametrize("request_", [None, {}, {"headers": None}, {"headers": {"x-amzn-trace-id": 7}}])
def test_without_headers_a_trace_begins_here(evaluate, request_):
    trace_id = "6955b8ff" + "6ba7b8109dad41d180b400c0"  # 2025-12-31T23:59:59Z, and the first digits of a UUID

    found = evaluate("trace-function.js", "request", context({}, request=request_))

    assert found["stash"] == {
        "x-trace-id": trace_id,
        "x-amzn-trace-id": f"Root=1-{trace_id[:8]}-{trace_id[8:]}",
        "x-correlation-id": trace_id,
    }


@pytest.mark.parametrize(
    ("header", "passed"),
    [
        (f"Root={XRAY_ROOT}", f"Root={XRAY_ROOT}"),
        (XRAY_HEADER, XRAY_HEADER),
        (f"Sampled=0;Parent={XRAY_PARENT};Root={XRAY_ROOT}", f"Root={XRAY_ROOT};Parent={XRAY_PARENT};Sampled=0"),
        (f"Self=1-67891234-12456789abcdef012345678;Root={XRAY_ROOT}", f"Root={XRAY_ROOT}"),
        (f"Root={XRAY_ROOT};Parent={XRAY_PARENT};Sampled=?", f"Root={XRAY_ROOT};Parent={XRAY_PARENT}"),
        (f" root = {XRAY_ROOT} ; SAMPLED = 1 ; ", f"Root={XRAY_ROOT};Sampled=1"),
        (f"{XRAY_HEADER};Lineage=a87bd80c:0|68fd508a:5;x=y", f"{XRAY_HEADER};Lineage=a87bd80c:0|68fd508a:5;x=y"),
    ],
)
def test_x_rays_header_in_every_shape(evaluate, header, passed):
    stash = evaluate("trace-function.js", "request", context({"x-amzn-trace-id": header}))["stash"]

    assert (stash["x-amzn-trace-id"], stash["x-trace-id"]) == (passed, XRAY_TRACE_ID)
    assert obskit.extract({"stash": stash}) == obskit.extract({"x-amzn-trace-id": header})
    assert stash["x-correlation-id"] == XRAY_TRACE_ID


# What a header can hold, and what is nearly right.
_PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
_HEX = st.text("0123456789abcdefAF-", min_size=1, max_size=36)
_ROOT = st.sampled_from([XRAY_ROOT, XRAY_ROOT.upper(), "1-00000000-" + "0" * 24, XRAY_ROOT[:-1]]) | _HEX
_PAIR = st.tuples(
    st.sampled_from(["Root", "root", "Parent", "PARENT", "Sampled", "Self", "Lineage", "", "__proto__"]) | _PLAIN,
    st.sampled_from([" = ", "=", ""]),
    _ROOT | st.sampled_from([XRAY_PARENT, "0" * 16, "0", "1", "?"]) | _PLAIN,
).map("".join)
_XRAY = st.lists(_PAIR, max_size=6).map(";".join)
_W3C = st.tuples(
    st.sampled_from(["00", "01", "ff", "FF", "0"]),
    st.sampled_from([TRACE_ID, TRACE_ID.upper(), "0" * 32, TRACE_ID[1:]]),
    st.sampled_from([SPAN_ID, "0" * 16, SPAN_ID + "0"]),
    st.sampled_from(["00", "01", "02", "ff", "0g", "01-more", "1"]),
).map("-".join)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "traceparent": _W3C | _PLAIN,
            "x-amzn-trace-id": _XRAY,
            "x-correlation-id": st.sampled_from(["cart-1", "a b", "x" * 128, "x" * 129, ""]) | _PLAIN,
            "tracestate": st.sampled_from(["rojo=1", "a=1,b=2"]),
            "baggage": st.sampled_from(["k=v"]),
        },
    )
)
@example({"traceparent": f"01-{TRACE_ID}-{SPAN_ID}-03-x", "x-amzn-trace-id": XRAY_HEADER})
@example({"x-amzn-trace-id": f"{XRAY_HEADER};Lineage=1:0"})
@example({"x-amzn-trace-id": f"Root={XRAY_ROOT};Parent={'0' * 16}"})
@example({"x-amzn-trace-id": f"Root=1-{'0' * 8}-{'0' * 24}"})
@example({"x-amzn-trace-id": "x" * 1025 + ";" + XRAY_HEADER})
def test_appsync_reads_what_obskit_reads(evaluate, headers):
    """Whatever the headers: a function finds the same trace in the stash as it would find in the headers."""
    event = {"request": {"headers": headers}, "info": {}}

    stash = evaluate("trace-function.js", "request", context(headers))["stash"]

    expected, correlation, _ = carriers.read(event)
    if expected is not None:
        assert carriers.read({"stash": stash, "info": {}}) == (expected, correlation or expected.trace_id, ())
    else:
        assert obskit.extract({"stash": stash}).span_id == ""


@pytest.fixture(scope="session")
def lint(node, tmp_path_factory):
    """A function: files by name -> what AWS's linter says of them, and its exit code."""
    require("appsync-linter")
    folder = tmp_path_factory.mktemp("lint")
    for name in ("eslint.config.mjs", "tsconfig.json", "package.json"):
        shutil.copy(APPSYNC / name, folder)
    (folder / "node_modules").symlink_to(APPSYNC / "node_modules")

    def run(files):
        for name, text in files.items():
            (folder / name).write_text(text)
        command = [node, "node_modules/eslint/bin/eslint.js", "--no-warn-ignored", *files]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout + done.stderr

    return run


def test_the_linter_of_appsync_finds_nothing(lint):
    """Neither in what is written, nor in the resolver of docs/tracing.md."""
    guide = re.findall(r"^```js\n(.*?)^```", (ROOT / "docs" / "tracing.md").read_text(), re.MULTILINE | re.DOTALL)
    own = {f"guide{number}.js": appsync.bundle(block) for number, block in enumerate(guide)}

    assert own
    assert lint({**appsync.modules(), **own}) == (0, "")


def test_the_linter_sees_what_appsync_would_refuse(lint):
    code, said = lint({"bad.js": "export function request(ctx) { while (ctx) { ''.padStart(3).match(/a/); } }"})

    assert code == 1
    assert [rule for rule in ("no-while", "no-regex", "no-disallowed-methods") if rule not in said] == []


@pytest.mark.parametrize("name", [appsync.FUNCTION, appsync.RESOLVER])
def test_a_file_is_whole_and_within_what_appsync_takes(name):
    """32,768 characters: AppSync's API reference, FunctionConfiguration, code; read 2026-11-24."""
    text = appsync.modules()[name]

    assert [line for line in text.splitlines() if line.startswith("import ")] == [
        "import { util } from '@aws-appsync/utils';"
    ]
    assert text.count("export function") == 2
    assert len(text) < 32_768 / 4


def call(*arguments: str) -> tuple[int, str, str]:
    return command.obskit("appsync-function", *arguments)


def test_the_command_prints_the_pipeline_function():
    assert call() == (0, appsync.modules()[appsync.FUNCTION], "")


def test_the_command_writes_a_folder_and_says_later_whether_it_is_current(tmp_path):
    folder = tmp_path / "resolvers" / "obskit"
    names = ["obskit.js", "trace-function.js", "lambda-resolver.js"]
    wrote = "".join(f"wrote {folder / name}\n" for name in names)

    assert call("--out", str(folder)) == (0, wrote, "")
    assert {path.name: path.read_text() for path in folder.iterdir()} == appsync.modules()
    assert call("--check", str(folder)) == (0, "", "")
    assert call("--out", str(folder)) == (0, wrote.replace("wrote", "unchanged"), "")

    (folder / "obskit.js").write_text("old")
    assert call("--check", str(folder)) == (1, "", f"{folder / 'obskit.js'}: differs; make it again with --out\n")
    assert call("--check", str(folder), "--out", str(folder))[0] == 2
