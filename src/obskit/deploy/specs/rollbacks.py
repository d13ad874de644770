"""What tells a canary deployment to go back: the new version's own errors, under one name for each service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.deploy.specs.alarms import EXECUTED_VERSION, Alarm, share
from obskit.deploy.specs.composites import Composite, any_of
from obskit.deploy.specs.metrics import AwsMetric

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    class Facts(TypedDict):
        """What the alarms of a rollback are told."""

        owner: str
        runbook: str
        dashboard: str


def rollback(  # noqa: PLR0913  a rollback names its lines
    service: str,
    function: str,
    *,
    alias: str = "live",
    errors_above: float = 5,
    minimum: int = 20,
    slower_than_ms: float | None = None,
    also: tuple[Alarm, ...] = (),
    **facts: Unpack[Facts],
) -> tuple[Alarm | Composite, ...]:
    """
    Return the composite `<project>-<service>-<env>-<region>-rollback` and the alarms that it reads.

    At a tenth of the traffic a failing version hides in the rate of the whole service. These alarms read the series of
    the version that the template's parameter `ExecutedVersion<Service>` names; with its default, `none`, there is no
    such series, and they are in OK. Nobody is told: whoever deploys asks.

    Args:
        service: whose rollback it is.
        function: name of the Lambda function; `{project}` and the like may stand in it.
        alias: the alias that moves traffic.
        errors_above: percent of the new version's invocations that may fail.
        minimum: invocations in 5 minutes below which a rate says nothing.
        slower_than_ms: the slowest p95 of the new version; None for any.
        also: alarms of the whole service that send a deployment back, too.
        facts: owner, runbook, dashboard, as of an `Alarm`.
    """
    of = {"FunctionName": function, "Resource": f"{function}:{alias}", "ExecutedVersion": EXECUTED_VERSION}
    errors = Alarm(
        f"{service}-version-errors",
        share(
            AwsMetric("AWS/Lambda", "Errors", of, "Sum", "errors"),
            AwsMetric("AWS/Lambda", "Invocations", of, "Sum", "invocations"),
            minimum,
            "errors of the new version, %",
        ),
        above=errors_above,
        period=300,
        severity="info",
        summary=f"The new version of {service} fails.",
        impact="The share of buyers that the canary gets see errors until it is rolled back.",
        service=service,
        acts=False,
        **facts,
    )
    parts = [errors]
    if slower_than_ms is not None:
        slow = Alarm(
            f"{service}-version-slow",
            AwsMetric("AWS/Lambda", "Duration", of, "p95", "p95 of the new version"),
            above=slower_than_ms,
            period=300,
            for_=(2, 2),
            severity="info",
            summary=f"The new version of {service} is slow.",
            impact="The share of buyers that the canary gets wait.",
            service=service,
            acts=False,
            **facts,
        )
        parts.append(slow)
    whole = Composite(
        f"{service}-rollback",
        any_of(*parts, *also),
        severity="info",
        summary=f"Roll the deployment of {service} back.",
        impact="None for long: the deployment goes back to the version before.",
        service=service,
        called="rollback",
        output=f"{service}-rollback",
        acts=False,
        **facts,
    )
    return (*parts, whole)
