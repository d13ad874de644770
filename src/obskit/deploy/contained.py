"""Definitions run inside obskit's own process: what would end it in silence, or move it, while they do."""

from __future__ import annotations

import os
from contextlib import chdir, contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ENDS = ("_exit", "execv", "execve")
"""Of `os`: no `finally` and no exit code of ours comes after them. The others named `exec…` call the last two."""


@contextmanager
def contained() -> Iterator[None]:
    """
    Have what would end the process raise `SystemExit` meanwhile, and stand in the same folder afterwards.

    A child that the code forks may end as it likes. Whoever takes these functions from `posix` wants to get away.
    """
    kept = {name: getattr(os, name) for name in _ENDS}
    for name, ending in kept.items():
        setattr(os, name, _refused(name, ending, os.getpid()))
    try:
        with chdir("."):
            yield
    finally:
        for name, ending in kept.items():
            setattr(os, name, ending)


def _refused(name: str, ending: Callable[..., NoReturn], process: int) -> Callable[..., NoReturn]:
    def refuse(*args: Any) -> NoReturn:
        if os.getpid() != process:
            ending(*args)
        raise SystemExit(f"os.{name} would end obskit here, with nothing checked and nothing said")

    return refuse
