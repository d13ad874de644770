"""The demo's modules can be imported where neither boto3 nor the command line's packages are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import obskit.demo

PROGRAM = """
import importlib, sys
for name in {names!r}:
    importlib.import_module(f"obskit.demo.{{name}}")
packages = {{module.partition(".")[0] for module in sys.modules}}
print(sorted(packages & {{"boto3", "botocore", "click", "rich", "awslambdaric"}}))
"""


def test_no_module_needs_a_package_to_be_imported():
    names = [path.stem for path in Path(obskit.demo.__path__[0]).glob("*.py") if path.stem != "__init__"]
    assert "stack" in names
    program = PROGRAM.format(names=names)
    found = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert found.stdout == "[]\n"


def test_the_resolver_and_schema_ship_with_the_package():
    from importlib import resources

    files = resources.files("obskit.demo") / "resolvers"
    assert sorted(file.name for file in files.iterdir()) == ["checkout.js", "schema.graphql"]
