"""Time grows with the text and not with its square; budgets end what is too much, and the rest is masked."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time

import pytest

from obskit import masking
from obskit.masking import classes, detection, emails, mask, mask_text, network, numbers, pairs
from obskit.masking.engine import TOO_MUCH
from obskit.masking.text import HEX, SHADOW, clean

# --- patterns --------------------------------------------------------------------------------------------------------

MODULES = [
    importlib.import_module(f"obskit.masking.{module.name}") for module in pkgutil.iter_modules(masking.__path__)
]
PATTERNS = {
    (module.__name__.rpartition(".")[2], name): value
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, re.Pattern)
}
BOUND = 4096
"""Repetitions of the longest repeat: what a value may have of characters."""


def repeats(pattern):
    """Yield (most, item, how) of every repeat that can be given back, from the parsed form of *pattern*."""
    parser = re._parser  # type: ignore[attr-defined]  # the only way to read a pattern as Python does
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
    assert len(PATTERNS) > 40


@pytest.mark.parametrize("place", sorted(PATTERNS), ids=".".join)
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
    parser = re._parser  # type: ignore[attr-defined]  # see above
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
}
TWO = {
    "documents, then brackets": ('{"a":1}', "[x"),
    "brackets, then documents": ("[x", '{"a":1}'),
    "documents, then blanks": ('{"a":1}', "{ "),
    "keys, then a quote": ("password=\"a\" ", "'"),
    "digits, then letters": ("4242 ", "a"),
    "ats, then dots": ("@", "."),
    "locals, then ats": ("a", "@"),
}
GENERATORS = {
    **{name: (lambda size, piece=piece: (piece * size)[:size]) for name, piece in PIECES.items()},
    **{
        name: (lambda size, one=one, other=other: (one * size)[: size // 2] + (other * size)[: size // 2])
        for name, (one, other) in TWO.items()
    },
}


def spent(text):
    """Return the CPU time that masking *text* takes."""
    clean.clear()
    began = time.process_time_ns()
    mask_text(text)
    return time.process_time_ns() - began


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_eight_times_the_text_takes_far_less_than_sixty_times_as_long(name):
    """Where time is linear it is eight times, where it grows with the square sixty-four; a busy machine gets trials."""
    short, long = GENERATORS[name](1_000), GENERATORS[name](8_000)

    assert any(spent(long) < 24 * max(spent(short), 50_000) for _ in range(5))
