"""`obskit pseudonym`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from obskit.cli import options
from obskit.errors import ConfigError
from obskit.semconv import MASKING_CLASSES

if TYPE_CHECKING:
    from obskit.masking.pseudonyms import Keys

CLASSES = [name for name, actions in MASKING_CLASSES.items() if "pseudonym" in actions]


@click.command("pseudonym", cls=options.Page)
@click.argument("values", nargs=-1, metavar="VALUE")
@click.option(
    "--class",
    "name",
    type=click.Choice(CLASSES, case_sensitive=False),
    default="EMAIL",
    show_default=True,
    help="What VALUE is.",
)
@click.option("--tenant", default="", metavar="ID", help="Whose customer it is: tenant_id of the log lines.")
@click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=False, path_type=Path),
    metavar="FILE",
    help="A copy of the secret, for a machine without AWS.",
)
@click.option("--secret-arn", envvar="OBSKIT_PSEUDONYM_SECRET_ARN", show_envvar=True, metavar="ARN", help="The secret.")
@options.format_option("text", "json")
def command(  # noqa: PLR0913  one argument an option
    *, values: tuple[str, ...], name: str, tenant: str, key_file: Path | None, secret_arn: str | None, format_: str
) -> int:
    """
    Print the pseudonym of a customer's address or number.

    Where the policy says `pseudonym`, log lines hold [EMAIL:k2:...] in the place of an address. A privacy request
    (access, erasure) looks for that token: all lines of one customer are found, and the address is stored nowhere. One
    token a line is printed for each key of the secret, the current one first: lines of before a rotation have the
    earlier one.

    VALUE `-` reads standard input, which keeps the value out of the shell's history and the list of processes. It may
    be written in any way: upper case, spaces and separators do not matter. A telephone number has its country code, as
    in the line that is looked for.

    Examples:
      obskit pseudonym - --secret-arn arn:aws:secretsmanager:us-east-1:333333333333:secret:obskit/pseudonyms-AbCdEf
      obskit pseudonym --class PHONE --tenant t-7 "+44 20 7946 0958"
      obskit pseudonym - --key-file keys.json --format json | jq -r '.tokens[].token'

    The keys are read with the caller's AWS credentials. A key file is the text of the secret:
    {"current": "k2", "keys": {"k1": "<hex>", "k2": "<hex>"}}

    Exit codes: 0 good, 1 no keys or no such value, 2 wrong usage.
    """
    from obskit.masking import pseudonyms

    if len(values) != 1:  # no value is ever in a message
        raise click.UsageError("Give one VALUE, or - to read it from standard input.")
    keys = _keys(key_file, secret_arn)
    value = sys.stdin.read() if values[0] == "-" else values[0]
    tokens = [(key_id, pseudonyms.make(name, value.strip(), tenant, key_id, key)) for key_id, key in keys]
    if not all(token for _, token in tokens):
        raise ConfigError(f"VALUE is no single value of class {name} (it is not shown here); --class says what it is")
    if format_ == "json":
        rows = [{"key": key_id, "current": index == 0, "token": token} for index, (key_id, token) in enumerate(tokens)]
        click.echo(json.dumps({"class": name, "tenant": tenant, "tokens": rows}, indent=2))
    else:
        click.echo("\n".join(token for _, token in tokens))
    return 0


def _keys(key_file: Path | None, secret_arn: str | None) -> Keys:
    """Return the keys; a file that is named goes before the environment's secret."""
    from obskit import config
    from obskit.masking import pseudonyms

    if key_file is not None:
        try:
            text = key_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{key_file}: cannot be read: {type(error).__name__}") from None
        return pseudonyms.parse_keys(text)
    if not secret_arn:
        raise click.UsageError("Give --secret-arn ARN or --key-file FILE; OBSKIT_PSEUDONYM_SECRET_ARN is not set.")
    if not config.is_secret_arn(secret_arn):
        words = "the ARN of a secret is arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME"
        raise click.BadParameter(words, param_hint="'--secret-arn'")
    return pseudonyms.fetch(secret_arn)
