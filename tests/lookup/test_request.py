"""What belongs to a request: over links both ways, and nothing of those beside it."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obskit.lookup import request, spans, view, walk
from obskit.lookup.source import Files
from obskit.lookup.wanted import Wanted
from tests.lookup.captured import DOCUMENTS, LINES, line, root_of, sent, span, span_id, trace_id


@pytest.fixture
def find(tmp_path):
    """A function: what is wanted, documents and lines -> the request."""

    def found(asked, documents=DOCUMENTS, lines=LINES):
        (tmp_path / "spans").write_text("".join(json.dumps(one) + "\n" for one in documents))
        (tmp_path / "logs").write_text("".join(json.dumps(one) + "\n" for one in lines))
        return request.find(asked, Files([tmp_path / "logs"], [tmp_path / "spans"]))

    return found


def shown(found: request.Request) -> list[Any]:
    """Return number of the trace, names of its spans, number of the trace it hangs below."""
    return [
        (
            int(trace.trace_id[8:], 16),
            [span.name for root in trace.roots for span in root],
            int(trace.below[0][8:] or "0", 16),
        )
        for trace in found.traces
    ]


FIRST = [(1, ["checkout", "place order"], 0), (3, ["relay", "publish"], 1), (4, ["index", "process"], 3)]
FIRST_LINES = ["placed", "begins", "publishing", "indexed"]


@pytest.mark.parametrize(
    "asked",
    [
        Wanted("", "cart-1"),
        Wanted(trace_id(1), ""),
        Wanted(trace_id(4), ""),
        Wanted(trace_id(4), "cart-1"),
    ],
)
def test_from_wherever_one_begins_it_is_the_same_request(find, asked):
    found = find(asked)

    assert shown(found) == FIRST
    assert [one["message"] for one in found.lines] == FIRST_LINES
    assert (found.correlation_ids, found.notes, [trace.others for trace in found.traces]) == (["cart-1"], [], [0, 1, 0])
    assert found.traces[1].below == (trace_id(1), span_id(11))


def test_by_links_alone(find):
    assert shown(find(Wanted(trace_id(1), ""), lines=[])) == FIRST
    assert shown(find(Wanted(trace_id(4), ""), lines=[])) == FIRST


def test_by_lines_alone(find):
    """What was not sampled has no spans, and its lines are there all the same."""
    found = find(Wanted("", "cart-1"), documents=[])

    assert shown(found) == [(1, [], 0), (3, [], 0), (4, [], 0)]
    assert [note.partition(":")[0] for note in found.notes] == ["there are lines and no spans"]
    assert [one["message"] for one in found.lines] == FIRST_LINES


def test_what_is_said_under_the_traces_own_id_hides_no_correlation_id(find):
    said = [
        line(1, 11, "relay begins", trace_id(1)),
        line(1, 12, "order published", "cart-1"),
        line(9, 91, "order indexed", "cart-1"),
    ]

    found = find(Wanted(trace_id(1), ""), [], said)

    assert found.correlation_ids == ["cart-1"]
    assert [one["message"] for one in found.lines] == ["relay begins", "order published", "order indexed"]


def test_the_relay_itself_is_shown_whole_with_all_it_serves(find):
    found = find(Wanted(trace_id(3), ""))

    assert [number for number, _, _ in shown(found)] == [1, 2, 3, 4, 5]
    assert found.lines == sorted(LINES, key=lambda one: one["timestamp"])
    assert found.correlation_ids == []


def test_a_batch_that_consumes_several_shows_ours_and_follows_no_other(find):
    batch = sent(6, span(40, "batch", span(41, "one"), links=[(1, 11), (2, 13)]))
    lines = [line(6, 41, "indexed two", trace_id(6))]

    found = find(Wanted(trace_id(1), ""), [*DOCUMENTS[:2], batch], [*LINES[:2], *lines])

    assert shown(found) == [(1, ["checkout", "place order"], 0), (6, ["batch", "one"], 1)]
    assert [one["message"] for one in found.lines] == ["placed", "indexed two"]


def test_of_a_batch_with_a_span_for_each_message_only_ours_is_shown(find):
    """Both messages were published by one relay, in one trace: the span there says whose each is."""
    parts = [span(41, "ours", links=[(3, 21)]), span(42, "theirs", span(43, "below"), links=[(3, 22)])]
    batch = sent(6, span(40, "batch", *parts, links=[(3, 21), (3, 22)]))
    lines = [line(6, 41, "ours", trace_id(6)), line(6, 43, "theirs", trace_id(6))]

    found = find(Wanted("", "cart-1"), [*DOCUMENTS[:3], batch], [*LINES[:5], *lines])

    assert shown(found) == [*FIRST[:2], (6, ["batch", "ours"], 3)]
    assert [one["message"] for one in found.lines] == ["placed", "begins", "publishing", "ours"]
    assert (found.traces[2].others, found.notes) == (2, [])


def test_a_line_of_a_batch_leads_to_no_other_request(find):
    batch = sent(6, span(40, "batch", links=[(1, 11), (2, 13)]))

    found = find(Wanted("", "cart-1"), [*DOCUMENTS[:2], batch], [LINES[0], line(6, 40, "indexed", "cart-1")])

    assert shown(found) == [(1, ["checkout", "place order"], 0), (6, ["batch"], 1)]
    assert found.notes == []


def test_behind_a_batch_it_is_told_that_the_way_up_is_not_known(find):
    batch = sent(6, span(40, "batch", span(41, "send"), links=[(1, 11), (2, 13)]))
    last = sent(7, span(50, "mail", links=[(6, 41)]))

    found = find(Wanted(trace_id(7), ""), [*DOCUMENTS[:2], batch, last], [])

    assert shown(found) == [(6, ["batch", "send"], 0), (7, ["mail"], 6)]
    assert found.notes == ["2 traces led to 'batch'; it is not known which to this request"]


def test_traces_that_link_to_each_other_end(find):
    circle = [sent(1, span(10, "a", links=[(2, 20)])), sent(2, span(20, "b", links=[(1, 10)]))]

    assert shown(find(Wanted(trace_id(1), ""), circle, [])) == [(1, ["a"], 2), (2, ["b"], 0)]


def test_more_traces_than_can_be_shown_are_told(find):
    many = [sent(1, span(1, "a")), *(sent(number, span(number, "b", links=[(1, 1)])) for number in range(2, 40))]

    found = find(Wanted(trace_id(1), ""), many, [])

    assert len(found.traces) == walk.MOST_TRACES
    assert found.notes == ["more than 25 traces are linked; the rest is not shown"]


def test_beside_the_most_traces_one_that_is_known_may_still_grow():
    joined = walk.Walk(Files([], []))
    for number in range(walk.MOST_TRACES):
        joined.join(trace_id(number))

    assert (joined.join(trace_id(0), span_id(1)), joined.notes) == (True, [])
    assert not joined.join(trace_id(walk.MOST_TRACES))
    assert joined.notes == ["more than 25 traces are linked; the rest is not shown"]


@pytest.mark.parametrize(("more", "notes"), [(0, []), (1, ["2001 lines were found; the first 2000 are shown"])])
def test_more_lines_than_can_be_shown_are_told(find, more, notes):
    many = [line(1, 11, f"{number:04}", "cart-1") for number in range(2000 + more)]

    found = find(Wanted("", "cart-1"), DOCUMENTS, many)

    assert [f"{number:04}" for number in range(2000)] == [one["message"] for one in found.lines]
    assert notes == found.notes


def test_measurements_and_lines_of_nobody_are_not_lines(find):
    lines = [line(1, 11, "placed", "cart-1", _aws={}), {"correlation_id": "cart-1"}, LINES[0], LINES[0]]

    assert find(Wanted("", "cart-1"), [], lines).lines == [LINES[0]]


def test_nothing_is_nothing(find):
    assert not find(Wanted(trace_id(9), "cart-9"))


def test_spans_out_of_segments_subsegments_and_what_came_twice():
    open_ = span(2, "handler", in_progress=True)
    del open_["end_time"]
    cause = {"exceptions": [{"type": "ProviderError", "message": "refused"}]}
    documents = [
        sent(1, {**open_, "parent_id": span_id(1)}),
        sent(
            1,
            {**span(2, "handler", span(3, "call", namespace="aws"), fault=True, cause=cause), "parent_id": span_id(1)},
        ),
        sent(1, span(1, "function", origin="AWS::Lambda::Function")),
        sent(1, {**span(4, "SQS", inferred=True), "parent_id": span_id(3)}),
        sent(1, {"name": "no id"}),
    ]

    (root,) = spans.read(documents)

    assert [(one.name, one.kind, one.failed, one.why) for one in root] == [
        ("function", "AWS::Lambda::Function", "", ""),
        ("handler", "", "fault", "ProviderError: refused"),
        ("call", "aws", "", ""),
    ]


def test_links_of_x_ray_itself_and_of_the_annotation_alone():
    own = {"links": [{"trace_id": root_of(2), "id": span_id(5)}]}
    annotated = {"annotations": {"linked_trace_ids": f"{root_of(3)},{root_of(1)},no id"}}

    (root,) = spans.read([sent(1, {**span(1, "a"), **own, **annotated})])

    assert root.links == (spans.Link(trace_id(2), span_id(5)), spans.Link(trace_id(3)))


@pytest.mark.parametrize(
    "written",
    [
        json.dumps,
        lambda documents: json.dumps(documents, indent=2),
        lambda documents: "".join('{"format":"json","version":1}\n' + json.dumps(one) + "\n" for one in documents),
        lambda documents: json.dumps(
            {"Traces": [{"Id": "x", "Segments": [{"Id": "y", "Document": json.dumps(one)}]} for one in documents]}
        ),
        lambda documents: json.dumps({one["trace_id"]: [one] for one in documents}),  # as `obskit demo` writes it
    ],
)
def test_files_of_spans_in_every_form(tmp_path, written):
    plain, packed = tmp_path / "plain", tmp_path / "packed.gz"
    plain.write_text(written(DOCUMENTS))
    packed.write_bytes(gzip.compress(written(DOCUMENTS).encode()))

    for path in (plain, packed):
        files = Files([], [path])
        assert files.documents([trace_id(1), trace_id(9)]) == {trace_id(1): [DOCUMENTS[0]]}
        assert files.notes == []


def test_a_file_without_spans_is_told(tmp_path):
    path = tmp_path / "spans"
    path.write_text('{"format":"json","version":1}\n[]\nno JSON\n')

    assert Files([], [path]).notes == [f"no X-Ray document in {path}"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from([root_of(1), root_of(2), span_id(1), "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "id trace_id parent_id name start_time end_time subsegments metadata obskit links span_id annotations "
                "linked_trace_ids cause exceptions message fault".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(st.lists(_JSON.filter(lambda value: isinstance(value, dict)), max_size=4))
def test_documents_of_any_shape_are_read(documents):
    roots = spans.read(documents)

    assert all(isinstance(one.name, str) for root in roots for one in root)


def test_a_tree_without_end_is_cut(find):
    deep = [sent(1, {**span(number, "s"), "parent_id": span_id(number - 1)}) for number in range(1, 2000)]

    found = find(Wanted(trace_id(1), ""), deep, [])

    assert len(list(view.plain(view.tree(found)))) == view.DEEPEST + 2
    assert json.dumps(view.as_json(found, []))
