"""Every setting of the runtime side, read once from the environment."""

from __future__ import annotations

import os

from obskit.catalog.model import is_text
from obskit.errors import did_you_mean
from obskit.levels import LEVELS as LEVELS  # noqa: PLC0414  others take them from here
from obskit.levels import dropped_by_lambda as dropped_by_lambda  # noqa: PLC0414
from obskit.levels import level_name as level_name  # noqa: PLC0414
from obskit.quotas import DIMENSION_VALUE, NAMESPACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLES = {
    "OBSKIT_SERVICE": "The service's name on every line, metric and span; else POWERTOOLS_SERVICE_NAME,"
    " OTEL_SERVICE_NAME, the function's name.",
    "OBSKIT_ENV": "The environment: dev, stage, prod …; 'unknown' where it is not set.",
    "OBSKIT_LOG_LEVEL": "The lowest level written: DEBUG, INFO, WARN, ERROR; else AWS_LAMBDA_LOG_LEVEL,"
    " POWERTOOLS_LOG_LEVEL, INFO.",
    "OBSKIT_METRICS_NAMESPACE": "CloudWatch namespace of the metrics; else POWERTOOLS_METRICS_NAMESPACE, 'obskit'.",
    "OBSKIT_TRACES": "'xray' (default) sends spans to the X-Ray daemon, 'otlp' to a collector or to CloudWatch with"
    " OpenTelemetry's SDK (OTEL_EXPORTER_OTLP_…), 'off' sends none.",
    "OBSKIT_OTLP_WAIT_MS": "How long a response waits for the collector to take the spans, 500 by default; after a wait"
    " in vain none waits until it has answered.",
    "OBSKIT_BUFFER_DEBUG": "'on' keeps lines below the level in memory and writes them if the invocation logs an error,"
    " raises or runs out of time.",
    "OBSKIT_DEBUG_SAMPLE_RATE": "Share of requests, 0 to 1, whose DEBUG lines are written; all functions of a request"
    " decide alike. Else POWERTOOLS_LOGGER_SAMPLE_RATE.",
    "OBSKIT_SERVICE_METRICS": "'off' stops the metrics that obskit records by itself (docs/handler.md).",
    "OBSKIT_TIMEOUT_MARGIN_MS": "How long before the deadline obskit writes what it holds: 500 or a tenth of the time"
    " there is, whichever is less; 0 switches it off.",
    "OBSKIT_PII_SHADOW": "Names of `[masking.patterns]` on trial, commas between, '*' for all: what they find is"
    " counted and not masked.",
    "OBSKIT_EXITS": "'off' lets what is printed and what `logging` writes pass by unmasked (docs/exits.md).",
    "OBSKIT_PSEUDONYM_SECRET_ARN": "ARN of the secret in Secrets Manager that holds the keys of pseudonyms; until they"
    " are there, values are redacted.",
}
"""The variables obskit reads, with what each means."""

TRACE_MODES = ("xray", "otlp", "off")


