"""PostgreSQL's error codes, as far as a probe tells them apart. PostgreSQL manual, appendix A, read 2026-11-24."""

from __future__ import annotations

import re

from obskit.probes.model import ProbeError

_UNAUTHORISED = ("28000", "28P01", "42501")
_MISSING = ("3D000", "3F000", "42P01", "42703")
_ENDED = {"57014": "the server ended the statement", "55P03": "the server ended the wait for a lock"}

_CODE = re.compile(r"[0-9A-Z]{5}")
_LAST = re.compile(r"; SQLState: ([0-9A-Z]{5})\s*\Z")
"""How the Data API ends the text of an error. Seen in several clients' tests; AWS documents no form."""


def failure(code: object) -> ProbeError:
    """
    Return what an error of this *code* is to a probe; the text beside it, which quotes values, goes nowhere.

    >>> str(failure("42P01")), str(failure("57014")), str(failure("ann@example.com"))
    ('missing: SQLSTATE 42P01', 'timeout: SQLSTATE 57014: the server ended the statement', 'failed')
    """
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        return ProbeError("failed")
    if code in _ENDED:
        return ProbeError("timeout", f"SQLSTATE {code}: {_ENDED[code]}")
    reason = "unauthorised" if code in _UNAUTHORISED else "missing" if code in _MISSING else "failed"
    return ProbeError(reason, f"SQLSTATE {code}")


def last_in(text: str) -> str:
    """
    Return the code at the end of an error's *text*, "" without one.

    >>> last_in('ERROR: relation "x" does not exist; Position: 15; SQLState: 42P01'), last_in("Access denied")
    ('42P01', '')
    """
    found = _LAST.search(text)
    return found[1] if found else ""
