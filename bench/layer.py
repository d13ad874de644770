"""
CPU of a cold start through the layers, over a function with none, side by side in one run.

    python bench/layer.py [--rounds 10] [--markdown]

Each variant is a layer that `obskit.layers` makes of locked wheels, compiled and unpacked in the same way, under the
real Lambda client of an interpreter that has nothing else. CPU is all that the process has used since it began, the
wrapper's shell included: when the function's module is loaded (init), and when the handler of the first event begins.
The least of the rounds, in which the variants take turns. Quote the differences: absolute times differ from machine to
machine. `layer/full.txt` and `bench/layers/` lock the peers; ADOT's script is a stand-in for its own, which is in no
registry.
"""

from __future__ import annotations

import argparse
import importlib
import io
import os
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from obskit.layers import build, bytecode, pythons, wheels
from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from obskit.layers.pythons import Python

HERE = Path(__file__).parent / "layers"
CACHE = HERE.parents[1] / "build" / "layers"
CLIENT = ("awslambdaric", "simplejson", "snapshot_restore_py", "runtime_client")
"""Lambda's client."""
SDK = ("boto3", "botocore", "s3transfer", "dateutil", "six", "jmespath", "urllib3")
"""What Lambda's runtime has beside it."""
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
ENVIRONMENT = {
    "POWERTOOLS_SERVICE_NAME": "checkout",
    "POWERTOOLS_METRICS_NAMESPACE": "Shop",
    "OBSKIT_ENV": "bench",
    "OBSKIT_SERVICE": "checkout",
    "OBSKIT_METRICS_NAMESPACE": "Shop",
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
}


class Variant(NamedTuple):
    """A function with a layer."""

    name: str
    handler: str
    layer: str
    """Its folder; empty for none."""
    wrapper: Path | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--markdown", action="store_true", help="print the table of docs/layer.md")
    given = parser.parse_args()
    version = ".".join(map(str, sys.version_info[:2]))
    (python,) = pythons.chosen([version])
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make(root, python)
        variants = [
            Variant("no layer", "app.handler", ""),
            Variant("obskit, through the wrapper", "app.handler", "obskit", root / "obskit" / "obskit"),
            Variant("Powertools Logger, Metrics", "powertools.handler", "full"),
            Variant("Powertools, and Tracer", "powertools_tracer.handler", "full"),
            Variant("ADOT's packages", "app.handler", "adot", HERE / "adot"),
        ]
        measured: dict[str, list[tuple[float, float]]] = {variant.name: [] for variant in variants}
        for _ in range(given.rounds):
            for variant in variants:
                measured[variant.name].append(measure(variant, root, python))
    report(measured, given, python)


def report(measured: Mapping[str, Sequence[tuple[float, float]]], given: argparse.Namespace, python: Python) -> None:
    bare = least(measured["no layer"])
    print(f"Python {python.release.split()[0]}, the least of {given.rounds} cold starts, CPU in ms")
    line = "| {:<28} | {:>8} | {:>16} | {:>28} |"
    print(line.format("", "init", "over no layer", "first event, over no layer"))
    if given.markdown:
        print("|---|---|---|---|")
    for name, values in measured.items():
        init, first = least(values)
        print(line.format(name, f"{init:.1f}", f"{init - bare[0]:.1f}", f"{first - bare[1]:.1f}"))


def least(values: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the least of each, in milliseconds."""
    return min(value[0] for value in values) * 1e3, min(value[1] for value in values) * 1e3


def make(root: Path, python: Python) -> None:
    """Write the layers and what stands for Lambda's own folder."""
    lean = build.lean([python], CACHE)
    with zipfile.ZipFile(io.BytesIO(lean.content)) as archive:
        unpack(root / "obskit", {name: archive.read(name) for name in archive.namelist()})
    arch = {"x86_64": "x86_64", "aarch64": "arm64"}[os.uname().machine]
    locks = {"full": build.material("full.txt").decode(), "adot": (HERE / "adot.txt").read_text()}
    for name, lock in locks.items():
        trees = wheels.merged(wheels.download(lock, arch, [python.version], CACHE))
        files = {path: content for tree in trees for path, content in tree.items()}
        unpack(root / name, {**files, **bytecode.compiled(trees, [python], CACHE, slim=False)})
    for names, target in ((CLIENT, root / "client"), (SDK, root / "sdk")):
        target.mkdir()
        for name in names:
            path = Path(str(importlib.import_module(name).__file__))
            if path.name == "__init__.py":
                shutil.copytree(path.parent, target / name)
            else:
                shutil.copy(path, target)


def unpack(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755)


def measure(variant: Variant, root: Path, python: Python) -> tuple[float, float]:
    """Return the CPU seconds of one cold start: at the end of init, at the beginning of the first event's handler."""
    own = [str(root / variant.layer / "python")] if variant.layer else []
    runtime = [str(root / "client"), str(root / "sdk")]
    function = Function(
        variant.handler,
        HERE / "task",
        python=str(python.path),
        env={
            **ENVIRONMENT,
            "PYTHONNOUSERSITE": "1",
            "ADOT": str(root / "adot" / "python"),
            "PYTHONPATH": os.pathsep.join([*own, *runtime]),
        },
        wrapper=variant.wrapper,
    )
    with LambdaRuntime(function) as running:
        outcome = running.invoke({}, trace_header=TRACE)
    if not isinstance(outcome.payload, list):
        raise SystemExit(f"{variant.name} failed: {outcome.error} {outcome.lines}")
    init, first = outcome.payload
    return init, first


if __name__ == "__main__":
    main()
