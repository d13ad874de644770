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
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from obskit.deploy.rules.placeholders import OPEN, has_unknown, is_unknown
from obskit.deploy.rules.problem import Fault, short
from obskit.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Check: TypeAlias = "Callable[[object, str], Iterable[Fault]]"

NONE: tuple[Fault, ...] = ()
"""What a check that is run thousands of times returns: a generator would cost more than the look at the value."""


def text(least: int = 0, most: int | None = None, form: str = "", words: str = "") -> Check:
    """Accept text of *least* to *most* characters in the *form* of a regular expression, in *words* for people."""

    @lru_cache(256)  # names, tags and dimensions come again and again
    def fault(value: str) -> tuple[str, str] | None:
        if OPEN in value:
            return None
        if len(value) < least:
            return "length", f"Should NOT be shorter than {least} characters"
        if most is not None and len(value) > most:
            return "length", f"Should NOT be longer than {most} characters (it has {len(value)})"
        if form and "${" not in value and not re.fullmatch(form, value):  # of Terraform or another template
            return "form", f'Should match {words or form}: "{short(value)}" does not'
        return None

    def check(value: object, path: str) -> Iterable[Fault]:
        if not isinstance(value, str):
            return (Fault(path, "type", "Should be string"),)
        found = fault(value)
        return (Fault(path, *found),) if found else NONE

    return check


def number(least: float = -math.inf, most: float = math.inf, *, whole: bool = False) -> Check:
    kind = "integer" if whole else "number"

    def check(value: object, path: str) -> Iterable[Fault]:
        if is_unknown(value):
            return NONE
        if not is_number(value) or (whole and value != int(value)):
            return (Fault(path, "type", f"Should be {kind}"),)
        if value < least:
            return (Fault(path, "range", f"Should be >= {least:g}"),)
        if value > most:
            return (Fault(path, "range", f"Should be <= {most:g}"),)
        return NONE

    return check


def boolean(value: object, path: str) -> Iterable[Fault]:
    return NONE if isinstance(value, bool) or is_unknown(value) else (Fault(path, "type", "Should be boolean"),)


def anything(_value: object, _path: str) -> Iterable[Fault]:
    return NONE


def one_of(*known: str) -> Check:
    def check(value: object, path: str) -> Iterable[Fault]:
        if value in known or has_unknown(value) or "${" in str(value):
            return NONE
        hint = did_you_mean(short(value), known)
        return (Fault(path, "enum", f"Should be equal to one of the allowed values: {', '.join(known)}.{hint}"),)

    return check


def array(item: Check, least: int = 0, most: int | None = None) -> Check:
    def check(value: object, path: str) -> Iterable[Fault]:
        if not isinstance(value, list):
            return NONE if is_unknown(value) else (Fault(path, "type", "Should be array"),)
        found = []
        if len(value) < least:
            found.append(Fault(path, "count", f"Should NOT have less than {least} items"))
        if most is not None and len(value) > most:
            found.append(Fault(path, "count", f"Should NOT have more than {most} items (it has {len(value)})"))
        for index, member in enumerate(value):
            found += item(member, f"{path}/{index}")
        return found

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """
    Accept an object with these keys.

    Another key is a warning: AWS adds keys before its pages name them, and CloudWatch ignores what it doesn't know.
    """
    known = {**required, **(optional or {})}

    def check(value: object, path: str) -> Iterable[Fault]:
        if not isinstance(value, dict):
            return NONE if is_unknown(value) else (Fault(path, "type", "Should be object"),)
        missing = [key for key in required if key not in value]
        found = [Fault(path, "required", f"Should have required property '{key}'") for key in missing]
        for key, member in value.items():
            inside = known.get(key)
            if inside:
                found += inside(member, f"{path}/{key}")
            else:
                text = f"Should NOT have additional properties: '{short(key)}'.{did_you_mean(short(key), known)}"
                found.append(Fault(path, "unknown-key", text, "warning"))
        return found

    return check


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell whether *value* is a finite JSON number; true and false are none."""
    # A comparison, for math.isfinite() fails on the endless integers that JSON allows; NaN and infinity fail it.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
