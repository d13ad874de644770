"""A layer's zip as it will be published: what its file and its contents say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from obskit.errors import ObskitError
from obskit.layers import check

if TYPE_CHECKING:
    from pathlib import Path

ARCHITECTURES = ("x86_64", "arm64")


class Built(NamedTuple):
    """The part of a `publish.Plan` that no option says."""

    name: str
    """Of the layer: `obskit`, `obskit-full-arm64`."""
    version: str
    """Of obskit."""
    content: bytes
    runtimes: list[str]
    """As `python3.13`."""
    architectures: list[str]


def read(path: Path) -> Built:
    """
    Return what the zip at *path* is.

    Raises:
        ObskitError: it would break functions, or is not one of obskit's.
    """
    report = check.check(path)
    broken = [finding.message for finding in report.findings if finding.severity == "error"]
    version = next((package.version for package in report.packages if package.name == "obskit"), "")
    if broken or not version:
        raise ObskitError(*(broken or [f"{path.name} holds no obskit"]))
    arch = next((arch for arch in ARCHITECTURES if path.stem.endswith(arch)), "")
    return Built(
        name=path.stem.replace(f"-{version}", "").replace("_", "-").replace(".", ""),
        version=version,
        content=path.read_bytes(),
        runtimes=[f"python{one}" for one in report.compiled],
        architectures=[arch] if arch else list(ARCHITECTURES),
    )
