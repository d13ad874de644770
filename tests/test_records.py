"""`obskit.testing.records`: what is planted, what is harmless, and that nobody confuses the two."""

import json
from collections import Counter
from random import Random

import pytest

from obskit.testing import Harmless, Planted, Record, records, traps
from obskit.testing import planted as planted_kinds
from obskit.testing.draft import as_base64, as_form, as_json, as_number, as_repr, joined
from obskit.testing.placements import Deck, Filler
from obskit.testing.record import _finished
from obskit.testing.survival import survives

CORPUS = list(records(2000, seed=1))


def filler():
    return Filler(Random(1), personal=True, personal_kinds=(), trap_kinds=())


def at(value, path):
    """Return the leaf at *path*; a path that ends in a key of text gives the text below it."""
    for part in path:
        value = value[part]
    return value


def test_the_same_seed_gives_the_same_records():
    assert list(records(50, seed=7)) == list(records(50, seed=7))
    assert list(records(50, seed=7)) != list(records(50, seed=8))


def test_more_records_begin_with_the_same_ones():
    assert list(records(20, seed=3)) == list(records(40, seed=3))[:20]


def test_every_kind_is_planted():
    assert set(planted_kinds.KINDS) == {text.kind for record in CORPUS for text in record.planted}


def test_every_trap_is_there():
    assert set(traps.KINDS) == {text.kind for record in CORPUS for text in record.harmless}


def test_no_kind_is_rare():
    """Of each kind enough to see in which places it is missed."""
    counts = Counter(text.kind for record in CORPUS for text in record.planted)

    assert min(counts.values()) >= 8


def test_a_record_has_a_kilobyte():
    mean = sum(len(json.dumps(record.value)) for record in CORPUS) / len(CORPUS)

    assert 800 <= mean <= 1300


def test_six_in_ten_hold_personal_data():
    assert 0.55 <= sum(bool(record.planted) for record in CORPUS) / len(CORPUS) <= 0.65


def test_records_are_json():
    assert [record.value for record in CORPUS] == [json.loads(json.dumps(record.value)) for record in CORPUS]


def test_each_planted_text_is_in_the_record():
    missing = [
        text for record in CORPUS for text in record.planted if not survives(text.text, json.dumps(record.value))
    ]

    assert [] == missing


def test_each_path_leads_to_a_leaf_or_a_key():
    for record in CORPUS:
        for text in (*record.planted, *record.harmless):
            leaf = at(record.value, text.path)
            on_the_way = [str(part) for part in text.path]
            assert isinstance(leaf, (str, int, float)) or any(text.text in part for part in on_the_way)


def test_no_harmless_text_holds_a_planted_one():
    confused = [
        (harmless, text)
        for record in CORPUS
        for harmless in record.harmless
        for text in record.planted
        if text.text in harmless.text or harmless.text in text.text
    ]

    assert [] == confused


def test_a_planted_text_is_nowhere_but_at_its_paths():
    """With the leaves that hold it taken out, nothing of it is left: what survives masking is a leak."""
    for record in CORPUS[:500]:
        rest = json.loads(json.dumps(record.value))
        for text in record.planted:
            remove(rest, text.path)
        assert [] == [text for text in record.planted if survives(text.text, json.dumps(rest))]


def remove(value, path):
    *way, last = path
    for part in way:
        if isinstance(value, dict) and part not in value:
            return
        value = value[part]
    if isinstance(value, dict):
        value.pop(last, None)
    else:
        value[last] = None


@pytest.mark.parametrize("kind", ["card, visa", "card, grouped", "IBAN", "US SSN", "key pan"])
def test_no_trap_is_by_chance_a_number_that_must_be_masked(kind):
    """Harmless digits fail the check of what they look like, or have another length, or no issuer begins so."""
    bare = {
        "".join(filter(str.isalnum, text.text)) for record in CORPUS for text in record.planted if text.kind == kind
    }

    assert not bare & {"".join(filter(str.isalnum, text.text)) for record in CORPUS for text in record.harmless}


