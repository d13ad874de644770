"""What was rendered for an environment, in one small file: hashes, counts, sizes, and what it costs a month."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from obskit.deploy import prices, stacks
from obskit.deploy.rules.template import INLINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.deploy.project import Environment, Project
    from obskit.deploy.stacks import Stack

Json = dict[str, Any]

FILE = "manifest.json"


def manifest(
    project: Project, environment: Environment, texts: Mapping[str, str], deployed: Mapping[str, Stack]
) -> Json:
    """
    Return the manifest; *texts* are all files by path, *deployed* the templates among them.

    Costs are at list price in us-east-1, without metrics, logs and functions: `obskit metrics` has those of metrics.
    """
    return {
        "project": project.name,
        "environment": environment.name,
        "account": environment.account,
        "regions": list(environment.regions),
        "files": {path: _file(text) for path, text in texts.items()},
        "stacks": {path: _stack(stack) for path, stack in deployed.items()},
        "usd_month": round(sum(_usd(stack) for stack in deployed.values()), 2),
    }


def _file(text: str) -> Json:
    data = text.encode()
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _stack(stack: Stack) -> Json:
    resources = stack.template["Resources"].values()
    kinds = [one["Type"] for one in resources]
    size = stacks.bytes_of(stack.template)
    return {
        "region": stack.region,
        "name": stack.name,
        "resources": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
        "bytes_without_blanks": size,
        "needs_bucket": size > INLINE_BYTES,
        "parameters": sorted(stack.template.get("Parameters", {})),
        "usd_month": _usd(stack),
    }


def _usd(stack: Stack) -> float:
    return prices.of_resources(stack.template["Resources"].values())
