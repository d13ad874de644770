"""Problems for people and for machines: text, JSON, SARIF 2.1.0, annotations of GitHub Actions."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import click

from obskit.cli import options
from obskit.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from obskit.deploy.rules import Problem

    Texts = Mapping[str, str]
    """The text of each file, by its name."""

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "note": "note"}


def write(format_: str, problems: list[Problem], texts: Texts) -> None:
    """Write *problems*: as text to stderr, in any other format to stdout."""
    FORMATS[format_](problems, texts)


def _text(problems: list[Problem], _texts: Texts) -> None:
    for problem in problems:
        options.tell([problem])
        if problem.fix:
            source = f" ({problem.source})" if problem.source else ""
            click.echo(click.style(visible(f"    {problem.fix}{source}"), dim=True), err=True)


def _json(problems: list[Problem], _texts: Texts) -> None:
    click.echo(json.dumps([as_object(problem) for problem in problems], indent=2))


def as_object(problem: Problem) -> dict[str, str]:
    return {
        "file": problem.file,
        "resource": problem.resource,
        "path": problem.path,
        "rule": problem.rule,
        "severity": problem.severity,
        "message": problem.message,
        "source": problem.source,
        "fix": problem.fix,
    }


def _sarif(problems: list[Problem], texts: Texts) -> None:
    from importlib.metadata import version

    from obskit.deploy.rules.rulebook import RULEBOOK, Rule

    by_rule = {problem.rule: problem for problem in problems}
    used = sorted(by_rule)
    rules: list[dict[str, Any]] = []
    for name in used:
        one = by_rule[name]  # a Guard rule is in its file, not in the rulebook
        rule = RULEBOOK.get(name) or Rule(one.severity, name.replace("_", " "), one.source, one.fix)
        rules.append(
            {
                "id": name,
                "shortDescription": {"text": rule.says},
                "help": {"text": rule.fix},
                "defaultConfiguration": {"level": rule.severity},
                "properties": {"source": rule.source},
            }
        )
    results = [_result(problem, used.index(problem.rule), texts) for problem in problems]
    driver = {"name": "obskit validate", "version": version("obskit"), "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    click.echo(json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2))


def _result(problem: Problem, index: int, texts: Texts) -> dict[str, Any]:
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(problem.file)},
            "region": {"startLine": line(problem, texts)},
        }
    }
    name = f"{problem.resource}{problem.path}"
    if name:
        place["logicalLocations"] = [{"fullyQualifiedName": name}]
    return {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": _LEVELS[problem.severity],
        "message": {"text": f"{problem.message} {problem.fix}".strip()},
        "locations": [place],
    }


def _uri(file: str) -> str:
    from urllib.parse import quote

    return quote(file.replace("\\", "/"), errors="replace")


def line(problem: Problem, texts: Texts) -> int:
    """Return the line in which the resource of *problem* begins, else 1: nearer is not known."""
    text = texts.get(problem.file, "")
    if not problem.resource or not text:
        return 1
    name = re.escape(problem.resource)
    found = re.search(rf"""^[ \t]*(?:"{name}"|'{name}'|{name})[ \t]*:""", text, re.MULTILINE)
    found = found or re.search(rf'"{name}"[ \t]*:', text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _github(problems: list[Problem], texts: Texts) -> None:
    """GitHub docs, "Workflow commands": `::error file=…,line=…,title=…::message`."""
    for problem in problems:
        word = {"error": "error", "warning": "warning"}.get(problem.severity, "notice")
        place = f"file={_property(problem.file)},line={line(problem, texts)},title={_property(problem.rule)}"
        name = f"{problem.resource}{problem.path}"
        words = ": ".join(part for part in (name, problem.message) if part)
        click.echo(f"::{word} {place}::{_data(f'{words} {problem.fix}'.strip())}")


def _data(text: str) -> str:
    return visible(text, lines=True).replace("%", "%25").replace("\n", "%0A").encode(errors="replace").decode()


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMATS: dict[str, Callable[[list[Problem], Texts], None]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
}
