"""Values that several test modules share."""

import re
import sys
from typing import Any

from dirty_equals import IsInt, IsStr

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN_ID = "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE_ID}-{SPAN_ID}-01"

XRAY_TRACE_ID = "5759e988bd862e3fe1be46a994272793"
XRAY_ROOT = "1-5759e988-bd862e3fe1be46a994272793"
XRAY_PARENT = "53995c3f42cd8ad8"
XRAY_HEADER = f"Root={XRAY_ROOT};Parent={XRAY_PARENT};Sampled=1"

IS_TIME = IsStr(regex=r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
IS_SPAN_ID = IsStr(regex=r"[0-9a-f]{16}")
IS_TRACE_ID = IsStr(regex=r"[0-9a-f]{32}")


_DIRECTIVE = {
    "Namespace": "Shop",
    "Dimensions": [["service", "env"]],
    "Metrics": [{"Name": "pii_masked", "Unit": "Count"}],
}


def masking_document(pii: dict[str, object], masked: int, **more: object) -> dict[str, object]:
    """Return what an invocation without metrics writes in which *masked* values were: by class, action and exit."""
    return {"_aws": {"Timestamp": IsInt(), "CloudWatchMetrics": [_DIRECTIVE]}, "pii_masked": masked, "pii": pii, **more}


def with_masking(document: dict[str, Any], pii: dict[str, object], masked: int) -> dict[str, object]:
    """Return the *document* of an invocation's own metrics in which the same stands."""
    aws = document["_aws"]
    aws = {**aws, "CloudWatchMetrics": [*aws["CloudWatchMetrics"], _DIRECTIVE]}
    return {**document, "_aws": aws, "pii_masked": masked, "pii": pii}


def heeding_ctrl_c(*command: object) -> list[str]:
    """Return *command* so that SIGINT, SIGTERM and SIGHUP reach it, which a shell or nohup may have switched off."""
    reset = "for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(one, signal.SIG_DFL)"
    heed = f"import os, signal, sys\n{reset}\nos.execv(sys.argv[1], sys.argv[1:])"
    return [sys.executable, "-c", heed, *map(str, command)]


def is_location(function: str) -> IsStr:
    return IsStr(regex=re.escape(function) + r":\d+")
