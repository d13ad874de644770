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
        "env": environment.name,
        "service": service or project.name,
        "owner": owner or project.tags["owner"],
    }
    return [{"Key": key, "Value": values[key]} for key in sorted(values)]


def fill(text: str, project: Project, environment: Environment, region: str) -> str:
    """
    Return *text* with `{project}`, `{env}`, `{region}` and the environment's ids filled in.

    Raises:
        DefinitionError: a name in braces is none of these.
    """
    known = {**environment.ids, "project": project.name, "env": environment.name, "region": region}

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in known:
            raise DefinitionError(
                f"'{{{name}}}' stands for nothing in environment '{environment.name}'; known:"
                f" {', '.join(sorted(known))}; ids are set in [environments.{environment.name}.ids]."
                f"{did_you_mean(name, known)}"
            )
        return known[name]

    return re.sub(r"\{(\w+)\}", value, text)
