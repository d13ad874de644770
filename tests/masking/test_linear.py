"""Time grows with the text and not with its square; budgets end what is too much, and the rest is masked."""

from __future__ import annotations

import functools
import importlib
import json
import pkgutil
import re
import time

import pytest

from obskit import masking
from obskit.masking import (
    classes,
    detection,
    emails,
    engine,
    mask,
    mask_text,
    national,
    network,
    numbers,
    pairs,
    stated,
)
from obskit.masking.engine import TOO_MUCH
from obskit.masking.patterns import Pattern
from obskit.masking.text import HEX, SHADOW, forget

# --- patterns --------------------------------------------------------------------------------------------------------

MODULES = [
    importlib.import_module(f"obskit.masking.{module.name}") for module in pkgutil.iter_modules(masking.__path__)
]
PATTERNS = {
    (module.__name__.rpartition(".")[2], name): value
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, (re.Pattern, Pattern))
}
NAMES_ONLY = ("keys", "_WORDS")
"""Reads names of keys, which are cut at 96 characters before."""
BOUND = 4096
"""Repetitions of the longest repeat: what a value may have of characters."""


def repeats(pattern):
    """Yield (most, item, how) of every repeat that can be given back, from the parsed form of *pattern*."""
    parser = re._parser  # the only way to read a pattern as Python does
    stack = [parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)]
    while stack:
        part = stack.pop()
        if isinstance(part, parser.SubPattern):
            for code, argument in part:
                name = str(code)
                if name in ("MAX_REPEAT", "MIN_REPEAT"):
                    yield argument[1], argument[2]
                stack.append(argument)
        elif isinstance(part, (tuple, list)):
            stack.extend(part)


def test_there_are_patterns_to_look_at():
    assert len(PATTERNS) > 30


@pytest.mark.parametrize("place", sorted({*PATTERNS} - {NAMES_ONLY}), ids=".".join)
def test_every_repeat_is_bounded_or_possessive(place):
    assert [] == [str(inner) for most, inner in repeats(PATTERNS[place]) if most > BOUND]


@pytest.mark.parametrize("place", sorted(PATTERNS), ids=".".join)
def test_no_repeat_of_many_holds_another_of_many(place):
    """What repeats within what repeats can be divided in too many ways."""
    inner = [
        (most, more)
        for most, part in repeats(PATTERNS[place])
        for more, _ in repeats_in(part)
        if most > 16 and more > 16
    ]

    assert [] == inner


def repeats_in(part):
    parser = re._parser
    for code, argument in part:
        if str(code) in ("MAX_REPEAT", "MIN_REPEAT"):
            yield argument[1], argument[2]
        stack = [argument]
        while stack:
            inner = stack.pop()
            if isinstance(inner, parser.SubPattern):
                yield from repeats_in(inner)
            elif isinstance(inner, (tuple, list)):
                stack.extend(inner)


# --- time ------------------------------------------------------------------------------------------------------------

