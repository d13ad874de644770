"""
The rule of a composite alarm: `ALARM("a") AND (OK("b") OR NOT INSUFFICIENT_DATA("c"))`.

Source: CloudWatch API, `PutCompositeAlarm.AlarmRule`, and "Composite alarms" in its user guide, read 2026-11-24.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from obskit.deploy.rules.placeholders import CLOSE, OPEN, is_unknown
from obskit.deploy.rules.problem import short
from obskit.errors import did_you_mean

LENGTH = 10_240
CHILDREN = 100
"""Alarms that one rule names."""
ELEMENTS = 500
"""Children, TRUE, FALSE and pairs of parentheses in one rule."""
STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
_TOKEN = re.compile(
    rf'\s*(?:(?P<text>"[^"]*"|\'[^\']*\')|(?P<sign>[(),])|(?P<word>(?:[^\s(),"\'{OPEN}]|{OPEN}[^{CLOSE}]*{CLOSE})+)|(?P<other>\S))'
)
_DEPTH = 100


class _Unreadable(Exception):  # noqa: N818  no error of obskit's: ends the reading of one rule
    pass


@dataclass(slots=True)
class Read:
    """What a rule says: its *children* by name or ARN, and what is *wrong* with it, if anything."""

    children: list[str] = field(default_factory=list)
    elements: int = 0
    wrong: str = ""


def read(text: str) -> Read:
    """
    Read the rule *text* as far as its first fault.

    >>> read('ALARM("a") OR OK(b)').children
    ['a', 'b']
    >>> read('ALARM("a") OR').wrong
    'ends where a state such as ALARM("name") is expected'
    """
    reader = _Reader(text)
    try:
        reader.run()
    except _Unreadable as error:
        reader.found.wrong = str(error)
    return reader.found


class _Reader:
    def __init__(self, text: str) -> None:
        self.found = Read()
        self._tokens = [
            (str(token.lastgroup), token[token.lastgroup or 0], token.start()) for token in _TOKEN.finditer(text)
        ]
        self._at = 0

    def run(self) -> None:
        self._expression(0)
        if self._at < len(self._tokens):
            raise _Unreadable(f"{self._here()} is not expected; AND or OR is")

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        word = self._peek()
        self._at += 1
        return word

    def _here(self) -> str:
        if self._at >= len(self._tokens):
            return "its end"
        return f"'{short(self._peek(), 40)}' at character {self._tokens[self._at][2] + 1}"

    def _want(self, sign: str) -> None:
        if self._peek() != sign:
            raise _Unreadable(f"'{sign}' is expected before {self._here()}")
        self._take()

    def _expression(self, depth: int) -> None:
        if depth > _DEPTH:
            raise _Unreadable(f"more than {_DEPTH} parentheses inside one another")
        while True:
            while self._peek().upper() == "NOT":
                self._take()
            self._factor(depth)
            if self._peek().upper() not in ("AND", "OR"):
                return
            self._take()

    def _factor(self, depth: int) -> None:
        word = self._peek()
        self.found.elements += 1
        if not word:
            raise _Unreadable('ends where a state such as ALARM("name") is expected')
        if word == "(":
            self._take()
            self._expression(depth + 1)
            self._want(")")
        elif word.upper() in ("TRUE", "FALSE"):
            self._take()
        elif word.upper() in STATES:
            self._take()
            self._want("(")
            self._child()
            self._want(")")
        elif word.upper() == "AT_LEAST":
            self._at_least()
        elif is_unknown(word):
            self._take()
        else:
            hint = did_you_mean(short(word).upper(), [*STATES, "AT_LEAST", "NOT", "TRUE", "FALSE"])
            raise _Unreadable(f'{self._here()} is not expected; a state such as ALARM("name") is.{hint}')

    def _child(self) -> None:
        kind, word, _ = self._tokens[self._at] if self._at < len(self._tokens) else ("", "", 0)
        if kind not in ("text", "word") or not word.strip("\"'"):
            raise _Unreadable(f"the name or ARN of an alarm is expected before {self._here()}")
        self._take()
        self.found.children.append(word[1:-1] if kind == "text" else word)

    def _at_least(self) -> None:
        self._take()
        self._want("(")
        count = self._take()
        if not (re.fullmatch(r"[1-9]\d{0,3}%?", count) or OPEN in count):
            raise _Unreadable(f"AT_LEAST begins with a count or a percentage, not '{short(count, 40)}'")
        self._want(",")
        if self._peek().upper() == "NOT":
            self._take()
        if self._take().upper() not in STATES:
            raise _Unreadable("AT_LEAST takes a state second: ALARM, OK or INSUFFICIENT_DATA")
        self._want(",")
        self._want("(")
        before = len(self.found.children)
        self._child()
        while self._peek() == ",":
            self._take()
            self._child()
        self._want(")")
        self._want(")")
        named = len(self.found.children) - before
        if OPEN not in count and int(count.removesuffix("%")) > (100 if count.endswith("%") else named):
            raise _Unreadable(f"AT_LEAST of {count} is never true: {named} alarms are named")
