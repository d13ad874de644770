"""Every way out of the process that Python knows: installed once, in a function that runs on Lambda."""

from __future__ import annotations

from obskit import config, output, stdlog, streams


def install() -> None:
    """
    Mask what leaves by the standard streams and by `logging`; once is enough. Never raises.

    What writes to descriptors 1 and 2 itself is out of reach: C code, `os.write`, subprocesses, `faulthandler`.
    """
    if not config.settings().exits:
        return
    for part in (streams, stdlog):
        try:
            part.install()
        except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
            output.fault("exits", error)


def flush() -> None:
    """Write lines that have no end yet, as at the end of an invocation."""
    streams.flush()


def uninstall() -> None:
    """Undo `install`."""
    stdlog.uninstall()
    streams.uninstall()
