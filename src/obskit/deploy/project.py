"""`obskit.toml`, read into the model and held against its rules before anything is rendered."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

from obskit.deploy import masking, project_rules
from obskit.deploy.bounds import UnreadableError, content
from obskit.deploy.model import (
    COVERAGE_RULES,
    FILE,
    IDENTIFIERS,
    INTEGRATION,
    PAGERDUTY,
    Allowed,
    Coverage,
    Environment,
    Logs,
    Project,
)
from obskit.deploy.table import Table
from obskit.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from obskit.deploy.probes import Probes, Schedule

__all__ = ["FILE", "IDENTIFIERS", "Environment", "Project", "find", "load", "with_environment"]

_GROUP = re.compile(r"[A-Za-z0-9_/.#{}-]{1,512}")
_IDENTIFIER = re.compile(r"[A-Z][A-Za-z0-9]{2,50}(-[A-Z]{2})?")
_PARAMETER = re.compile(r"[A-Z][A-Za-z0-9]{0,254}")
LABEL_WORDS = frozenset({"AVG", "DATAPOINT_COUNT", "FIRST", "LABEL", "LAST", "MAX", "MIN", "SUM"})
_TAGS = ("owner", "cost_center", "data_class")


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


def with_environment(project: Project, environment: Environment) -> Project:
    """
    Return a copy of *project* in which *environment* stands in for the one of its name, or is added.

    Raises:
        ConfigError: it breaks a rule that `obskit.toml` is held to.
    """
    problems = [
        f"environments.{environment.name}.{key}: {text}" for key, text in project_rules.of_environment(environment)
    ]
    if problems:
        raise ConfigError(*problems)
    return replace(project, environments={**project.environments, environment.name: environment})


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
    project.report(project_rules.of_project(result))
    tags.report(project_rules.of_tags(result.tags))
    environments.report(project_rules.of_variables_told(result))
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
    table.report(
        ("functions", f"'{name}' {words}") for name in found.functions if not project_rules.NAME.fullmatch(name)
    )
    table.report(("services", f"'{name}' {words}") for name in found.services if not project_rules.NAME.fullmatch(name))
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
        if not project_rules.is_plain(pattern):
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
    tags.report(project_rules.of_tags(own_tags))
    tags.finish()
    table.report(project_rules.of_environment(environment))
    table.finish()
    return environment


def _texts(table: Table) -> dict[str, str]:
    return {key: table.text(key) for key in table.names()}
