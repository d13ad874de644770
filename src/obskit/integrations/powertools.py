"""
Powertools for AWS Lambda: obskit's masking under Logger, Metrics and Tracer, which their users call as before.

What is replaced, in versions 3.20 and later below 4:

* `format` of `BasePowertoolsFormatter` and of every class below it: the text of each line, whoever serialised it;
* `logging.Handler.format` and `handleError`, for lines of Powertools' loggers that go through a formatter of another
  kind, and for lines that logging itself could not write;
* `serialize_metric_set` of `BaseProvider` and `MetricManager` and of every class below them;
* `Tracer.__init__`, only to see that the X-Ray SDK is there: `obskit.integrations.xray` masks what that sends.
"""

from __future__ import annotations

import json
import logging
import sys
import time

from obskit import context, output
from obskit.errors import IntegrationError, MissingExtraError
from obskit.integrations import xray
from obskit.integrations.seams import Seams
from obskit.masking import mask, mask_document, mask_field, mask_text
from obskit.quotas import METRIC_VALUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Document = dict[str, Any]

_OLDEST, _TOO_NEW = (3, 20), (4,)
_PACKAGES = ("aws_lambda_powertools", "aws_xray_sdk")
"""Loggers of the packages themselves: with POWERTOOLS_DEBUG they show dimensions, metadata, whole documents."""

_POWERTOOLS_OWN = frozenset(("ColdStart",))
"""Metrics that Powertools records by itself."""

_MOST_TOLD = 100
"""Metrics that faults are told of by name; names made of data must not fill the memory."""

_seams: Seams | None = None
_catalog = False
_told: set[str] = set()
_clean_arn = ""


def protect(*, catalog: bool = False) -> None:
    """
    Mask what Powertools' Logger, Metrics and Tracer put out, those that exist and those to come.

    Lines keep their keys and their values, except what is masked; inside `@obskit.instrument` they get the
    `xray_trace_id` and `correlation_id` of obskit's lines where they have none. Metric values that CloudWatch refuses
    are left out and told of; with *catalog* so is each metric that no catalog declares, once. A second call changes
    nothing, except that it can ask for *catalog*.

    Raises:
        MissingExtraError: aws-lambda-powertools is not installed.
        IntegrationError: this version of it is not one that obskit knows, or lacks a seam.
    """
    global _catalog, _seams  # noqa: PLW0603  their one home
    if _seams is None:
        _seams = _replaced()
    _catalog = _catalog or catalog


def unprotect() -> None:
    """Take back what `protect` did; for tests."""
    global _catalog, _seams
    seams, _seams, _catalog = _seams, None, False
    _told.clear()
    if seams is not None:
        seams.undo()
        xray.unprotect()


def _replaced() -> Seams:
    """Return the seams, all of them replaced, or none."""
    try:
        from aws_lambda_powertools.shared.version import VERSION
    except ImportError:
        raise MissingExtraError("powertools", "obskit.integrations.powertools") from None
    library = f"aws-lambda-powertools {VERSION}"
    if not _OLDEST <= _numbers(VERSION) < _TOO_NEW:
        raise IntegrationError(f"obskit knows aws-lambda-powertools from 3.20 to below 4; this is {library}")
    seams = Seams(library)
    try:
        _replace(seams)
    except (ImportError, AttributeError) as error:
        seams.undo()
        raise IntegrationError(f"{library} is not as obskit knows it: {error}; nothing is protected") from error
    except BaseException:
        seams.undo()
        raise
    return seams


def _replace(seams: Seams) -> None:
    from aws_lambda_powertools.logging.formatter import BasePowertoolsFormatter, LambdaPowertoolsFormatter
    from aws_lambda_powertools.metrics.base import MetricManager, single_metric
    from aws_lambda_powertools.metrics.provider.base import BaseProvider
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider
    from aws_lambda_powertools.tracing import Tracer

    seams.require(LambdaPowertoolsFormatter, "format")
    for caller in (AmazonCloudWatchEMFProvider.flush_metrics, MetricManager.flush_metrics, single_metric):
        seams.require_call(caller, "serialize_metric_set")
    seams.everywhere(BasePowertoolsFormatter, "format", _format(LambdaPowertoolsFormatter))
    seams.method(logging.Handler, "format", _handler_format(BasePowertoolsFormatter))
    seams.method(logging.Handler, "handleError", _handle_error)
    seams.everywhere(BaseProvider, "serialize_metric_set", _serialize)
    seams.everywhere(MetricManager, "serialize_metric_set", _serialize)
    seams.method(Tracer, "__init__", _tracer)
    _protect_xray()


