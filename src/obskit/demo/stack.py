"""Everything the demo and the tests run on, started and ended together."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from obskit.demo import cloudformation
from obskit.demo.emf_bridge import EmfBridge
from obskit.demo.emulator import Emulator
from obskit.demo.pagerduty import PagerDuty
from obskit.demo.processes import Processes
from obskit.demo.shop import Shop, build_shop
from obskit.errors import ObskitError
from obskit.testing.xray_sink import XraySink

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Self

    from obskit.demo.cloudformation import LoadedStack


class Stack:
    """
    Emulator, X-Ray sink, PagerDuty and EMF bridge of one run. Start it as a context manager, in the main thread.

    The bridge is not followed by a thread of its own until `with stack.bridge:`; `stack.bridge.pump()` works always.

    Args:
        directory: of logs and files; given, it stays, else a temporary one is removed at the end.
        python: interpreter with ministack; see `emulator_python`.
        port: of the emulator; free by default.
        region: of everything.
        account: twelve digits, of everything.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        python: Path | None = None,
        port: int | None = None,
        region: str = "us-east-1",
        account: str = "000000000000",
    ) -> None:
        self._directory = directory
        self._python = python
        self._port = port
        self._region = region
        self._account = account
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        if sys.platform != "linux":
            raise ObskitError(
                "the demo runs on Linux only: awslambdaric, Lambda's own client, exists for no other system"
            )
        with ExitStack() as exits:  # what has started ends when the rest does not start
            self.processes = exits.enter_context(Processes(self._directory))
            self.emulator = exits.enter_context(
                Emulator(
                    self.processes,
                    python=self._python,
                    port=self._port,
                    region=self._region,
                    account=self._account,
                )
            )
            self.xray = exits.enter_context(XraySink())
            self.pagerduty = exits.enter_context(PagerDuty())
            self.bridge = EmfBridge(self.emulator)
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def build_shop(self, code: Path, env: Mapping[str, str] | None = None, **options: Any) -> Shop:
        """As `shop.build_shop`, with this stack's X-Ray sink; the bridge follows the function's log group."""
        shop = build_shop(self.emulator, code, {"AWS_XRAY_DAEMON_ADDRESS": self.xray.address, **(env or {})}, **options)
        self.bridge.follow(shop.log_group)
        return shop

    def load(self, template: Mapping[str, Any], name: str, parameters: Mapping[str, str] | None = None) -> LoadedStack:
        """As `cloudformation.load`."""
        return cloudformation.load(self.emulator, template, name, parameters)
