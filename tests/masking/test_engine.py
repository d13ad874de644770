"""Masking: key names, e-mail addresses, cards, telephone numbers; any value in, JSON types out."""

import dataclasses
import datetime
import decimal
import enum
import itertools
import json
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obskit.masking import keys, mask, mask_document, mask_text
from obskit.masking.identifiers import is_card
from obskit.masking.keys import KeyMemo, class_of

EMAIL = "ann.lee+shop@mail.example.com"
CARD = "4242 4242 4242 4242"  # a public test number
PHONE = "+44 20 7946 0958"  # a number reserved for fiction


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (EMAIL, "[EMAIL]"),
        ("Ann <ann@example.com>, bob@example.org.", "Ann <[EMAIL]>, [EMAIL]."),
        ("ann%40example.com", "[EMAIL]"),
        ("/user?email=ann@example.com&page=2", "/user?email=[EMAIL]&page=2"),
        ("input_value='ann@example.com'", "input_value='[EMAIL]'"),
        ("bounce+ann=gmail.com@lists.example.com", "[EMAIL]"),
        ("grüße@bücher.example", "[EMAIL]"),
        ("4242424242424242", "[CARD]"),
        ("card 4242-4242-4242-4242.", "card [CARD]."),
        ("378282246310005", "[CARD]"),
        ("5555555555554444 and 2223003122003222", "[CARD] and [CARD]"),
        ("paid 1234 4242 4242 4242 4242 on 24 11", "paid 1234 [CARD] on 24 11"),
        ("4242424242424242 378282246310005", "[CARD] [CARD]"),
        ("4242\u00a04242\u00a04242\u00a04242", "[CARD]"),
        ("4242424242424242.Thanks", "[CARD].Thanks"),
        (PHONE, "[PHONE]"),
        ("call (212) 555-0123 now", "call [PHONE] now"),
        ("212-555-0123", "[PHONE]"),
        ("%2B442079460958", "[PHONE]"),
    ],
)
def test_personal_data_in_text_is_replaced(text, masked):
    assert masked == mask_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "checkout started",
        "@instrument decorates a handler",
        "npm i @scope/package",
        "image@sha256:0123",
        "1700000000000",  # epoch in ms
        "1795492303",  # epoch in s
        "4242424242424241",  # fails Luhn
        "2026-11-24T03:51:43.535Z",
        "2026-11-24T03:51:43+01:00",
        "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "1-5759e988-bd862e3fe1be46a994272793",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "arn:aws:lambda:us-east-1:123456789012:function:checkout",
        "Mozilla/5.0 Chrome/126.0.0.0 Safari/537.36",
        "order 113-4567890-1234567",
        "id-4242424242424242",
        "42424242424242424242",  # twenty digits
        "took 12.345 ms of 3000.000",
        "40.712776, -74.005974",
    ],
)
def test_harmless_text_stays(text):
    assert text == mask_text(text)


@pytest.mark.parametrize(
    ("key", "marker"),
    [
        ("password", "[SECRET]"),
        ("dbPassword", "[SECRET]"),
        ("X-Api-Key", "[SECRET]"),
        ("Authorization", "[SECRET]"),
        ("code", "[SECRET]"),
        ("email", "[EMAIL]"),
        ("customerEmail", "[EMAIL]"),
        ("phone_number", "[PHONE]"),
        ("firstName", "[NAME]"),
        ("cardNumber", "[CARD]"),
        ("x-forwarded-for", "[IP]"),
        ("dateOfBirth", "[BIRTH]"),
    ],
)
def test_keys_that_name_personal_data_hide_their_values(key, marker):
    assert {key: marker} == mask({key: "whatever it is"})


@pytest.mark.parametrize(
    "key",
    [
        "session_count",
        "author",
        "authority",
        "password_policy",
        "emailVerified",
        "status_code",
        "errorCode",
        "partition_key",
        "idempotencyKey",
        "next_token",
        "function_name",
        "name",
        "keyword",
        "tokenType",
        "shipping",
        "landline_provider",
        "zip",
    ],
)
def test_keys_that_only_contain_such_a_word_do_not(key):
    assert {key: "plain"} == mask({key: "plain"})


def test_a_sensitive_key_hides_its_whole_subtree():
    assert {"credentials": "[SECRET]", "n": 1} == mask({"credentials": {"user": ["a", {"b": 1}]}, "n": 1})


def test_a_sensitive_key_keeps_what_says_nothing():
    assert {"token": None, "auth": True, "email": ""} == mask({"token": None, "auth": True, "email": ""})


class Colour(enum.Enum):
    RED = "ann@example.com"


class Size(enum.IntEnum):
    BIG = 3


@dataclasses.dataclass
class Buyer:
    email: str
    visits: int


class Hostile:
    def __str__(self):
        raise RuntimeError("no")


class Text(str):
    __slots__ = ()

    def __str__(self):
        return "lies"


