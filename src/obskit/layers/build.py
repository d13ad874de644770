"""The layers' zips: the lean one from this package alone, the full ones with locked wheels beside it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from obskit import whole
from obskit.errors import ObskitError
from obskit.layers import archive, bytecode, sbom, wheels
from obskit.layers.slim import slim

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from obskit.layers.pythons import Python

LEFT_OUT = (
    "backtest",
    "captured.py",
    "cli",
    "demo",
    "deploy",
    "forwarder",
    "layers",
    "lookup",
    "metric_math.py",
    "preview",
    "probes",
    "testing",
    "whole.py",
)
"""
What a function never imports. Probes are a function of their own with boto3 and pg8000 beside them, deployed as one zip
(docs/probes.md): in the layer every other function would carry them.
"""

NATIVE = ("x86_64", "arm64")

WRAPPER = "obskit"
"""The script for `AWS_LAMBDA_EXEC_WRAPPER`, at the top: Lambda sees it as `/opt/obskit`."""

_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Layer:
    """One built zip."""

    name: str
    """Of the file."""
    content: bytes
    bill: str
    """Its bill of materials, CycloneDX JSON."""

    @property
    def sha256(self) -> str:
        return archive.sha256(self.content)


def version() -> str:
    return metadata.version("obskit")


def material(name: str) -> bytes:
    """
    Return a file of `layer/`: in a checkout it stands beside `src/`, in an installed package below this module.

    Raises:
        ObskitError: it is in neither place.
    """
    for folder in (Path(__file__).parent / "files", _PACKAGE.parents[1] / "layer"):
        if (folder / name).is_file():
            return (folder / name).read_bytes()
    raise ObskitError(f"this installation of obskit lacks layer/{name}")


def lean(pythons: Sequence[Python], cache: Path, only: str = "") -> Layer:
    """
    Return the lean layer: the runtime and nothing else.

    Args:
        pythons: whose compiled files it holds.
        cache: a folder that remembers what was made.
        only: the version of Python that it is for, where it is for one only; a part of its name.
    """
    own = runtime()
    files = {**own, **bytecode.compiled([own], pythons, cache, slim=True)}
    return _layer(f"obskit-{version()}{f'-python{only}' if only else ''}.zip", files, {})


def full(arch: str, pythons: Sequence[Python], versions: Sequence[str], cache: Path) -> Layer:
    """
    Return the full layer for *arch*, one of `NATIVE`.

    Args:
        arch: as Lambda writes it.
        pythons: whose compiled files it holds.
        versions: of Python, for which native modules are taken.
        cache: a folder that remembers what was downloaded and made.

    Raises:
        ObskitError: a wheel cannot be had.
    """
    found = wheels.download(material("full.txt").decode(), arch, versions, cache)
    trees, own = wheels.merged(found), runtime()
    files = {name: content for tree in (own, *trees) for name, content in tree.items()}
    files |= bytecode.compiled([own], pythons, cache, slim=True) | bytecode.compiled(trees, pythons, cache, slim=False)
    hashes: dict[str, list[str]] = {}
    for wheel in found:
        hashes.setdefault(sbom.purl(wheel.name, wheel.version), []).append(wheel.sha256)
    return _layer(f"obskit-full-{version()}-{arch}.zip", files, hashes)


def runtime() -> dict[str, bytes]:
    """Return the sources that both layers hold, with what says whose they are."""
    modules = {path.relative_to(_PACKAGE): path for path in sorted(_PACKAGE.rglob("*.py"))}
    files = {
        f"{wheels.ROOT}obskit/{place.as_posix()}": slim(place.as_posix(), path.read_bytes())
        for place, path in modules.items()
        if place.parts[0] not in LEFT_OUT
    }
    about = metadata.metadata("obskit")
    info = f"{wheels.ROOT}obskit-{version()}.dist-info"
    lines = ("Metadata-Version: 2.4", "Name: obskit", f"Version: {version()}", f"Summary: {about['Summary']}")
    files[f"{info}/METADATA"] = "\n".join([*lines, "License-Expression: Apache-2.0", ""]).encode()
    files[f"{info}/licenses/LICENSE"] = _license()
    return files


def _license() -> bytes:
    for path in metadata.files("obskit") or ():
        if path.name == "LICENSE":
            return Path(str(path.locate())).read_bytes()
    raise ObskitError("this installation of obskit lacks its LICENSE")


def _layer(name: str, files: Mapping[str, bytes], hashes: Mapping[str, Sequence[str]]) -> Layer:
    content = archive.pack({**files, WRAPPER: material("obskit")}, {WRAPPER})
    contained = sbom.packages(files, hashes)
    return Layer(name, content, sbom.document(name.removesuffix(".zip"), version(), archive.sha256(content), contained))


def write(layer: Layer, out: Path) -> None:
    """Write the zip, its `.sha256` as `sha256sum --check` reads it, and its bill of materials into *out*."""
    out.mkdir(parents=True, exist_ok=True)
    whole.write(out / layer.name, layer.content)
    whole.write(out / f"{layer.name}.sha256", f"{layer.sha256}  {layer.name}\n".encode())
    whole.write(out / f"{layer.name}.cdx.json", layer.bill.encode())
