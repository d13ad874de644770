"""Masking: key names, e-mail addresses, cards, telephone numbers; any value in, JSON types out."""

import array
import base64
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import gzip
import io
import itertools
import json
import types
import typing
import uuid

import pytest

from obskit.masking import mask, mask_document, mask_field, mask_text

pytestmark = pytest.mark.usefixtures("both_walks")

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


class Endless(collections.UserList):  # type: ignore[type-arg]
    def __iter__(self):
        return itertools.count()


class EndlessList(list):  # type: ignore[type-arg]
    def __iter__(self):
        return itertools.count()


@pytest.mark.parametrize("values", [range(10**12), Endless(), EndlessList([1])])
def test_of_a_collection_without_end_only_as_much_is_read_as_is_looked_at(values):
    masked = mask(values)

    assert masked == [*range(20_000), "[TOO MUCH]"]


def test_a_key_is_judged_by_the_text_that_it_holds_not_by_what_it_calls_itself():
    keys = {Column.LOGIN: "hunter2", Column.COUNT: 3, Text("token"): "hunter2", Plain.LOGIN: "hunter2", Size.BIG: 1}

    masked = mask(keys)

    assert masked == {
        "password": "[SECRET]",
        "visits": 3,
        "token": "[SECRET]",
        "password (2)": "[SECRET]",
        "3": 1,
    }


def test_a_key_that_may_be_data_itself_names_its_value_wherever_it_stands():
    assert mask([{"name": "X-TYPESENSE-API-KEY", "value": "tiger"}]) == [
        {"name": "X-TYPESENSE-API-KEY", "value": "[SECRET]"}
    ]
    assert mask('oauth2AccessToken={"v": 1}') == 'oauth2AccessToken="[SECRET]"'
    assert mask_field("oauth2AccessToken", "tiger") == "[SECRET]"


def test_a_sensitive_key_hides_its_whole_subtree():
    assert {"credentials": "[SECRET]", "n": 1} == mask({"credentials": {"user": ["a", {"b": 1}]}, "n": 1})


def test_a_sensitive_key_keeps_what_says_nothing():
    assert {"token": None, "auth": True, "email": ""} == mask({"token": None, "auth": True, "email": ""})


class Colour(enum.Enum):
    RED = "ann@example.com"


class Size(enum.IntEnum):
    BIG = 3


class Column(str, enum.Enum):  # noqa: UP042  what it calls itself is not the text that it is
    LOGIN = "password"
    COUNT = "visits"


class Plain(enum.Enum):
    LOGIN = "password"


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


def test_an_option_at_the_start_of_a_later_text_is_masked_and_the_search_ends():
    masked = mask(["a 1 2 3", "-p x", "b", "--password hunter22x"])

    assert masked == ["a 1 2 3", "-p x", "b", "--password [SECRET]"]


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


# --- records of libraries, by their attributes -----------------------------------------------------------------------


class Customer(typing.NamedTuple):
    email: str
    visits: int


class LikeAttrs:
    __attrs_attrs__ = (types.SimpleNamespace(name="email"), types.SimpleNamespace(name="visits"))

    def __init__(self):
        self.email, self.visits = "x", 2


class LikePydantic:
    __pydantic_fields__: typing.ClassVar[dict[str, object]] = {"email": str, "visits": int}

    def __init__(self):
        self.email, self.visits = "x", 2


class LikeMsgspec:
    __struct_fields__ = ("email", "visits")
    __slots__ = ("email", "visits")

    def __init__(self):
        self.email, self.visits = "x", 2