class Lookup:
    def keys(self):
        return ["email", "n"]

    def __getitem__(self, key):
        return {"email": "ann@example.com", "n": 1}[key]


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (2.5, 2.5),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (4242424242424242, "[CARD]"),
        (10**30, 10**30),
        (b"ann@example.com", "[EMAIL]"),
        (bytearray(b"\xff"), "\ufffd"),
        ("\ud800x", "?x"),
        (Text("ann@example.com"), "[EMAIL]"),
        (decimal.Decimal("1.50"), "1.50"),
        (datetime.date(2026, 11, 24), "2026-11-24"),
        (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (Colour.RED, "[EMAIL]"),
        (Size.BIG, 3),
        (Buyer("x", 2), {"email": "[EMAIL]", "visits": 2}),
        (Lookup(), {"email": "[EMAIL]", "n": 1}),
        ((1, "a"), [1, "a"]),
        ({1}, [1]),
        (ValueError("ann@example.com"), {"type": "ValueError", "message": "[EMAIL]"}),
        (Hostile(), "[UNREADABLE]"),
        ({"a": Hostile(), "b": 1}, {"a": "[UNREADABLE]", "b": 1}),
        ({1: "a", None: "b", b"c": "d", (1, 2): "e"}, {"1": "a", "null": "b", "c": "d", "(1, 2)": "e"}),
        ({True: 1, "true": 2}, {"true": 1, "true (2)": 2}),
        ({"ann@example.com": 1, "bob@example.com": 2}, {"[EMAIL]": 1, "[EMAIL] (2)": 2}),
    ],
)
def test_any_value_becomes_json(value, masked):
    assert masked == mask(value)


def test_a_generator_is_left_unconsumed():
    numbers = iter([1, 2])

    assert {"numbers": "[list_iterator]"} == mask({"numbers": numbers})
    assert [1, 2] == list(numbers)


def test_the_value_itself_is_not_touched():
    value = {"email": "ann@example.com", "items": [{"phone": PHONE}]}

    mask(value)

    assert {"email": "ann@example.com", "items": [{"phone": PHONE}]} == value


def test_a_mapping_without_an_end_is_cut():
    class Endless:
        def keys(self):
            return itertools.count()

        def __getitem__(self, key):
            return "ann@example.com"

    text = json.dumps(mask(Endless()))

    assert "[TOO MUCH]" in text
    assert "ann" not in text


def test_a_cycle_ends():
    value: dict[str, object] = {"n": 1}
    value["again"] = value

    assert {"n": 1, "again": "[CYCLE]"} == mask(value)


def test_the_same_value_twice_is_no_cycle():
    shared = ["a"]

    assert {"x": ["a"], "y": ["a"]} == mask({"x": shared, "y": shared})


def test_depth_2000_ends_and_hides_the_rest():
    value: object = "ann@example.com"
    for _ in range(2000):
        value = [value]

    text = json.dumps(mask(value))

    assert "[TOO DEEP]" in text
    assert "ann" not in text


def test_more_values_than_the_budget_are_hidden_not_passed_on():
    masked = mask([["ann@example.com"]] * 30_000)

    assert isinstance(masked, list)
    assert masked[-1] == "[TOO MUCH]"
    assert "ann" not in json.dumps(masked)


def test_a_document_that_cannot_be_read_fails_closed():
    class Broken(dict):
        def items(self):
            raise RuntimeError("ann@example.com")

    assert {"unreadable": "[UNREADABLE]"} == mask_document(Broken())


def test_the_memo_keeps_names_and_no_data():
    memo = KeyMemo()

    assert memo["order_id"] == ""
    assert memo["ann@example.com"] == ""
    assert memo["+442079460958"] == ""
    assert set(memo) == {"order_id"}


def test_the_memo_is_bounded():
    memo = KeyMemo({f"k{'x' * number}": "" for number in range(4096)})

    assert memo["one_more"] == ""
    assert len(memo) == 4096


@pytest.mark.parametrize("number", ["4242424242424242", "378282246310005", "6011111111111117", "3530111333300000"])
def test_public_test_cards_are_cards(number):
    assert is_card(number)


@given(st.integers(min_value=10**11, max_value=10**19 - 1))
def test_a_card_passes_luhn(number):
    digits = [int(digit) for digit in str(number)][::-1]
    luhn = sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])

    assert not (is_card(str(number)) and luhn % 10)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
surroundings = st.text(alphabet=st.characters(blacklist_categories=["L", "N", "Cs"]), max_size=20).filter(
    lambda text: not set(text) & set("._%+'&/=-@")
)


@given(json_values)
def test_the_result_is_valid_json_and_utf8(value):
    json.dumps(mask(value), allow_nan=False, ensure_ascii=False).encode("utf-8")


@given(json_values)
def test_masking_twice_changes_nothing_more(value):
    once = mask(value)

    assert once == mask(once)


@given(before=surroundings, after=surroundings, secret=st.sampled_from([EMAIL, CARD, PHONE]), data=st.data())
def test_planted_personal_data_never_survives(before, after, secret, data):
    value: object = f"{before} {secret} {after}"
    for wrap in data.draw(st.lists(st.sampled_from(["list", "dict", "key", "bytes", "error"]), max_size=5)):
        match wrap:
            case "list":
                value = [1, value]
            case "dict":
                value = {"note": value}
            case "key" if isinstance(value, str):
                value = {value: 1}
            case "bytes" if isinstance(value, str):
                value = value.encode()
            case "error" if isinstance(value, str):
                value = RuntimeError(value)

    assert secret not in json.dumps(mask(value), ensure_ascii=False)


def test_every_name_in_the_tables_hides_its_value():
    named = [*keys._SECRET_NAMES.split(), *" ".join(keys._PERSONAL_NAMES.values()).split()]

    assert [name for name in named if not class_of(name)] == []


def test_marker_for_a_key_longer_than_a_name_is_none():
    assert class_of("password_" * 40) == ""


@pytest.mark.parametrize("piece", ["@", "a@", "a@a.", "%40", "12 ", "4-", "4242 ", "212-", "+1", "(2", ". ", "é@"])
def test_the_time_grows_with_the_text_and_not_with_its_square(piece):
    """Eight times the text: eight times the work where it is linear, sixty-four where it is not."""

    def work(length):
        text = (piece * length)[:length]
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            mask_text(text)
            best = min(best, time.process_time() - start)
        return best

    assert work(80_000) < 30 * max(work(10_000), 1e-4)
