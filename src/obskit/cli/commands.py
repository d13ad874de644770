"""The table of commands; the module of one is imported when it is called, and not before."""

from __future__ import annotations

import importlib
import os
from importlib.util import find_spec

import click

from obskit.cli.options import Page, project_option
from obskit.errors import did_you_mean

COMMANDS = {
    "demo": ("obskit.cli.demo", "Run a small shop on this machine and watch its logs, metrics and pages."),
    "render": ("obskit.cli.render", "Write dashboards, alarms and log groups of an environment as CloudWatch JSON."),
    "render-dashboards": ("obskit.cli.render:dashboards", "Write only the dashboards."),
    "render-alarms": ("obskit.cli.render:alarms", "Write only the alarms."),
    "validate": ("obskit.cli.validate", "Check dashboard bodies and templates, also hand-written ones."),
    "check": ("obskit.cli.check", "Check the whole project and write nothing."),
    "backtest": ("obskit.cli.backtest", "Find out what alarms would have done, over recorded or invented data."),
    "diff": ("obskit.cli.diff", "Say what the definitions change, for a pull request."),
    "deploy": ("obskit.cli.deploy", "Bring an environment into its account, with a look before."),
    "page-test": ("obskit.cli.page_test", "Find out whether a page would arrive: look at its way, then walk it once."),
    "policy": ("obskit.cli.policy", "Print the IAM policy that a job or a function needs, and nothing broader."),
    "preview": ("obskit.cli.preview", "Draw dashboards as pictures, before they are deployed."),
    "metrics": (
        "obskit.cli.metrics",
        "List the metrics: who emits, shows and guards them, and what they cost.",
    ),
    "runbook": ("obskit.cli.runbook", "Print what to do about an alarm."),
    "probe": ("obskit.cli.probe", "Measure backlogs, staleness and servers, once or again and again."),
    "settings": ("obskit.cli.settings", "Write the runtime's part of obskit.toml as a Python module."),
    "trace": ("obskit.cli.trace", "Show one request: its spans over all links, with their log lines."),
    "appsync-function": ("obskit.cli.appsync_function", "Write the APPSYNC_JS that carries the trace through AppSync."),
    "layer": ("obskit.cli.layer", "Build the Lambda layers, look into one, publish one."),
    "mask": ("obskit.cli.mask", "Mask personal data in text or JSON."),
    "pseudonym": ("obskit.cli.pseudonym", "Print the pseudonym of a customer's address or number."),
}
"""Name -> (module, and the name of the click command in it where that is not `command`; what the list says)."""


class Lazy(Page, click.Group):
    """A group whose commands are in `COMMANDS`; one whose module this installation lacks is not offered."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return [name for name, (module, _) in COMMANDS.items() if find_spec(module.partition(":")[0])]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute or "command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list from the table: click would import every command for one line each."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args and args[0] not in known:
            ctx.fail(f"No such command '{args[0]}'.{did_you_mean(args[0], known)}")
        return super().resolve_command(ctx, args)


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@project_option
@click.version_option(package_name="obskit")
@click.pass_context
def obskit(ctx: click.Context) -> None:
    """
    Observability for Python on AWS Lambda, from one catalog of metrics.

    Dashboards and alarms are written in Python, in the folders that obskit.toml names:
      obskit check                check the project, write nothing
      obskit render --env prod    write its CloudWatch JSON, to be committed
      obskit COMMAND --help       a page about one command

    Exit codes: 0 good, 1 problems found, 2 wrong usage. Results go to stdout, problems to stderr; with --format json
    what fails writes a document, too: {"problems": [{"severity": "error", "message": ...}]}.
    """
    if "NO_COLOR" in os.environ:
        ctx.color = False