@dataclasses.dataclass
class HalfMade:
    email: str
    visits: int = dataclasses.field(init=False)


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        (Customer("x", 2), {"email": "[EMAIL]", "visits": 2}),
        (LikeAttrs(), {"email": "[EMAIL]", "visits": 2}),
        (LikePydantic(), {"email": "[EMAIL]", "visits": 2}),
        (LikeMsgspec(), {"email": "[EMAIL]", "visits": 2}),
        (types.SimpleNamespace(email="x", visits=2), {"email": "[EMAIL]", "visits": 2}),
        (HalfMade("x"), {"email": "[EMAIL]", "visits": "[UNREADABLE]"}),
        (types.MappingProxyType({"email": "x"}), {"email": "[EMAIL]"}),
        (collections.OrderedDict(email="x"), {"email": "[EMAIL]"}),
        (collections.ChainMap[str, object]({"email": "x"}, {"n": 1}), {"n": 1, "email": "[EMAIL]"}),
        (collections.UserDict(email="x"), {"email": "[EMAIL]"}),
        (collections.Counter(["ann@example.com"]), {"[EMAIL]": 1}),
        (collections.deque(["ann@example.com", 1]), ["[EMAIL]", 1]),
        (collections.UserList(["ann@example.com"]), ["[EMAIL]"]),
        ({"n": "ann@example.com"}.values(), ["[EMAIL]"]),
        ({"ann@example.com": 1}.keys(), ["[EMAIL]"]),
        ({"email": "x"}.items(), [["email", "[EMAIL]"]]),
        (frozenset(["ann@example.com"]), ["[EMAIL]"]),
        (array.array("i", [1, 2]), [1, 2]),
        (range(3), [0, 1, 2]),
        (memoryview(b"ann@example.com"), "[EMAIL]"),
        (decimal.Decimal(4242424242424242), "[CARD]"),
        (4242424242424242.0, "[CARD]"),
        (-4242424242424242, "[CARD]"),
        (10**400, "[TOO MUCH]"),
        (fractions.Fraction(1, 2), "1/2"),
        (datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC), "2026-11-24 00:00:00+00:00"),
        (int, "<class 'int'>"),
        (Ellipsis, "Ellipsis"),
    ],
)
def test_records_and_collections_are_walked(value, masked):
    assert masked == mask(value)


# --- names that are no keys ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ([["Authorization", "abc"], ["Accept", "*/*"]], [["Authorization", "[SECRET]"], ["Accept", "*/*"]]),
        ([("Cookie", "a=b")], [["Cookie", "[SECRET]"]]),
        ([("note", "ann@example.com")], [["note", "[EMAIL]"]]),
        ([("email", None), ("email", "")], [["email", None], ["email", ""]]),
        ({"name": "Authorization", "value": "abc"}, {"name": "Authorization", "value": "[SECRET]"}),
        ({"key": "X-Api-Key", "value": "abc"}, {"key": "X-Api-Key", "value": "[SECRET]"}),
        ({"Name": "email", "Value": "abc"}, {"Name": "email", "Value": "[EMAIL]"}),
        ({"name": "colour", "value": "red"}, {"name": "colour", "value": "red"}),
        ({"name": "password", "value": None}, {"name": "password", "value": None}),
        ({"email": {"S": "x"}, "count": {"N": "3"}}, {"email": "[EMAIL]", "count": {"N": "3"}}),
        ({"address": {"S": "1 Example Street"}}, {"address": {"S": "[ADDRESS]"}}),
        ({"headers": {"Authorization": ["abc"]}}, {"headers": {"Authorization": "[SECRET]"}}),
        ({"customer": {"name": "Ann Lee", "id": 7}}, {"customer": {"name": "[NAME]", "id": 7}}),
        ({"function": {"name": "checkout"}}, {"function": {"name": "checkout"}}),
        ({"card": {"number": "1111", "brand": "visa"}}, {"card": {"number": "[CARD]", "brand": "visa"}}),
        ({"address": ["1 Example Street", "x"]}, {"address": ["[ADDRESS]", "[ADDRESS]"]}),
        ({"code": "SplxlOBeZQQYbYS6WxSbIA"}, {"code": "[SECRET]"}),
        ({"code": "card_declined"}, {"code": "card_declined"}),
        ({"version": "192.0.2.44"}, {"version": "192.0.2.44"}),
        ({"release": "192.0.2.44"}, {"release": "192.0.2.44"}),
        ({"host": "192.0.2.44"}, {"host": "[IP]"}),
    ],
)
def test_what_stands_beside_a_name_is_masked_by_it(value, masked):
    assert masked == mask(value)


def test_a_text_with_a_hyphen_first_behind_another_ends():
    assert {"a": "order", "delta": "-5 items"} == mask({"a": "order", "delta": "-5 items"})


# --- documents in text -----------------------------------------------------------------------------------------------

BODY = {"email": "x", "note": "ann@example.com", "n": 1}
MASKED_BODY = {"email": "[EMAIL]", "note": "[EMAIL]", "n": 1}


def test_json_in_json_in_json_is_masked_by_its_keys_in_each():
    value = {"Message": json.dumps({"detail": json.dumps({"body": json.dumps(BODY)})})}

    masked = mask(value)

    assert MASKED_BODY == json.loads(json.loads(json.loads(masked["Message"])["detail"])["body"])


