"""What only CloudFormation will know: ids that a template is given as parameters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.deploy.model import Environment

Json = dict[str, Any]


def declare(template: Json, environment: Environment) -> Json:
    """
    Return *template* with the environment's parameters: declared where they are used, and put in by `Fn::Sub`.

    In a text that `Fn::Sub` reads, `${LAST}` and whatever else begins so is CloudWatch's own, and is escaped.
    """
    known = {parameter: name for name, parameter in environment.parameters.items()}
    if not known:
        return template
    one = re.compile(rf"\$\{{({'|'.join(sorted(known))})\}}")
    used: set[str] = set()

    def put_in(value: object) -> object:
        if isinstance(value, str) and (found := one.findall(value)):
            used.update(found)
            return {"Fn::Sub": escape(value, known)}
        if isinstance(value, dict):
            return {key: inner if key == "Fn::Sub" else put_in(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [put_in(inner) for inner in value]
        return value

    resources = {name: put_in(resource) for name, resource in template["Resources"].items()}
    if not used:
        return template
    declared = {
        name: {"Type": "String", "Description": f"{known[name]} of {environment.name}", "MinLength": 1}
        for name in sorted(used)
    }
    return {**template, "Parameters": {**template.get("Parameters", {}), **declared}, "Resources": resources}


def escape(text: str, parameters: Mapping[str, str]) -> str:
    """
    Return *text* for `Fn::Sub`: only `${…}` of *parameters* is put in.

    >>> escape("${ApiId}: ${LAST}", {"ApiId": "api"})
    '${ApiId}: ${!LAST}'
    """
    names = "|".join(sorted(map(re.escape, parameters))) or r"\b\B"
    return re.sub(rf"\$\{{(?!(?:{names})\}})", "${!", text)
