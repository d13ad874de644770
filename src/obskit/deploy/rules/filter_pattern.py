"""
The pattern of a metric filter: terms, `{ $.level = "ERROR" && $.ms > 1000 }`, `[ip, user, status = 5*]`.

Source: CloudWatch Logs user guide, "Filter pattern syntax", read 2026-11-24.
"""

from __future__ import annotations

import re

from obskit.deploy.rules.placeholders import CLOSE, OPEN, has_unknown
from obskit.deploy.rules.problem import short

LENGTH = 1024
REGEXES = 2
"""Regular expressions in one JSON or space-delimited pattern."""
_SELECTOR = r"\$(?:\.[^\s.\[\]()=!<>&|{}]+|\[[^\]]*\]|\.\[[^\]]*\])+"
_JSON = re.compile(
    rf"""\s*(?:(?P<selector>{_SELECTOR})|(?P<both>&&)|(?P<either>\|\|)|(?P<compare>!=|<=|>=|=|<|>)
    |(?P<sign>[()])|(?P<text>"(?:[^"\\]|\\.)*")|(?P<regex>%[^%]*%)|(?P<word>[^\s()=!<>&|"{{}}]+)|(?P<other>\S))""",
    re.VERBOSE,
)
_TERM = re.compile(r'\s*(?:[-?]?"(?:[^"\\]|\\.)*"|[-?]?[^\s"]+|(?P<other>\S))')
_FIELD = re.compile(
    rf"""\s*(?:\.\.\.|[A-Za-z0-9_$.@/:\-{OPEN}{CLOSE}]+)?\s*(?:(?:!=|<=|>=|=|<|>)\s*("(?:[^"\\]|\\.)*"|%[^%]*%|[^\s,"]+)\s*)?""",
    re.VERBOSE,
)
_REGEX_ALLOWED = re.compile(r"[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|\\*+.\s]*", re.ASCII)
_DEPTH = 50


def wrong(pattern: str) -> str:
    """
    Return what is wrong with *pattern*, or an empty text.

    >>> wrong('{ $.level = "ERROR" }'), wrong('{ $.level = }')
    ('', "a value is expected after '='")
    """
    text = pattern.strip()
    if len(pattern) > LENGTH:
        return f"Should NOT be longer than {LENGTH} characters (it has {len(pattern)})"
    if not text or (has_unknown(text) and text[0] not in "{["):
        return ""
    return _KINDS.get(text[0], _terms)(text)


def _regexes(found: list[str]) -> str:
    if len(found) > REGEXES:
        return f"{len(found)} regular expressions; a pattern has at most {REGEXES}"
    for regex in found:
        if not has_unknown(regex) and not _REGEX_ALLOWED.fullmatch(regex[1:-1]):
            return f"{short(regex)} has characters that CloudWatch's regular expressions do not know, such as ( or !"
    return ""


def _json(text: str) -> str:
    if not text.endswith("}") or len(text) < 2:
        return "the '{' is not closed"
    tokens = [(str(token.lastgroup), token[token.lastgroup or 0]) for token in _JSON.finditer(text[1:-1])]
    if any(OPEN in word for kind, word in tokens if kind == "other"):
        return ""
    if not tokens:
        return "a condition is expected between { and }"
    found, at = _conditions(tokens, 0, 0)
    if found:
        return found
    if at < len(tokens):
        return f"'{short(tokens[at][1], 40)}' is not expected; && or || is"
    return _regexes([word for kind, word in tokens if kind == "regex"])


def _conditions(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[str, int]:
    """Return what is wrong from token *at* on, and where the conditions end."""
    if depth > _DEPTH:
        return f"more than {_DEPTH} parentheses inside one another", at
    while True:
        if at < len(tokens) and tokens[at][1] == "(":
            words, at = _conditions(tokens, at + 1, depth + 1)
            if words:
                return words, at
            if at >= len(tokens) or tokens[at][1] != ")":
                return "a '(' is not closed", at
            at += 1
        else:
            words, at = _condition(tokens, at)
            if words:
                return words, at
        if at >= len(tokens) or tokens[at][0] not in ("both", "either"):
            return "", at
        at += 1


def _condition(tokens: list[tuple[str, str]], at: int) -> tuple[str, int]:
    kind, word = tokens[at] if at < len(tokens) else ("", "its end")
    compared = at + 1 < len(tokens) and tokens[at + 1][0] == "compare"
    if kind == "word" and has_unknown(word):
        if not compared:
            return "", at + 1  # a whole condition, or several
    elif kind != "selector":
        return f"a field such as $.level is expected before '{short(word, 40)}'", at
    if compared:
        sign, value = tokens[at + 1][1], tokens[at + 2] if at + 2 < len(tokens) else ("", "")
        return _compared(sign, *value), at + 3
    after = [text.upper() for _, text in tokens[at + 1 : at + 4]]
    for phrase in _PHRASES:
        if after[: len(phrase)] == phrase:
            return "", at + 1 + len(phrase)
    return f"'{short(word, 40)}' is compared with nothing: =, !=, <, >, <=, >=, IS or NOT EXISTS is expected", at


_PHRASES = (["IS", "NOT", "NULL"], ["NOT", "EXISTS"], ["IS", "NULL"], ["IS", "TRUE"], ["IS", "FALSE"], ["EXISTS"])


def _compared(sign: str, kind: str, value: str) -> str:
    if kind not in ("text", "regex", "word"):
        return f"a value is expected after '{sign}'"
    if sign not in ("=", "!=") and not _is_number(value):
        return f"'{sign}' compares with a number, not with {short(value, 40)}"
    return ""


def _is_number(word: str) -> bool:
    return has_unknown(word) or re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", word) is not None


def _fields(text: str) -> str:
    if not text.endswith("]"):
        return "the '[' is not closed"
    found: list[str] = []
    for field in _split(text[1:-1]):
        # Conditions on one field may be joined: `w1 != "a" && w1 != "b"`.
        for part in re.split(r"&&|\|\|", field):
            plain = part.strip().strip("()")
            if not _FIELD.fullmatch(plain):
                return f"'{short(plain, 40)}' is no field such as status or status = 5*"
            found += re.findall(r"%[^%]*%", plain)
    return _regexes(found)


def _split(text: str) -> list[str]:
    """Return *text* between commas that are in no quotes."""
    return re.findall(r'(?:"(?:[^"\\]|\\.)*"|%[^%]*%|[^,"%]|["%])+', text) or [""]


def _regex(text: str) -> str:
    return "a '%' is not closed" if len(text) < 2 or text[-1] != "%" else _regexes([text])


def _terms(text: str) -> str:
    return "a quote is not closed" if any(found["other"] for found in _TERM.finditer(text)) else ""


_KINDS = {"{": _json, "[": _fields, "%": _regex}
