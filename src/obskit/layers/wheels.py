"""
Locked packages as wheels: downloaded by pip, checked by their hashes, unpacked without being installed.

One folder serves every Python: what is pure is the same for all, and compiled modules carry version and architecture
in their names. Two wheels that would put different content under one name are an error.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Iterable

MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
"""Lambda's name of an architecture -> that of wheels."""

_GLIBC = range(26, 16, -1)
"""Minor versions of glibc 2 whose wheels run on Amazon Linux 2, where Lambda's Python 3.11 stands; newest first."""

ROOT = "python/"

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)([^\\]*)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_PROGRAMS = re.compile(r"[^/]+\.data/(scripts|headers|data)/")
_LEFT_OUT = re.compile(r"[^/]+\.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json|WHEEL)\Z")
"""WHEEL and RECORD of one package differ between its wheels, and say nothing that a layer needs."""


@dataclass(frozen=True)
class Pin:
    """One line of a lock."""

    name: str
    version: str
    hashes: tuple[str, ...]


@dataclass(frozen=True)
class Wheel:
    """One downloaded file, its hash compared with the lock's."""

    path: Path
    name: str
    """Normalised as PEP 503 says."""
    version: str
    sha256: str


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: str) -> list[Pin]:
    """
    Return what *lock* asks for.

    Raises:
        ObskitError: a line has no version or no hash, or names an index.
    """
    if re.search(r"^\s*(--(extra-)?index-url|--find-links|-[if]\b)|://", lock, re.MULTILINE):
        raise ObskitError("the lock names an address; it holds names, versions and hashes only")
    text = re.sub(r"^\s*#.*$", "", lock, flags=re.MULTILINE).replace("\\\n", " ")
    found = []
    for line in filter(str.strip, text.splitlines()):
        pin, hashes = _PIN.match(line.strip()), tuple(_HASH.findall(line))
        if pin is None or not hashes:
            raise ObskitError(f"the lock has a line without version and hash: {line.strip()[:60]}")
        found.append(Pin(normalised(pin[1]), pin[2], hashes))
    return found


def download(lock: str, arch: str, versions: Iterable[str], cache: Path) -> list[Wheel]:
    """
    Return the wheels of *lock* for *arch* and every one of *versions*, from *cache* where they are there.

    Raises:
        ObskitError: pip cannot get one of them, or a hash differs; the message is pip's own.
    """
    wanted = pins(lock)
    found: dict[str, Path] = {}
    with ThreadPoolExecutor(4) as pool:  # pip mostly waits
        for paths in pool.map(lambda version: _for_one(lock, arch, version, cache), versions):
            found.update({path.name: path for path in paths})
    return [_checked(found[name], wanted) for name in sorted(found)]


def _for_one(lock: str, arch: str, version: str, cache: Path) -> list[Path]:
    """Return the files for one version; the list of a complete download is kept beside them."""
    key = hashlib.sha256(f"{lock}\0{arch}\0{version}".encode()).hexdigest()
    kept, listed = cache / "wheels", cache / "wheels" / f"{key}.txt"
    if listed.is_file():
        names = listed.read_text().split()
        if all((kept / name).is_file() for name in names):
            return [kept / name for name in names]
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept) as folder:
        requirements = Path(folder) / "lock.txt"
        requirements.write_text(lock)
        target = Path(folder) / "files"
        command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-input"]
        command += ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--implementation", "cp"]
        command += ["--python-version", version, "--dest", str(target), "--requirement", str(requirements)]
        for platform in _platforms(arch):
            command += ["--platform", platform]
        done = subprocess.run(  # noqa: S603  pip of this environment
            command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        if done.returncode:
            raise ObskitError(f"pip cannot get the wheels of {arch}, Python {version}:\n{done.stderr.strip()}")
        paths = sorted(target.iterdir())
        for path in paths:
            path.replace(kept / path.name)
        requirements.write_text("".join(f"{path.name}\n" for path in paths))
        requirements.replace(listed)  # whole or not at all: another build may be reading
    return [kept / path.name for path in paths]


def _platforms(arch: str) -> list[str]:
    """Return the platforms of wheels; pip takes the first that fits."""
    machine = MACHINES[arch]
    return [*(f"manylinux_2_{minor}_{machine}" for minor in _GLIBC), f"manylinux2014_{machine}"]


def _checked(path: Path, wanted: Iterable[Pin]) -> Wheel:
    """Return the wheel at *path*. A cache is a folder that anybody may have written to: the hash is taken again."""
    name = path.name.partition("-")[0]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for pin in wanted:
        if pin.name == normalised(name) and digest in pin.hashes:
            return Wheel(path, pin.name, pin.version, digest)
    raise ObskitError(
        f"{path.name}: its sha256 is {digest}, which the lock does not name (remove {path} and try again)"
    )


def unpack(wheel: Wheel) -> dict[str, bytes]:
    """
    Return what *wheel* would put on the import path, below `python/`.

    Raises:
        ObskitError: a name in it leads out of its folder.
    """
    files = {}
    with zipfile.ZipFile(wheel.path) as archive:
        for entry in archive.infolist():
            name = entry.filename
            if entry.is_dir() or _PROGRAMS.match(name) or _LEFT_OUT.match(name) or name.endswith((".pyi", ".pyc")):
                continue
            place = re.sub(r"\A[^/]+\.data/(purelib|platlib)/", "", name)
            if place.startswith("/") or ".." in place.split("/"):
                raise ObskitError(f"{wheel.path.name}: '{name}' leads out of its folder")
            files[ROOT + place] = archive.read(entry)
    return files


def merged(wheels: Iterable[Wheel]) -> list[dict[str, bytes]]:
    """
    Return the files of *wheels*, one tree for each package.

    Raises:
        ObskitError: two of them have different content under one name.
    """
    trees: dict[str, dict[str, bytes]] = {}
    seen: dict[str, tuple[str, bytes]] = {}
    for wheel in wheels:
        for name, content in unpack(wheel).items():
            if name not in seen:
                trees.setdefault(wheel.name, {})[name] = content
            owner, known = seen.setdefault(name, (wheel.path.name, content))
            if known != content:
                raise ObskitError(f"{owner} and {wheel.path.name} differ in '{name}'")
    return list(trees.values())
