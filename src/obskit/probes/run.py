"""Checks side by side: each in a thread of its own, each with an end of its own, none in the way of another."""

from __future__ import annotations

import importlib
import time
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

from obskit.errors import ConfigError, MissingExtraError, ObskitError, did_you_mean
from obskit.probes import aws
from obskit.probes.model import Check, Deadline, Measured, Outcome, ProbeError
from obskit.probes.settings import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import NoReturn

    from obskit.probes.settings import Settings

_NOTHING = Measured(())
_hanging: dict[str, Thread] = {}
"""Threads that did not end when their time was over, by check: at most one of each."""


def checks(settings: Settings, only: Sequence[str] = ()) -> list[Check]:
    """
    Return the checks that *settings* ask for; *only* those of the named probes or, as `sqs:orders`, single ones.

    One whose settings are wrong is a check that fails.

    Raises:
        ConfigError: a name in *only* is not configured.
    """
    found: list[Check] = []
    for name in settings.names:
        try:
            found += importlib.import_module(f"obskit.probes.{name}").checks(settings)
        except ProbeError as error:
            found.append(Check(name, "", 1.0, _failing(error)))
    if not only:
        return found
    names = [*dict.fromkeys(check.probe for check in found), *(check.name for check in found if check.target)]
    for name in only:
        if name not in names:
            words = "configured" if name.partition(":")[0] in NAMES else "known"
            raise ConfigError(
                f"no probe '{name}' is {words}; there are: {', '.join(names)}.{did_you_mean(name, names)}"
            )
    return [check for check in found if check.probe in only or check.name in only]


def warm(names: Iterable[str], region: str = "") -> None:
    """
    Import what the probes *names* need and, given a *region*, make their clients, which takes half a second of CPU.

    A function has a whole CPU while it loads and a part of one later, and then on the time of its first checks. What is
    not installed is left out: the check that wants it says so.
    """
    for name in names:
        modules, services = _NEEDS[name]
        for module in modules:
            with suppress(ModuleNotFoundError):
                importlib.import_module(module)
        if region:
            for service in services:
                with suppress(MissingExtraError):
                    aws.client(service, region)


_SECRETS = "aws_lambda_powertools.utilities.parameters"
_NEEDS = {
    **dict.fromkeys(("outbox", "dsar", "staleness"), (("boto3", _SECRETS, "pg8000.native"), ("secretsmanager",))),
    "typesense": (("boto3", _SECRETS), ("secretsmanager",)),
    "sqs": (("boto3",), ("sqs", "cloudwatch")),
    "ses": (("boto3",), ("ses",)),
}
"""Modules of others, and services of AWS, by probe."""


def run(wanted: Iterable[Check], limit: float = 60.0) -> list[Outcome]:
    """
    Make all *wanted* checks at once and return what became of each, in their order; takes at most *limit* seconds.

    Never raises for what a check does. A thread that hangs beyond its time is left to itself, and its check fails at
    once as long as it is there.
    """
    running = [_Running(check, min(check.timeout, limit)) for check in wanted]
    for one in sorted(running, key=lambda one: one.deadline.seconds):
        one.wait()
    return [one.outcome for one in running]


class _Running:
    def __init__(self, check: Check, seconds: float) -> None:
        self.check = check
        self.deadline = Deadline(seconds)
        self._started = time.monotonic()
        self._answers: list[Outcome] = []
        self._thread = Thread(target=self._measure, name=f"obskit-probe-{check.name}", daemon=True)
        if (before := _hanging.get(check.name)) is not None and before.is_alive():
            self._answer(failure=ProbeError("timeout", "the run before still hangs"))
            return
        _hanging.pop(check.name, None)
        try:
            self._thread.start()
        except RuntimeError:  # no more threads
            self._answer(failure=ProbeError("failed", "no thread can be started"))

    @property
    def outcome(self) -> Outcome:
        return self._answers[0]

    def wait(self) -> None:
        if not self._answers:
            self._thread.join(max(0.0, self._started + self.deadline.seconds - time.monotonic()))
        self.deadline.expire()
        if not self._answers:
            _hanging[self.check.name] = self._thread
            self._answer(failure=ProbeError("timeout", f"{self.deadline.seconds:g} s"))

    def _measure(self) -> None:
        try:
            measured = self.check.measure(self.deadline)
            self.deadline.left()  # an answer that is late is none
            self._answer(measured)
        except ProbeError as error:
            self._answer(failure=error)
        except MissingExtraError as error:
            self._answer(failure=ProbeError("settings", str(error)))
        except ObskitError as error:
            self._answer(failure=ProbeError("failed", type(error).__name__))
        except BaseException as error:  # noqa: BLE001  a probe never ends the others; its text may hold anything
            self._answer(failure=ProbeError("failed", type(error).__name__))

    def _answer(self, measured: Measured = _NOTHING, failure: ProbeError | None = None) -> None:
        """Note what became of it; the first answer counts."""
        self._answers.append(Outcome(self.check, time.monotonic() - self._started, measured, failure))


def _failing(error: ProbeError) -> Callable[[Deadline], NoReturn]:
    def measure(_deadline: Deadline) -> NoReturn:
        raise error

    return measure
