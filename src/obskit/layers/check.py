"""What is in a layer's zip, and what would go wrong with it on Lambda: read, and run by `imports` only where asked."""

from __future__ import annotations

import posixpath
import re
import struct
import sys
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from obskit.errors import ObskitError
from obskit.layers import imports, pythons, sbom
from obskit.layers.wheels import ROOT
from obskit.quotas import LAMBDA_UNZIPPED_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from obskit.layers.imports import Import
    from obskit.layers.pythons import Python

RUNTIME_HAS = frozenset(
    "awslambdaric boto3 botocore dateutil jmespath s3transfer simplejson six snapshot_restore_py urllib3".split()
)
"""Names in Lambda's own folders, which a layer's come before: those of its runtimes for Python, 2026-11-24."""

MACHINES = {62: "x86_64", 183: "arm64"}
"""`e_machine` of an ELF header -> Lambda's name. ELF-64 specification: EM_X86_64, EM_AARCH64."""

_ELF_HEAD = 20
"""Bytes up to `e_machine` and with it."""

_LINK = 0o120000
"""The type of a file that is a symbolic link, in the upper half of a zip's `external_attr`."""

_NATIVE_NAME = re.compile(r"\.(?:cpython-(\d+)(?:-(x86_64|aarch64)-linux-gnu)?|abi3)\.so\Z")
_DIST_INFO = re.compile(r"\Apython/([^/]+)\.dist-info/")


@dataclass(frozen=True)
class Finding:
    """Something about a layer: an `error` breaks functions or the deployment, a `warning` costs, a `note` is a fact."""

    severity: str
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.message}"


@dataclass(frozen=True)
class Part:
    """One name at the top of the import path."""

    name: str
    files: int
    bytes: int
    """Unpacked."""
    zipped: int


@dataclass(frozen=True)
class Report:
    """All that is known of one zip."""

    name: str
    bytes: int
    unpacked: int
    packages: Sequence[sbom.Package]
    parts: Sequence[Part]
    compiled: Sequence[str]
    """Versions of Python for which every module is there compiled, as `3.13`."""
    imports: Mapping[str, Sequence[Import]]
    """By version of Python, the slowest first; empty where no interpreter was tried."""
    findings: Sequence[Finding]

    @property
    def lean(self) -> bool:
        return {part.name for part in self.parts} <= {"obskit"}


def check(path: Path, beside: Sequence[Path] = (), interpreters: Sequence[Python] = ()) -> Report:
    """
    Look into the layer at *path*.

    Args:
        path: of a zip.
        beside: zips of the function and of its other layers: Lambda's limit counts all.
        interpreters: who tries how long an import takes, which runs the layer's code.

    Raises:
        ObskitError: *path* is no zip, a damaged one, or one that no machine should unpack.
    """
    entries, files = _read(path)
    others = sum(_unpacked(other) for other in beside)
    compiled, lacking = _compiled(files)
    found = [
        *_escaping(entries),
        *_links(entries, files),
        *_size(sum(len(content) for content in files.values()), others),
        *_wrapper(entries),
        *lacking,
        *_shadows(files),
        *_natives(files, path.name),
        *_licences(files),
    ]
    loaded: dict[str, Sequence[Import]] = {}
    if not any(one.severity == "error" for one in found):
        for python in interpreters:
            try:
                loaded[python.version] = imports.of(files, python)
            except imports.NotLoadedError as error:
                loaded[python.version] = []
                found.append(Finding("error", str(error)))
    return Report(
        path.name,
        path.stat().st_size,
        sum(len(content) for content in files.values()),
        sbom.packages(files, {}),
        _parts(entries),
        compiled,
        loaded,
        tuple(found),
    )


