"""A child process that surely ends: the kernel kills it when this process dies without a word (SIGKILL)."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

# Run by a child before it becomes the command: not a `preexec_fn`, which may deadlock beside threads (a warning since
# Python 3.12). The parent may have died before the call, so its pid is compared.
_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and what is ignored stays so
try:
    os.execvp(sys.argv[2], sys.argv[2:])
except OSError as error:
    sys.exit(f"{sys.argv[2]}: {error.strerror}")
"""

# "Parent death" means that of the *thread* that forked (prctl(2)): one that lives as long as the process forks all.
_forker = ThreadPoolExecutor(1, thread_name_prefix="obskit-forker")


def popen(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start *command* as `subprocess.Popen` does; on Linux it is killed when this process dies."""
    if sys.platform == "linux":
        command = [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid()), *command]
    return _forker.submit(lambda: subprocess.Popen(command, **options)).result()  # noqa: S603