def _numbers(version: str) -> tuple[int, ...]:
    """
    Return the leading numbers of *version*.

    >>> _numbers("3.20.1a2")
    (3, 20)
    """
    numbers: list[int] = []
    for part in version.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)


# --- Logger -----------------------------------------------------------------------------------------------------------


def _format(powertools_formatter: type) -> Callable[[Callable[..., str]], Callable[..., str]]:
    def around(original: Callable[..., str]) -> Callable[..., str]:
        def format(formatter: Any, record: logging.LogRecord) -> str:  # noqa: A001  the method's name
            try:
                return _line(
                    original(formatter, record), formatter if isinstance(formatter, powertools_formatter) else None
                )
            except Exception as error:  # noqa: BLE001  logging would show the record, unmasked, on stderr
                return _unreadable(record, error)

        return format

    return around


def _line(text: str, formatter: Any) -> str:
    """Return *text* masked; a document of Powertools' own *formatter* gets the ids of the invocation as well."""
    document = _document(text)
    if document is None:
        return mask_text(text)
    masked = _masked(document)
    if formatter is not None:
        _add_ids(masked, formatter.log_format)
    if "\n" in text:  # indented, as on a developer's machine
        return json.dumps(masked, ensure_ascii=False, indent=4)
    return output.encode_json(masked)


def _masked(document: Document) -> dict[str, object]:
    """
    Return *document* masked.

    The function's ARN, on every line, is looked at once and stays as long as it is the same: its account number would
    otherwise be looked into each time, which takes a third of what masking a line costs.
    """
    global _clean_arn  # noqa: PLW0603  its one home
    arn = document.get("function_arn", "")
    if arn != _clean_arn:
        masked = mask_document(document)
        if arn == masked.get("function_arn") and isinstance(arn, str):
            _clean_arn = arn
        return masked
    if not arn:
        return mask_document(document)
    masked = mask_document(document | {"function_arn": ""})
    masked["function_arn"] = arn
    return masked


def _document(text: str) -> Document | None:
    if not text.startswith("{"):
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _add_ids(line: dict[str, object], keys: dict[str, object]) -> None:
    """Add to *line* what obskit's lines say of the invocation; a key that was switched off with None stays away."""
    invocation = context.current()
    if invocation is None:
        return
    if invocation.xray_trace_id and keys.get("xray_trace_id", "") is not None:
        line.setdefault("xray_trace_id", invocation.xray_trace_id)
    elif invocation.trace_id:
        line.setdefault("trace_id", invocation.trace_id)
    if invocation.correlation_id:
        line.setdefault("correlation_id", invocation.correlation_id)


def _handler_format(powertools_formatter: type) -> Callable[[Callable[..., str]], Callable[..., str]]:
    def around(original: Callable[..., str]) -> Callable[..., str]:
        def format(handler: logging.Handler, record: logging.LogRecord) -> str:  # noqa: A001  the method's name
            if isinstance(handler.formatter, powertools_formatter) or not _is_powertools(record.name):
                return original(handler, record)
            try:
                return mask_text(original(handler, record))
            except Exception as error:  # noqa: BLE001  as above
                return _unreadable(record, error)

        return format

    return around


