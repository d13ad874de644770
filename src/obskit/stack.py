"""The stack that leaves with an exception: the Lambda client reads the source line of each of its frames."""

from __future__ import annotations

import linecache

from obskit.masking import audit, mask_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

_MOST_FRAMES = 200
"""Frames that are looked at, from the outermost. A recursion has more, and the same lines."""


def mask_sources(trace: TracebackType | None) -> None:
    """
    Mask the source lines of *trace* where `traceback` and the Lambda client look them up.

    Code may hold what it should not: `raise ValueError("… ann@example.com")`. The files stay as they are.
    """
    seen: set[tuple[str, int]] = set()
    for _ in range(_MOST_FRAMES):
        if trace is None:
            return
        frame, number = trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
        name = frame.f_code.co_filename
        if number and (name, number) not in seen:
            seen.add((name, number))
            _mask_line(name, number, linecache.getlines(name, frame.f_globals))


def _mask_line(name: str, number: int, lines: list[str]) -> None:
    if number > len(lines):
        return
    line = lines[number - 1]
    masked = mask_text(line, audit.ERROR)
    entry = linecache.cache.get(name)
    if masked != line and entry is not None and len(entry) == 4:
        size, _, kept, path = entry
        # No time of change: what has one is compared with the file and read anew.
        linecache.cache[name] = (size, None, [*kept[: number - 1], masked, *kept[number:]], path)
