"""`obskit appsync-function`."""

from __future__ import annotations

from pathlib import Path

import click

from obskit.cli import options

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command("appsync-function", cls=options.Page)
@click.option("--out", type=FOLDER, metavar="DIR", help="Write all three files into DIR.")
@click.option("--check", type=FOLDER, metavar="DIR", help="Write nothing; exit 1 if a file in DIR is out of date.")
def command(out: Path | None, check: Path | None) -> int:
    """
    Write the APPSYNC_JS that carries the trace through AppSync.

    AppSync has no tracing that a resolver can reach. These functions read X-Ray's header and traceparent from the
    request, put trace, span and correlation id into ctx.stash, pass them to Lambda, HTTP and EventBridge, and return
    x-trace-id to the client. obskit.extract, and so @obskit.instrument, reads what they pass.

    The files:
      trace-function.js    the first function of a pipeline, on a data source of type NONE; also to standard output
      lambda-resolver.js   a resolver, or a function of a pipeline, for a Lambda data source
      obskit.js            carry, withTrace, lambdaRequest: for resolvers of your own, with a bundler

    Examples:
      obskit appsync-function > trace-function.js
      obskit appsync-function --out resolvers/obskit
      obskit appsync-function --check resolvers/obskit      in CI: are the committed files up to date?

    docs/tracing.md shows how CDK and CloudFormation attach them.

    Exit codes: 0 good, 1 with --check a file differs, 2 wrong usage.
    """
    from obskit.deploy import appsync, files

    if out is not None and check is not None:
        raise click.UsageError("Give --out or --check, not both.")
    written = appsync.modules()
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        changed = dict(files.write(out, written, ()))
        for name in written:
            click.echo(f"{'wrote' if name in changed else 'unchanged'} {out / name}")
        return 0
    if check is not None:
        differences = files.differences(check, written, ())
        for path, what in differences:
            click.echo(f"{check / path}: {what}; make it again with --out", err=True)
        return 1 if differences else 0
    click.echo(written[appsync.FUNCTION], nl=False)
    return 0
