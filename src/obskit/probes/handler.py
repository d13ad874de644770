"""
The probes as a scheduled Lambda function: its handler is `obskit.probes.handler.handler`.

`obskit render` makes the function, its schedule and its role; `obskit settings` makes what it reads.
"""

from __future__ import annotations

import os
from typing import Any

from obskit import config, output
from obskit.handler import instrument
from obskit.probes import report, run, settings

_KEPT_S = 1.0
"""Seconds before the function's own end that are left for writing."""


def _warm() -> None:
    """Do what the first run would have to wait for, while the function loads."""
    try:
        run.warm(settings.load(config.settings().env).names, os.environ.get("AWS_REGION", ""))
    except Exception as error:  # noqa: BLE001  the first run says what is wrong
        output.fault("probes warm-up", error)


_warm()


@instrument
def handler(event: object, context: Any) -> dict[str, object]:  # noqa: ARG001  Lambda's signature
    """Make every check that is configured for this environment, and record what was found."""
    found = settings.load(config.settings().env)
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    limit = max(0.1, remaining() / 1000 - _KEPT_S) if remaining is not None else 60.0
    return report.report(run.run(run.checks(found), limit))
