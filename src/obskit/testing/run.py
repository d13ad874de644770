"""`run_under_runtime`: a handler under the real Lambda client, and all that came out of it."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obskit.errors import MissingExtraError, ObskitError, did_you_mean
from obskit.testing.awslambda import log_filter
from obskit.testing.awslambda.datagram_port import DatagramPort
from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime
from obskit.testing.lines import Document, Lines
from obskit.testing.measurements import Measurements
from obskit.testing.spans import Spans, parse_datagram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from obskit.testing.awslambda.runtime import Outcome as Invoked
    from obskit.testing.lambda_context import LambdaContext


class NotImportableError(ObskitError):
    """Lambda could not import this handler by its module and name; the message says what to do."""


@dataclass(frozen=True)
class Posted:
    """What the function posted to the Runtime API: its response or its error."""

    body: bytes
    headers: Mapping[str, str]
    """Names in lower case, such as `lambda-runtime-function-xray-error-cause`."""


class Outcome:
    """
    What came of one invocation, or of several in one environment: then `payload` and `error` are the last one's.

    `invocations` has an outcome for each.
    """

    def __init__(self, invoked: Sequence[Invoked], datagrams: Sequence[Sequence[bytes]]) -> None:
        self._invoked = invoked
        self._datagrams = datagrams
        last = invoked[-1]
        self.payload: Any = last.payload
        """The decoded response; None after an error."""
        self.error = last.error
        """The decoded error: `errorType`, `errorMessage`, `stackTrace`; None after a response."""
        self.request_id = last.request_id
        self.cold_start = last.cold_start
        self.duration_ms = last.duration_ms
        self.posted = [Posted(one.body, one.headers) for one in invoked]
        """What the function sent back, as it is: what the caller and X-Ray see of an error."""
        self.lines = [line for one in invoked for line in one.lines]
        """Each line of standard output and standard error, before Lambda's level filter."""
        self.logs = Lines(lambda: self._log_lines)
        """The log lines that reach CloudWatch, parsed. Lines that are no JSON object are in `lines` only."""
        self.metrics = Measurements(lambda: self._emf)
        """The EMF documents that reach CloudWatch."""
        self.lost = Lines(lambda: self._lost)
        """The log lines and EMF documents that Lambda's level filter keeps from CloudWatch."""
        self.spans = Spans(lambda: self._documents)
        """What was sent to the X-Ray daemon."""

    @property
    def stdout(self) -> str:
        """What the process wrote, as text."""
        return "".join(line + "\n" for line in self.lines)

    @property
    def invocations(self) -> list[Outcome]:
        """An outcome for each invocation; what was written while the function was loaded belongs to the first."""
        pairs = zip(self._invoked, self._datagrams, strict=True)
        return [Outcome([one], [datagrams]) for one, datagrams in pairs]

    @cached_property
    def _reached(self) -> list[Document]:
        return _documents(line for one in self._invoked for line in one.logged)

    @cached_property
    def _log_lines(self) -> list[Document]:
        return [document for document in self._reached if "_aws" not in document]

    @cached_property
    def _emf(self) -> list[Document]:
        return [document for document in self._reached if "_aws" in document]

    @cached_property
    def _lost(self) -> list[Document]:
        return _documents(line for one in self._invoked for line in _without(one.lines, one.logged))

    @cached_property
    def _documents(self) -> list[Document]:
        return [parse_datagram(datagram) for datagrams in self._datagrams for datagram in datagrams]

    def __repr__(self) -> str:
        came = f"error={self.error!r}" if self.error is not None else f"payload={self.payload!r}"
        return f"<Outcome {came}, {len(self.lines)} lines>"


