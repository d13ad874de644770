"""Whole numbers are told by the form of their groups; group by group comes out the same, only later."""

from __future__ import annotations

from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obskit.masking import numbers
from obskit.masking.classes import CARD, PHONE
from obskit.masking.text import SHADOW
from tests.masking.test_laws import laws

WHOLE = {
    "call +44 20 7946 0958": [(5, 21, PHONE)],
    "+1 (415) 555-0134 rang": [(0, 17, PHONE)],
    "+442079460958.": [(0, 13, PHONE)],
    "pay 4242 4242 4242 4242 now": [(4, 23, CARD)],
    "3782-822463-10005": [(0, 17, CARD)],
}

MORE_TO_ASK = [
    "+44 20 7946 0958 ext. 5",  # the extension is part of it
    "+44 20 7946 0958 2",  # whose is the last digit?
    "+44 20 7946 0958:30",  # a time
    "+44 20 7946 0958 bytes",  # a size
    "x+44 20 7946 0958",
    "+44 2079 -460958",  # a number less another
    "+44 2079 +44 2079",
    "+28 20 7946 0958",  # nobody's country
    "NHS +44 20 7946 0958",  # the word is believed before the form
    "account 4242 4242 4242 4242",
    "5020 7856 5798 7864",  # twelve digits of it could be a card's, too
    "4242 4242 4242 4241",
    "4242.4242 4242 4242",
    "4242 4242 4242 4242 12/27",
    "4242 4242 4242 4242-a",
    "ref-4242 4242 4242 4242",
]


def found(text: str) -> tuple[list[tuple[int, int, str]], int]:
    """Return what is found in *text*, and how many of its runs were looked at group by group."""
    spans: list[tuple[int, int, str]] = []
    with mock.patch.object(numbers, "_Run", side_effect=numbers._Run) as run:
        numbers.find_numbers(text, text.encode().translate(SHADOW).decode(), spans, 100)
    return spans, run.call_count


def found_by_groups(text: str) -> list[tuple[int, int, str]]:
    with mock.patch.object(numbers, "_find_whole", return_value=False):
        return found(text)[0]


@pytest.mark.parametrize("text", WHOLE)
def test_a_whole_number_is_told_by_its_form(text: str) -> None:
    assert found(text) == (WHOLE[text], 0)
    assert found_by_groups(text) == WHOLE[text]


@pytest.mark.parametrize("text", MORE_TO_ASK)
def test_where_more_is_to_be_asked_groups_are_looked_at(text: str) -> None:
    spans, looks = found(text)
    assert looks == 1
    assert spans == found_by_groups(text)


NUMBERS = st.one_of(
    st.sampled_from(("4242424242424242", "378282246310005", "6759649826438453", "676770000006", "30569309025904")),
    st.sampled_from(("442079460958", "12125550123", "4915112345678", "971585215778")),
    st.text("0123456789", min_size=7, max_size=19),
)
BEFORE = (
    "",
    "card ",
    "NHS ",
    "account ",
    "order ",
    "x",
    "(",
    "+",
    "-",
    "_",
    ".",
    "a.",
    "5 ",
    "12:",
    "/",
    '"',
    "tel=",
    "\0",
)
BEHIND = (
    "",
    " ",
    ".",
    ")",
    " now",
    " 12/27",
    ":30",
    "x12",
    " ext. 5",
    "ms",
    " rows",
    "-a",
    "_1",
    ".5",
    " 2",
    " +44 20",
    "\0",
)
GAPS = (" ", " ", "-", ".", "", "/", "  ", ") ", " -", "+", "_", "\t")


@st.composite
def texts(draw: st.DrawFn) -> str:
    digits, sizes = draw(NUMBERS), draw(st.lists(st.sampled_from((4, 4, 4, 3, 2, 5, 6, 1)), min_size=1, max_size=8))
    gap = draw(st.sampled_from(GAPS))
    groups = []
    for size in sizes:
        groups.append(digits[:size])
        digits = digits[size:]
    number = gap.join(group for group in [*groups, digits] if group)
    pieces = (draw(st.sampled_from(BEFORE)), draw(st.sampled_from(("", "+"))), number, draw(st.sampled_from(BEHIND)))
    return "".join(pieces)


@laws
@given(texts())
def test_the_form_tells_what_the_groups_would(text: str) -> None:
    assert found(text)[0] == found_by_groups(text)
