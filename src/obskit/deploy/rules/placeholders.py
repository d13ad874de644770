"""
What only CloudFormation will know: a piece of text that stands for a value.

A template's `{"Ref": "Topic"}` is read as one placeholder that keeps the name, `Fn::Sub` and `Fn::Join` as text with
placeholders in it. Rules look at everything else and pass over what a placeholder hides.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OPEN, CLOSE = "\ue000", "\ue001"
"""Of Unicode's private use: no document means anything by them."""
_ONE = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}")
_STRINGS = re.compile(rf'"(?:[^"\\]|\\.)*"|{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}', re.DOTALL)


def placeholder(name: str) -> str:
    return f"{OPEN}{name.replace(OPEN, '').replace(CLOSE, '')}{CLOSE}"


def has_unknown(value: object) -> bool:
    """Tell whether a part of the text *value* is not known."""
    return isinstance(value, str) and OPEN in value


def is_unknown(value: object) -> bool:
    """Tell whether nothing of *value* is known, not even its type."""
    return isinstance(value, str) and value[:1] == OPEN and _ONE.fullmatch(value) is not None


def names(value: object) -> Iterator[str]:
    """Yield the names in the placeholders of the text *value*: `Topic`, `Alarm.Arn`."""
    if isinstance(value, str):
        yield from _ONE.findall(value)


def spelled(text: str) -> str:
    """Return *text* with its placeholders as `Fn::Sub` writes them."""
    return _ONE.sub(r"${\1}", text)


def quoted(text: str) -> str:
    """
    Return JSON *text* with quotes around each placeholder that stands for a whole value.

    >>> quoted('{"a": ' + placeholder("N") + "}") == '{"a": "' + placeholder("N") + '"}'
    True
    """
    return _STRINGS.sub(lambda found: found[0] if found[0][0] == '"' else f'"{found[0]}"', text)
