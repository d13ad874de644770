"""What each package is for (docs/packages.toml): the tests that fail without it, and the base that needs none."""

import importlib
import importlib.util
import subprocess
import sys
import tomllib

import pytest

from tests.parts import ROOT

TABLE = tomllib.loads((ROOT / "docs" / "packages.toml").read_text())["package"]
NAMED = {
    "aws-lambda-powertools",
    "opentelemetry-sdk",
    "opentelemetry-exporter-otlp",
    "aws-xray-sdk",
    "boto3",
    "pytest",
}


def exists(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def test_boto3_drives_the_emulator():
    if exists("obskit.demo.emulator"):
        importlib.import_module("obskit.demo.emulator")
    client = importlib.import_module("boto3").client(
        "sqs",
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )

    assert client.meta.endpoint_url == "http://127.0.0.1:9"


def test_pytest_hands_out_what_was_written(pytester):
    """The plugin that an installed obskit brings: no import, no conftest."""
    pytester.makepyfile("""
        import obskit

        def test_it(obskit_captured):
            obskit.logger.info("paid", email="ann@example.com")
            (line,) = obskit_captured.logs
            assert "paid" == line["message"]
            assert "ann@example.com" not in obskit_captured.text
    """)

    pytester.runpytest_inprocess("-p", "no:hypothesispytest").assert_outcomes(passed=1)


def test_the_table_has_every_package_that_was_named():
    assert NAMED == {row["name"] for row in TABLE}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["name"])
def test_a_row_names_its_failing_tests_or_what_it_arrives_with(row):
    assert bool(row.get("fails")) != bool(row.get("arrives_with"))
    assert row["module"].startswith("obskit.")
    assert row["does"]


@pytest.mark.parametrize("row", [row for row in TABLE if "arrives_with" in row], ids=lambda row: row["name"])
def test_what_has_arrived_is_no_longer_announced(row):
    assert not exists(row["arrives_with"]), f"{row['name']}: replace arrives_with by the tests that fail without it"


@pytest.mark.base
def test_the_package_imports_without_any_other():
    """In a fresh interpreter that sees nothing but the standard library and obskit."""
    code = (
        f"import sys; sys.path.append({str(ROOT / 'src')!r}); import obskit;"
        " [getattr(obskit, name) for name in getattr(obskit, '__all__', ())]; import obskit.kpis"
    )

    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)
