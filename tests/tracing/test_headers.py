"""Trace headers by the letter: X-Ray's, and the W3C's traceparent, tracestate and baggage."""

import pytest
from aws_xray_sdk.core.models.trace_header import TraceHeader
from hypothesis import example, given
from hypothesis import strategies as st

from obskit.tracing import TraceContext, baggage, tracestate, w3c, xray
from tests.helpers import SPAN_ID, TRACE_ID, TRACEPARENT, XRAY_HEADER, XRAY_PARENT, XRAY_ROOT, XRAY_TRACE_ID

CALLER = TraceContext(TRACE_ID, SPAN_ID, sampled=True)
UPSTREAM = TraceContext(XRAY_TRACE_ID, XRAY_PARENT, sampled=True)


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        (TRACEPARENT, CALLER),
        (f"00-{TRACE_ID}-{SPAN_ID}-00", TraceContext(TRACE_ID, SPAN_ID, sampled=False)),
        (f" {TRACEPARENT} ", CALLER),
        # 3.2.2.5: only the lowest flag says whether it is recorded
        (f"00-{TRACE_ID}-{SPAN_ID}-03", CALLER),
        (f"00-{TRACE_ID}-{SPAN_ID}-fe", TraceContext(TRACE_ID, SPAN_ID, sampled=False)),
        # 3.2.2: a later version may go on after a dash
        (f"cc-{TRACE_ID}-{SPAN_ID}-01-what-the-future-will-be", CALLER),
        (f"cc-{TRACE_ID}-{SPAN_ID}-01-", CALLER),
        (f"cc-{TRACE_ID}-{SPAN_ID}-01", CALLER),
        (f"cc-{TRACE_ID}-{SPAN_ID}-01.what", None),
        (f"00-{TRACE_ID}-{SPAN_ID}-01-extra", None),
        (f"00-{TRACE_ID}-{SPAN_ID}-01-", None),
        # 3.2.2.1: ff is forbidden
        (f"ff-{TRACE_ID}-{SPAN_ID}-01", None),
        # 3.2.2.3 and .4: all zeros is invalid, and so is upper case
        (f"00-{'0' * 32}-{SPAN_ID}-01", None),
        (f"00-{TRACE_ID}-{'0' * 16}-01", None),
        (f"00-{TRACE_ID.upper()}-{SPAN_ID}-01", None),
        (f"00-{TRACE_ID}-00F067AA0BA902B7-01", None),
        (f"00-{TRACE_ID}-{SPAN_ID}-0A", None),
        (f"CC-{TRACE_ID}-{SPAN_ID}-01", None),
        (f"00-{TRACE_ID}-{SPAN_ID}-0x", None),
        (f"0x-{TRACE_ID}-{SPAN_ID}-01", None),
        (f"00-{TRACE_ID}{SPAN_ID}-01", None),
        (f"00-{TRACE_ID[:-2]} 1-{SPAN_ID}-01", None),
        (f"{TRACEPARENT},{TRACEPARENT}", None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_a_traceparent_is_read_by_the_letter(header, trace):
    assert w3c.parse(header) == trace


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        (XRAY_HEADER, UPSTREAM),
        (f"Sampled=1;Parent={XRAY_PARENT};Root={XRAY_ROOT}", UPSTREAM),
        (f"root={XRAY_ROOT} ; PARENT={XRAY_PARENT.upper()} ; sampled=1 ;", UPSTREAM),
        (f"{XRAY_HEADER};", UPSTREAM),
        (f"Root={XRAY_ROOT}", TraceContext(XRAY_TRACE_ID)),
        (f"Root={XRAY_ROOT.upper()}", TraceContext(XRAY_TRACE_ID)),
        (f"Self=1-67891234-12456789abcdef012345678;Root={XRAY_ROOT}", TraceContext(XRAY_TRACE_ID)),
        (f"Root={XRAY_ROOT};Parent={XRAY_PARENT};Sampled=?", TraceContext(XRAY_TRACE_ID, XRAY_PARENT)),
        (f"Root={XRAY_ROOT};Parent={XRAY_PARENT};Sampled=0", TraceContext(XRAY_TRACE_ID, XRAY_PARENT, sampled=False)),
        (f"Root={XRAY_ROOT};Lineage=a:1|b:2;x=y", TraceContext(XRAY_TRACE_ID, others="Lineage=a:1|b:2;x=y")),
        # what goes to queues and other companies must not be personal
        (f"Root={XRAY_ROOT};user=ann@example.com;x=y", TraceContext(XRAY_TRACE_ID, others="x=y")),
        (f"Root={XRAY_ROOT};Lineage=ann%40example.com;x=y", TraceContext(XRAY_TRACE_ID, others="x=y")),
        (f"Root={XRAY_ROOT};Parent=xyz", TraceContext(XRAY_TRACE_ID)),
        (f"Root={XRAY_ROOT};Parent={'0' * 16}", TraceContext(XRAY_TRACE_ID)),
        # what goes into headers again must not end them
        (f"Root={XRAY_ROOT};Lineage=a\r\nX-Evil: 1;b=ü;c=d", TraceContext(XRAY_TRACE_ID, others="c=d")),
        ("Root=2-5759e988-bd862e3fe1be46a994272793", None),
        ("Root=1-5759e98-8bd862e3fe1be46a994272793", None),
        (f"Root=1-{'0' * 8}-{'0' * 24}", None),
        # as long as the usual one
        (f"Root=1-{'0' * 8}-{'0' * 24};Parent={XRAY_PARENT};Sampled=1", None),
        (f"Root={XRAY_ROOT};Parent={'0' * 16};Sampled=1", TraceContext(XRAY_TRACE_ID, sampled=True)),
        (XRAY_HEADER.upper().replace("PARENT", "Parent"), UPSTREAM),
        (XRAY_HEADER.replace("=1-", "=2-"), None),
        (
            XRAY_HEADER.replace("Parent", "Pbrent"),
            TraceContext(XRAY_TRACE_ID, sampled=True, others=f"Pbrent={XRAY_PARENT}"),
        ),
        (XRAY_HEADER.replace("Sampled", "Sbmpled"), TraceContext(XRAY_TRACE_ID, XRAY_PARENT, others="Sbmpled=1")),
        (XRAY_HEADER.replace("Sampled=1", "Sampled=a"), TraceContext(XRAY_TRACE_ID, XRAY_PARENT)),
        (XRAY_HEADER.replace(XRAY_PARENT, "5399 c3f42cd8ad8"), TraceContext(XRAY_TRACE_ID, sampled=True)),
        ("Parent=53995c3f42cd8ad8", None),
        ("Root", None),
        ("", None),
        (f"Root={XRAY_ROOT};" + "x" * 1024, None),
    ],
)
def test_an_xray_header_is_read_by_the_letter(header, trace):
    assert xray.parse(header) == trace