class Settings:
    """
    What the environment says.

    A wrong value never stops a function: the default stands in, and `problems` says so once in the log.
    """

    __slots__ = (
        "buffer_debug",
        "daemon_address",
        "debug_rate",
        "env",
        "exits",
        "function_name",
        "function_version",
        "in_lambda",
        "initialization",
        "level",
        "namespace",
        "otlp_wait",
        "own_level",
        "pii_shadow",
        "problems",
        "pseudonym_secret",
        "service",
        "service_metrics",
        "timeout_margin",
        "traces",
    )

    def __init__(self, environ: Mapping[str, str]) -> None:
        problems: list[str] = []
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")
        variable, service = _first(environ, "OBSKIT_SERVICE", "POWERTOOLS_SERVICE_NAME", "OTEL_SERVICE_NAME")
        self.service = _dimension(variable, service or self.function_name, "unknown", problems)
        self.env = _dimension("OBSKIT_ENV", environ.get("OBSKIT_ENV", ""), "unknown", problems)
        self.namespace = _namespace(
            *_first(environ, "OBSKIT_METRICS_NAMESPACE", "POWERTOOLS_METRICS_NAMESPACE"), problems
        )
        self.level = _level(
            *_first(environ, "OBSKIT_LOG_LEVEL", "AWS_LAMBDA_LOG_LEVEL", "POWERTOOLS_LOG_LEVEL"), problems
        )
        self.own_level = bool(environ.get("OBSKIT_LOG_LEVEL", "").strip())
        self.exits = _switch("OBSKIT_EXITS", environ, True, problems)
        if self.function_name:
            problems += _unset(environ) + _unknown(environ)
        self.traces = _traces(environ.get("OBSKIT_TRACES", ""), problems)
        self.otlp_wait = _milliseconds("OBSKIT_OTLP_WAIT_MS", environ, 500, problems)
        names = environ.get("OBSKIT_PII_SHADOW", "").split(",")
        self.pii_shadow = tuple(name.strip() for name in names if name.strip())  # `masking.policy` knows the patterns
        self.pseudonym_secret = _secret_arn(environ.get("OBSKIT_PSEUDONYM_SECRET_ARN", "").strip(), problems)
        self.buffer_debug = _switch("OBSKIT_BUFFER_DEBUG", environ, False, problems)
        self.debug_rate = _rate(*_first(environ, "OBSKIT_DEBUG_SAMPLE_RATE", "POWERTOOLS_LOGGER_SAMPLE_RATE"), problems)
        self.service_metrics = _switch("OBSKIT_SERVICE_METRICS", environ, True, problems)
        self.timeout_margin = _milliseconds("OBSKIT_TIMEOUT_MARGIN_MS", environ, 500, problems)
        self.in_lambda = "AWS_LAMBDA_RUNTIME_API" in environ
        self.initialization = environ.get("AWS_LAMBDA_INITIALIZATION_TYPE", "") or "on-demand"
        problems += dropped_by_lambda(environ, debug=self.buffer_debug or self.debug_rate > 0)
        self.daemon_address = environ.get("AWS_XRAY_DAEMON_ADDRESS", "")
        self.problems = tuple(problems)


def _first(environ: Mapping[str, str], *names: str) -> tuple[str, str]:
    """Return the first of *names* that is set, with its value; the first name and nothing where none is."""
    for name in names:
        if value := environ.get(name, "").strip():
            return name, value
    return names[0], ""


def _unset(environ: Mapping[str, str]) -> list[str]:
    """Say what a function should have been told: without it metrics land where no dashboard and no alarm looks."""
    unset = []
    if not environ.get("OBSKIT_ENV", "").strip():
        unset.append("OBSKIT_ENV is not set on this function. Metrics and lines say env 'unknown'.")
    if not _first(environ, "OBSKIT_METRICS_NAMESPACE", "POWERTOOLS_METRICS_NAMESPACE")[1]:
        unset.append("OBSKIT_METRICS_NAMESPACE is not set on this function. Metrics go to namespace 'obskit'.")
    return unset


_OTHERS = ("OBSKIT_HANDLER", "OBSKIT_EXEC_WRAPPER")
"""Variables of the layer's script: it sets the one and reads the other, and takes it away (docs/layer.md)."""


def _unknown(environ: Mapping[str, str]) -> list[str]:
    """Name what begins like one of ours and is none: a misspelt switch would be off without a word."""
    names = [name for name in environ if name.startswith("OBSKIT_") and name not in VARIABLES and name not in _OTHERS]
    return [f"{name} is no variable of obskit.{did_you_mean(name, VARIABLES)}" for name in names]


def _dimension(variable: str, value: str, default: str, problems: list[str]) -> str:
    if not value:
        return default
    if is_text(value, DIMENSION_VALUE) and not value.startswith(":"):
        return value
    problems.append(
        f"{variable} is {value!r}; a dimension value is printable ASCII and does not start with ':'."
        + (f" Using '{default}'." if default else "")
    )
    return default


