"""
The pytest plugin: loaded by pytest wherever obskit is installed, so it imports nothing of obskit before a test asks.

After each test obskit is put back as a fresh process has it (`testing.state`): settings, measurements, bound fields.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from obskit.testing import state

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from obskit.testing.captured import Captured
    from obskit.testing.fake_clock import FakeClock
    from obskit.testing.fake_ids import FakeIds
    from obskit.testing.lambda_context import LambdaContext
    from obskit.testing.lines import Lines
    from obskit.testing.measurements import Measurements
    from obskit.testing.spans import Spans

TRACE_HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
"""What Lambda tells a function whose trace is sampled; the ids are those of AWS's documentation."""


@pytest.fixture
def obskit_captured() -> Iterator[Captured]:
    """Everything that obskit writes during the test, as parsed documents: `.logs`, `.metrics`, `.text`."""
    from obskit.testing.captured import capture

    with capture() as captured:
        yield captured


@pytest.fixture
def obskit_logs(obskit_captured: Captured) -> Lines:
    """The log lines of this test so far: a list of dicts; `.only(message="paid")`, `.where(level="ERROR")`."""
    return obskit_captured.logs


@pytest.fixture
def obskit_metrics(obskit_captured: Captured) -> Measurements:
    """The EMF documents of this test so far; `.values("CheckoutSuccess", operation="checkout") == [1.0]`."""
    return obskit_captured.metrics


@pytest.fixture
def obskit_spans(
    obskit_captured: Captured,  # noqa: ARG001  a test that looks at spans wants no lines on its standard output
    obskit_env: Callable[..., None],
) -> Iterator[Spans]:
    """The spans of this test's invocations, as trees; `.only("authorise").attributes`. Lambda samples their trace."""
    from obskit.testing.awslambda.datagram_port import DatagramPort
    from obskit.testing.spans import Spans, parse_datagram

    datagrams: list[bytes] = []
    with DatagramPort(datagrams.append) as port:

        def read() -> list[dict[str, object]]:
            port.settle()
            return [parse_datagram(datagram) for datagram in datagrams]

        obskit_env(
            AWS_XRAY_DAEMON_ADDRESS=port.address, _X_AMZN_TRACE_ID=os.environ.get("_X_AMZN_TRACE_ID") or TRACE_HEADER
        )
        yield Spans(read)


@pytest.fixture
def obskit_env(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set variables for this test, `obskit_env(OBSKIT_ENV="prod")`; None removes one. obskit reads them anew."""
    from obskit import config

    def change(**variables: str | None) -> None:
        for name, value in variables.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        config.reset()

    return change


@pytest.fixture
def obskit_clock() -> Iterator[FakeClock]:
    """A clock that stands still: `obskit_clock.advance(0.25)`. Lines, metrics and spans are timed by it."""
    from obskit import clock
    from obskit.testing.fake_clock import FakeClock

    fake = FakeClock()
    fake.install()
    yield fake
    clock.reset()


@pytest.fixture
def obskit_ids() -> Iterator[FakeIds]:
    """Ids that count: `obskit_ids.span(1)` is the first span's, `obskit_ids.trace(1)` the first trace's."""
    from obskit import ids
    from obskit.testing.fake_ids import FakeIds

    fake = FakeIds()
    fake.install()
    yield fake
    ids.reset()


@pytest.fixture
def lambda_context(request: pytest.FixtureRequest) -> LambdaContext:
    """A context as Lambda hands it to a handler, with 30 seconds left; `LambdaContext(…)` makes others."""
    from obskit.testing.lambda_context import LambdaContext

    for name in ("obskit_clock", "obskit_ids"):  # its deadline and its id follow them
        if name in request.fixturenames:
            request.getfixturevalue(name)
    return LambdaContext()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    state.reset()
    try:
        return (yield)
    finally:
        state.reset()


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Say what was recorded where the values of a metric are not the expected ones."""
    for side in (left, right):
        if type(side).__module__ == "obskit.testing.measurements" and hasattr(side, "explain"):
            explained: list[str] = side.explain(op, left, right)
            return explained
    return None
