"""The read end of a child's output: never lets the child block, and can be emptied at a known moment."""

from __future__ import annotations

import os
import select
import threading


class OutputPipe:
    """
    Collects what is written to a pipe.

    A thread reads as data comes, so that the writer never waits. `take` reads what is there *now*: since a pipe holds
    whatever `write` returned for, nothing that the child wrote before it posted its response can be missed.
    """

    def __init__(self) -> None:
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._wake_read, self._wake_write = os.pipe()
        self._lock = threading.Lock()
        self._held = bytearray()
        self._ended = False
        self._thread = threading.Thread(target=self._follow, name="obskit-output", daemon=True)

    def start(self) -> None:
        """Close this process's copy of the write end (the child has its own) and begin to read."""
        os.close(self.write_end)
        self._thread.start()

    def take(self) -> list[str]:
        """Return the lines written since the last call; a last line without its newline counts as one."""
        with self._lock:
            self._read_available()
            text = self._held.decode(errors="replace")
            self._held.clear()
        if not text:
            return []
        return text.removesuffix("\n").split("\n")  # not splitlines: U+2028 within JSON is no line end

    def close(self) -> None:
        """Stop reading. What was read already can still be taken."""
        os.write(self._wake_write, b"x")
        self._thread.join()
        with self._lock:
            self._read_available()
            self._ended = True
        for fd in (self._read_end, self._wake_read, self._wake_write):
            os.close(fd)

    def _follow(self) -> None:
        while not self._ended:
            ready, _, _ = select.select([self._read_end, self._wake_read], [], [])
            if self._wake_read in ready:
                return
            with self._lock:
                self._read_available()

    def _read_available(self) -> None:
        while not self._ended:
            try:
                chunk = os.read(self._read_end, 1 << 16)
            except BlockingIOError:
                return
            self._held += chunk
            self._ended = not chunk