@pytest.mark.parametrize("layers", range(1, 10))
def test_nothing_is_told_however_many_layers_there_are(layers):
    text = json.dumps({"password": "hunter2", "note": "ann@example.com"})
    for _ in range(layers):
        text = json.dumps(text)

    masked = mask_text(text)

    assert "hunter2" not in masked
    assert "ann@" not in masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"n": 1,"note" : "plain"}', '{"n": 1,"note" : "plain"}'),  # as it was written
        ('{"n":"ann@example.com"}', '{"n":"[EMAIL]"}'),
        ('{"n": "ann@example.com"}', '{"n": "[EMAIL]"}'),
        ('failed: {"password":"hunter2"} for ann@example.com', 'failed: {"password":"[SECRET]"} for [EMAIL]'),
        ('{"n":1} {"password":"x"} [{"password":"y"}]', '{"n":1} {"password":"[SECRET]"} [{"password":"[SECRET]"}]'),
        ('{"email":"a","email":"b"}', '{"email":"[EMAIL]","email (2)":"[EMAIL]"}'),
        ('{"n":"ann@example.com","n":1}', '{"n":"[EMAIL]","n (2)":1}'),
        ('{"n":NaN,"m":"ann@example.com"}', '{"n":"nan","m":"[EMAIL]"}'),
        ('{"password": "hunter2"', '{"password": "[SECRET]"'),  # cut
        ('{"password": "hunt', '{"password": "[SECRET]'),
        ("[1, 2", "[1, 2"),
        ('"ann@example.com"', '"[EMAIL]"'),
    ],
)
def test_json_in_text_is_masked_by_its_keys(text, masked):
    assert masked == mask_text(text)


def test_json_of_2000_levels_in_text_ends():
    masked = mask_text('{"a":' * 2000 + '"ann@example.com"' + "}" * 2000)

    assert "ann" not in masked


def test_a_body_in_base64_is_masked_and_stays_base64():
    event = {"body": base64.b64encode(json.dumps(BODY).encode()).decode(), "isBase64Encoded": True}

    masked = mask(event)

    assert {"body": masked["body"], "isBase64Encoded": True} == masked
    assert MASKED_BODY == json.loads(base64.b64decode(masked["body"]))


def test_what_is_packed_and_in_base64_is_masked_and_stays_so():
    """As CloudWatch Logs hands log events to a function, which logs its event."""
    said = json.dumps({"logEvents": [{"message": "paid by ann@example.com"}]})

    def event(text):
        return {"awslogs": {"data": base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()}}

    masked = mask(event(said))

    assert json.loads(gzip.decompress(base64.b64decode(masked["awslogs"]["data"]))) == {
        "logEvents": [{"message": "paid by [EMAIL]"}]
    }
    assert mask(event("nothing personal in this text")) == event("nothing personal in this text")
    assert mask(event("ann@example.com " * 400_000)) == {"awslogs": {"data": "[TOO MUCH]"}}


def test_a_body_in_base64_without_padding_is_masked():
    said = base64.urlsafe_b64encode(json.dumps({**BODY, "n": "?>?"}).encode()).decode().rstrip("=")

    masked = mask({"body": said, "isBase64Encoded": True})

    assert {**MASKED_BODY, "n": "?>?"} == json.loads(base64.b64decode(masked["body"]))


@pytest.mark.parametrize("last", [True, False])
def test_a_body_in_base64_is_masked_before_and_behind_a_key_that_is_data(last):
    said = base64.urlsafe_b64encode(json.dumps({**BODY, "n": "?>?"}).encode()).decode().rstrip("=")
    event = {"body": said, "isBase64Encoded": True}

    masked = mask({**event, "ann@example.com": 1} if last else {"ann@example.com": 1, **event})

    assert {**MASKED_BODY, "n": "?>?"} == json.loads(base64.b64decode(masked["body"]))


def test_a_body_without_anything_personal_stays_as_it_is():
    event = {"body": base64.b64encode(b"plain words of nobody").decode(), "isBase64Encoded": True}

    assert event == mask(event)


# --- errors ----------------------------------------------------------------------------------------------------------


def test_an_error_tells_its_cause_its_notes_and_its_members():
    error = ExceptionGroup("two of ann@example.com", [ValueError("bob@example.com"), KeyError("n")])
    error.add_note("seen by carol@example.com")
    error.__cause__ = RuntimeError("dave@example.com")

    assert {
        "type": "ExceptionGroup",
        "message": "two of [EMAIL] (2 sub-exceptions)",
        "notes": ["seen by [EMAIL]"],
        "cause": {"type": "RuntimeError", "message": "[EMAIL]"},
        "exceptions": [{"type": "ValueError", "message": "[EMAIL]"}, {"type": "KeyError", "message": "'n'"}],
    } == mask(error)


