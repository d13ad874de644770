"""What a project and its environments are held to; (key, what is wrong with it) for each thing that is wrong."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from obskit.deploy.model import ROUTES
from obskit.errors import did_you_mean
from obskit.levels import LEVELS, dropped_by_lambda, level_name
from obskit.quotas import REGIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from obskit.deploy.model import Environment, Project

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
_URL = re.compile(_HTTPS + r"\S*")
_LOGS_KEY = re.compile(r"alias/[A-Za-z0-9/_-]+|arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/[A-Za-z0-9/_-]+")
_ENDPOINT = re.compile(rf"({_HTTPS}|{_LOOPBACK})(/[^?#\s]*)?")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_NAMESPACE = re.compile(r"[A-Za-z0-9._/#-][A-Za-z0-9._/#: -]{0,254}")
_TAG_VALUE = 256  # CloudFormation refuses longer ones, and empty ones on alarms and dashboards


def of_project(project: Project) -> Iterator[tuple[str, str]]:
    if not NAME.fullmatch(project.name):
        yield "name", f"'{project.name}' must be lower-case words joined by '-', each beginning with a letter"
    if not _NAMESPACE.fullmatch(project.namespace) or project.namespace.startswith("AWS/"):
        words = "1 to 255 letters, digits and . - _ / # : and spaces, not starting with ':' or 'AWS/'"
        yield "namespace", words
    if not _BOOKS.fullmatch(project.runbooks):
        yield "runbooks", f"'{project.runbooks}' must be an https URL that ends in '/'"
    for key, folder in (("dashboards", project.dashboards), ("alarms", project.alarms)):
        if not is_plain(folder):
            words = "must be a folder below this file's own, written plainly, e.g. 'deploy/dashboards'"
            yield key, f"{folder!r} {words}"
        elif not is_below(project.root / folder, project.root):
            yield key, f"'{folder}' is a link that leads out of the project"


def of_variables_told(project: Project) -> Iterator[tuple[str, str]]:
    """What functions are told of names must be what is rendered: else alarms watch series that nobody writes."""
    for name, environment in project.environments.items():
        for variable, right in (("OBSKIT_ENV", name), ("OBSKIT_METRICS_NAMESPACE", project.namespace)):
            if (told := environment.variables.get(variable, right)) != right:
                words = f"'{told}': dashboards and alarms look for '{right}'"
                yield f"{name}.variables.{variable}", words


def is_plain(folder: str) -> bool:
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


def of_environment(environment: Environment) -> Iterator[tuple[str, str]]:
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


def of_tags(tags: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in tags.items():
        if not 0 < len(value) <= _TAG_VALUE:
            yield key, f"a tag value has 1 to {_TAG_VALUE} characters"
