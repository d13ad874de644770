"""
Build the sdist, the wheel out of the sdist, and try the wheel in an empty environment: test what ships.

Run by `make wheel`, with the Python of `.venv`; results are in `dist/`. The runtime is tried with nothing else
installed, the command line with its dependencies as a user gets them today.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"
WORK = ROOT / "build" / "wheel"
PIP = ("-m", "pip", "install", "-qq", "--disable-pip-version-check")

# Every public name, from the installed package and from nowhere else.
RUNTIME = """
import importlib.metadata, obskit, sys
import obskit.kpis
[getattr(obskit, name) for name in getattr(obskit, "__all__", ())]
assert obskit.__file__.startswith(sys.prefix), obskit.__file__
print("obskit", importlib.metadata.version("obskit"), "imports with nothing else installed")
"""


def pack(target: str, source: Path) -> None:
    """Build *target* from the project in *source* into `dist/`."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(DIST)]
    run = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(run.stdout + run.stderr)


def build() -> Path:
    """Return the wheel, built from the unpacked sdist."""
    shutil.rmtree(DIST, ignore_errors=True)
    shutil.rmtree(WORK, ignore_errors=True)
    pack("sdist", ROOT)
    (sdist,) = DIST.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(WORK, filter="data")
    (source,) = WORK.iterdir()
    pack("wheel", source)
    (wheel,) = DIST.glob("*.whl")
    return wheel


def strangers(wheel: Path) -> list[str]:
    """Return what the wheel holds beside the files of `src/obskit` and its own metadata, and what it lacks of them."""
    ours = {str(path.relative_to(ROOT / "src")) for path in (ROOT / "src" / "obskit").rglob("*") if path.is_file()}
    ours = {name for name in ours if "__pycache__" not in name}
    ours |= {f"obskit/layers/files/{name}" for name in ("obskit", "full.txt")}  # from layer/
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    return sorted(ours ^ packed)


def main() -> int:
    wheel = build()
    if found := strangers(wheel):
        print("wheel and src/obskit differ:", *found, sep="\n  ", file=sys.stderr)
        return 1
    trial = WORK / "venv"
    venv.create(trial, with_pip=True)
    python = trial / "bin" / "python"
    subprocess.run([python, *PIP, "--no-deps", wheel], check=True)
    subprocess.run([python, "-I", "-c", RUNTIME], cwd=WORK, check=True)
    subprocess.run([python, *PIP, wheel], check=True)
    if (ROOT / "src" / "obskit" / "cli").exists():
        subprocess.run([trial / "bin" / "obskit", "--help"], cwd=WORK, stdout=subprocess.DEVNULL, check=True)
        print("obskit --help answers")
    print(f"dist/{wheel.name}: {wheel.stat().st_size / 1024:.0f} kB")
    shutil.rmtree(WORK)
    return 0


if __name__ == "__main__":
    sys.exit(main())
