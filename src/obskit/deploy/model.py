"""What a project is: names, environments and what is asked of them, as `obskit.toml` says it (`project` reads it)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from obskit.deploy.masking import Masking
from obskit.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from obskit.deploy.probes import Probes, Schedule

FILE = "obskit.toml"
PAGERDUTY = "https://events.pagerduty.com"
INTEGRATION, FORWARDER = ROUTES = ("integration", "forwarder")


@dataclass(frozen=True, slots=True)
class Environment:
    """
    One account that is deployed to.

    *regions* begins with the primary one: dashboards live there. *alarm_period* replaces the period of every alarm,
    so that a demonstration recovers in seconds. *ids* are values that `{name}` in a definition stands for, *parameters*
    the template parameters among them: their value is `${Parameter}`. *thresholds* replace those of alarms, by name.
    *tags* replace the project's. *variables* are those that functions are given, as far as they bear on what obskit
    writes. *schedule* is when the probes run; None where there are none.

    *route* is how pages go: PagerDuty's CloudWatch `integration`, or all by the `forwarder`. *fallback* is the second
    channel, an e-mail address, an https URL or the ARN of a topic: it hears of pages that did not arrive. *ids_in* are
    ids by region that differ from *ids*. Templates too large for a call go through *bucket*; `{region}` in its name is
    each stack's. *budget_usd_month* is what all that is rendered may cost, 0 for no limit;
    *log_gb_month* is what log groups are expected to take.
    """

    name: str
    account: str
    regions: tuple[str, ...]
    log_retention_days: int
    pages: bool = False
    paging_secret: str = ""
    kms_key: str = ""
    paging_endpoint: str = PAGERDUTY
    paging_secret_version: str = ""
    route: str = INTEGRATION
    fallback: str = ""
    logs_key: str = ""
    budget_usd_month: int = 0
    log_gb_month: int = 0
    bucket: str = ""
    ids_in: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    alarm_period: int | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    schedule: Schedule | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def primary(self) -> str:
        return self.regions[0]

    def ids_of(self, region: str) -> dict[str, str]:
        return {**self.ids, **self.ids_in.get(region, {})}


@dataclass(frozen=True, slots=True)
class Allowed:
    """A problem of coverage that is meant to be: of the metric *signal*, by *rule* or by each, and the reason why."""

    signal: str
    reason: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where signals are recorded: *handlers* are patterns of files below the project; none, and nothing is checked."""

    handlers: tuple[str, ...] = ()
    allow: tuple[Allowed, ...] = ()


IDENTIFIERS = ("EmailAddress", "CreditCardNumber", "IpAddress", "Ssn-US", "AwsSecretKey", "OpenSshPrivateKey")
"""What a log group's own policy looks for: forms that are hardly ever anything else."""


@dataclass(frozen=True, slots=True)
class Logs:
    """Whose log groups are rendered: Lambda *functions*, *services* on ECS, other *groups* by their whole names."""

    functions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = IDENTIFIERS


COVERAGE_RULES = ("emitted", "charted", "alarmed")
"""What a signal can lack: a handler that records it, a dashboard that shows it, an alarm that guards it."""


@dataclass(frozen=True, slots=True)
class Project:
    """
    One `obskit.toml`. *dashboards* and *alarms* are folders below *root*; *runbooks* is a URL that ends in `/`.

    *probes* are those of each environment that has some.
    """

    root: Path
    name: str
    namespace: str
    catalogs: tuple[str, ...]
    dashboards: str
    alarms: str
    runbooks: str
    tags: Mapping[str, str]
    environments: Mapping[str, Environment]
    masking: Masking = field(default_factory=Masking)
    probes: Mapping[str, Probes] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)
    logs: Logs = field(default_factory=Logs)

    def environment(self, name: str) -> Environment:
        """
        Return the environment called *name*.

        Raises:
            ConfigError: there is none; the message names the nearest.
        """
        try:
            return self.environments[name]
        except KeyError:
            known = ", ".join(self.environments)
            raise ConfigError(
                f"{FILE}: no environment '{name}' (known: {known}).{did_you_mean(name, self.environments)}"
            ) from None
