"""What things are called in AWS, where they link to, and the tags they carry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from obskit.deploy.specs import Alarm, Composite, named
from obskit.errors import DefinitionError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from obskit.deploy.model import Environment, Project

Tags = list[dict[str, str]]
Guard = Alarm | Composite


def dashboard(project: Project, environment: Environment, name: str) -> str:
    return f"{project.name}-{environment.name}-{name}"


def dashboard_link(project: Project, environment: Environment, region: str, name: str) -> str:
    """
    Return the console's address of a dashboard that shows *region*.

    Dashboards are global, and the console of the primary region shows them; the variable `region` is set for others.
    """
    full, primary = dashboard(project, environment, name), environment.primary
    page = f"https://{primary}.console.aws.amazon.com/cloudwatch/home?region={primary}#dashboards/dashboard/{full}"
    return page if region == primary else f"{page}?~(variables~(region~'{region}))"


def alarm(project: Project, environment: Environment, region: str, spec: Guard) -> str:
    """
    Return the alarm's full name.

    Environment and region stand in it because PagerDuty's incident key is the alarm name: two alarms of one name
    would merge into one incident, and either one's OK would close it.
    """
    called = spec.called if isinstance(spec, Composite) and spec.called else spec.name
    return f"{project.name}-{spec.service}-{environment.name}-{region}-{called}"


def alarm_arn(project: Project, environment: Environment, region: str, spec: Guard) -> str:
    return f"arn:aws:cloudwatch:{region}:{environment.account}:alarm:{alarm(project, environment, region, spec)}"


def alarm_id(spec: Guard) -> str:
    return logical_id("Composite" if isinstance(spec, Composite) else "Alarm", spec.name)


def regions(environment: Environment, alarms: Iterable[Guard]) -> list[str]:
    """Return where there is something to render: the environment's regions, and those of alarms on global metrics."""
    only = (alarm.only_in for alarm in alarms if not isinstance(alarm, Composite))
    return list(dict.fromkeys((*environment.regions, *(region for region in only if region))))


def alarms_in(environment: Environment, region: str, alarms: Iterable[Guard]) -> list[Guard]:
    return [alarm for alarm in alarms if _is_in(environment, region, alarm)]


def _is_in(environment: Environment, region: str, spec: Guard) -> bool:
    """Say whether *spec* is rendered for *region*; a composite is where all that it names is."""
    if isinstance(spec, Composite):
        return all(_is_in(environment, region, one) for one in named(spec.rule))
    if spec.only_in:
        return region == spec.only_in
    if region not in environment.regions:
        return False  # it is rendered for what is nowhere else
    return region == environment.primary or not spec.primary_only


def topic(project: Project, environment: Environment, severity: str) -> str:
    return f"{project.name}-{environment.name}-{severity}"


def logical_id(kind: str, name: str) -> str:
    """Return *kind* and *name* as a CloudFormation logical id, e.g. `AlarmCheckoutFailures`."""
    return kind + "".join(word.capitalize() for word in name.split("-"))


def stack(environment: Environment, name: str) -> str:
    """Return what the stack of the template *name* is called in the account."""
    return f"{name}-{environment.name}"


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
    known = {
        **environment.ids_of(region),
        "project": project.name,
        "env": environment.name,
        "region": region,
    }
    problems = [
        f"'{{{name}}}' stands for nothing; known: {', '.join(sorted(known))}; ids are set in"
        f" [environments.NAME.ids].{did_you_mean(name, known)}"
        for name in in_braces(text)
        if name not in known
    ]
    if problems:
        raise DefinitionError(*problems)
    return _BRACES.sub(lambda found: known[found[1]], text)
