"""`obskit validate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from obskit.cli import options

if TYPE_CHECKING:
    from obskit.deploy.rules import Problem


@click.command("validate", cls=options.Page)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path))
@options.format_option("text", "json")
def command(paths: tuple[Path, ...], format_: str) -> int:
    """
    Check dashboard bodies and CloudFormation templates, also hand-written ones.

    Each PATH is a JSON file, or a folder whose *.json files are all checked. A file with "widgets" is a dashboard
    body, one with "Resources" a template: its alarms, topics and the bodies of its dashboards are checked. Values that
    only CloudFormation knows (Ref, Fn::Sub) are passed over. No project and no AWS account is needed.

    Examples:
      obskit validate dashboards/rendered
      obskit validate cdk.out/ShopStack.template.json --format json

    A folder without any, and what is no regular file (a pipe, say), are errors.

    A problem names the place as PutDashboard does, e.g. /widgets/0/properties/metrics/1. A warning does not change
    the exit code.

    Exit codes: 0 no errors, 1 errors found, 2 wrong usage.
    """
    files: list[Path] = []
    problems: list[Problem] = []
    for path in paths:
        found = _files(path)
        files += found
        problems += [problem for file in found for problem in _check(file)] if found else [_empty(path)]
    options.tell(problems)
    if format_ == "json":
        click.echo(
            json.dumps({"files": [str(file) for file in files], "problems": options.as_json(problems)}, indent=2)
        )
    else:
        click.echo(f"{options.plural(len(files), 'file')} checked; {options.counted(problems)}")
    return 1 if options.errors(problems) else 0


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*.json") if not file.is_dir() and file.name != "manifest.json")


def _empty(folder: Path) -> Problem:
    from obskit.deploy.rules import Problem

    return Problem(str(folder), "", "files", "error", "there is no *.json file in this folder, so nothing was checked")


def _check(file: Path) -> list[Problem]:
    from obskit.deploy.rules import Problem, dashboard_body, template

    name = str(file)
    if not file.is_file():  # reading a FIFO would wait for ever
        return [Problem(name, "", "json", "error", "is not a regular file")]
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:  # ValueError: not JSON, or not UTF-8
        return [Problem(name, "", "json", "error", f"cannot be read as JSON: {error}")]
    if isinstance(document, dict) and "widgets" in document:
        return dashboard_body.check(name, document)
    if isinstance(document, dict) and "Resources" in document:
        return template.check(name, document)
    words = 'is neither a dashboard body (no "widgets") nor a CloudFormation template (no "Resources")'
    return [Problem(name, "", "kind", "error", words)]
