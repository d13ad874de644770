"""The environment variables and the command that Lambda gives a Python function (runtime-specs.md, section 5.2)."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Function:
    """What Lambda knows of a function before it starts it."""

    handler: str
    """`module.function`, dots between packages."""
    code: Path
    name: str = "function"
    version: str = "$LATEST"
    memory_mb: int = 128
    region: str = "us-east-1"
    account: str = "000000000000"
    python: str = sys.executable
    """An interpreter that has awslambdaric and what the handler imports."""
    layers: Sequence[Path] = ()
    """Unpacked layers; `<layer>/python` goes to the import path."""
    env: Mapping[str, str] = field(default_factory=dict)
    """The function's own variables; they win over Lambda's."""
    wrapper: Path | None = None
    """The script that `AWS_LAMBDA_EXEC_WRAPPER` names."""

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    def environment(self, runtime_api: str) -> dict[str, str]:
        """Return all variables of the runtime's process; nothing is taken over from this process."""
        version = ".".join(map(str, sys.version_info[:2]))
        return {
            "_HANDLER": self.handler,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{version}",
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": self.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": f"2026/01/01/[{self.version}]{os.getpid():032x}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
            "LAMBDA_TASK_ROOT": str(self.code),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            **self.env,
            **({"AWS_LAMBDA_EXEC_WRAPPER": str(self.wrapper)} if self.wrapper else {}),
            # Not for the function to change.
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
            "PATH": os.pathsep.join([str(Path(self.python).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
            "PYTHONPATH": os.pathsep.join(
                [
                    str(self.code),
                    *(str(layer / "python") for layer in self.layers),
                    *filter(None, [self.env.get("PYTHONPATH", "")]),
                ]
            ),
        }

    def command(self) -> list[str]:
        """Return what `/var/runtime/bootstrap` executes, behind the exec wrapper when one is set."""
        wrapper = self.wrapper or self.env.get("AWS_LAMBDA_EXEC_WRAPPER")
        if not wrapper:
            return [self.python, "-m", "awslambdaric", self.handler]
        # The runtime reads the handler's name from the environment, which the wrapper may have changed.
        return [str(wrapper), "/bin/sh", "-c", 'exec "$0" -m awslambdaric "$_HANDLER"', self.python]
