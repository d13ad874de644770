"""`obskit validate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from obskit.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from obskit.deploy.guard import Guard
    from obskit.deploy.rules import Problem
    from obskit.deploy.rules.vocabulary import Known

PROBLEMS = 1000
"""Told of one file; a person reads fewer, and a broken file may have as many as it has values."""


@click.command("validate", cls=options.Page)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path))
@options.project_option
@options.format_option("text", "json", "sarif", "github")
@click.option("--strict", is_flag=True, help="Exit 1 on warnings, too.")
@click.option("--guard", is_flag=True, help="Hold templates against obskit's Guard rules, too: docs/policy.md.")
@click.option(
    "--guard-rules",
    multiple=True,
    metavar="PATH",
    type=click.Path(exists=True, path_type=Path),
    help="Guard rules of your own besides: a file, or a folder of *.guard. Repeat.",
)
@click.pass_context
def command(  # noqa: PLR0913  one argument an option
    ctx: click.Context,
    paths: tuple[Path, ...],
    format_: str,
    *,
    strict: bool,
    guard: bool,
    guard_rules: tuple[Path, ...],
) -> int:
    """
    Check dashboard bodies and CloudFormation templates, also hand-written ones.

    Each PATH is a file in JSON or YAML (with CloudFormation's short tags), or a folder: all *.json, *.yaml, *.yml and
    *.template below it are looked at, cdk.out with its nested stacks, too; assets, manifests and whatever else is
    neither are passed over. A file with "widgets" is a dashboard body, one with "Resources" a template: its dashboards,
    alarms, topics, log groups, filters, AppSync APIs, parameter groups and secrets are checked. Fn::Sub, Fn::Join and
    both branches of Fn::If are read as far as they can be; what only CloudFormation knows is passed over. No AWS
    account is needed, and no project: where a file is inside the one of the current folder (or of -C), its catalog and
    obskit's own rules are checked, too. Every rule is in docs/validate.md.

    Examples:
      obskit validate dashboards/rendered
      obskit validate cdk.out --strict
      obskit validate template.yaml --format sarif > validate.sarif
      obskit validate alarms/rendered --guard      encryption, tags, retention, IAM (the extra `guard`)

    A problem names the resource by its logical id and the place as PutDashboard does, e.g.
    /widgets/0/properties/metrics/1. Problems go to stderr; with another format than text they are the output: a list of
    objects (json), SARIF 2.1.0 (sarif), annotations of GitHub Actions (github).

    Exit codes: 0 no errors (with --strict: nor warnings), 1 problems found, 2 wrong usage.
    """
    from obskit.cli import reports

    run = _Run(ctx, _guard(guard_rules) if guard or guard_rules else None)
    for path in paths:
        run.look(path)
    reports.write(format_, run.problems, run.texts)
    if format_ == "text":
        passed = f", {run.passed_over} passed over" if run.passed_over else ""
        click.echo(f"{options.plural(len(run.texts), 'file')} checked{passed}; {options.counted(run.problems)}")
    worst = {"error", "warning"} if strict else {"error"}
    return 1 if any(problem.severity in worst for problem in run.problems) else 0


class _Run:
    """The problems of all paths, and the text of each file that was checked."""

    def __init__(self, ctx: click.Context, guard: Guard | None) -> None:
        self.problems: list[Problem] = []
        self.texts: dict[str, str] = {}
        self.passed_over = 0
        self._guard = guard
        self._root = _project(ctx)
        self._own: dict[str, Known] | None = None

    def look(self, path: Path) -> None:
        from obskit.deploy import documents

        if not path.is_dir():
            self._file(path, named=True)
            return
        before = len(self.texts) + len(self.problems)
        for found in documents.below(path):
            if found.wrong:
                self._add([_problem(found.file, "files", found.wrong)])
            else:
                self._file(found.file, named=False)
        if before == len(self.texts) + len(self.problems):
            words = "there is no dashboard body and no template in this folder, so nothing was checked"
            self._add([_problem(path, "files", words)])

    def _file(self, file: Path, *, named: bool) -> None:
        from obskit.deploy import documents
        from obskit.deploy.bounds import UnreadableError

        try:
            text, document = documents.read(file)
        except UnreadableError as error:
            if named or error.rule == "file" or file.suffix == ".json" or error.resources:
                self.texts[str(file)] = ""
                self._add([_problem(file, error.rule, str(error))])
            else:
                self.passed_over += 1  # YAML of another kind: several documents, a template of a template
            return
        found = self._check(file, document, named=named)
        if found is None and not named:
            self.passed_over += 1
            return
        self.texts[str(file)] = text
        if found is None:
            words = 'is neither a dashboard body (no "widgets") nor a CloudFormation template (no "Resources")'
            found = [_problem(file, "kind", words)]
        self._add(found)

    def _check(self, file: Path, document: object, *, named: bool) -> list[Problem] | None:
        from obskit.deploy.rules import dashboard_body, template

        if not isinstance(document, dict):
            return None
        name = str(file)
        own, house = self._catalog(file)
        if "Resources" in document and (named or isinstance(document["Resources"], dict)):
            found = template.check(name, document, house=house, own=own)
            return [*found, *(self._guard.check(name, document) if self._guard else ())]
        if "widgets" in document:
            return dashboard_body.check(file.stem, document, file=name, own=own)
        if isinstance(document.get("DashboardBody"), str):  # the answer of GetDashboard
            resource = str(document.get("DashboardName") or file.stem)
            return template.check_body(name, resource, document, own)
        return None

    def _catalog(self, file: Path) -> tuple[Mapping[str, Known] | None, bool]:
        """Return the metrics of the project that *file* belongs to, and whether there is one."""
        if self._root is None or not file.resolve().is_relative_to(self._root):
            return None, False
        if self._own is None:
            from obskit.deploy import own_metrics
            from obskit.errors import ObskitError

            try:
                self._own = own_metrics.load(self._root)
            except ObskitError as error:  # `obskit check` tells more
                self._own = {}
                words = f"the project's catalog cannot be read, so its metrics are not checked: {error}"
                self._add([_problem(self._root / "obskit.toml", "files", words)])
        return self._own, True

    def _add(self, problems: Iterable[Problem]) -> None:
        found = list(problems)
        self.problems += found[:PROBLEMS]
        if len(found) > PROBLEMS:
            words = f"{len(found) - PROBLEMS} more problems in this file are not told"
            self.problems.append(_problem(Path(found[0].file), "more", words))


def _guard(more: tuple[Path, ...]) -> Guard:
    from obskit.deploy.guard import Guard

    return Guard(more)


def _project(ctx: click.Context) -> Path | None:
    """Return the folder of the project that is worked in: what it imports is code, so no other one's is."""
    from obskit.deploy import project

    given: Path | None = ctx.find_root().obj
    found = project.find(Path.cwd()) if given is None else given
    return found.resolve() if found is not None and (found / project.FILE).is_file() else None


def _problem(file: Path, rule: str, words: str) -> Problem:
    from obskit.deploy.rules.problem import Fault

    return Fault("", rule, words).of("", file=str(file))
