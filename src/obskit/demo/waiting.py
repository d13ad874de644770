"""Wait for behaviour, never for time to pass: as tests do (`obskit.testing.waiting`)."""

from obskit.testing.waiting import DidNotHappenError, wait_until

__all__ = ["DidNotHappenError", "wait_until"]