def _read(path: Path) -> tuple[list[zipfile.ZipInfo], dict[str, bytes]]:
    """Return what is in the zip at *path*, unless it is more than Lambda takes: a bomb is not unpacked."""
    with _opened(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if too_large := _size(sum(entry.file_size for entry in entries), 0):
            raise ObskitError(f"{path}: {too_large[0].message}")
        return entries, {entry.filename: archive.read(entry) for entry in entries}


def _unpacked(path: Path) -> int:
    with _opened(path) as archive:
        return sum(entry.file_size for entry in archive.infolist())


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    if not path.is_file():  # a device has no end, and a pipe may have no beginning
        raise ObskitError(f"{path}: is not a regular file")
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (OSError, EOFError, ValueError, RuntimeError, zlib.error, struct.error, zipfile.BadZipFile) as error:
        raise ObskitError(f"{path}: {error}") from None  # encrypted and unknown methods are RuntimeErrors


def _top(name: str) -> str:
    return name.removeprefix(ROOT).split("/")[0].removesuffix(".py") if name.startswith(ROOT) else ""


def _parts(entries: Sequence[zipfile.ZipInfo]) -> list[Part]:
    sums: dict[str, list[int]] = {}
    for entry in entries:
        name = _top(entry.filename)
        if name and not name.endswith(".dist-info"):
            one = sums.setdefault(name, [0, 0, 0])
            one[0] += 1
            one[1] += entry.file_size
            one[2] += entry.compress_size
    return sorted((Part(name, *numbers) for name, numbers in sums.items()), key=lambda part: (-part.bytes, part.name))


def _escaping(entries: Sequence[zipfile.ZipInfo]) -> list[Finding]:
    bad = [entry.filename for entry in entries if entry.filename.startswith("/") or ".." in entry.filename.split("/")]
    return [Finding("error", f"'{name}' leads out of /opt") for name in bad]


def _links(entries: Sequence[zipfile.ZipInfo], files: Mapping[str, bytes]) -> list[Finding]:
    """Tell of symbolic links whose target, which is their content, is not in the layer."""
    found = []
    for entry in entries:
        if entry.external_attr >> 16 & 0o170000 == _LINK:
            target = files[entry.filename].decode(errors="replace")
            place = posixpath.normpath(posixpath.join("/opt", posixpath.dirname(entry.filename), target))
            if not place.startswith("/opt/"):
                found.append(Finding("error", f"'{entry.filename}' is a link to '{target}', which leads out of /opt"))
    return found


def _size(own: int, others: int) -> list[Finding]:
    total = own + others
    if total <= LAMBDA_UNZIPPED_BYTES:
        return []
    told = f"{megabytes(own)} unpacked" + (f" and {megabytes(others)} beside it" if others else "")
    return [Finding("error", f"{told}: Lambda takes {megabytes(LAMBDA_UNZIPPED_BYTES)} of code and layers together")]


def _wrapper(entries: Sequence[zipfile.ZipInfo]) -> list[Finding]:
    found = [entry for entry in entries if entry.filename == "obskit"]
    if not found:
        return [Finding("note", "no /opt/obskit in it: AWS_LAMBDA_EXEC_WRAPPER cannot name it")]
    if not found[0].external_attr >> 16 & 0o111:
        return [Finding("error", "/opt/obskit cannot be executed: every function that names it would fail")]
    return []


def _compiled(files: Mapping[str, bytes]) -> tuple[list[str], list[Finding]]:
    """Return the versions for which nothing is missing, and what is missing for others."""
    sources = [name for name in files if name.startswith(ROOT) and name.endswith(".py")]
    found: list[Finding] = []
    complete = []
    for version in pythons.SUPPORTED:
        tag = f"cpython-{version.replace('.', '')}"
        missing = [name for name in sources if _compiled_name(name, tag) not in files]
        if not missing:
            complete.append(version)
        elif len(missing) == len(sources):
            found.append(Finding("warning", f"nothing is compiled for Python {version}: each cold start compiles anew"))
        else:
            shown = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
            found.append(Finding("warning", f"{len(missing)} modules are not compiled for Python {version}: {shown}"))
    checked = [name for name, content in files.items() if name.endswith(".pyc") and content[4:8] != b"\x01\0\0\0"]
    if checked:  # PEP 552: flags 1 is a hash that is not looked at
        found.append(Finding("warning", f"{len(checked)} compiled files are compared with their source at each import"))
    return complete, found


def _compiled_name(source: str, tag: str) -> str:
    folder, _, name = source.rpartition("/")
    return f"{folder}/__pycache__/{name.removesuffix('.py')}.{tag}.pyc"


def _shadows(files: Mapping[str, bytes]) -> list[Finding]:
    names = {_top(name) for name in files if name.startswith(ROOT)}
    names = {name.split(".")[0] for name in names if name and not name.endswith(".dist-info")} - {"__pycache__"}
    found = []
    if hidden := sorted(names & sys.stdlib_module_names):
        found.append(Finding("error", f"comes before modules of Python itself: {', '.join(hidden)}"))
    if hidden := sorted(names & RUNTIME_HAS):
        found.append(Finding("note", f"comes before what Lambda's runtime has: {', '.join(hidden)}"))
    if others := sorted(names - RUNTIME_HAS - sys.stdlib_module_names - {"obskit"}):
        found.append(
            Finding(
                "note", f"comes before other layers' and Lambda's, not before the function's own: {', '.join(others)}"
            )
        )
    return found


def _natives(files: Mapping[str, bytes], name: str) -> list[Finding]:
    """Compare each shared object with what its name and the zip's say. None of them is run."""
    found, seen = [], set()
    for path, content in files.items():
        if content[:4] != b"\x7fELF" or len(content) < _ELF_HEAD:
            if path.endswith(".so"):
                found.append(Finding("error", f"{path} is no shared object"))
            continue
        machine = MACHINES.get(struct.unpack_from("<H", content, 18)[0], "another machine")
        seen.add(machine)
        named = _NATIVE_NAME.search(path)
        if named and named[2] and {"aarch64": "arm64"}.get(named[2], named[2]) != machine:
            found.append(Finding("error", f"{path} is built for {machine}"))
    if len(seen) > 1:
        found.append(Finding("error", f"shared objects for {' and '.join(sorted(seen))} in one layer"))
    said = next((arch for arch in MACHINES.values() if name.removesuffix(".zip").endswith(arch)), "")
    if said and seen - {said}:
        found.append(Finding("error", f"the name says {said}, its shared objects are for {', '.join(sorted(seen))}"))
    return found


def _licences(files: Mapping[str, bytes]) -> list[Finding]:
    infos = {match[1] for name in files if (match := _DIST_INFO.match(name))}
    have = {
        match[1]
        for name in files
        if (match := _DIST_INFO.match(name)) and re.search(r"licen[cs]e|copying|notice", name.lower().partition("/")[2])
    }
    return [Finding("warning", f"{one} has no licence text in it") for one in sorted(infos - have)]


def megabytes(size: int) -> str:
    """
    Return *size* as people read it.

    >>> megabytes(948430), megabytes(2500)
    ('0.95 MB', '2.5 kB')
    """
    return f"{size / 1e6:.2f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"
