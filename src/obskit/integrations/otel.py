"""
The API of OpenTelemetry: what is traced through it becomes spans of obskit, in every mode, with masking.

Needs `opentelemetry-api` alone. Two seams: the TracerProvider, which the API asks for tracers, and its runtime context,
which says what span is open. The span that is open is obskit's, whoever opened it.
"""

from __future__ import annotations

from obskit.errors import IntegrationError, MissingExtraError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_original: Any = None


def join() -> None:
    """
    Have spans that are made through OpenTelemetry's API be part of the invocation's trace.

    Instrumentation packages are the caller's to switch on, before or after. Outside an invocation nothing is recorded.
    A second call changes nothing.

    Raises:
        MissingExtraError: opentelemetry-api is not installed.
        IntegrationError: another TracerProvider was set before, or this version lacks the seam.
    """
    global _original  # noqa: PLW0603  its one home
    if _original is not None:
        return
    try:
        from opentelemetry import context as otel_context
        from opentelemetry import trace

        from obskit.integrations import otel_api
    except ImportError:
        raise MissingExtraError("otel", "obskit.integrations.otel") from None
    found = getattr(otel_context, "_RUNTIME_CONTEXT", None)
    if found is None:
        raise IntegrationError("opentelemetry-api has no opentelemetry.context._RUNTIME_CONTEXT; nothing is joined")
    if trace.get_tracer_provider() is not otel_api.PROVIDER:
        trace.set_tracer_provider(otel_api.PROVIDER)
    if trace.get_tracer_provider() is not otel_api.PROVIDER:
        raise IntegrationError(
            "another TracerProvider of OpenTelemetry was set before obskit's: call obskit.integrations.otel.join()"
            " first, and leave set_tracer_provider() out"
        )
    _original = found
    joined: Any = otel_api.JoinedContext(found)
    otel_context._RUNTIME_CONTEXT = joined  # noqa: SLF001  the seam
    otel_api.PROVIDER.joined = True


def part() -> None:
    """Take back what `join` did, for tests. The provider stays, as OpenTelemetry takes but one, and records nothing."""
    global _original  # noqa: PLW0603
    if _original is None:
        return
    from opentelemetry import context as otel_context

    from obskit.integrations import otel_api

    otel_context._RUNTIME_CONTEXT = _original  # noqa: SLF001  the seam
    otel_api.PROVIDER.joined = False
    _original = None
