"""A folder of build output: the rendered files by region, and what they are in one small file."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from obskit.deploy import costs, stacks
from obskit.deploy.render import dump
from obskit.deploy.rules.template import INLINE_BYTES

try:  # as `random` does: hashlib loads OpenSSL, which takes 4 ms
    from _sha2 import sha256  # type: ignore[import-not-found,unused-ignore]
except ImportError:  # CPython 3.11
    from hashlib import sha256

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.catalog.model import Metric
    from obskit.deploy.render import Rendered
    from obskit.deploy.stacks import Part, Stack

Json = dict[str, Any]

FILE = "manifest.json"


def built(
    rendered: Rendered,
    metrics: Mapping[str, Metric],
    parts: tuple[Part, ...] = stacks.PARTS,
    beside: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """
    Return the text of each file by its path in the folder.

    *metrics* are those of the catalogs, for the costs; *beside* are files that are no templates.
    """
    texts = {f"dashboards/{name}.json": dump(body) for name, body in rendered.bodies.items()}
    texts = {**(texts if "dashboards" in parts else {}), **beside}
    deployed = {f"{one.region}/{one.name}.template.json": one for one in rendered.stacks() if one.part in parts}
    texts |= {path: dump(stack.template) for path, stack in deployed.items()}
    return {**texts, FILE: dump(_manifest(rendered, metrics, texts, deployed))}


def _manifest(
    rendered: Rendered, metrics: Mapping[str, Metric], texts: Mapping[str, str], deployed: Mapping[str, Stack]
) -> Json:
    environment = rendered.environment
    return {
        "project": rendered.project.name,
        "environment": environment.name,
        "account": environment.account,
        "regions": list(environment.regions),
        "files": {path: _file(text) for path, text in texts.items()},
        "stacks": {path: _stack(stack) for path, stack in deployed.items()},
        "usd_month": costs.totals(costs.of(rendered, metrics)),
    }


def _file(text: str) -> Json:
    data = text.encode()
    return {"sha256": sha256(data).hexdigest(), "bytes": len(data)}


def _stack(stack: Stack) -> Json:
    kinds = [one["Type"] for one in stack.template["Resources"].values()]
    size = len(stack.compact.encode())
    return {
        "region": stack.region,
        "name": stack.name,
        "resources": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
        "bytes_without_blanks": size,
        "needs_bucket": size > INLINE_BYTES,
        "parameters": sorted(stack.template.get("Parameters", {})),
    }
