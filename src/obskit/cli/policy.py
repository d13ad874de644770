"""`obskit policy`: who needs which rights in the account."""

from __future__ import annotations

import json

import click

from obskit.cli import options

WHO = ("deploy", "page-test", "layer", "read", "forwarder", "probes")


@click.command("policy", cls=options.Page)
@click.argument("who", type=click.Choice(WHO))
@options.env_option()
@click.option("--bucket", default="", metavar="NAME", help="deploy, layer: as these commands are given it.")
@click.option("--parameter", "parameters", multiple=True, metavar="KEY=VALUE", help="deploy: CodeBucket and CodeKey.")
@click.option("--dry-run", is_flag=True, help="page-test: only what --dry-run of it needs.")
@click.option(
    "--pagerduty-token-secret", "token_secret", default="", metavar="SECRET", help="page-test: as it is given."
)
@options.project_option
@click.pass_context
def command(  # noqa: PLR0913  one argument an option
    ctx: click.Context,
    *,
    who: str,
    env: str,
    bucket: str,
    parameters: tuple[str, ...],
    dry_run: bool,
    token_secret: str,
) -> int:
    """
    Print the IAM policy that somebody needs in an environment's account, and nothing broader.

    WHO is one of
      deploy       the job that runs obskit deploy, for exactly the templates that are rendered now
      page-test    the job that runs obskit page-test
      layer        the job that runs obskit layer publish
      read         who runs obskit diff --against deployed, preview --live and trace
      forwarder    the function that hands pages over, as its role is rendered
      probes       the function or the machine that runs the probes, as its role is rendered

    The policy goes to stdout. What it allows on every resource is told on stderr, each call with the reason: there
    either AWS knows no resource, or its name is not known before.

    Examples:
      obskit policy deploy --env prod --bucket shop-deploy > deploy-policy.json
      obskit policy page-test --env prod --dry-run

    Exit codes: 0 printed, 1 the environment has no such function, 2 wrong usage.
    """
    from obskit.deploy import definitions, project
    from obskit.deploy.iam import rights, roles
    from obskit.deploy.iam.place import Place
    from obskit.deploy.render import render

    loaded = project.load(options.project_root(ctx))
    (environment,) = options.environments(loaded, (env,), every=False)
    rendered = render(loaded, definitions.load(loaded), environment)
    given = options.parameters(ctx, parameters)
    bucket = bucket or (environment.bucket if who == "deploy" else "")
    place = Place(rendered, bucket, given, dry_run=dry_run, token_secret=token_secret)
    policy = roles.policy(who, place)
    click.echo(json.dumps(policy, indent=2))
    for line in (*rights.explained(policy), *roles.notes(who, place), *rights.too_long(policy)):
        click.echo(line, err=True)
    return 0
