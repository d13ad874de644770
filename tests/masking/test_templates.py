"""Lines that are made from one template: one speaks for the others only where digits decide nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from obskit import mask
from obskit.masking import text as texts
from obskit.masking import tokens
from obskit.masking.engine import mask_text
from obskit.masking.templates import is_template
from obskit.masking.text import SHADOW, ZEROS, forget
from obskit.testing import records
from tests.masking.test_laws import laws

TEMPLATES = [
    "order 17 took 230 ms",
    "order number 123456 was placed",
    "listing#9188856",
    "/orders/1876811956",
    "order 302-0192352-4201504 left our warehouse",
    "us-east-1",
    "2026-11-24 09:15:07",
    "[worker-3] 17 events, lag 230 ms",
    "status=200 duration=17",
    "read up to offset 8897835911",
    "45.62920, 11.76269",
    "GET https://search.internal:8108/listings after 230 ms",
]

LOOKED_AT_EACH_TIME = [
    "call 20 7946 0958",  # a word tells whose the digits are
    "call 9188856",  # a number of the place, if it began with a zero
    "please call +44 20 7946 0958",
    "paid with 4242 4242 4242 4242",
    "paid with 4242424242424242",
    "number 078-05-1120",  # a range of numbers that was given out
    "number (212) 555-0123",
    "010190-0007",  # a check character
    "from 203.0.113.7",
    "from ::1:2",
    "00:00:00:00:00:00",
    "00-00-00-00-00-00",
    "id 3f2b8c1e",
    "page_2",
    "da2-abcdefghijklmnopqrstuvwxyz",
    "1//0-abcdefghijklmnopqrstuvwxyzabcdefghijklmnop",
    "2//0-abcdefghijklmnopqrstuvwxyzabcdefghijklmnop",
    "shard-1: 3 of them",
    "password: 17",
    "mail 17@example",
    "100%2017",
    "q=1&p=2",
    '{"n": 1}',
    "<a-1>2</a-1>",
    "set value 17",
    "Basic 12/34/ab+cd==",
    "abc/123/",
    "[17] order",
    "[null, 17] order",
    "[CARD 1111] was charged",
    "caf\u00e9 17",
    "x" * 300 + " 17",
]


def shadow(text):
    return text.encode().translate(SHADOW).decode()


def with_digits(text, digits):
    """Return *text* with its digits replaced by *digits*, again and again from the first."""
    rest = iter(digits * len(text))
    return re.sub("[0-9]", lambda _: next(rest), text)


def seen_before(text, *others):
    """Return *text* as it is masked after *others* were."""
    forget()
    for other in others:
        mask_text(other)
    return mask_text(text)


@pytest.mark.parametrize("text", TEMPLATES)
def test_one_line_of_a_template_speaks_for_all(text):
    assert seen_before(text) == text
    assert is_template(text, shadow(text))
    assert texts.is_harmless(with_digits(text, "73"))


@pytest.mark.parametrize("text", LOOKED_AT_EACH_TIME)
def test_a_text_whose_digits_may_decide_is_no_template(text):
    seen_before("ann@example.com", text)

    assert not is_template(text, shadow(text))


@pytest.mark.parametrize("digits", ["0", "1", "9", "40", "123", "987654321"])
def test_what_is_planted_is_found_behind_every_text_that_differs_in_digits(digits):
    planted = {plant.text for record in records(150, seed=3) for plant in record.planted}
    lines = [line for text in planted for line in (text, f"of {text} now", f"took {text}, 5 ms")]
    alone = [seen_before(line) for line in lines]

    assert [seen_before(line, with_digits(line, digits)) for line in lines] == alone


_parts = st.sampled_from(
    "order took ms call phone card from code pin born passport v +44 ( ) [CARD ] = : - . / , # 1 17 230 2026 09 "
    "123456 9188856 0192352 4201504 1876811956 20 7946 0958 415 555 2671 078 05 1120 4242 4242424242424242".split()
)


@given(
    parts=st.lists(st.tuples(_parts, st.sampled_from(["", " ", "-", "."])), min_size=1, max_size=10),
    digits=st.text(alphabet="0123456789", min_size=1, max_size=12),
)
@laws
@example(parts=[("from", " "), ("203", "."), ("0", "."), ("113", "."), ("7", "")], digits="9")
@example(parts=[("00", "-")] * 5 + [("00", "")], digits="17")
@example(parts=[("120190", "-"), ("0007", "")], digits="0101900007")
def test_digits_of_another_line_change_nothing(parts, digits):
    text = "".join(part + joint for part, joint in parts)
    other = with_digits(text, digits)

    assert seen_before(other, text, text) == seen_before(other)


def test_every_head_of_a_token_with_a_digit_is_told_by_the_shadow():
    heads = [*tokens._BODIES, *tokens._READERS, *tokens._JOINED_READERS]
    with_digit = [head for head in heads if any(map(str.isdigit, head))]

    assert with_digit
    assert not [head for head in with_digit if is_template(f"of {head} it", shadow(f"of {head} it"))]


def test_what_is_remembered_has_no_digits_of_the_line():
    forget()

    mask({"message": "listing 9188856 was seen", "note": "parcel 302-0192352-4201504 handed over"})

    assert texts._templates == {b"listing 0000000 was seen", b"parcel 000-0000000-0000000 handed over"}
    assert texts.clean == set()


def test_the_name_of_a_browser_is_looked_at_once(monkeypatch):
    browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.86"
    seen_before(browser)

    monkeypatch.setattr(texts, "_detect", None)

    assert mask({"user_agent": browser}) == {"user_agent": browser}
    assert browser not in texts.clean


def test_what_is_remembered_is_bounded():
    forget()

    for number in range(3 * texts._TEMPLATES_REMEMBERED):
        word = "".join(chr(ord("a") + int(digit)) for digit in str(number))
        mask([f"{word} 17 of", f"{word} " * 30])

    assert len(texts._templates) <= texts._TEMPLATES_REMEMBERED + 1
    assert len(texts._clean) <= texts._REMEMBERED + 1


def test_zeros_are_what_is_compared():
    assert b"order 17 of Ann".translate(ZEROS) == b"order 00 of Ann"