def run_under_runtime(  # noqa: PLR0913  what a test can vary
    handler: Callable[..., object] | str,
    event: object,
    *more_events: object,
    folder: Path | str | None = None,
    context: LambdaContext | None = None,
    env: Mapping[str, str] | None = None,
    invocations: int = 1,
    log_format: str | None = None,
    log_level: str | None = None,
    trace_header: str | None = None,
    timeout_s: float = 10.0,
    layers: Sequence[Path] = (),
) -> Outcome:
    """
    Run *handler* under the real Lambda client, in a process of its own, and return what came of it.

    Args:
        handler: a function of a module, or text as Lambda has it, `module.function`, which is in *folder*.
        event: anything JSON can hold; *more_events* are further invocations in the same, then warm, environment.
        more_events: see *event*.
        folder: where the code is; for a function it is known.
        context: the ids, names and limits that the function's own context shall have.
        env: variables of the function. Nothing is taken over from this process but its import path.
        invocations: how often the events are sent.
        log_format: `JSON` switches Lambda's level filter on, as its advanced logging controls do.
        log_level: with `JSON`: the lowest level that reaches CloudWatch. EMF documents count as INFO.
        trace_header: the value of `_X_AMZN_TRACE_ID`; default: as Lambda makes it from the event; empty: none.
        timeout_s: what an invocation may take, unless *context* says it; then the process is killed, as by Lambda.
        layers: unpacked layers; their `python` folders go to the import path.

    Raises:
        MissingExtraError: awslambdaric is not installed: it comes with the extra `test`, on Linux.
        NotImportableError: Lambda could not import *handler*: a nested function, a method, a lambda, no such file.
    """
    if importlib.util.find_spec("awslambdaric") is None:
        raise MissingExtraError("test", "run_under_runtime")
    name, code = _text(handler, folder) if isinstance(handler, str) else _function(handler, folder)
    datagrams: list[bytes] = []
    with DatagramPort(datagrams.append) as port:
        variables = {"AWS_XRAY_DAEMON_ADDRESS": port.address, **_logging(log_format, log_level), **(env or {})}
        variables["PYTHONPATH"] = os.pathsep.join(filter(None, [variables.get("PYTHONPATH", ""), *_import_path()]))
        identity = {} if context is None else _names(context)
        function = Function(name, code, layers=layers, env=variables, **identity)
        invoked: list[Invoked] = []
        received: list[list[bytes]] = []
        with LambdaRuntime(function, timeout_ms=int(timeout_s * 1000)) as runtime:
            for one in [event, *more_events] * invocations:
                said = {} if context is None else _said(context, first=not invoked)
                invoked.append(runtime.invoke(one, trace_header=trace_header, **said))
                port.settle()
                received.append(datagrams[:])
                datagrams.clear()
    return Outcome(invoked, received)


def _documents(lines: Iterator[str]) -> list[Document]:
    """Return what is a JSON object among *lines*."""
    found = []
    for line in lines:
        try:
            document = json.loads(line)
        except ValueError:
            continue
        if isinstance(document, dict):
            found.append(document)
    return found


def _without(lines: Sequence[str], logged: Sequence[str]) -> Iterator[str]:
    """Yield those of *lines* that are not in *logged*, which is *lines* with some left out."""
    passed = iter(logged)
    expected = next(passed, None)
    for line in lines:
        if line == expected:
            expected = next(passed, None)
        else:
            yield line


# --- what the function is told ------------------------------------------------------------------------------------


def _logging(log_format: str | None, log_level: str | None) -> dict[str, str]:
    if log_level is not None and log_level not in log_filter.LEVELS:
        raise ValueError(f"log_level is {log_level!r}; Lambda knows {', '.join(log_filter.LEVELS)}")
    if log_level is not None and (log_format or "").upper() != "JSON":
        raise ValueError("log_level filters lines with log_format='JSON' only, as on Lambda")
    told = {"AWS_LAMBDA_LOG_FORMAT": log_format, "AWS_LAMBDA_LOG_LEVEL": log_level}
    return {name: value for name, value in told.items() if value is not None}


