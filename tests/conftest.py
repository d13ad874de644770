import os
import signal
import socket
import sys

import pytest
from hypothesis import settings

pytest_plugins = ["pytester", "tests.parts"]

# A job in the background of a shell, as CI may be one, has Ctrl-C switched off, and every process that a test starts
# would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A law holds or does not; how long an example takes says how busy the machine is. In CI the examples are the same every
# time: what one day's chance finds belongs to whoever runs the suite at home, not to somebody else's change.
settings.register_profile("untimed", deadline=None, derandomize=os.environ.get("CI", "") not in ("", "0", "false"))
settings.load_profile("untimed")


@pytest.fixture
def xray_daemon():
    """Where the X-Ray daemon would listen: a socket that has what is sent there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(10)
        yield listener


def pytest_unconfigure():
    """Close the socket that the X-Ray SDK opens when it is imported and never closes."""
    sdk = sys.modules.get("aws_xray_sdk.core")
    if sdk is not None:
        sdk.xray_recorder.emitter._socket.close()