PIECES = {
    "escaped values": "password=a%28",
    "escaped signs": "password=%28",
    "dots": ".",
    "digits": "0",
    "card digits": "4",
    "dashes": "-",
    "colons": ":",
    "ats": "@",
    "equals": "=",
    "blanks after password": "password ",
    "password: ": "password: ",
    "password=": "password=",
    'password="': 'password="',
    "password='a' ": "password='a' ",
    "password={": "password={",
    "password=({[": "password=({[",
    "blanks": " ",
    "local parts": "a.b+",
    "mails": "a@b.co ",
    "a@a.": "a@a.",
    "a@": "a@",
    "quoted locals": '"@',
    "percents": "%",
    "%40": "%40",
    "%25": "%25",
    "%2525": "%252525",
    "escapes": "\\u0040",
    "backslashes": "\\",
    "entities": "&#64;",
    "ampersands": "&",
    "colours": "\x1b[31m",
    "escape characters": "\x1b[",
    "groups": "12 ",
    "card groups": "4242 ",
    "phones": "212-555-0123 ",
    "pluses": "+1",
    "brackets": "(2",
    "quads": "192.0.2.4 ",
    "dotted": "1.1.1.1.",
    "ipv6": "2001:db8::1 ",
    "hex colons": "ab:",
    "macs": "00:1b:44:11:3a:b7-",
    "ibans": "GB29 ",
    "iban beginnings": "DE89",
    "letters": "a",
    "words": "a1 ",
    "codes": "code 1",
    "pins": "pin: ",
    "births": "born ",
    "births and months": "born march ",
    "elements": "<a>b</a>",
    "tags": "<a ",
    "half elements": "<password>",
    "attributes": 'name="a" value="',
    "arguments": "('a','b')",
    "half arguments": '("abc","',
    "documents": '{"a":1}',
    "documents in a row": '{"a":1}[{"a":1}]',
    "half documents": '{"a":',
    "brackets that open": "[",
    "quoted brackets": '["',
    "braces": '{"',
    "blank braces": "{ ",
    "texts of JSON": '"a"',
    "base64": "QUJDRA==",
    "nul": "\0",
    "nul and digits": "\0" + "4242",
    "accents": "é@",
    "full-width": "\uff14",
    "surrogates": "\ud800",
    "markers": "[EMAIL]",
    "half markers": "[EMAIL",
    "columns": "Key (email)=(",
    "headers": "authorization: ",
    "cookies": "cookie: a=b; ",
    "refusals": "email\n input_value='",
    "urls": "https://a:b@c ",
    "hetu": "131052-308T ",
    "bic": "BIC ",
    "options": "--password a ",
    "rows": "row contains (",
    "rows that end": "row contains ()",
    "parameters": "[parameters: (",
    "parameters that end": "[parameters: [(]]",
    "character data": "<password><![CDATA[",
    "encoded words": "=?utf-8?b?YQ==?=",
    "half encoded words": "=?utf-8?q?",
    "chats": "wa.me/12345678 ",
    "beneficiaries": "mbi 1EG4-TE5-MK73 ",
    "statements": "password 'a1' ",
    "statements that end": "role a password '",
    "lines of netrc": "machine a login b password ",
    "links": "/reset/a1",
}
TWO = {
    "brackets, then documents": ("[x", '{"a":1}'),
    "documents, then blanks": ('{"a":1}', "{ "),
    "keys, then a quote": ('password="a" ', "'"),
    "digits, then letters": ("4242 ", "a"),
    "ats, then dots": ("@", "."),
    "locals, then ats": ("a", "@"),
}


def repeated(piece, size):
    return (piece * size)[:size]