def _names(context: LambdaContext) -> dict[str, Any]:
    region, account = context.invoked_function_arn.split(":")[3:5]
    return {
        "name": context.function_name,
        "version": context.function_version,
        "memory_mb": int(context.memory_limit_in_mb),
        "region": region,
        "account": account,
    }


def _said(context: LambdaContext, *, first: bool) -> dict[str, Any]:
    """Return what *context* says of one invocation; its request id belongs to the first."""
    identity, client = context.identity, context.client_context
    said: dict[str, Any] = {
        "deadline_ms": context.get_remaining_time_in_millis(),
        "function_arn": context.invoked_function_arn,
        "tenant_id": context.tenant_id,
        "request_id": context.aws_request_id if first else None,
    }
    if identity.cognito_identity_id is not None:
        said["identity"] = {
            "cognitoIdentityId": identity.cognito_identity_id,
            "cognitoIdentityPoolId": identity.cognito_identity_pool_id,
        }
    if client is not None:
        app = None if client.client is None else vars(client.client)
        said["client_context"] = {"custom": client.custom, "env": client.env, "client": app or {}}
    return said


def _import_path() -> list[str]:
    """Return what this process can import from beside its own Python: what the handler needs may be there."""
    own = tuple({sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix})
    return [path for path in sys.path if path and Path(path).is_dir() and not path.startswith(own)]


# --- where the handler is -----------------------------------------------------------------------------------------


def _function(handler: Callable[..., object], folder: Path | str | None) -> tuple[str, Path]:
    """Return the text by which Lambda finds *handler*, and the folder to start from."""
    module_name, name = getattr(handler, "__module__", None), getattr(handler, "__qualname__", None)
    if not isinstance(module_name, str) or not isinstance(name, str):
        raise NotImportableError(
            f"{handler!r} has no module and name, so Lambda cannot import it; pass a function of a module"
        )
    if "." in name or name == "<lambda>":
        kind = "a nested function" if "<locals>" in name else "a lambda" if name == "<lambda>" else "a method"
        raise NotImportableError(
            f"{module_name}.{name} is {kind}: Lambda imports a handler by module and name."
            " Define it with `def` at the top of a module, or pass 'module.function' and folder=."
        )
    module = sys.modules.get(module_name)
    file = getattr(module, "__file__", None)
    if module is None or file is None or module_name == "__main__":
        raise NotImportableError(
            f"{module_name}.{name} is in no module that can be imported again; pass 'module.function' and folder="
        )
    if not hasattr(module, name):
        raise NotImportableError(
            f"{module_name} has no {name}.{did_you_mean(name, vars(module))}"
            " The handler was renamed after its `def`: pass 'module.function' with the name it has there, and folder="
        )
    return f"{module_name}.{name}", Path(folder) if folder is not None else _top(module_name, Path(file))


def _top(module_name: str, file: Path) -> Path:
    """Return the folder that *module_name* is imported from."""
    parts = module_name.split(".")
    place = file.with_suffix("")
    if place.name == "__init__":
        place = place.parent
    if list(place.parts[-len(parts) :]) != parts:
        raise NotImportableError(
            f"{module_name} was loaded from {file}, which is no place to import it from; pass folder="
        )
    return place.parents[len(parts) - 1]


def _text(handler: str, folder: Path | str | None) -> tuple[str, Path]:
    module_name, _, name = handler.rpartition(".")
    if not module_name or not name:
        raise NotImportableError(f"{handler!r} is not module.function")
    if folder is None:
        raise NotImportableError(f"{handler!r} is text: say with folder= where its module is")
    place = Path(folder).absolute()
    file = place.joinpath(*module_name.replace("/", ".").split("."))
    if not file.with_name(file.name + ".py").is_file() and not (file / "__init__.py").is_file():
        known = [found.stem for found in place.glob("*.py")]
        raise NotImportableError(f"{place} has no module {module_name}.{did_you_mean(module_name, known)}")
    return handler, place
