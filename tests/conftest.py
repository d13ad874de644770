import signal

pytest_plugins = ["pytester", "tests.parts"]

# A job in the background of a shell, as CI may be one, has Ctrl-C switched off, and every process that a test starts
# would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
