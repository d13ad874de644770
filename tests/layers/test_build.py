"""The zips: the same bytes anywhere, what is in them, what their papers say."""

import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from dirty_equals import IsPartialDict

from obskit.errors import ObskitError
from obskit.layers import archive, build, pythons, wheels
from tests.command import obskit
from tests.parts import ROOT

BUDGET = 500_000
"""Bytes of the lean layer for one Python (docs/layer.md)."""

BUILD = """
import os, sys
from pathlib import Path
os.umask(int(sys.argv[2], 8))
from obskit.layers import build, pythons
out = Path(sys.argv[1])
build.write(build.lean(pythons.find(), out / "cache"), out)
"""


def names(content):
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


@pytest.fixture
def copy(tmp_path):
    """This package, installed somewhere else: other folder, other times, other order of files."""
    shutil.copytree(ROOT / "layer", tmp_path / "elsewhere" / "layer")
    package = tmp_path / "elsewhere" / "src" / "obskit"
    for path in sorted((ROOT / "src" / "obskit").rglob("*.py"), reverse=True):
        target = package / path.relative_to(ROOT / "src" / "obskit")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
        target.chmod(0o600)
    return package.parent


def test_two_builds_in_different_places_are_the_same_bytes(lean, copy, tmp_path):
    """Another folder, umask, time zone, language, hash seed; nothing in a cache."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(copy),
        "TZ": "Pacific/Kiritimati",
        "LANG": "C",
        "PYTHONHASHSEED": "77",
        "SOURCE_DATE_EPOCH": "1",
    }

    subprocess.run([sys.executable, "-c", BUILD, tmp_path / "out", "077"], env=environment, cwd="/", check=True)

    built = (tmp_path / "out" / lean.layer.name).read_bytes()
    assert lean.layer.sha256 == archive.sha256(built)
    assert lean.layer.bill == (tmp_path / "out" / f"{lean.layer.name}.cdx.json").read_text()


def test_the_zip_says_nothing_of_when_and_by_whom_it_was_made(lean):
    entries = zipfile.ZipFile(io.BytesIO(lean.layer.content)).infolist()

    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {(1980, 1, 1, 0, 0, 0)} == {entry.date_time for entry in entries}
    modes = {entry.filename: entry.external_attr >> 16 for entry in entries}
    assert {"obskit": 0o100755} == {name: mode for name, mode in modes.items() if mode != 0o100644}
    assert str(ROOT).encode() not in lean.layer.content
    assert not any(str(ROOT).encode() in path.read_bytes() for path in lean.root.rglob("*.pyc"))


def test_the_lean_layer_holds_the_runtime_and_nothing_else(lean):
    found = {name.split("/")[2] for name in names(lean.layer.content) if name.startswith("python/obskit/")}
    ours = {path.name for path in (ROOT / "src" / "obskit").iterdir() if path.suffix == ".py" or path.is_dir()}

    assert ours - set(build.LEFT_OUT) == found - {"__pycache__"} | {"__pycache__"}
    assert {"cli", "demo", "deploy", "testing"} < set(build.LEFT_OUT)
    assert {"obskit", "python"} == {name.split("/")[0] for name in names(lean.layer.content)}
    assert {"obskit", f"obskit-{build.version()}.dist-info"} == {
        name.split("/")[1] for name in names(lean.layer.content) if name.startswith("python/")
    }


def test_every_module_is_compiled_for_every_python_here(lean, all_pythons, this):
    found = names(lean.layer.content)
    modules = [name for name in found if name.endswith(".py")]
    wanted = {
        re.sub(r"([^/]+)\.py\Z", rf"__pycache__/\1.{python.tag}.pyc", name)
        for name in modules
        for python in all_pythons
    }

    assert this in all_pythons
    assert wanted == {name for name in found if name.endswith(".pyc")}
    assert {struct.pack("<I", 1)} == {path.read_bytes()[4:8] for path in lean.root.rglob("*.pyc")}  # PEP 552: unchecked


def test_for_one_python_it_is_about_what_the_design_allows(all_pythons, cache):
    sizes = {python.version: len(build.lean([python], cache, python.version).content) for python in all_pythons}

    assert {} == {version: size for version, size in sizes.items() if size > BUDGET}


def test_the_full_layer_holds_the_guests_and_nothing_that_lambda_has(full):
    top = {name.split("/")[1] for name in names(full.layer.content) if name.startswith("python/")}

    guests = {"obskit", "aws_lambda_powertools", "opentelemetry", "aws_xray_sdk", "google", "requests"}
    assert guests <= top
    assert not {"boto3", "botocore", "grpc"} & top


def test_the_layer_for_arm64_is_built_anywhere(full, this, cache, tmp_path):
    """
    Its native modules say so in their ELF headers and names; they have not been run.

    Nothing compiled is taken over: what is pure in both layers has become the same bytes again.
    """
    (tmp_path / "wheels").symlink_to(cache / "wheels")

    layer = build.full("arm64", [this], [this.version], tmp_path)

    ours, other = (zipfile.ZipFile(io.BytesIO(one.content)) for one in (layer, full.layer))
    natives = {name: ours.read(name)[:20] for name in ours.namelist() if name.endswith(".so")}
    assert {183} == {struct.unpack_from("<H", head, 18)[0] for head in natives.values()}  # EM_AARCH64
    assert any("google/_upb" in name for name in natives)
    assert not any("x86_64" in name for name in natives)
    pure = {name for name in ours.namelist() if not name.endswith(".so")}
    assert pure == {name for name in other.namelist() if not name.endswith(".so")}
    assert {} == {name: 0 for name in pure if ours.getinfo(name).CRC != other.getinfo(name).CRC}


def test_its_papers_stand_beside_it(lean):
    folder = lean.root.parent / "zip"

    done = subprocess.run(
        ["sha256sum", "--check", f"{lean.layer.name}.sha256"], cwd=folder, capture_output=True, text=True, check=True
    )

    assert f"{lean.layer.name}: OK\n" == done.stdout


def test_the_bill_of_materials_names_every_package_with_hash_and_licence(full):
    """CycloneDX 1.6, the members that its schema requires."""
    bill = json.loads(full.layer.bill)
    pins = {f"pkg:pypi/{pin.name}@{pin.version}": pin for pin in wheels.pins((ROOT / "layer/full.txt").read_text())}

    assert bill == IsPartialDict(bomFormat="CycloneDX", specVersion="1.6", version=1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", bill["serialNumber"])
    assert [{"alg": "SHA-256", "content": full.layer.sha256}] == bill["metadata"]["component"]["hashes"]
    components = {one["purl"]: one for one in bill["components"]}
    assert components.keys() == pins.keys() | {f"pkg:pypi/obskit@{build.version()}"}
    for purl, pin in pins.items():
        assert components[purl]["licenses"]
        hashes = {one["content"] for ref in components[purl]["externalReferences"] for one in ref["hashes"]}
        assert hashes
        assert hashes <= set(pin.hashes)
    refs = {bill["metadata"]["component"]["bom-ref"], *components}
    assert refs == {one["ref"] for one in bill["dependencies"]}


def test_the_licence_of_every_package_is_inside(full):
    found = names(full.layer.content)
    infos = {name.split("/")[1] for name in found if ".dist-info/" in name}
    licensed = {name.split("/")[1] for name in found if re.search(r"(?i)\.dist-info/.*(licen[cs]e|copying)", name)}

    assert infos - licensed <= {f"{name}.dist-info" for name in WITHOUT_TEXT}


WITHOUT_TEXT: set[str] = set()
"""Packages that ship no licence text of their own."""


def test_the_lock_holds_hashes_and_no_address():
    lock = (ROOT / "layer" / "full.txt").read_text()

    assert {"aws-lambda-powertools", "opentelemetry-sdk", "aws-xray-sdk", "protobuf"} <= {
        pin.name for pin in wheels.pins(lock)
    }


@pytest.mark.parametrize(
    ("lock", "says"),
    [
        ("--index-url index.example\n", "names an address"),
        ("shop @ https://example.com/shop.whl\n", "names an address"),
        ("shop==1.0\n", "without version and hash"),
        (f"shop>=1.0 --hash=sha256:{'0' * 64}\n", "without version and hash"),
    ],
)
def test_a_lock_that_pins_nothing_is_refused(lock, says):
    with pytest.raises(ObskitError, match=says):
        wheels.pins(lock)


def wheel(folder, name, files):
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / name, "w") as archived:
        for path, text in files.items():
            archived.writestr(path, text)
    path = folder / name
    return wheels.Wheel(path, name.split("-")[0], "1", archive.sha256(path.read_bytes()))


def test_a_wheel_whose_hash_the_lock_does_not_name_is_refused(tmp_path):
    found = wheel(tmp_path / "wheels", "shop-1-py3-none-any.whl", {"shop.py": ""})
    lock = f"shop==1 --hash=sha256:{'0' * 64}\n"
    key = archive.sha256(f"{lock}\0x86_64\0003.13".encode())
    (tmp_path / "wheels" / f"{key}.txt").write_text("shop-1-py3-none-any.whl\n")

    with pytest.raises(ObskitError, match=f"its sha256 is {found.sha256}, which the lock does not name"):
        wheels.download(lock, "x86_64", ["3.13"], tmp_path)


def test_a_wheel_that_leads_out_of_its_folder_is_refused(tmp_path):
    with pytest.raises(ObskitError, match="leads out of its folder"):
        wheels.unpack(wheel(tmp_path, "shop-1-py3-none-any.whl", {"../shop.py": ""}))


def test_programs_stubs_and_what_differs_by_wheel_stay_outside(tmp_path):
    inside = wheel(
        tmp_path,
        "shop-1-py3-none-any.whl",
        {
            "shop.py": "",
            "shop.pyi": "",
            "shop-1.data/scripts/shop": "",
            "shop-1.data/purelib/more.py": "",
            "shop-1.dist-info/RECORD": "",
            "shop-1.dist-info/METADATA": "",
        },
    )

    assert ["python/more.py", "python/shop-1.dist-info/METADATA", "python/shop.py"] == sorted(wheels.unpack(inside))


def test_two_wheels_that_differ_under_one_name_are_refused(tmp_path):
    one = wheel(tmp_path, "shop-1-cp312-none-any.whl", {"shop.py": "1"})
    same = wheel(tmp_path, "shop-1-cp313-none-any.whl", {"shop.py": "1", "native.cpython-313.so": ""})
    other = wheel(tmp_path, "search-1-py3-none-any.whl", {"shop.py": "2"})

    assert [{"python/shop.py": b"1", "python/native.cpython-313.so": b""}] == wheels.merged([one, same])
    with pytest.raises(ObskitError, match=r"differ in 'python/shop\.py'"):
        wheels.merged([one, other])


def test_the_command_writes_and_tells(tmp_path, cache, this):
    code, stdout, stderr = obskit(
        "layer", "build", "--out", tmp_path, "--only", "lean", "--python", this.version, "--cache", cache
    )

    (line,) = stdout.splitlines()
    content = (tmp_path / f"obskit-{build.version()}.zip").read_bytes()
    assert 0 == code
    assert f"{archive.sha256(content)}  {tmp_path / f'obskit-{build.version()}.zip'}" == line
    assert stderr.startswith(f"obskit-{build.version()}.zip: ")


@pytest.mark.parametrize(("version", "code", "says"), [("2.7", 2, "known: 3.11"), ("3.14", 1, "no Python 3.14 here")])
def test_a_python_that_is_not_there_is_said(tmp_path, monkeypatch, version, code, says):
    monkeypatch.setattr(pythons, "find", lambda _: [])

    found = obskit("layer", "build", "--out", tmp_path, "--python", version)

    assert code == found[0]
    assert says in found[2]
    assert not list(Path(tmp_path).iterdir())