traces = st.builds(
    TraceContext,
    st.integers(1, 2**128 - 1).map(lambda number: f"{number:032x}"),
    st.integers(1, 2**64 - 1).map(lambda number: f"{number:016x}"),
    sampled=st.booleans(),
)


@given(traces)
def test_both_headers_carry_a_trace_there_and_back(trace):
    assert w3c.parse(w3c.render(trace)) == trace
    assert xray.parse(xray.render(trace)) == trace


@given(traces, st.permutations(["Root", "Parent", "Sampled", "Self", "Lineage"]), st.sampled_from([";", " ; ", "; "]))
def test_the_keys_of_the_xray_header_come_in_any_order(trace, order, between):
    values = {
        "Root": xray.root(trace.trace_id),
        "Parent": trace.span_id,
        "Sampled": int(trace.sampled),
        "Self": "1-67891234-12456789abcdef012345678",
        "Lineage": "1:a87bd80c:0|68fd508a:5",
    }

    found = xray.parse(between.join(f"{key}={values[key]}" for key in order) + between)

    assert found == TraceContext(
        trace.trace_id, trace.span_id, sampled=trace.sampled, others="Lineage=1:a87bd80c:0|68fd508a:5"
    )


@given(traces)
def test_the_xray_sdk_reads_what_is_written(trace):
    """AWS's own parser is the judge."""
    judged = TraceHeader.from_header_str(f"{xray.render(trace)};Lineage=1:a87bd80c:0")

    assert (judged.root, judged.parent, judged.sampled) == (
        xray.root(trace.trace_id),
        trace.span_id,
        int(trace.sampled),
    )
    assert xray.parse(judged.to_header_str()).others == "Lineage=1:a87bd80c:0"


def test_what_others_wrote_into_the_xray_header_is_passed_on():
    header = f"{XRAY_HEADER};Lineage=a:1|b:2"

    assert xray.render(xray.parse(header)) == header


@given(st.text(max_size=200))
@example("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;x=\n")
def test_a_header_of_nonsense_is_none_and_what_is_found_can_be_written(text):
    assert w3c.parse(text) is None
    for found in (xray.parse(text), xray.parse(f"Root={XRAY_ROOT};{text}")):
        assert found is None or xray.render(found).isprintable()


