"""Personal data and secrets that a template lets past obskit: into logs of other services, or into the template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from obskit.deploy.rules.placeholders import has_unknown
from obskit.deploy.rules.problem import Fault, short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def appsync(properties: dict[str, object]) -> Iterator[Fault]:
    """Headers, arguments and results go to the log unless they are excluded. AppSync API, `LogConfig`."""
    config = properties.get("LogConfig")
    if not isinstance(config, dict):
        return
    excluded = config.get("ExcludeVerboseContent")
    if excluded is not True and str(excluded).lower() != "true" and not has_unknown(excluded):
        words = (
            "Should have property 'ExcludeVerboseContent': true; headers, arguments and answers are logged, unmasked"
        )
        place = "/LogConfig/ExcludeVerboseContent" if "ExcludeVerboseContent" in config else "/LogConfig"
        yield Fault(place, "appsync-verbose", words)


def parameter_group(properties: dict[str, object]) -> Iterator[Fault]:
    """PostgreSQL manual, "Error Reporting and Logging", and pgaudit's; Aurora keeps their defaults."""
    parameters = properties.get("Parameters")
    family = str(properties.get("Family", ""))
    if not isinstance(parameters, dict) or not ("postgres" in family or has_unknown(family)):
        return
    for name, value in parameters.items():
        if has_unknown(value) or name not in _LOGGED:
            continue
        if _LOGGED[name](str(value).strip().strip("'\"").lower()):
            words = (
                f"{name} = {short(value, 30)} writes statements or their parameters to the log, with the data in them"
            )
            yield Fault(f"/Parameters/{name}", "postgres-log", words)


def _not_negative(value: str) -> bool:
    return re.fullmatch(r"-\d+", value) is None


_AUDITED = frozenset({"all", "read", "write", "function", "misc", "misc_set"})
_LOGGED: dict[str, Callable[[str], bool]] = {
    "log_statement": lambda value: value in {"all", "mod"},
    "log_min_duration_statement": _not_negative,
    "log_min_duration_sample": _not_negative,
    "log_parameter_max_length_on_error": lambda value: value != "0",
    "auto_explain.log_min_duration": _not_negative,
    "auto_explain.log_parameter_max_length": lambda value: value != "0",
    "pgaudit.log": lambda value: not _AUDITED.isdisjoint(re.split(r"[,\s]+", value)),
    "pgaudit.log_parameter": lambda value: value in {"on", "1", "true", "yes"},
    "debug_print_parse": lambda value: value in {"on", "1", "true", "yes"},
    "debug_print_plan": lambda value: value in {"on", "1", "true", "yes"},
    "debug_print_rewritten": lambda value: value in {"on", "1", "true", "yes"},
}
"""Parameter -> whether a value makes PostgreSQL log what statements say."""

