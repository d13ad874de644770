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
    ("key", "marker"),
    [
        ("password", "[SECRET]"),
        ("dbPassword", "[SECRET]"),
        ("X-Api-Key", "[SECRET]"),
        ("Authorization", "[SECRET]"),
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
        def keys(self):
            raise RuntimeError("ann@example.com")

    assert {"unreadable": "[UNREADABLE]"} == mask_document(Broken())
