"""Every way a person writes an id."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obskit.errors import ObskitError
from obskit.lookup.wanted import Wanted, parse
from tests.helpers import TRACE_ID, TRACEPARENT, XRAY_HEADER, XRAY_ROOT, XRAY_TRACE_ID

XRAY = Wanted(XRAY_TRACE_ID, "")
LINE = {"timestamp": "2026-11-24T16:00:00.000Z", "xray_trace_id": XRAY_ROOT, "correlation_id": "cart-1"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (XRAY_ROOT, XRAY),
        (f"  {XRAY_ROOT.upper()}\n", XRAY),
        (XRAY_TRACE_ID, Wanted(XRAY_TRACE_ID, XRAY_TRACE_ID)),
        (f'"{XRAY_TRACE_ID.upper()}"', Wanted(XRAY_TRACE_ID, XRAY_TRACE_ID)),
        (TRACEPARENT, Wanted(TRACE_ID, "")),
        (f"traceparent: {TRACEPARENT}", Wanted(TRACE_ID, "")),
        (f"Root={XRAY_ROOT}", XRAY),
        (XRAY_HEADER, XRAY),
        (f"X-Amzn-Trace-Id: {XRAY_HEADER};Lineage=1:0", XRAY),
        (f"x-amzn-trace-id: Self=1-67891234-{'1' * 24};Root={XRAY_ROOT}", XRAY),
        (f"X-Amzn-Trace-Id: {XRAY_HEADER}\r\nx-correlation-id: cart-1\r\n", Wanted(XRAY_TRACE_ID, "cart-1")),
        (f"https://us-east-1.console.aws.amazon.com/cloudwatch/home#xray:traces/{XRAY_ROOT}", XRAY),
        ("cart-1", Wanted("", "cart-1")),
        ("x-correlation-id: cart-1", Wanted("", "cart-1")),
        ("6ba7b810-9dad-41d1-80b4-00c04fd430c8", Wanted("", "6ba7b810-9dad-41d1-80b4-00c04fd430c8")),
        (json.dumps(LINE), Wanted(XRAY_TRACE_ID, "cart-1")),
        (f"2026-11-24T16:00:00.000Z\tindex\t{json.dumps(LINE)}", Wanted(XRAY_TRACE_ID, "cart-1")),
        (json.dumps({"trace_id": TRACE_ID}), Wanted(TRACE_ID, "")),
        (
            json.dumps({"headers": {"x-correlation-id": "cart-1", "traceparent": TRACEPARENT}}),
            Wanted(TRACE_ID, "cart-1"),
        ),
    ],
)
def test_an_id_in_any_form(text, found):
    assert parse(text) == found


@pytest.mark.parametrize(
    "text", ["", "two words", "ann@example.com", "4242424242424242", "x" * 129, "{", "0" * 31 + "ü"]
)
def test_what_is_none_is_refused_and_not_repeated(text):
    with pytest.raises(ObskitError, match="ID is no form of an id") as told:
        parse(text)

    assert not text or text == "{" or text not in str(told.value)


@given(st.text() | st.text('0123456789abcdef-={}": Rot'))
def test_nonsense_is_an_id_or_refused(text):
    with suppress(ObskitError):
        assert parse(text) != Wanted("", "")