def own_service(given: str, problems: list[str]) -> str:
    """Return the service that a handler names for itself, empty where CloudWatch would not take it; then why."""
    return _dimension("instrument(service=…)", str(given), "", problems)


def _namespace(variable: str, value: str, problems: list[str]) -> str:
    if not value:
        return "obskit"
    if is_text(value, NAMESPACE) and not value.startswith((":", "AWS/")):
        return value
    problems.append(
        f"{variable} is {value!r}; a namespace has 1 to {NAMESPACE} printable ASCII characters and"
        " does not start with ':' or 'AWS/'. Using 'obskit'."
    )
    return "obskit"


def _level(variable: str, value: str, problems: list[str]) -> int:
    if not value:
        return LEVELS["INFO"]
    name = level_name(value)
    if name is None:
        problems.append(f"{variable} is {value!r}; it is one of {', '.join(LEVELS)}. Using INFO.")
        name = "INFO"
    return LEVELS[name]


def _switch(variable: str, environ: Mapping[str, str], default: bool, problems: list[str]) -> bool:  # noqa: FBT001
    value = environ.get(variable, "").strip().lower()
    if value in _SWITCH:
        return _SWITCH[value]
    if value:
        problems.append(f"{variable} is {value!r}; it is 'on' or 'off'. Using '{'on' if default else 'off'}'.")
    return default


_SWITCH = {"on": True, "1": True, "true": True, "off": False, "0": False, "false": False}


def _rate(variable: str, value: str, problems: list[str]) -> float:
    if not value:
        return 0.0
    try:
        rate = float(value)
    except ValueError:
        rate = -1.0
    if 0 <= rate <= 1:
        return rate
    problems.append(f"{variable} is {value!r}; it is a share between 0 and 1, such as 0.01. Using 0.")
    return 0.0


def _milliseconds(variable: str, environ: Mapping[str, str], default: int, problems: list[str]) -> int:
    value = environ.get(variable, "").strip()
    if not value:
        return default
    if value.isascii() and value.isdigit() and len(value) < 7:
        return int(value)
    problems.append(f"{variable} is {value!r}; it is a number of milliseconds, such as {default}. Using {default}.")
    return default


def _traces(value: str, problems: list[str]) -> str:
    mode = value.strip().lower() or "xray"
    if mode not in TRACE_MODES:
        problems.append(f"OBSKIT_TRACES is {value!r}; it is one of {', '.join(TRACE_MODES)}. Using xray.")
        mode = "xray"
    return mode


def is_secret_arn(text: str) -> bool:
    """
    Say whether *text* is `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME`.

    >>> is_secret_arn("arn:aws:secretsmanager:us-east-1:333333333333:secret:obskit/pseudonyms-AbCdEf")
    True
    """
    parts = text.split(":", 6)
    return (
        len(parts) == 7
        and parts[0] == "arn"
        and parts[1].startswith("aws")
        and parts[2] == "secretsmanager"
        and parts[3] != ""
        and parts[4].isdigit()
        and parts[5] == "secret"
        and is_text(parts[6], 512)
    )


def _secret_arn(value: str, problems: list[str]) -> str:
    if not value or is_secret_arn(value):
        return value
    # The value is not shown: somebody may have put the key itself there.
    problems.append(
        "OBSKIT_PSEUDONYM_SECRET_ARN is no ARN of a secret: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME."
        " Values are redacted, not pseudonymised."
    )
    return ""


_settings: Settings | None = None


def settings() -> Settings:
    """Return the settings; the environment is read at the first call."""
    global _settings  # noqa: PLW0603  the one home of this state
    if _settings is None:
        _settings = Settings(os.environ)
    return _settings


def reset() -> None:
    """Forget what was read, so that the next call of `settings` reads the environment again."""
    global _settings  # noqa: PLW0603
    _settings = None
