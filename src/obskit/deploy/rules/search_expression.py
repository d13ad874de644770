"""
The query of `SEARCH('{Namespace,Dimension} MetricName="X"', 'Sum', 300)`.

Source: CloudWatch user guide, "CloudWatch search expression syntax" and its quotas, read 2026-11-24.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from obskit.deploy.rules.placeholders import has_unknown
from obskit.deploy.rules.problem import short
from obskit.deploy.rules.statistic import faults as bounds

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH = 1024
"""Characters of the query of one SEARCH."""
IN_GRAPH = 100
"""SEARCH expressions in one graph."""
_LITERAL = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.DOTALL)
_STATISTIC = re.compile(
    r"SampleCount|Average|Sum|Minimum|Maximum|IQM|(p|tm|tc|ts|wm)\d{1,2}(\.\d+)?|(p|tm|tc|ts|wm)100"
    r"|(PR|TM|TC|TS|WM)\([^()]*:[^()]*\)",
    re.IGNORECASE,
)
_DEPTH = 100
_TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<sign>[{}()=,])|(?P<word>[^\s{}()=,"]+)|(?P<other>\S))')


def faults(arguments: str) -> Iterator[tuple[str, str]]:
    """Yield (rule, words) for what is wrong with the *arguments* of a SEARCH, as they are written."""
    found = [text[1:-1].replace("\\'", "'").replace('\\"', '"') for text in _LITERAL.findall(arguments)]
    if len(found) < 2:
        return  # other than two texts: told as a fault of metric math
    query, statistic = found[0], found[1]
    if len(query) > LENGTH:
        yield "search", f"SEARCH: Should NOT be longer than {LENGTH} characters (the query has {len(query)})"
        return
    if words := _unreadable(query):
        yield "search", f'SEARCH "{short(query)}": {words}'
    if not has_unknown(statistic) and not _STATISTIC.fullmatch(statistic):
        yield "search", f'SEARCH: "{short(statistic)}" is no statistic such as Sum, Average or p95'
    for words in [] if has_unknown(statistic) else bounds(statistic):
        yield "statistic-range", f'SEARCH: "{short(statistic)}": {words}'
    last = arguments.rpartition(",")[2].strip(") ")
    if (
        last.isdigit()
        and len(last) < 10
        and (int(last) == 0 or (int(last) % 60 and int(last) not in (1, 5, 10, 20, 30)))
    ):
        yield "search", f"SEARCH: the period should be multiple of 60 (it is {last})"


def _unreadable(query: str) -> str:
    """Return what is wrong with *query*, or an empty text."""
    reader = _Reader(query)
    try:
        reader.run()
    except _Unreadable as error:
        return str(error)
    return ""


class _Unreadable(Exception):  # noqa: N818  no error of obskit's: ends the reading of one query
    pass


class _Reader:
    """Reads `term ((AND | OR)? term)*` to its first fault."""

    def __init__(self, query: str) -> None:
        self._tokens = [(str(token.lastgroup), token[token.lastgroup or 0]) for token in _TOKEN.finditer(query)]
        self._at = 0

    def run(self) -> None:
        self._terms(0)
        if self._at < len(self._tokens):
            raise _Unreadable(f"'{short(self._peek()[1], 40)}' is not expected")

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _sign(self, sign: str) -> bool:
        """Step over *sign*, if it is next."""
        found = self._peek() == ("sign", sign)
        self._at += found
        return found

    def _word(self, *words: str) -> bool:
        kind, word = self._peek()
        found = kind == "word" and word in words
        self._at += found
        return found

    def _terms(self, depth: int) -> None:
        if depth > _DEPTH:
            raise _Unreadable(f"more than {_DEPTH} parentheses inside one another")
        self._term(depth)
        while self._at < len(self._tokens) and self._peek() not in (("sign", ")"), ("sign", "="), ("sign", ",")):
            self._word("AND", "OR")
            self._term(depth)

    def _term(self, depth: int) -> None:
        while self._word("NOT"):
            pass
        kind, word = self._peek()
        if self._sign("{"):
            self._schema()
        elif self._sign("("):
            self._terms(depth + 1)
            if not self._sign(")"):
                raise _Unreadable("a '(' is not closed")
        elif kind in ("text", "word") and word not in ("AND", "OR"):
            self._at += 1
            if self._sign("="):
                self._term(depth + 1)
        elif kind == "other" and word == '"':
            raise _Unreadable("a quote is not closed")
        else:
            raise _Unreadable(
                f"a term is missing before '{short(word, 40)}'" if word else "a term is missing at the end"
            )

    def _schema(self) -> None:
        """Read `Namespace, Dimension…}`."""
        while True:
            kind, word = self._peek()
            if kind not in ("text", "word"):
                raise _Unreadable("a name is missing in { }" if word in ("}", ",") else "a '{' is not closed")
            while self._peek()[0] in ("text", "word"):  # a name with blanks
                self._at += 1
            if self._sign("}"):
                return
            if not self._sign(","):
                raise _Unreadable("a '{' is not closed")
