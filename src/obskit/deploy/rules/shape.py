"""
Small checks that combine into the shape of a JSON document.

Messages are those of the JSON schema validator behind PutDashboard ("Should NOT have more than 500 items"), so that
obskit's findings and AWS's read alike; a hint follows where one is known. What only CloudFormation will know
(`placeholders`) is passed over.
"""

from __future__ import annotations

import math
import re
import sys
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from obskit.deploy.rules.placeholders import has_unknown, is_unknown
from obskit.deploy.rules.problem import Fault, short
from obskit.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Check: TypeAlias = "Callable[[object, str], Iterator[Fault]]"


def text(least: int = 0, most: int | None = None, form: str = "", words: str = "") -> Check:
    """Accept text of *least* to *most* characters in the *form* of a regular expression, in *words* for people."""
    pattern = re.compile(form)

    def check(value: object, path: str) -> Iterator[Fault]:
        if has_unknown(value):
            return
        if not isinstance(value, str):
            yield Fault(path, "type", "Should be string")
        elif len(value) < least:
            yield Fault(path, "length", f"Should NOT be shorter than {least} characters")
        elif most is not None and len(value) > most:
            yield Fault(path, "length", f"Should NOT be longer than {most} characters (it has {len(value)})")
        elif form and "${" not in value and not pattern.fullmatch(value):  # of Terraform or another template
            yield Fault(path, "form", f'Should match {words or form}: "{short(value)}" does not')

    return check


def number(least: float = -math.inf, most: float = math.inf, *, whole: bool = False) -> Check:
    kind = "integer" if whole else "number"

    def check(value: object, path: str) -> Iterator[Fault]:
        if is_unknown(value):
            return
        if not is_number(value) or (whole and value != int(value)):
            yield Fault(path, "type", f"Should be {kind}")
        elif value < least:
            yield Fault(path, "range", f"Should be >= {least:g}")
        elif value > most:
            yield Fault(path, "range", f"Should be <= {most:g}")

    return check


def boolean(value: object, path: str) -> Iterator[Fault]:
    if not (isinstance(value, bool) or is_unknown(value)):
        yield Fault(path, "type", "Should be boolean")


def anything(_value: object, _path: str) -> Iterator[Fault]:
    yield from ()


def one_of(*known: str) -> Check:
    def check(value: object, path: str) -> Iterator[Fault]:
        if value not in known and not has_unknown(value) and "${" not in str(value):
            hint = did_you_mean(short(value), known)
            yield Fault(path, "enum", f"Should be equal to one of the allowed values: {', '.join(known)}.{hint}")

    return check


def array(item: Check, least: int = 0, most: int | None = None) -> Check:
    def check(value: object, path: str) -> Iterator[Fault]:
        if not isinstance(value, list):
            if not is_unknown(value):
                yield Fault(path, "type", "Should be array")
            return
        if len(value) < least:
            yield Fault(path, "count", f"Should NOT have less than {least} items")
        if most is not None and len(value) > most:
            yield Fault(path, "count", f"Should NOT have more than {most} items (it has {len(value)})")
        for index, member in enumerate(value):
            yield from item(member, f"{path}/{index}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """
    Accept an object with these keys.

    Another key is a warning: AWS adds keys before its pages name them, and CloudWatch ignores what it doesn't know.
    """
    known = {**required, **(optional or {})}

    def check(value: object, path: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            if not is_unknown(value):
                yield Fault(path, "type", "Should be object")
            return
        for key in required:
            if key not in value:
                yield Fault(path, "required", f"Should have required property '{key}'")
        for key, member in value.items():
            if key in known:
                yield from known[key](member, f"{path}/{key}")
            else:
                text = f"Should NOT have additional properties: '{short(key)}'.{did_you_mean(short(key), known)}"
                yield Fault(path, "unknown-key", text, "warning")

    return check


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell whether *value* is a finite JSON number; true and false are none."""
    # A comparison, for math.isfinite() fails on the endless integers that JSON allows; NaN and infinity fail it.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
