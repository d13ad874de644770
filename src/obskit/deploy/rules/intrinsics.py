"""
A template as CloudFormation would hand it on, as far as that can be read without deploying it.

`Fn::Sub`, `Fn::Join` and `Fn::ToJsonString` become text, `Fn::If` one of its branches, `AWS::NoValue` nothing;
everything else becomes a placeholder. Source: CloudFormation user guide, "Intrinsic function reference".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from obskit.deploy.rules.labels import LIVE, PROPERTY
from obskit.deploy.rules.placeholders import placeholder
from obskit.deploy.rules.problem import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

_VARIABLE = re.compile(r"\$\{([^${}]*)\}")
_GONE = object()
"""What `AWS::NoValue` becomes: its key or item is left out."""


class Reader:
    """
    Reads values of a template in which *declared* are the parameters and resources.

    Args:
        declared: names that `Ref` and `Fn::Sub` may use.
        holds: the branch of `Fn::If` that is read: the first when the condition holds.
    """

    def __init__(self, declared: frozenset[str], *, holds: bool = True) -> None:
        self._declared = declared
        self._branch = 1 if holds else 2
        self.faults: list[Fault] = []
        """What is wrong with the functions themselves."""
        self.choices = 0
        """How many `Fn::If` were met: without any, the other branch reads the same."""

    def read(self, value: object, path: str = "") -> object:
        """Return *value* without intrinsic functions; what stands at *path* and is left out is None."""
        found = self._read(value, path)
        return None if found is _GONE else found

    def _read(self, value: object, path: str) -> object:
        if isinstance(value, list):
            return list(self._members(enumerate(value), path).values())
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._function(name, argument, path)
        return self._members(value.items(), path)

    def _members(self, members: Iterable[tuple[Any, object]], path: str) -> dict[Any, object]:
        found = {}
        for key, member in members:
            value = self._read(member, f"{path}/{key}") if isinstance(member, (dict, list)) else member
            if value is not _GONE:
                found[key] = value
        return found

    def _function(self, name: str, argument: object, path: str) -> object:
        if name == "Ref":
            return _GONE if argument == "AWS::NoValue" else placeholder(_name(argument))
        if name == "Fn::GetAtt":
            parts = argument if isinstance(argument, list) else [argument]
            return placeholder(".".join(_name(part) for part in parts))
        readers = {"Fn::Sub": self._sub, "Fn::Join": self._join, "Fn::ToJsonString": self._to_json, "Fn::If": self._if}
        return readers[name](argument, f"{path}/{name}") if name in readers else placeholder(name)

    def _sub(self, argument: object, path: str) -> object:
        text, own = argument, {}
        if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
            text, own = argument[0], argument[1]
        if not isinstance(text, str):
            return placeholder("Fn::Sub")

        def one(found: re.Match[str]) -> str:
            name = found[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in own:
                return _as_text(self._read(own[name], f"{path}/1/{name}"), name)
            if name.partition(".")[0] not in self._declared and (name in LIVE or PROPERTY.fullmatch(name)):
                words = f"Fn::Sub takes '${{{name}}}' for a parameter: the dynamic label never reaches CloudWatch"
                self.faults.append(Fault(path, "sub-label", f"{words}; write '${{!{name}}}'"))
                return found[0]
            return placeholder(name)

        return _VARIABLE.sub(one, text)

    def _join(self, argument: object, path: str) -> object:
        if not (isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str)):
            return placeholder("Fn::Join")
        items = self._read(argument[1], f"{path}/1")
        if not isinstance(items, list):
            return placeholder("Fn::Join")
        return argument[0].join(_as_text(item, "Fn::Join") for item in items)

    def _to_json(self, argument: object, path: str) -> object:
        return json.dumps(self.read(argument, path), ensure_ascii=False, default=str)

    def _if(self, argument: object, path: str) -> object:
        if not (isinstance(argument, list) and len(argument) == 3):
            return placeholder("Fn::If")
        self.choices += 1
        return self._read(argument[self._branch], f"{path}/{self._branch}")


def _name(value: object) -> str:
    return value if isinstance(value, str) else "?"


def _as_text(value: object, name: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        try:
            return str(value)
        except ValueError:  # thousands of digits
            return placeholder(name)
    return value if isinstance(value, str) else placeholder(name)
