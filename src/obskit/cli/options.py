"""What several commands share: the project option, and how problems are told."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from obskit.errors import ConfigError, ObskitError
from obskit.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from obskit.deploy.model import Environment, Project
    from obskit.deploy.rules import Problem

F = TypeVar("F", bound="Callable[..., Any]")

START = """\
[project]
name = "shop"
namespace = "Shop"
catalogs = []                      # modules that declare metrics, e.g. "obskit.kpis"
runbooks = "https://runbooks.shop.example/"

[tags]
owner = "platform"
cost_center = "1234"
data_class = "internal"

[environments.dev]
account = "111111111111"
regions = ["us-east-1"]
log_retention_days = 30
"""
"""The smallest obskit.toml."""


class Page(click.Command):
    """
    A command of obskit's.

    Its help keeps the lines of a paragraph that has indented ones; click would run them together. With `--format json`
    it writes one document even where it fails: `{"problems": [{"severity", "message"}]}`.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ObskitError as error:
            if ctx.params.get("format_") == "json":
                problems = [{"severity": "error", "message": problem} for problem in error.problems]
                click.echo(json.dumps({"problems": problems}, indent=2))
            raise

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        text = self.help
        try:
            self.help = keep_lines(inspect.cleandoc(text or ""))
            super().format_help_text(ctx, formatter)
        finally:
            self.help = text


def keep_lines(text: str) -> str:
    """Put click's mark for "as it is" before every paragraph of *text* that has indented lines."""
    return "\n\n".join(f"\b\n{part}" if "\n  " in f"\n{part}" else part for part in text.split("\n\n"))


def _remember(ctx: click.Context, _option: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.find_root().obj = value


def project_option(function: F) -> F:
    """Add `-C DIR`, before or after the command's name."""
    return click.option(
        "-C",
        "--project",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        callback=_remember,
        expose_value=False,
        help="The folder with obskit.toml. Default: the current one, or the nearest above it that has one.",
    )(function)


class _EnvironmentName(click.ParamType):  # type: ignore[type-arg]  # generic only in newer clicks
    """A name in obskit.toml; where it is missing, the message says which there are."""

    name = "NAME"

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str | None:  # noqa: ARG002  click's
        from obskit.deploy import project

        try:
            known = project.load(project_root(ctx or click.get_current_context())).environments
        except (ObskitError, click.UsageError):
            return None
        return f"Environments in {project.FILE}: {', '.join(known)}."


def env_option(words: str = "The environment.") -> Callable[[F], F]:
    """Add `--env NAME`, which must be given."""
    return click.option("--env", required=True, metavar="NAME", type=_EnvironmentName(), help=words)


def parameters(ctx: click.Context, given: tuple[str, ...]) -> dict[str, str]:
    """
    Return what was given as `--parameter KEY=VALUE`.

    Raises:
        UsageError: one has no `=`.
    """
    wrong = [one for one in given if "=" not in one]
    if wrong:
        raise click.UsageError(f"--parameter is KEY=VALUE, not '{wrong[0]}'.", ctx)
    return dict(one.split("=", 1) for one in given)


def format_option(*formats: str) -> Callable[[F], F]:
    """Add `--format`; the first is the default."""
    return click.option(
        "--format", "format_", type=click.Choice(formats), default=formats[0], show_default=True, help="Of the output."
    )


def project_root(ctx: click.Context) -> Path:
    """
    Return the project's folder.

    Raises:
        click.UsageError: there is no obskit.toml; says where it was looked for and how to start one.
    """
    from obskit.deploy import project

    given: Path | None = ctx.find_root().obj
    if given is None:
        found = project.find(Path.cwd())
        looked = f"{Path.cwd()} or any folder above it"
    else:
        found = given if (given / project.FILE).is_file() else None
        looked = str(given)
    if found is None:
        start = "".join(f"    {line}\n" for line in START.splitlines())
        raise click.UsageError(
            f"no {project.FILE} in {looked}. Name its folder with -C DIR, or, as docs/start.md does,"
            f" start one with:\n\n{start}",
            ctx,
        )
    return found.resolve()


def environments(project: Project, names: tuple[str, ...], *, every: bool) -> list[Environment]:
    """
    Return the environments called *names*, or *every* one.

    Raises:
        click.UsageError: neither or both are given.
        ConfigError: names are unknown; says the nearest of each.
    """
    if bool(names) == every:
        known = ", ".join(project.environments)
        raise click.UsageError(f"Give --env NAME or --all. Environments in obskit.toml: {known}.")
    found: list[Environment] = []
    problems: list[str] = []
    for name in dict.fromkeys(names or project.environments):
        try:
            found.append(project.environment(name))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(*problems)
    return found


def tell(problems: Iterable[Problem]) -> None:
    """Write *problems* to stderr, one line each."""
    for problem in problems:
        color = {"error": "red", "warning": "yellow"}.get(problem.severity, "cyan")
        text = visible(str(problem)).encode(errors="replace").decode()  # JSON may hold half a character
        word = f" {problem.severity}: "
        click.echo(text.replace(word, click.style(word, fg=color), 1), err=True)


def errors(problems: Iterable[Problem]) -> int:
    return sum(problem.severity == "error" for problem in problems)


def counted(problems: list[Problem]) -> str:
    """Return e.g. `1 error, 2 warnings`; notes are told and not counted."""
    warnings = sum(problem.severity == "warning" for problem in problems)
    return f"{plural(errors(problems), 'error')}, {plural(warnings, 'warning')}"


def plural(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def as_json(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Return *problems* as objects; what only `validate` knows of each is left out where it is empty."""
    optional = ("file", "source", "fix")
    return [
        {key: value for key, value in problem._asdict().items() if value or key not in optional} for problem in problems
    ]