_TOKENS = re.compile(
    r"""(?P<aws>\b(?:AKIA|ASIA)(?![0-9A-Z]{9}EXAMPLE)[0-9A-Z]{16}\b)
    |(?P<stripe>\b[sr]k_(?:live|test)_[0-9A-Za-z]{16,})
    |(?P<github>\bgh[pousr]_[0-9A-Za-z]{36,}|\bgithub_pat_[0-9A-Za-z_]{50,})
    |(?P<slack>\bxox[abeprs]-[0-9A-Za-z-]{10,}|hooks\.slack\.com/services/T[0-9A-Z]+/B[0-9A-Z]+/[0-9A-Za-z]{10,})
    |(?P<pagerduty>events(?:\.eu)?\.pagerduty\.com/(?:integration|x-ere)/[0-9A-Za-z]{20,})
    |(?P<key>-----BEGIN\ [A-Z ]*PRIVATE\ KEY-----)""",
    re.VERBOSE,
)
_WHOSE = {
    "aws": "an access key of AWS",
    "stripe": "a key of Stripe",
    "github": "a token of GitHub",
    "slack": "a token of Slack",
    "pagerduty": "an integration key of PagerDuty",
    "key": "a private key",
}
_SECRET_PROPERTIES = frozenset(
    """
    MasterUserPassword MasterPassword Password AuthToken OauthToken OAuthToken SecretString SecretAccessKey ClientSecret
    ApiKeyValue PrivateKey PreSharedKey AccountPassword AdminPassword SafeModeAdministratorPassword
    """.split()
)
"""Properties of resources that hold nothing but a secret."""
_SECRET_VARIABLE = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|SECRET_KEY|ACCESS_KEY)$"
)
_SIGNS = (
    *("AKIA", "ASIA", "k_live_", "k_test_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "xox"),
    *("hooks.slack.com", "pagerduty.com", "PRIVATE KEY", "Environment"),
    *("Password': ", "Token': ", "SecretString': ", "AccessKey': ", "ClientSecret': ", "KeyValue': ", "PrivateKey': "),
    "SharedKey': ",
)
"""A value in which Python writes none of these holds no secret to `secrets`; the last are ends of properties."""
_NO_SECRET = re.compile(
    r"arn:.*|https?://.*|/.*|.*\s.*|true|false|none|null|.{0,5}|[a-z]+(?:[-/][a-z]+)+|change_?me.*", re.IGNORECASE
)
"""What stands where a secret could, and is the name of one or nothing."""


def secrets(value: object) -> Iterator[Fault]:
    """Yield every text below *value* that is a secret by its form, or by where it stands."""
    text = str(value)
    # Hardly ever, and a search for words is faster than a look at each text.
    if any([sign in text for sign in _SIGNS]):  # noqa: C419  a generator costs twice as much
        yield from _secrets(value)


def _secrets(value: object, path: str = "", key: str = "", *, environment: bool = False) -> Iterator[Fault]:
    if isinstance(value, dict):
        for name, member in value.items():
            inside = environment or name in ("Environment", "EnvironmentVariables")
            yield from _secrets(member, f"{path}/{name}", name, environment=inside)
        # ECS and CodeBuild: [{Name: …, Value: …}].
        if environment and isinstance(value.get("Name"), str) and isinstance(value.get("Value"), str):
            yield from _named(value["Name"], value["Value"], f"{path}/Value", environment=True)
        return
    if isinstance(value, list):
        for index, member in enumerate(value):
            yield from _secrets(member, f"{path}/{index}", environment=environment)
        return
    if not isinstance(value, str) or len(value) > 100_000:
        return
    if found := _TOKENS.search(value):
        yield Fault(path, "secret", f"{_WHOSE[str(found.lastgroup)]} stands here in plain text")
    else:
        yield from _named(key, value, path, environment=environment)


def _named(key: str, value: str, path: str, *, environment: bool) -> Iterator[Fault]:
    if not value or has_unknown(value) or "{{resolve:" in value:
        return
    if key in _SECRET_PROPERTIES and value.strip():
        yield Fault(path, "secret", f"'{key}' stands here in plain text")
    elif environment and _SECRET_VARIABLE.search(key) and not _NO_SECRET.fullmatch(value):
        yield Fault(path, "secret", f"the value of '{short(key)}' stands here in plain text; a name says it is secret")


def parameters(declared: dict[str, object]) -> Iterator[Fault]:
    """A default of a secret parameter is in the template, NoEcho or not."""
    for name, parameter in declared.items():
        if not isinstance(parameter, dict):
            continue
        default, hidden = parameter.get("Default"), str(parameter.get("NoEcho")).lower() == "true"
        if isinstance(default, str) and default.strip() and (found := _TOKENS.search(default)):
            words = f"{_WHOSE[str(found.lastgroup)]} stands here in plain text"
            yield Fault(f"/Parameters/{name}/Default", "secret", words)
        elif hidden and isinstance(default, str) and not _NO_SECRET.fullmatch(default):
            words = "the default of a NoEcho parameter stands here in plain text"
            yield Fault(f"/Parameters/{name}/Default", "secret", words, "warning")