def test_harmless_digits_are_no_card():
    """Luhn, an issuer's first digits and its length, written out once more."""
    digits = {text.text for record in CORPUS for text in record.harmless if text.text.isdigit()}

    assert [] == sorted(number for number in digits if is_card(number))


def is_card(number):
    ranges = [
        ("4", (16, 19)),
        *((str(prefix), (16,)) for prefix in (*range(51, 56), *range(2221, 2721), *range(2200, 2205))),
        *((prefix, (15,)) for prefix in ("34", "37")),
        *((str(prefix), (16, 17, 18, 19)) for prefix in (6011, *range(644, 650), 65, 62, *range(3528, 3590))),
        *((str(prefix), tuple(range(14, 20))) for prefix in (*range(300, 306), 36, 38, 39)),
        *((str(prefix), tuple(range(12, 20))) for prefix in (5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763)),
    ]
    if not any(number.startswith(prefix) and len(number) in lengths for prefix, lengths in ranges):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def test_addresses_are_reserved_ones():
    """RFC 2606, RFC 5737: whoever commits a record commits nobody's data."""
    for record in CORPUS:
        for text in record.planted:
            if text.class_name == "EMAIL":
                assert text.text.endswith((".example", "example.com", "example.org", "example.net"))
            if text.kind in {"IPv4", "key ip"}:
                assert text.text.startswith(("192.0.2.", "198.51.100.", "203.0.113."))


def test_a_draft_puts_its_texts_into_every_encoding():
    draft = filler()
    email, pin = draft.put("EMAIL", "e-mail", "jörg@example.com"), draft.put("SECRET", "pin", "1234")
    node = {
        "body": as_json({"email": email, "list": [pin]}),
        "code": as_base64(f"pin {pin}"),
        "query": as_form({"q": email}),
        "text": joined("given ", as_repr({"pin": pin})),
        "number": as_number(pin),
        email: True,
    }

    assert {
        "body": '{"email": "j\\u00f6rg@example.com", "list": ["1234"]}',
        "code": "cGluIDEyMzQ=",
        "query": "q=j%C3%B6rg%40example.com",
        "text": "given {'pin': '1234'}",
        "number": 1234,
        "jörg@example.com": True,
    } == draft.render(node)
    assert {
        "body": '{"email": "[EMAIL]", "list": ["[SECRET]"]}',
        "code": "cGluIFtTRUNSRVRd",
        "query": "q=%5BEMAIL%5D",
        "text": "given {'pin': '[SECRET]'}",
        "number": "[SECRET]",
        "[EMAIL]": True,
    } == draft.render_masked(node)
    assert [
        ("e-mail", ("body",)),
        ("pin", ("body",)),
        ("pin", ("code",)),
        ("e-mail", ("query",)),
        ("pin", ("text",)),
        ("pin", ("number",)),
        ("e-mail", ("jörg@example.com",)),
    ] == [(value.kind, path) for value, path in draft.places(node)]


def test_a_draft_in_which_a_planted_text_occurs_twice_by_chance_is_no_record():
    draft = filler()
    pin = draft.put("SECRET", "pin", "2819")

    assert _finished(draft, {"pin": pin, "zip": "28195"}) is None
    assert _finished(draft, {"pin": pin, "zip": "28095"}) == Record(
        value={"pin": "2819", "zip": "28095"}, planted=(Planted("SECRET", "pin", "2819", ("pin",)),), harmless=()
    )


def test_a_deck_gives_every_name_before_it_repeats_one():
    deck = Deck(Random(1), ["a", "b", "c"])

    drawn = [deck.draw() for _ in range(9)]

    assert [{"a", "b", "c"}] * 3 == [set(drawn[start : start + 3]) for start in (0, 3, 6)]


def test_a_record_says_what_it_holds():
    record = next(record for record in CORPUS if any(text.kind == "key customer.name" for text in record.planted))

    assert isinstance(record, Record)
    assert {Planted} == set(map(type, record.planted))
    assert {Harmless} == set(map(type, record.harmless))
    (name,) = (text for text in record.planted if text.kind == "key customer.name")
    assert ("NAME", name.text) == (name.class_name, at(record.value, name.path))
