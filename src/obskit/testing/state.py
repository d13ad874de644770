"""What one test could leave for the next, and how it is taken away."""

from __future__ import annotations

import sys

_FORGETTING = {
    "watchdog": "rest",
    "integrations.otlp": "reset",  # before the output: its thread may have a fault to tell
    "config": "reset",
    "logs": "reset",
    "metrics": "reset",
    "output": "reset",
    "handler": "reset",
    "tracing.subsegments": "reset",
    "tracing.daemon": "reset",
    "masking.engine": "reset",
    "masking.policy": "reset",
    "masking.audit": "take",
}
"""Modules that remember something, with the function that forgets it: settings, measurements, the first call …"""


def reset() -> None:
    """
    Put obskit back as a fresh process has it.

    Only what was imported is touched, so this costs nothing in tests that have never heard of obskit.
    """
    loaded = sys.modules
    output, captured = loaded.get("obskit.output"), loaded.get("obskit.testing.captured")
    if output is None or (captured is not None and captured.is_open()):  # a fixture of the session may hold one open
        return
    output.redirect(None)
    forget()
    _call("clock", "reset")
    _call("ids", "reset")
    _call("context", "reset")


def forget() -> None:
    """Forget settings, what was recorded, faults, and that there was an invocation: the next one is cold."""
    for module, function in _FORGETTING.items():
        _call(module, function)


def _call(module: str, function: str) -> None:
    """Call the *function* of a *module*, where it was imported and has one."""
    found = getattr(sys.modules.get(f"obskit.{module}"), function, None)
    if found is not None:
        found()