def test_a_suppressed_context_is_not_told_and_another_is():
    told, suppressed = ValueError("a"), ValueError("a")
    told.__context__ = KeyError("b")
    suppressed.__context__, suppressed.__suppress_context__ = KeyError("b"), True

    assert {"type": "ValueError", "message": "a", "cause": {"type": "KeyError", "message": "'b'"}} == mask(told)
    assert {"type": "ValueError", "message": "a"} == mask(suppressed)


def test_errors_that_are_each_others_cause_end():
    error, other = ValueError("a"), ValueError("b")
    error.__cause__, other.__cause__ = other, error

    assert {
        "type": "ValueError",
        "message": "a",
        "cause": {"type": "ValueError", "message": "b", "cause": "[CYCLE]"},
    } == mask(error)


class UnspeakableError(Exception):
    def __str__(self):
        raise ValueError("ann@example.com")


class Unlike:
    """Raises at whatever is asked of it."""

    def __getattribute__(self, name):
        raise RuntimeError("ann@example.com")


class Exits:
    def __repr__(self):
        raise SystemExit("ann@example.com")


@pytest.mark.parametrize(
    ("kind", "masked"),
    [
        (UnspeakableError, {"type": "UnspeakableError", "message": "[UNREADABLE]"}),
        (Unlike, "[UNREADABLE]"),
        (Exits, "[UNREADABLE]"),
    ],
)
def test_what_cannot_be_looked_into_is_replaced_where_it_stands(kind, masked):
    assert [1, masked, "[EMAIL]"] == mask([1, kind(), "ann@example.com"])
    assert masked == mask(kind())


class Incomparable:
    def __eq__(self, other):
        raise RuntimeError("ann@example.com")

    __hash__ = None  # type: ignore[assignment]  # as of arrays of numpy


@pytest.mark.parametrize("key", ["password", "value", "note", "session", "body"])
def test_what_cannot_be_compared_is_neither_passed_on_nor_raised(key):
    masked = json.dumps(mask({key: Incomparable(), "note": "ann@example.com"}))

    assert "ann" not in masked


def test_generators_coroutines_and_files_stay_unconsumed():
    numbers = (number for number in range(3))
    reader = io.StringIO("ann@example.com")

    assert ["[generator]", "[StringIO]", "[map]"] == mask([numbers, reader, map(str, [1])])
    assert [0, 1, 2] == list(numbers)
    assert "ann@example.com" == reader.read()


# --- much ------------------------------------------------------------------------------------------------------------


def test_5000_keys_are_all_kept():
    value = {f"key_{number}": number for number in range(5000)}

    assert value == mask(value)


def test_a_megabyte_of_text_is_masked_to_its_end():
    masked = mask_text("plain words, nothing else. " * 40_000 + "ann@example.com")

    assert masked.endswith("nothing else. [EMAIL]")
    assert len(masked) == 40_000 * 27 + len("[EMAIL]")


def test_a_key_longer_than_any_name_is_masked_as_text():
    assert {"x" * 5000 + " [EMAIL]": 1} == mask({"x" * 5000 + " ann@example.com": 1})


def test_the_field_of_a_name_is_masked_by_it_or_by_what_it_says():
    assert ["[SECRET]", "[EMAIL]", "plain", "3"] == [
        mask_field("password", "x"),
        mask_field("note", "ann@example.com"),
        mask_field("note", "plain"),
        mask_field("note", 3),
    ]


@pytest.mark.parametrize("value", [None, 3, "ann@example.com", [1], object()])
def test_a_document_that_is_no_mapping_fails_closed(value):
    assert {"unreadable": "[UNREADABLE]"} == mask_document(value)


def test_what_a_key_says_holds_in_the_text_under_it():
    value = {"customer": '{"id":1,"name":"Ann Lee"}', "product": '{"name":"kettle"}'}

    assert mask(value) == {"customer": '{"id":1,"name":"[NAME]"}', "product": '{"name":"kettle"}'}


def test_the_secret_of_an_option_is_masked_in_a_list_of_arguments():
    assert mask(["mysql", "--password", "hunter2", "-v"]) == ["mysql", "--password", "[SECRET]", "-v"]
    assert mask(["curl", "-u", "ann:tiger"]) == ["curl", "-u", "[SECRET]"]
    assert mask([["-u", "ann:tiger"]]) == [["-u", "[SECRET]"]]
