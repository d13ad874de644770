"""
The probes as a scheduled Lambda function: its handler is `obskit.probes.handler.handler`.

`obskit render` makes the function, its schedule and its role; `obskit settings` makes what it reads.
"""

from __future__ import annotations

import importlib
from contextlib import suppress
from typing import Any

from obskit import config
from obskit.handler import instrument
from obskit.probes import report, run, settings

_KEPT_S = 1.0
"""Seconds before the function's own end that are left for writing."""

for _name in ("boto3", "aws_lambda_powertools.utilities.parameters", "pg8000.native"):
    with suppress(ModuleNotFoundError):  # a check that needs it says so
        importlib.import_module(_name)  # while the function loads, and not on the time of the first check


@instrument
def handler(event: object, context: Any) -> dict[str, object]:  # noqa: ARG001  Lambda's signature
    """Make every check that is configured for this environment, and record what was found."""
    found = settings.load(config.settings().env)
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    limit = max(0.1, remaining() / 1000 - _KEPT_S) if remaining is not None else 60.0
    return report.report(run.run(run.checks(found), limit))