def _handle_error(original: Callable[..., None]) -> Callable[..., None]:
    def handleError(handler: logging.Handler, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        if _is_powertools(record.name):  # logging prints message and arguments as they are
            output.fault("powertools log", sys.exc_info()[1] or "a line could not be written")
        else:
            original(handler, record)

    return handleError


def _is_powertools(name: str) -> bool:
    """Say whether *name* is a logger of Powertools: of its Logger, a child of one, or of the package."""
    if name.partition(".")[0] in _PACKAGES:
        return True
    logger: Any = logging.root.manager.loggerDict.get(name)
    while logger is not None:
        if hasattr(logger, "powertools_handler"):
            return True
        logger = getattr(logger, "parent", None)
    return False


def _unreadable(record: logging.LogRecord, error: Exception) -> str:
    """Return the line of a *record* that could not be formatted: what it was made of, masked."""
    output.fault("powertools log", error)
    line: dict[str, object] = {
        "level": record.levelname,
        "location": f"{record.funcName}:{record.lineno}",
        "message": record.msg,
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
        "obskit_fault": type(error).__name__,
    }
    if record.args:
        line["args"] = record.args
    return output.encode_json(mask_document(line))


# --- Metrics ----------------------------------------------------------------------------------------------------------


def _serialize(original: Callable[..., Any]) -> Callable[..., Any]:
    def serialize_metric_set(provider: Any, *args: Any, **kwargs: Any) -> Any:
        document = original(provider, *args, **kwargs)
        try:
            if isinstance(document, dict) and "_aws" in document:
                return _emf(document)
            if isinstance(document, list) and all(
                isinstance(item, dict) and {"m", "v"} <= item.keys() for item in document
            ):
                return _datadog(document)
        except Exception as error:  # noqa: BLE001  what cannot be masked as what it is, is masked as a whole
            output.fault("powertools metrics", error)
        return mask(document)

    return serialize_metric_set


def _emf(document: Document) -> Document:
    """Return an EMF *document* masked; values that CloudWatch refuses are left out, their metrics with the last."""
    about: Document = document["_aws"]
    directives: list[Document] = about["CloudWatchMetrics"]
    metrics = [definition["Name"] for directive in directives for definition in directive["Metrics"]]
    if _catalog:
        _check_declared(metrics)
    values = {name: _values(name, document[name]) for name in metrics}
    names = {name for directive in directives for names in directive["Dimensions"] for name in names} - values.keys()
    dimensions: Document = {}
    rest: Document = {}
    for name, value in document.items():
        if name in names:
            dimensions[mask_text(name)] = mask_field(name, value)
        elif name != "_aws" and name not in values:
            rest[name] = value
    return {
        "_aws": {**about, "CloudWatchMetrics": [_directive(directive, values) for directive in directives]},
        **dimensions,
        **mask_document(rest),
        **{mask_text(name): kept for name, kept in values.items() if kept},
    }


def _directive(directive: Document, values: Document) -> Document:
    return {
        **directive,
        "Namespace": mask_text(directive["Namespace"]),
        "Dimensions": [[mask_text(name) for name in names] for names in directive["Dimensions"]],
        "Metrics": [
            {**definition, "Name": mask_text(definition["Name"])}
            for definition in directive["Metrics"]
            if values[definition["Name"]]
        ],
    }


def _values(name: str, recorded: Any) -> list[float]:
    """Return those of the *recorded* values that CloudWatch takes."""
    values: list[Any] = recorded if isinstance(recorded, list) else [recorded]
    kept = [value for value in values if isinstance(value, (int, float)) and -METRIC_VALUE <= value <= METRIC_VALUE]
    if len(kept) < len(values):
        _tell(f"metric {mask_text(name)}", "a value that is not a finite number in CloudWatch's range")
    return kept


def _datadog(items: list[Document]) -> list[Document]:
    """Return Datadog's *items* masked: `m` a metric's name, `v` its value, `e` the second, `t` tags (`key:value`)."""
    kept: list[Document] = []
    for item in items:
        name = mask_text(item["m"])
        if item["v"] - item["v"] != 0:
            _tell(f"metric {name}", "a value that is not a finite number")
            continue
        kept.append({**mask_document(item), "m": name, "v": item["v"], "t": [_tag(tag) for tag in item["t"]]})
    return kept


def _tag(tag: str) -> str:
    key, colon, value = tag.partition(":")
    return f"{mask_text(key)}:{mask_field(key, value)}" if colon else mask_text(tag)


def _check_declared(names: Iterable[str]) -> None:
    from obskit import kpis  # noqa: F401  importing it declares the platform's own
    from obskit.catalog import declared

    known = declared()
    for name in names:
        if name not in known and name not in _POWERTOOLS_OWN:
            _tell(f"catalog {mask_text(name)}", "a metric that no catalog declares")


def _tell(where: str, why: str) -> None:
    """Count a fault; the first of each of the first places is told."""
    if where not in _told and len(_told) >= _MOST_TOLD:
        where = "powertools metrics"
    _told.add(where)
    output.fault(where, why)


# --- Tracer -----------------------------------------------------------------------------------------------------------


def _tracer(original: Callable[..., None]) -> Callable[..., None]:
    def __init__(tracer: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807  it becomes that method
        original(tracer, *args, **kwargs)
        _protect_xray()

    return __init__


def _protect_xray() -> None:
    """Mask what the X-Ray SDK sends, if it is loaded: loading it costs 40 ms, which only a Tracer is worth."""
    if "aws_xray_sdk.core" in sys.modules:
        xray.protect()
