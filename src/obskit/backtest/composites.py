"""
The rule of a composite alarm.

CloudWatch user guide, "Composite alarms", read 2026-11-24. AND binds closer than OR: the guide does not say so, and
obskit writes parentheses always.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from obskit.backtest.expressions import ExpressionError
from obskit.backtest.states import STATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TOKEN = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([(),])|([^\s(),"]+))')
_SHARE = re.compile(r"(\d+)(%?)")


class State(NamedTuple):
    """True where the alarm *name* is in *state*."""

    state: str
    name: str


class Fixed(NamedTuple):
    """TRUE or FALSE."""

    value: bool


class Not(NamedTuple):
    rule: Rule


class All(NamedTuple):
    rules: tuple[Rule, ...]


class Some(NamedTuple):
    rules: tuple[Rule, ...]


class AtLeast(NamedTuple):
    """True where *least* of the alarms, or that many per cent, are in *state* (or are not, with *negated*)."""

    least: int
    percent: bool
    state: str
    negated: bool
    names: tuple[str, ...]


Rule = State | Fixed | Not | All | Some | AtLeast


def holds(rule: Rule, states: Mapping[str, str]) -> bool:
    """Say whether *rule* is true while alarms are in *states*, by name."""
    match rule:
        case State(state, name):
            return states[name] == state
        case Fixed(value):
            return value
        case Not(inner):
            return not holds(inner, states)
        case All(rules):
            return all(holds(one, states) for one in rules)
        case Some(rules):
            return any(holds(one, states) for one in rules)
        case AtLeast(least, percent, state, negated, names):
            found = sum((states[name] == state) != negated for name in names)
            return found * 100 >= least * len(names) if percent else found >= least


def named(rule: Rule) -> Iterator[tuple[str, bool]]:
    """Yield each alarm that *rule* names, and whether its being in ALARM speaks for the rule."""
    match rule:
        case State(state, name):
            yield name, state == "ALARM"
        case Not(inner):
            yield from ((name, not speaks) for name, speaks in named(inner))
        case All(rules) | Some(rules):
            for one in rules:
                yield from named(one)
        case AtLeast(_, _, state, negated, names):
            yield from ((name, (state == "ALARM") != negated) for name in names)


def parse(text: str) -> Rule:
    """
    Return the rule that *text* says; an ARN stands for the name in it.

    Raises:
        ExpressionError: it is no rule.

    >>> parse('ALARM("a") AND NOT OK(b)')
    All(rules=(State(state='ALARM', name='a'), Not(rule=State(state='OK', name='b'))))
    """
    tokens = _Tokens(text)
    rule = tokens.either()
    if tokens.left:
        raise tokens.error("an operator or the end")
    return rule


class _Tokens:
    """The words of a rule, last one first; a quoted name keeps its quotes, so that it is no keyword."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.left: list[str] = []
        at = 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if not found:
                raise ExpressionError(f"AlarmRule '{text}': a quoted name does not end")
            at = found.end()
            self.left.append(f'"{found[1]}"' if found[1] is not None else found[2] or found[3])
        self.left.reverse()

    def error(self, wanted: str) -> ExpressionError:
        there = f"'{self.left[-1]}'" if self.left else "the end"
        return ExpressionError(f"AlarmRule '{self.text}': expected {wanted}, found {there}")

    def take(self, *words: str) -> str:
        """Take the next word if it is one of *words*, else return an empty text."""
        return self.left.pop() if self.left and self.left[-1] in words else ""

    def need(self, word: str) -> None:
        if not self.take(word):
            raise self.error(f"'{word}'")

    def either(self) -> Rule:
        rules = [self.both()]
        while self.take("OR"):
            rules.append(self.both())
        return rules[0] if len(rules) == 1 else Some(tuple(rules))

    def both(self) -> Rule:
        rules = [self.one()]
        while self.take("AND"):
            rules.append(self.one())
        return rules[0] if len(rules) == 1 else All(tuple(rules))

    def one(self) -> Rule:
        if self.take("NOT"):
            return Not(self.one())
        if self.take("("):
            rule = self.either()
            self.need(")")
            return rule
        if fixed := self.take("TRUE", "FALSE"):
            return Fixed(fixed == "TRUE")
        if self.take("AT_LEAST"):
            return self.at_least()
        if state := self.take(*STATES):
            self.need("(")
            name = self.name()
            self.need(")")
            return State(state, name)
        raise self.error(f"{', '.join(STATES)}, AT_LEAST, NOT, TRUE, FALSE or '('")

    def at_least(self) -> AtLeast:
        self.need("(")
        share = _SHARE.fullmatch(self.left.pop().strip('"')) if self.left else None
        if not share:
            raise self.error("a number or a percentage after AT_LEAST(")
        self.need(",")
        negated = bool(self.take("NOT"))
        state = self.take(*STATES)
        if not state:
            raise self.error(f"one of {', '.join(STATES)}")
        self.need(",")
        self.need("(")
        names = [self.name()]
        while self.take(","):
            names.append(self.name())
        self.need(")")
        self.need(")")
        return AtLeast(int(share[1]), bool(share[2]), state, negated, tuple(names))

    def name(self) -> str:
        if not self.left or self.left[-1] in ("(", ")", ","):
            raise self.error("the name of an alarm")
        word = self.left.pop()
        if word.startswith('"'):
            word = re.sub(r"\\(.)", r"\1", word[1:-1])
        return word.rpartition(":alarm:")[2]
