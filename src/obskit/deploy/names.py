"""What things are called in AWS, where they link to, and the tags they carry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from obskit.errors import DefinitionError, did_you_mean

if TYPE_CHECKING:
    from obskit.deploy.project import Environment, Project
    from obskit.deploy.specs import Alarm

Tags = list[dict[str, str]]


def dashboard(project: Project, environment: Environment, name: str) -> str:
    return f"{project.name}-{environment.name}-{name}"


def dashboard_link(project: Project, environment: Environment, region: str, name: str) -> str:
    full = dashboard(project, environment, name)
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#dashboards/dashboard/{full}"


def alarm(project: Project, environment: Environment, region: str, spec: Alarm) -> str:
    """
    Return the alarm's full name.

    Environment and region stand in it because PagerDuty's incident key is the alarm name: two alarms of one name
    would merge into one incident, and either one's OK would close it.
    """
    service = spec.statistic.metric.service
    return f"{project.name}-{service}-{environment.name}-{region}-{spec.name}"


def alarm_arn(project: Project, environment: Environment, region: str, spec: Alarm) -> str:
    return f"arn:aws:cloudwatch:{region}:{environment.account}:alarm:{alarm(project, environment, region, spec)}"


def alarms_in(environment: Environment, region: str, alarms: tuple[Alarm, ...]) -> list[Alarm]:
    return [alarm for alarm in alarms if region == environment.primary or not alarm.primary_only]


def topic(project: Project, environment: Environment, severity: str) -> str:
    return f"{project.name}-{environment.name}-{severity}"


def logical_id(kind: str, name: str) -> str:
    """Return *kind* and *name* as a CloudFormation logical id, e.g. `AlarmCheckoutFailures`."""
    return kind + "".join(word.capitalize() for word in name.split("-"))


def tags(project: Project, environment: Environment, *, service: str = "", owner: str = "") -> Tags:
    """Return the five tags that everything carries; *service* and *owner* default to the project's."""
    values = {
        **project.tags,
        **environment.tags,
        "env": environment.name,
        "service": service or project.name,
        "owner": owner or environment.tags.get("owner") or project.tags["owner"],
    }
    return [{"Key": key, "Value": values[key]} for key in sorted(values)]


_BRACES = re.compile(r"(?<!\$)\{(\w+)\}")
"""A name in braces; `${LAST}` is CloudWatch's own and stays."""


def in_braces(text: str) -> list[str]:
    """Return the names that `fill` would fill in."""
    return _BRACES.findall(text)


def fill(text: str, project: Project, environment: Environment, region: str) -> str:
    """
    Return *text* with `{project}`, `{env}`, `{region}` and the environment's ids filled in.

    An id that is a template parameter becomes `${Parameter}`, which `parameters.declare` hands to CloudFormation.

    Raises:
        DefinitionError: names in braces are none of these; carries all of them.
    """
    known = {**environment.ids_in(region), "project": project.name, "env": environment.name, "region": region}
    problems = [
        f"'{{{name}}}' stands for nothing; known: {', '.join(sorted(known))}; ids are set in"
        f" [environments.{environment.name}.ids].{did_you_mean(name, known)}"
        for name in in_braces(text)
        if name not in known
    ]
    if problems:
        raise DefinitionError(*problems)
    return _BRACES.sub(lambda found: known[found[1]], text)
