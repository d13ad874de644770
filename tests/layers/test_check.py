"""`obskit layer check`: each thing that would go wrong, made to be so."""

import json
import struct
import zipfile

import pytest
from dirty_equals import IsPartialDict

from obskit.errors import ObskitError
from obskit.layers import archive, build, built, check, imports, pythons
from obskit.quotas import LAMBDA_UNZIPPED_BYTES
from tests.command import obskit


def elf(machine):
    return b"\x7fELF" + bytes(14) + struct.pack("<H", machine) + bytes(4)


def zipped(path, files, programs=()):
    path.write_bytes(archive.pack(files, programs))
    return path


def errors(report):
    return [finding.message for finding in report.findings if finding.severity == "error"]


def test_the_lean_layer_has_no_fault(lean, this):
    path = lean.root.parent / "zip" / lean.layer.name

    report = check.check(path, (), [this])

    missing = [version for version in pythons.SUPPORTED if version not in report.compiled]
    told = [f"nothing is compiled for Python {version}: each cold start compiles anew" for version in missing]
    assert told == [finding.message for finding in report.findings]
    assert ["obskit"] == [part.name for part in report.parts]
    assert [("obskit", build.version(), "Apache-2.0")] == [
        (one.name, one.version, one.license) for one in report.packages
    ]
    assert {"obskit.wrapper", "obskit.handler"} <= {one.module for one in report.imports[this.version]}


def test_the_full_layer_is_told_with_what_it_comes_before(full):
    report = check.check(full.root.parent / "zip" / full.layer.name)

    assert [] == errors(report)
    notes = [finding.message for finding in report.findings if finding.severity == "note"]
    assert "comes before what Lambda's runtime has: jmespath, urllib3" in notes


GOOD = {"obskit": b"#!/bin/sh", "python/obskit/wrapper.py": b"", "python/obskit/__init__.py": b""}

BAD = {
    "a name that leads out": ({"../etc/passwd": b""}, "'../etc/passwd' leads out of /opt"),
    "a module of Python's": ({"python/json/__init__.py": b""}, "comes before modules of Python itself: json"),
    "another machine": (
        {"python/a.cpython-313-x86_64-linux-gnu.so": elf(183)},
        "python/a.cpython-313-x86_64-linux-gnu.so is built for arm64",
    ),
    "two machines": (
        {"python/a.abi3.so": elf(62), "python/b.abi3.so": elf(183)},
        "shared objects for arm64 and x86_64 in one layer",
    ),
    "no shared object": ({"python/a.so": b"text"}, "python/a.so is no shared object"),
    "half a head": ({"python/a.so": b"\x7fELF"}, "python/a.so is no shared object"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_breaks_functions_is_an_error(tmp_path, name):
    files, message = BAD[name]

    report = check.check(zipped(tmp_path / "layer.zip", {**GOOD, **files}, {"obskit"}))

    assert [message] == errors(report)


def test_a_script_that_cannot_run_is_an_error(tmp_path):
    report = check.check(zipped(tmp_path / "layer.zip", GOOD))

    assert ["/opt/obskit cannot be executed: every function that names it would fail"] == errors(report)


def test_the_name_of_the_zip_is_compared_with_what_is_in_it(tmp_path):
    report = check.check(zipped(tmp_path / "own-arm64.zip", {**GOOD, "python/a.abi3.so": elf(62)}, {"obskit"}))

    assert ["the name says arm64, its shared objects are for x86_64"] == errors(report)


def test_a_layer_that_cannot_be_imported_is_an_error(tmp_path, this):
    files = {**GOOD, "python/obskit/wrapper.py": b"import gone"}

    report = check.check(zipped(tmp_path / "layer.zip", files, {"obskit"}), (), [this])

    (message,) = errors(report)
    assert message.endswith("cannot import obskit.wrapper from it: ModuleNotFoundError: No module named 'gone'")


def damaged(path, how):
    """A zip that Python writes, and one thing in it changed."""
    files = {"both": {"python": b"", "python/obskit/wrapper.py": b""}, "long": {f"python/{'a' * 300}/b.py": b""}}
    zipped(path, files.get(how, GOOD), {"obskit"})
    content = bytearray(path.read_bytes())
    central, local = content.find(b"PK\x01\x02"), content.find(b"PK\x03\x04")
    if how == "encrypted":
        content[central + 8] |= 1
        content[local + 6] |= 1
    if how == "unknown":
        content[central + 10] = 99
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("how", "words"), [("encrypted", "is encrypted"), ("unknown", "compression method is not supported")]
)
def test_a_zip_that_cannot_be_read_is_told(tmp_path, how, words):
    code, _, said = obskit("layer", "check", damaged(tmp_path / "layer.zip", how))

    assert (1, True) == (code, words in said)
    assert said.startswith(f"error: {tmp_path}/layer.zip: ")


@pytest.mark.parametrize(("how", "words"), [("both", "Not a directory"), ("long", "File name too long")])
def test_a_zip_that_cannot_be_unpacked_is_told(tmp_path, this, how, words):
    report = check.check(damaged(tmp_path / "layer.zip", how), (), [this])

    assert [True] == [words in message for message in errors(report) if "unpacked" in message]


@pytest.mark.parametrize(
    "case",
    [
        (b"import os; os._exit(3)", 60, "cannot import obskit.wrapper from it: it ends with 3"),
        (
            b"import threading; threading.Event().wait()",
            0.5,
            "the import of obskit.wrapper from it does not end in 0.5 s",
        ),
    ],
    ids=["silent", "endless"],
)
def test_an_import_that_says_nothing_is_told(tmp_path, monkeypatch, this, case):
    code, seconds, words = case
    monkeypatch.setattr(imports, "WAIT_S", seconds)
    files = {"python/obskit/__init__.py": b"", "python/obskit/wrapper.py": code}

    (message,) = errors(check.check(zipped(tmp_path / "layer.zip", files), (), [this]))

    assert message.endswith(words)


def test_no_code_of_a_layer_is_run_unless_asked(tmp_path):
    ran = tmp_path / "ran"
    files = {**GOOD, "python/obskit/__init__.py": f"open({str(ran)!r}, 'w')".encode()}
    path = zipped(tmp_path / "layer.zip", files, {"obskit"})

    obskit("layer", "check", path)
    assert not ran.exists()

    obskit("layer", "check", path, "--imports")
    assert ran.exists()


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(check, "LAMBDA_UNZIPPED_BYTES", 1_000_000)
    path = zipped(tmp_path / "layer.zip", {"python/a": bytes(1_000_001)})
    monkeypatch.setattr(zipfile.ZipFile, "read", pytest.fail)

    with pytest.raises(ObskitError, match=r"1.00 MB unpacked: Lambda takes 1.00 MB"):
        check.check(path)


@pytest.mark.parametrize(("target", "leaves"), [("../../etc/passwd", True), ("/tmp/a", True), ("b.py", False)])
def test_a_link_that_leads_out_is_an_error(tmp_path, target, leaves):
    path = zipped(tmp_path / "layer.zip", GOOD, {"obskit"})
    link = zipfile.ZipInfo("python/a.py")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, target)

    told = [f"'python/a.py' is a link to '{target}', which leads out of /opt"] * leaves
    assert told == errors(check.check(path))


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_zip(path):
    assert (1, "", f"error: {path}: is not a regular file\n") == obskit("layer", "check", path)


