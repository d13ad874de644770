"""
What an account's reviewers hold a template against: rules in the Guard language, in the files beside this one.

They are a second witness. `rules` and `delivery` say in Python what AWS enforces late and what a page needs; these say
what the platform promises its accounts, in a language that AWS's own tools run: `cfn-guard validate`, Guard hooks,
Config. Of both kinds of rules each is here for a reader who does not read ours. Here they run by
`cloudformation-validate`, which has the evaluator of cfn-guard in it.
"""

from __future__ import annotations

import json
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obskit.deploy.rules.problem import Problem, short
from obskit.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = Path(__file__).parent
LONGEST = 400
"""Characters of a message; others' rules may say more."""


class Guard:
    """
    The rules, read once (about a second), for any number of templates (milliseconds each).

    Args:
        more: files of others' rules, or folders of `*.guard`, that hold beside obskit's own.

    Raises:
        MissingExtraError: cloudformation-validate is not installed.
        ConfigError: a file cannot be read, or is not in the language of Guard; the message has line and column.
    """

    def __init__(self, more: Iterable[Path] = ()) -> None:
        try:
            import cloudformation_validate as engine
        except ImportError:
            raise MissingExtraError("guard", "obskit validate --guard") from None
        rules = [engine.ExternalRuleSource(name=file.name, content=_text(file)) for file in files(more)]
        try:
            self._engine = engine.CompositeEngine(engine.CompositeEngineConfig(guard_rules=rules))
        except engine.ValidationError as error:
            raise ConfigError(f"the Guard rules cannot be read: {short(error, LONGEST)}") from None
        self._content = engine.TemplateContent
        self._alone = engine.ValidateConfig(disable_builtin_rules=True)
        self._refused = engine.ValidationError

    def check(self, name: str, document: dict[str, Any]) -> list[Problem]:
        """Return each rule that the template *document*, which stands in the file *name*, breaks."""
        try:
            report = self._engine.validate_template(self._content(json.dumps(document), name), self._alone)
        except self._refused as error:
            words = f"cloudformation-validate cannot read the template: {short(error, LONGEST)}"
            return [Problem("", "", "guard", "error", words, name)]
        found: dict[Problem, list[str]] = {}
        for one in report.diagnostics:
            problem, path = _problem(name, one)
            found.setdefault(problem, []).append(path)
        told = [problem._replace(path=_common(paths)) for problem, paths in found.items()]
        return sorted(told, key=lambda one: (one.resource, one.path, one.rule, one.message))


def files(more: Iterable[Path] = ()) -> list[Path]:
    """Return the files of obskit's rules, then those of *more*."""
    found = sorted(FOLDER.glob("*.guard"))
    for path in more:
        found += sorted(path.glob("*.guard")) if path.is_dir() else [path]
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from None


def _common(paths: list[str]) -> str:
    """Return what *paths* begin with: that none of five tags is the one is said once, of the tags."""
    parts = [path.split("/") for path in paths]
    same = takewhile(lambda those: len(set(those)) == 1, zip(*parts, strict=False))
    return "/".join(those[0] for those in same)


def _problem(name: str, found: Any) -> tuple[Problem, str]:
    """
    Return what was *found*, and its path, with the words of its rule: `Violation:` and `Fix:`, as in AWS's registry.

    A rule without words has those of the evaluator.
    """
    violation, _, fix = found.message.partition("Fix:")
    words, advice = (
        short(" ".join(text.split()).strip("; "), LONGEST)  # of what is nowhere, lines end in a semicolon
        for text in (violation.replace("Violation:", ""), fix)
    )
    resource, path = _place(found)
    source = f"{found.category.removeprefix('guard:')}.guard" if found.category.startswith("guard:") else ""
    return Problem(resource, "", found.rule_id, "error", words, name, source, advice), path


def _place(found: Any) -> tuple[str, str]:
    """Return the logical id of a resource and a path in it; of anything else the path from the top."""
    inside = "".join(f"/{part}" for part in (found.property_path or "").split(".") if part)
    entity = found.entity
    if entity is None:
        return "", inside
    if entity.resource_type is not None:
        return entity.logical_id, inside
    section = {"PARAMETER": "Parameters", "METADATA": "Metadata"}.get(entity.entity_type.name, "")
    return "", f"/{section}/{entity.logical_id}{inside}" if section else inside
