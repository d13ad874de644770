"""Observability for a marketplace on AWS Lambda: masked logs, declared metrics, carried traces."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from obskit import kpis as kpis
    from obskit import testing as testing
    from obskit.batches import batch as batch
    from obskit.catalog import Dimension as Dimension
    from obskit.catalog import Metric as Metric
    from obskit.catalog import Unit as Unit
    from obskit.context import bind as bind
    from obskit.context import keep_context as keep_context
    from obskit.handler import instrument as instrument
    from obskit.logs import get_logger as get_logger
    from obskit.logs import logger as logger
    from obskit.masking import mask as mask
    from obskit.metrics import record as record
    from obskit.metrics import timer as timer
    from obskit.tracing import TraceContext as TraceContext
    from obskit.tracing import current_trace as current_trace
    from obskit.tracing import extract as extract
    from obskit.tracing import span as span
    from obskit.tracing import traced as traced
    from obskit.tracing.injection import inject as inject

_EXPORTS = {
    "Dimension": "obskit.catalog.model",
    "Metric": "obskit.catalog.model",
    "TraceContext": "obskit.tracing.model",
    "Unit": "obskit.units",
    "batch": "obskit.batches",
    "bind": "obskit.context",
    "current_trace": "obskit.tracing.spans",
    "extract": "obskit.tracing.carriers",
    "get_logger": "obskit.logs",
    "inject": "obskit.tracing.injection",
    "instrument": "obskit.handler",
    "keep_context": "obskit.context",
    "kpis": "",
    "logger": "obskit.logs",
    "mask": "obskit.masking",
    "record": "obskit.metrics",
    "span": "obskit.tracing.spans",
    "testing": "",
    "timer": "obskit.metrics",
    "traced": "obskit.tracing.spans",
}
"""Public names and the modules they live in; an empty string means that the name is a module."""

__all__ = sorted(_EXPORTS)

if not TYPE_CHECKING:  # hidden from type checkers, so that a misspelt name stays an error
    import sys

    def __getattr__(name):
        module = _EXPORTS.get(name)
        if module is None:
            # With the name and the module at hand, Python itself adds "Did you mean …?" when it shows the error.
            raise AttributeError(f"module 'obskit' has no attribute '{name}'", name=name, obj=sys.modules[__name__])
        import importlib

        value = getattr(importlib.import_module(module), name) if module else importlib.import_module(f"obskit.{name}")
        globals()[name] = value
        return value

    def __dir__():
        return sorted({*globals(), *_EXPORTS})
