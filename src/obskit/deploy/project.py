"""What `obskit.toml` says: the project and its environments, checked before anything is rendered."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from obskit.deploy import masking
from obskit.deploy.bounds import UnreadableError, content
from obskit.deploy.masking import Masking
from obskit.deploy.table import Table
from obskit.errors import ConfigError, did_you_mean
from obskit.levels import LEVELS, dropped_by_lambda, level_name
from obskit.quotas import REGIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from obskit.deploy.probes import Probes, Schedule

FILE = "obskit.toml"
PAGERDUTY = "https://events.pagerduty.com"
INTEGRATION, FORWARDER = ROUTES = ("integration", "forwarder")
RETENTIONS = (30, 60, 90)
"""Days. CloudWatch Logs knows more; the platform's rule of 30 to 90 days leaves these (45 is no CloudWatch value)."""
LONGEST_PERIOD = 86_400
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*")
"""Names that become parts of alarm names and, in CamelCase, of logical ids: no two give the same id."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_HTTPS = r"https://[^/?#\s]+"
_BOOKS = re.compile(_HTTPS + r"/([^?#\s]*/)?")
_KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):")
_LOOPBACK = r"http://(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?"
_VERSION = re.compile(r"[A-Za-z0-9-]{32,64}")
_MAIL = re.compile(r"[^@\s]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:(\{region\}|[a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_-]{1,256}")
_GROUP = re.compile(r"[A-Za-z0-9_/.#{}-]{1,512}")
_IDENTIFIER = re.compile(r"[A-Z][A-Za-z0-9]{2,50}(-[A-Z]{2})?")
_URL = re.compile(_HTTPS + r"\S*")
_LOGS_KEY = re.compile(r"alias/[A-Za-z0-9/_-]+|arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/[A-Za-z0-9/_-]+")
_ENDPOINT = re.compile(rf"({_HTTPS}|{_LOOPBACK})(/[^?#\s]*)?")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_NAMESPACE = re.compile(r"[A-Za-z0-9._/#-][A-Za-z0-9._/#: -]{0,254}")
_PARAMETER = re.compile(r"[A-Z][A-Za-z0-9]{0,254}")
LABEL_WORDS = frozenset({"AVG", "DATAPOINT_COUNT", "FIRST", "LABEL", "LAST", "MAX", "MIN", "SUM"})
"""What CloudWatch itself fills into a label: `${LAST}`. CloudWatch user guide, "Using dynamic labels", 2026-11-24."""
_TAGS = ("owner", "cost_center", "data_class")
_TAG_VALUE = 256  # CloudFormation refuses longer ones, and empty ones on alarms and dashboards


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

    def with_environment(self, environment: Environment) -> Project:
        """
        Return a copy in which *environment* stands in for the one of its name, or is added.

        Raises:
            ConfigError: it breaks a rule that `obskit.toml` is held to.
        """
        problems = [f"environments.{environment.name}.{key}: {text}" for key, text in _environment_rules(environment)]
        if problems:
            raise ConfigError(*problems)
        return replace(self, environments={**self.environments, environment.name: environment})


def find(start: Path) -> Path | None:
    """Return the nearest folder with an `obskit.toml`, from *start* upwards."""
    return next((folder for folder in (start, *start.parents) if (folder / FILE).is_file()), None)


def load(root: Path) -> Project:
    """
    Read `obskit.toml` in *root*.

    Raises:
        ConfigError: the file is missing, is not TOML, or breaks rules; carries every problem.
    """
    problems: list[str] = []
    project = _read(root, Table(FILE, "", _parse(root), problems))
    if problems:
        raise ConfigError(*dict.fromkeys(problems))  # [probes] is read for each environment
    return project


def _parse(root: Path) -> dict[str, object]:
    try:
        return tomllib.loads(content(root / FILE).decode("utf-8-sig"))
    except UnreadableError as error:
        if not (root / FILE).exists():
            words = "no such file; `obskit check` in its folder shows how to start one"
            raise ConfigError(f"{root / FILE}: {words}") from None
        raise ConfigError(f"{FILE}: {error}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{FILE}: not UTF-8 (byte {error.start}); TOML is always UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"(.*) \(at line (\d+), column (\d+)\)", str(error))
        place, why = (f":{found[2]}:{found[3]}", found[1]) if found else ("", str(error))
        raise ConfigError(f"{FILE}{place}: not TOML: {why}") from None
    except RecursionError:
        raise ConfigError(f"{FILE}: not TOML that can be read: nested too deeply") from None
    except ValueError as error:  # e.g. a number of more digits than Python converts
        raise ConfigError(f"{FILE}: not TOML that can be read: {error}") from None


def _read(root: Path, top: Table) -> Project:
    project, tags, environments = top.table("project"), top.table("tags"), top.table("environments")
    read = {name: _read_environment(name, environments.table(name)) for name in environments.names()}
    result = Project(
        root=root,
        name=project.text("name"),
        namespace=project.text("namespace"),
        catalogs=project.texts("catalogs"),
        dashboards=project.text("dashboards", "dashboards"),
        alarms=project.text("alarms", "alarms"),
        runbooks=project.text("runbooks"),
        tags={key: tags.text(key) for key in _TAGS},
        environments=read,
        masking=masking.read(top.table("masking", optional=True), environments.names()),
        probes=_read_probes(top, read),
        coverage=_read_coverage(top),
        logs=_read_logs(top),
    )
    project.report(_project_rules(result))
    tags.report(_tag_rules(result.tags))
    environments.report(_told_rules(result))
    if not result.environments:
        environments.report([("", "declare at least one, e.g. [environments.dev]")])
    for table in (top, project, tags):
        table.finish()
    return result


def _read_probes(top: Table, environments: Mapping[str, Environment]) -> dict[str, Probes]:
    """Return the probes of each environment that says when they run; ids and regions are its own."""
    wanted = {name: one for name, one in environments.items() if one.schedule is not None}
    present = top.holds("probes", dict)
    found: dict[str, Probes] = {}
    for name, one in wanted.items():
        ids = one.ids_of(one.regions[0]) if one.regions else {}
        values = {key: value for key, value in ids.items() if key not in one.parameters}  # probes need what it is
        known = {**values, "env": name, "region": one.regions[0] if one.regions else "", "account": one.account}
        if one.schedule is not None and present:
            from obskit.deploy import probes  # not every project has any

            found[name] = probes.read(top.table("probes"), one.schedule, known)
    table = top.table("probes", optional=not wanted)
    if present and not wanted:
        table.report([("", 'no environment has them; add [environments.NAME.probes] with every = "1 minute" or "off"')])
    return found


def _read_logs(top: Table) -> Logs:
    table = top.table("logs", optional=True)
    found = Logs(
        functions=table.texts("functions", ()),
        services=table.texts("services", ()),
        groups=table.texts("groups", ()),
        identifiers=table.texts("identifiers", IDENTIFIERS),
    )
    both = (*found.functions, *found.services)
    words = "must be lower-case words joined by '-', each beginning with a letter"
    table.report(("functions", f"'{name}' {words}") for name in found.functions if not NAME.fullmatch(name))
    table.report(("services", f"'{name}' {words}") for name in found.services if not NAME.fullmatch(name))
    table.report(("services", f"'{name}' is named twice") for name in set(both) if both.count(name) > 1)
    table.report(
        ("groups", f"'{name}' is no name of a log group") for name in found.groups if not _GROUP.fullmatch(name)
    )
    table.report(
        ("identifiers", f"'{name}' is no data identifier such as 'EmailAddress'")
        for name in found.identifiers
        if not _IDENTIFIER.fullmatch(name)
    )
    table.finish()
    return found


def _read_coverage(top: Table) -> Coverage:
    if not top.has("coverage"):
        top.table("coverage", optional=True)
        return Coverage()
    table = top.table("coverage")
    handlers, allow = table.texts("handlers"), []
    if not handlers and table.holds("handlers", list):
        table.report([("handlers", 'name at least one, e.g. ["functions/*/handler.py"]')])
    for pattern in handlers:
        if not _is_plain(pattern):
            table.report([("handlers", f"{pattern!r} must be below this file's folder, e.g. 'functions/*/*.py'")])
    for one in table.tables("allow"):
        allowed = Allowed(one.text("signal"), one.text("reason"), one.text("rule", ""))
        if one.holds("reason", str) and not allowed.reason.strip():
            one.report([("reason", "is empty; say who does it, or why nobody needs to")])
        if allowed.rule and allowed.rule not in COVERAGE_RULES:
            known = ", ".join(COVERAGE_RULES)
            one.report([("rule", f"'{allowed.rule}' is none of {known}.{did_you_mean(allowed.rule, COVERAGE_RULES)}")])
        one.finish()
        allow.append(allowed)
    table.finish()
    return Coverage(handlers, tuple(allow))


def _read_ids(table: Table) -> tuple[dict[str, str], dict[str, str]]:
    """Return ids by name, and which of them are template parameters: `{ parameter = "GraphqlApiId" }`."""
    ids: dict[str, str] = {}
    parameters: dict[str, str] = {}
    for name in table.names():
        if not table.holds(name, dict):
            ids[name] = table.text(name)
            continue
        inner = table.table(name)
        parameters[name] = parameter = inner.text("parameter")
        ids[name] = f"${{{parameter}}}"
        if inner.holds("parameter", str) and (not _PARAMETER.fullmatch(parameter) or parameter in LABEL_WORDS):
            words = f"'{parameter}' is no parameter of a template: letters and digits, a capital first, and none of"
            inner.report([("parameter", f"{words} CloudWatch's {', '.join(sorted(LABEL_WORDS))}")])
        inner.finish()
    return ids, parameters


def _tag_rules(tags: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in tags.items():
        if not 0 < len(value) <= _TAG_VALUE:
            yield key, f"a tag value has 1 to {_TAG_VALUE} characters"


def _read_schedule(table: Table) -> Schedule:
    from obskit.deploy import probes  # not every environment has any

    return probes.read_schedule(table)


def _read_environment(name: str, table: Table) -> Environment:
    ids, parameters = _read_ids(table.table("ids", optional=True))
    thresholds = table.table("thresholds", optional=True)
    tags = table.table("tags", optional=True)
    own_tags = {key: tags.text(key) for key in tags.names() if key in _TAGS}
    variables = table.table("variables", optional=True)
    ids_in = table.table("ids_in", optional=True)
    has_probes = table.holds("probes", dict)
    schedule = table.table("probes", optional=True)
    environment = Environment(
        name=name,
        account=table.text("account"),
        regions=table.texts("regions"),
        log_retention_days=table.integer("log_retention_days"),
        pages=table.boolean("pages", default=False),
        paging_secret=table.text("paging_secret", ""),
        kms_key=table.text("kms_key", ""),
        paging_endpoint=table.text("paging_endpoint", PAGERDUTY).rstrip("/"),
        paging_secret_version=table.text("paging_secret_version", ""),
        route=table.text("route", INTEGRATION),
        fallback=table.text("fallback", ""),
        logs_key=table.text("logs_key", ""),
        budget_usd_month=table.integer("budget_usd_month", 0),
        log_gb_month=table.integer("log_gb_month", 0),
        bucket=table.text("bucket", ""),
        ids_in={region: _texts(ids_in.table(region)) for region in ids_in.names()},
        alarm_period=table.integer("alarm_period", 0) or None,
        ids=ids,
        variables=_texts(variables),
        schedule=_read_schedule(schedule) if has_probes else None,
        parameters=parameters,
        thresholds={key: thresholds.number(key) for key in thresholds.names()},
        tags=own_tags,
    )
    tags.report(_tag_rules(own_tags))
    tags.finish()
    table.report(_environment_rules(environment))
    table.finish()
    return environment


def _texts(table: Table) -> dict[str, str]:
    return {key: table.text(key) for key in table.names()}


def _project_rules(project: Project) -> Iterator[tuple[str, str]]:
    if not NAME.fullmatch(project.name):
        yield "name", f"'{project.name}' must be lower-case words joined by '-', each beginning with a letter"
    if not _NAMESPACE.fullmatch(project.namespace) or project.namespace.startswith("AWS/"):
        words = "1 to 255 letters, digits and . - _ / # : and spaces, not starting with ':' or 'AWS/'"
        yield "namespace", words
    if not _BOOKS.fullmatch(project.runbooks):
        yield "runbooks", f"'{project.runbooks}' must be an https URL that ends in '/'"
    for key, folder in (("dashboards", project.dashboards), ("alarms", project.alarms)):
        if not _is_plain(folder):
            words = "must be a folder below this file's own, written plainly, e.g. 'deploy/dashboards'"
            yield key, f"{folder!r} {words}"
        elif not is_below(project.root / folder, project.root):
            yield key, f"'{folder}' is a link that leads out of the project"


def _told_rules(project: Project) -> Iterator[tuple[str, str]]:
    """What functions are told of names must be what is rendered: else alarms watch series that nobody writes."""
    for name, environment in project.environments.items():
        for variable, right in (("OBSKIT_ENV", name), ("OBSKIT_METRICS_NAMESPACE", project.namespace)):
            if (told := environment.variables.get(variable, right)) != right:
                words = f"'{told}': dashboards and alarms look for '{right}'"
                yield f"{name}.variables.{variable}", words


def _is_plain(folder: str) -> bool:
    """Say whether *folder* is relative, without `..`, and the only way to write it: files are found by its text."""
    path = PurePosixPath(folder)
    return (
        bool(path.parts)
        and not path.is_absolute()
        and ".." not in path.parts
        and str(path) == folder
        and folder.isprintable()
    )


def is_below(path: Path, root: Path) -> bool:
    """Say whether *path* is in *root* once all links are followed."""
    return PurePosixPath(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _environment_rules(environment: Environment) -> Iterator[tuple[str, str]]:
    if not NAME.fullmatch(environment.name):
        yield "", f"'{environment.name}' must be lower-case words joined by '-', each beginning with a letter"
    if not _ACCOUNT.fullmatch(environment.account):
        yield "account", f"'{environment.account}' is not an AWS account: 12 digits, in quotes"
    if environment.bucket and not _BUCKET.fullmatch(environment.bucket.replace("{region}", "us-east-1")):
        yield "bucket", f"'{environment.bucket}' is no name of a bucket, such as 'shop-deploy-{{region}}'"
    yield from _region_rules(environment.regions)
    if environment.log_retention_days not in RETENTIONS:
        nearest = min(RETENTIONS, key=lambda days: abs(days - environment.log_retention_days))
        yield "log_retention_days", f"{environment.log_retention_days} is not one of 30, 60, 90; nearest: {nearest}"
    yield from _paging_rules(environment)
    yield from _channel_rules(environment)
    yield from _variable_rules(environment.variables)
    period = environment.alarm_period
    if period is not None and period not in (10, 20, 30) and (not 0 < period <= LONGEST_PERIOD or period % 60):
        yield "alarm_period", f"{period} is not 10, 20, 30 or a multiple of 60 up to {LONGEST_PERIOD} seconds"


def _region_rules(regions: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if not regions:
        yield "regions", 'name at least one, the primary first, e.g. ["us-east-1"]'
    for region in regions:
        if region not in REGIONS:
            hint = did_you_mean(region, REGIONS)
            near = f".{hint}" if hint else " such as 'us-east-1'"
            yield "regions", f"'{region}' is not an AWS region{near}"
    if len(set(regions)) != len(regions):
        yield "regions", "a region is named twice"


def _variable_rules(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What functions are told, as far as it decides whether Lambda lets through what obskit writes."""
    for name in ("AWS_LAMBDA_LOG_LEVEL", "OBSKIT_LOG_LEVEL"):
        if name in variables and level_name(variables[name]) is None:
            yield f"variables.{name}", f"'{variables[name]}' is not a level; it is one of {', '.join(LEVELS)}"
    on_error = variables.get("OBSKIT_BUFFER_DEBUG", "").lower() in ("on", "1", "true")
    sampled = variables.get("OBSKIT_DEBUG_SAMPLE_RATE", "") not in ("", "0", "0.0")
    for problem in dropped_by_lambda(variables, debug=on_error or sampled):
        yield "variables", problem


