"""What one test could leave for the next, and how it is taken away."""

from __future__ import annotations

import sys

_MODULES = ("config", "metrics", "output", "handler", "logs", "tracing.spans", "tracing.daemon", "clock", "ids")
"""Modules with something to forget: settings, measurements, faults, the first call, sockets, a test's clock and ids."""


def reset() -> None:
    """
    Put obskit back as a fresh process has it.

    Only what was imported is touched, so this costs nothing in tests that have never heard of obskit.
    """
    loaded = sys.modules
    output, capture = loaded.get("obskit.output"), loaded.get("obskit.testing.captured")
    if output is None or (capture is not None and capture.is_open()):  # a fixture of the session may hold one open
        return
    output.redirect(None)
    for name in _MODULES:
        module = loaded.get(f"obskit.{name}")
        forget = getattr(module, "reset", None)
        if forget is not None:
            forget()
    _forget_invocation()


def _forget_invocation() -> None:
    """End the invocation that a test left open, and with it whatever is bound to this thread."""
    context = sys.modules["obskit.context"]
    last = context.Invocation()
    context.enter(last)
    context.bind()  # from here on this thread's fields and span belong to the invocation that ends next
    context.leave(last)
