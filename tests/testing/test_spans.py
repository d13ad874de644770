"""Spans as a test asks for them: trees from whatever documents were sent."""

import pytest

from obskit.testing import Spans, assert_no_pii
from obskit.testing.spans import parse_datagram

TRACE = "1-5759e988-bd862e3fe1be46a994272793"


def document(number, name, **more):
    return {"id": f"{number:016x}", "name": name, "start_time": 100.0 + number, "end_time": 101.0 + number, **more}


def sent(number, name, parent=0xFF, **more):
    return document(number, name, type="subsegment", trace_id=TRACE, parent_id=f"{parent:016x}", **more)


ROOT = sent(
    1,
    "Mutation.checkout",
    annotations={"faas_coldstart": True},
    metadata={"obskit": {"lines": [1, 2]}},
    fault=True,
    cause={"exceptions": [{"id": "f" * 16, "type": "CardDeclined", "message": "card [CARD]"}]},
    subsegments=[
        document(3, "pay", annotations={"provider": "stripe"}),
        document(2, "reserve", subsegments=[document(4, "query")]),
    ],
)


def spans(*documents):
    return Spans(lambda: list(documents))


def failure(found, *name, **attributes):
    with pytest.raises(AssertionError) as raised:
        found.only(*name, **attributes)
    return str(raised.value)


def test_a_span_with_all_it_has():
    (root,) = spans(ROOT)

    assert (root.name, root.trace_id, root.span_id, root.parent_id) == (
        "Mutation.checkout",
        TRACE,
        "0000000000000001",
        "00000000000000ff",
    )
    assert root.attributes == {"faas_coldstart": True, "lines": [1, 2]}
    assert root.error == {"type": "CardDeclined", "message": "card [CARD]"}
    assert (root.start, root.end, root.duration_s) == (101.0, 102.0, 1.0)
    assert root.document is ROOT
    reserve, pay = root.children  # in the order of their start
    assert (reserve.name, pay.name, pay.attributes, pay.error) == ("reserve", "pay", {"provider": "stripe"}, None)
    assert reserve.trace_id == TRACE


def test_spans_are_found_at_any_depth():
    found = spans(ROOT)

    assert (len(found), found.names) == (1, ["Mutation.checkout", "reserve", "query", "pay"])
    assert found.only("query").span_id == "0000000000000004"
    assert found.only("pay", provider="stripe") is not None
    assert [span.name for span in found.where(provider="stripe")] == ["pay"]
    assert found.where("pay", provider="other") == []
    assert found.documents == [ROOT]


def test_a_child_that_was_sent_alone_is_below_its_parent():
    found = spans(sent(6, "commit", parent=2), sent(7, "retry", parent=6), ROOT)

    assert found.tree == (
        "Mutation.checkout faas_coldstart=True lines=[1, 2] ! CardDeclined: card [CARD]\n"
        "  reserve\n"
        "    query\n"
        "    commit\n"
        "      retry\n"
        "  pay provider='stripe'"
    )


def test_the_last_document_of_a_span_counts():
    unfinished = sent(1, "Mutation.checkout")
    del unfinished["end_time"]
    unfinished["in_progress"] = True

    assert spans(unfinished)[0].duration_s is None
    assert [span.duration_s for span in spans(unfinished, ROOT)] == [1.0]


def test_no_such_span_shows_the_tree():
    assert failure(spans(ROOT), "payy") == (
        "no span 'payy'. Did you mean 'pay'?\n"
        "Sent were:\n"
        "  Mutation.checkout faas_coldstart=True lines=[1, 2] ! CardDeclined: card [CARD]\n"
        "    reserve\n"
        "      query\n"
        "    pay provider='stripe'"
    )
    assert failure(spans(ROOT), "pay", provider="other").split("\n")[0] == "no span 'pay' with provider='other'."


def test_more_than_one_span():
    assert failure(spans(sent(1, "pay"), sent(2, "pay")), "pay") == "2 spans 'pay', not one.\nSent were:\n  pay\n  pay"


def test_nothing_was_sent():
    assert failure(spans(), "pay") == "no span 'pay': none was sent (they are when an invocation ends)"


@pytest.mark.parametrize(
    "datagram", [b"", b"{}\n{}", b'{"format":"json","version":1}\n[]', b'{"format":"json","version":1}']
)
def test_what_is_no_segment_document_is_no_span(datagram):
    with pytest.raises(AssertionError, match=r"^not a segment document for X-Ray: b'"):
        parse_datagram(datagram)


def test_a_word_of_x_ray_is_no_name_of_a_person():
    assert_no_pii(
        spans(sent(1, "pay", annotations={"n": 1}, subsegments=[document(2, "q", annotations={"m": 1})])), "Ann"
    )
    with pytest.raises(AssertionError, match=r"children\.0\.attributes\.m: planted"):
        assert_no_pii(spans(sent(1, "pay", subsegments=[document(2, "q", annotations={"m": "Ann"})])), "Ann")