@pytest.mark.parametrize(("more", "found"), [(0, 0), (1, 1)])
def test_the_limit_of_lambda_counts_what_is_beside_it(tmp_path, monkeypatch, more, found):
    """At the limit, and one byte past it; 250 MB take seconds to write, so it is a smaller one here."""
    monkeypatch.setattr(check, "LAMBDA_UNZIPPED_BYTES", 1_000_000)
    path = zipped(tmp_path / "layer.zip", GOOD, {"obskit"})
    beside = zipped(tmp_path / "function.zip", {"data": bytes(1_000_000 - sum(map(len, GOOD.values())) + more)})

    messages = errors(check.check(path, [beside]))

    assert found == len(messages)
    assert all(message.endswith("Lambda takes 1.00 MB of code and layers together") for message in messages)


def test_the_limit_is_lambdas():
    assert 250 * 1024 * 1024 == LAMBDA_UNZIPPED_BYTES == check.LAMBDA_UNZIPPED_BYTES


def test_what_is_not_compiled_is_a_warning(tmp_path):
    files = {**GOOD, "python/obskit/__pycache__/wrapper.cpython-313.pyc": bytes(16)}

    report = check.check(zipped(tmp_path / "layer.zip", files, {"obskit"}))

    warnings = [finding.message for finding in report.findings if finding.severity == "warning"]
    assert "1 modules are not compiled for Python 3.13: python/obskit/__init__.py" in warnings
    assert "1 compiled files are compared with their source at each import" in warnings


def test_a_package_without_its_licence_is_a_warning(tmp_path):
    files = {**GOOD, "python/shop-1.dist-info/METADATA": b"Name: shop\nVersion: 1\n"}

    report = check.check(zipped(tmp_path / "layer.zip", files, {"obskit"}))

    assert "shop-1 has no licence text in it" in [finding.message for finding in report.findings]


def test_the_command_tells_all_as_text_and_json(tmp_path):
    path = zipped(tmp_path / "layer.zip", {**GOOD, "python/json.py": b""}, {"obskit"})

    code, stdout, stderr = obskit("layer", "check", path, "--no-imports")
    as_json = obskit("layer", "check", path, "--no-imports", "--format", "json")

    assert 1 == code == as_json[0]
    assert stdout.startswith("layer.zip: ")
    assert "error: comes before modules of Python itself: json\n" in stderr
    assert json.loads(as_json[1]) == IsPartialDict(name="layer.zip", compiled=[], imports={})


def test_what_is_no_zip_is_said(tmp_path):
    (tmp_path / "layer.zip").write_text("text")

    assert (1, "", f"error: {tmp_path / 'layer.zip'}: File is not a zip file\n") == obskit(
        "layer", "check", tmp_path / "layer.zip", "--no-imports"
    )


def test_what_is_published_is_what_the_zip_says_of_itself(lean, tmp_path):
    path = lean.root.parent / "zip" / lean.layer.name
    report = check.check(path)
    compiled = [f"python{version}" for version in report.compiled]
    version = build.version()

    (tmp_path / "full").mkdir()
    full = tmp_path / "full" / f"obskit-full-{version}-arm64.zip"
    full.write_bytes(path.read_bytes())

    content = path.read_bytes()
    assert ("obskit", version, content, compiled, ["x86_64", "arm64"]) == built.read(path)
    assert ("obskit-full-arm64", version, content, compiled, ["arm64"]) == built.read(full)


def test_a_zip_without_obskit_is_not_published(tmp_path):
    with pytest.raises(ObskitError, match=r"^other\.zip holds no obskit$"):
        built.read(zipped(tmp_path / "other.zip", {"python/other.py": b""}))
