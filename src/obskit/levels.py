"""Lambda's names of levels, and what its own filter makes of them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LEVELS = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "WARN": 30, "ERROR": 40, "FATAL": 50}
"""Lambda's names of levels, with the numbers of the `logging` module."""

_OTHER_NAMES = {"WARNING": "WARN", "CRITICAL": "FATAL"}


def level_name(name: str) -> str | None:
    """Return Lambda's name for the level *name*, or None if there is none."""
    upper = name.strip().upper()
    upper = _OTHER_NAMES.get(upper, upper)
    return upper if upper in LEVELS else None


def dropped_by_lambda(environ: Mapping[str, str], *, debug: bool) -> list[str]:
    """
    Say what Lambda's own filter will drop of what obskit writes in a function with the variables *environ*.

    It looks at every line where the format is JSON. *debug*: obskit is to write debug lines, on error or by sampling.
    """
    if environ.get("AWS_LAMBDA_LOG_FORMAT", "").strip().upper() != "JSON":
        return []
    value = environ.get("AWS_LAMBDA_LOG_LEVEL", "")
    number = LEVELS[level_name(value) or "INFO"]
    if number > LEVELS["INFO"]:
        told = "Lambda drops metrics then: they count as INFO. Set it to INFO or DEBUG; OBSKIT_LOG_LEVEL decides"
        return [f"AWS_LAMBDA_LOG_LEVEL is {value}. {told} what obskit writes."]
    if debug and number > LEVELS["DEBUG"]:
        return [f"AWS_LAMBDA_LOG_LEVEL is {value or 'INFO'}. Lambda drops debug lines then. Set it to DEBUG."]
    return []