def halves(one, other, size):
    return repeated(one, size // 2) + repeated(other, size // 2)


GENERATORS = {
    **{name: functools.partial(repeated, piece) for name, piece in PIECES.items()},
    **{name: functools.partial(halves, one, other) for name, (one, other) in TWO.items()},
}


def spent(text):
    """Return the CPU time that masking *text* takes."""
    forget()
    began = time.process_time_ns()
    mask_text(text)
    return time.process_time_ns() - began


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_eight_times_the_text_takes_far_less_than_sixty_times_as_long(name):
    """Where time is linear it is eight times, where it grows with the square sixty-four; a busy machine gets trials."""
    short, long = GENERATORS[name](1_000), GENERATORS[name](8_000)

    assert any(spent(long) < 24 * max(spent(short), 50_000) for _ in range(5))


def test_brackets_behind_documents_take_no_longer():
    short, long = ('{"a":1}' * size + "[x" * size for size in (100, 800))

    assert any(spent(long) < 24 * max(spent(short), 50_000) for _ in range(3))


def test_brackets_between_documents_take_no_longer():
    short, long = ('[x{"a":1}' * size for size in (100, 800))

    assert any(spent(long) < 24 * max(spent(short), 50_000) for _ in range(3))


VALUES = {
    "flat keys": lambda size: {f"k{number}": number for number in range(size)},
    "keys that are data": lambda size: {f"ann{number}@example.com": number for number in range(size)},
    "the same key": lambda size: {
        "@" * (number % 32) + "ann@example.com" + " " * (number // 32): 1 for number in range(size // 8)
    },
    "keys that become one": lambda size: {(f"ann{number}@example.com",): number for number in range(size)},
    "texts": lambda size: [f"text {number}" for number in range(size)],
    "secrets": lambda size: [f"ann{number}@example.com" for number in range(size)],
    "pairs": lambda size: [["password", number] for number in range(size)],
    "lists": lambda size: [[number] for number in range(size)],
    "documents": lambda size: [json.dumps({"n": number}) for number in range(size)],
}


@pytest.mark.parametrize("name", sorted(VALUES))
def test_eight_times_the_value_takes_far_less_than_sixty_times_as_long(name):
    def taken(value):
        forget()
        began = time.process_time_ns()
        mask(value)
        return time.process_time_ns() - began

    short, long = VALUES[name](250), VALUES[name](2_000)

    assert any(taken(long) < 24 * max(taken(short), 50_000) for _ in range(5))


# --- budgets ---------------------------------------------------------------------------------------------------------


def test_texts_beyond_the_characters_of_one_call_are_replaced(monkeypatch):
    monkeypatch.setattr(engine, "MOST_CHARACTERS", 5_000)
    long = "plain words, nothing else. " * 80

    assert [long, long, TOO_MUCH, "short"] == mask([long, long, long, "short"])


def test_values_beyond_the_budget_of_one_call_are_replaced(monkeypatch):
    monkeypatch.setattr(engine, "MOST_NODES", 5)

    assert [1, 2, 3, 4, 5, TOO_MUCH] == mask([1, 2, 3, 4, 5, 6, 7])
    assert {"a": 1, "b": {"c": 1, "d": 1, "e": 1}} == mask({"a": 1, "b": {"c": 1, "d": 1, "e": 1}})
    assert {"a": 1, "b": {"c": 1, "d": 1, "e": 1, TOO_MUCH: TOO_MUCH}} == mask(
        {"a": 1, "b": {"c": 1, "d": 1, "e": 1, "f": 1}}
    )


CANDIDATES = {
    classes.EMAIL: ("a@b.co ", lambda text, found: emails.find_emails(text, found, 3)),
    classes.SECRET: ("password=a ", lambda text, found: pairs.find_pairs(text, text.encode(), found, 3)),
    classes.PHONE: ("212-555-0123 ", lambda text, found: numbers.find_numbers(text, shadow(text), found, 3)),
    classes.NATIONAL_ID: ("ssn abcd123 ", lambda text, found: national.find_identifiers(text, shadow(text), found, 3)),
    classes.BIRTH: ("born 1990-03-14 ", lambda text, found: stated.find_births(text, found, 3)),
    classes.IP: ("192.0.2.4 ", lambda text, found: network.find_ipv4(text, shadow(text), found, 3)),
    classes.MAC: ("00:1b:44:11:3a:b7 ", lambda text, found: network.find_macs(text, hexed(text), found, 3)),
    classes.BANK: ("BIC DEUTDEFF ", lambda text, found: national.find_bics(text, found, 3)),
}


def shadow(text):
    return text.encode().translate(SHADOW).decode()


def hexed(text):
    return text.encode().translate(HEX).decode()


@pytest.mark.parametrize("name", sorted(CANDIDATES))
def test_behind_the_last_candidate_the_rest_of_the_text_is_masked(name):
    piece, find = CANDIDATES[name]
    text = piece * 12
    found: list[tuple[int, int, str]] = []

    find(text, found)

    start, end, last = found[-1]
    assert (len(text), name) == (end, last)
    assert start <= 4 * len(piece)


def test_the_detectors_are_called_with_a_budget(monkeypatch):
    monkeypatch.setattr(detection, "_MOST_CANDIDATES", 3)

    assert "a@b.co" not in mask_text("a@b.co " * 10)
    assert "hunter2" not in mask_text("password=hunter2 " * 10)


def test_the_value_at_which_a_budget_ends_is_not_half_visible(monkeypatch):
    monkeypatch.setattr(detection, "_MOST_CANDIDATES", 3)

    assert "ann" not in mask_text("ann@example.com " * 10)