def _paging_rules(environment: Environment) -> Iterator[tuple[str, str]]:
    if environment.pages and not environment.paging_secret:
        yield "paging_secret", 'required with pages = true: a Secrets Manager id that holds {"integration_key": "…"}'
    if environment.pages and not environment.kms_key:
        yield "kms_key", "required with pages = true: a customer key that lets cloudwatch.amazonaws.com publish"
    if environment.kms_key.endswith("alias/aws/sns"):
        yield "kms_key", "CloudWatch cannot publish through 'alias/aws/sns', nobody would be paged; use a customer key"
    if (found := _KEY_ARN.match(environment.kms_key)) and {found[1]} != set(environment.regions):
        words = f"a key of {found[1]} alone, but a topic needs a key of its own region; use an alias that each has"
        yield "kms_key", words
    if not _ENDPOINT.fullmatch(environment.paging_endpoint):
        yield "paging_endpoint", f"'{environment.paging_endpoint}' must be an https URL (http only for a loopback host)"
    if environment.paging_secret_version and not _VERSION.fullmatch(environment.paging_secret_version):
        yield "paging_secret_version", f"'{environment.paging_secret_version}' is no version id of a secret"
    if environment.route not in ROUTES:
        known = " or ".join(ROUTES)
        yield "route", f"'{environment.route}' is not {known}.{did_you_mean(environment.route, ROUTES)}"


def _channel_rules(environment: Environment) -> Iterator[tuple[str, str]]:
    channel = environment.fallback
    if channel and not any(form.fullmatch(channel) for form in (_MAIL, _TOPIC, _URL)):
        yield "fallback", f"'{channel}' is neither an e-mail address, an https URL nor the ARN of a topic"
    if channel.startswith(environment.paging_endpoint):
        yield "fallback", "is the endpoint that pages go to: nobody would hear that it is down"
    if environment.logs_key and not _LOGS_KEY.fullmatch(environment.logs_key):
        yield "logs_key", f"'{environment.logs_key}' is neither an alias ('alias/…') nor the ARN of a key"
    for region in environment.ids_in:
        if region not in environment.regions:
            yield "ids_in", f"'{region}' is no region of this environment.{did_you_mean(region, environment.regions)}"
    for key, most in (("budget_usd_month", environment.budget_usd_month), ("log_gb_month", environment.log_gb_month)):
        if most < 0:
            yield key, f"{most} is below 0"
