"""What each handler answers: its process's CPU time and memory. It loads nothing that the client has not loaded."""

import os
import time


def figures(ready):
    """Return CPU seconds at *ready*, when the module was loaded, and now, and kilobytes of resident memory."""
    descriptor = os.open("/proc/self/statm", os.O_RDONLY)
    pages = int(os.read(descriptor, 100).split()[1])
    os.close(descriptor)
    return {"init": ready, "now": time.process_time(), "memory": pages * os.sysconf("SC_PAGE_SIZE") // 1024}