# --- tracestate: Trace Context, level 2, 3.3 --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "members"),
    [
        ("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
        ("rojo=1 \t, \tcongo=2,,", "rojo=1,congo=2"),  # 3.3.1.1: optional space, empty members
        ("fw529a3039@dt=FfAAAA", "fw529a3039@dt=FfAAAA"),
        ("0tenant@sys=1", "0tenant@sys=1"),
        ("a_-*/9=b c~!", "a_-*/9=b c~!"),
        ("a=1,b=2,a=3", "a=1,b=2"),
        (f"{'a' * 256}=1", f"{'a' * 256}=1"),
        (f"a={'1' * 256}", f"a={'1' * 256}"),
        (",".join(f"k{n}=1" for n in range(32)), ",".join(f"k{n}=1" for n in range(32))),
        # one that is not valid voids them all
        (f"{'a' * 257}=1", ""),
        ("rojo=1,congo=ann@example.com,a=4242424242424242", "rojo=1"),
        (f"a={'1' * 257}", ""),
        (",".join(f"k{n}=1" for n in range(33)), ""),
        ("Rojo=1", ""),
        ("0rojo=1", ""),
        ("a@=1", ""),
        ("@a=1", ""),
        ("a@b@c=1", ""),
        (f"a@{'b' * 15}=1", ""),
        (f"{'a' * 242}@b=1", ""),
        ("rojo", ""),
        ("rojo=", ""),
        ("rojo=1=2", ""),
        ("rojo=ü", ""),
        ("rojo=a\r\nb", ""),
        ("=1", ""),
        ("", ""),
        ("a=1," * 6000, ""),
    ],
)
def test_a_tracestate_is_read_by_the_letter(header, members):
    assert tracestate.parse(header) == members


def test_a_long_tracestate_loses_its_long_members_first_and_the_right_ones_next():
    """3.3.1.5: 512 characters have to be passed on; entries over 128 go first."""
    long, short = f"long={'x' * 130}", [f"k{number}={'y' * 90}" for number in range(6)]

    assert tracestate.parse(",".join([short[0], long, *short[1:]])) == ",".join(short[:5])
    assert len(",".join(short[:5])) <= 512


@given(st.text(max_size=300))
def test_a_tracestate_is_parsed_once_and_for_all(text):
    once = tracestate.parse(text)

    assert tracestate.parse(once) == once
    assert len(once) <= 512
    assert once.isprintable()


# --- baggage: W3C Baggage, 3.2 and 3.3 --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "members"),
    [
        ("tier=gold", "tier=gold"),
        ("tier = gold , team=search;since=2026", "tier = gold,team=search;since=2026"),
        ("key=", "key="),
        ("key=%C3%BC", "key=%C3%BC"),
        ("key", ""),
        ("=value", ""),
        ("k(=1,b=2", "b=2"),
        ("a=ü,b=2", "b=2"),
        ("a=1\r\nb: 2,c=3", "c=3"),
        ('a="x",b=2', "b=2"),
        ("", ""),
        (",".join(f"k{n}=1" for n in range(70)), ",".join(f"k{n}=1" for n in range(64))),
        (f"a={'1' * 8190}", f"a={'1' * 8190}"),
        (f"a={'1' * 8191}", ""),
        (f"a=1,b={'1' * 8186}", f"a=1,b={'1' * 8186}"),
        (f"a=1,b={'1' * 8187}", "a=1"),
    ],
)
def test_baggage_is_read_by_the_letter(header, members):
    assert baggage.parse(header) == members


@pytest.mark.parametrize(
    ("header", "passed_on"),
    [
        ("tier=gold;since=2026,team=search", "tier=gold;since=2026,team=search"),
        ("user=ann%40example.com,tier=gold", "user=[EMAIL],tier=gold"),
        ("note=to%20ann%40example.com%2C%20now", "note=to%20[EMAIL]%2C%20now"),
        ("tier=gold;by=ann%40example.com", "tier=gold"),
        ("4242424242424242=1,tier=gold", "tier=gold"),
        ("", ""),
    ],
)
def test_baggage_is_masked_before_it_goes_on(header, passed_on):
    assert baggage.masked(header) == passed_on
    assert baggage.masked(header) == passed_on  # the second time it is remembered


@given(st.text(max_size=300))
@example("a=%ff%00,b=;x")
def test_baggage_of_any_shape_can_be_passed_on(text):
    once = baggage.parse(text)

    assert baggage.parse(once) == once
    assert len(once) <= 8192
    assert baggage.masked(once).isprintable()
