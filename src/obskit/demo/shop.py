"""The platform in small: a GraphQL API whose APPSYNC_JS resolver calls a function under the real Lambda client."""

from __future__ import annotations

import importlib.util
import io
import json
import shlex
import sys
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from obskit.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from obskit.demo.emulator import Emulator

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Shop:
    """The running API and function."""

    api_id: str
    graphql_url: str
    api_key: str
    function_name: str
    function_arn: str
    log_group: str

    def post_graphql(
        self,
        query: str,
        variables: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        timeout_s: float = 30.0,
    ) -> dict[str, Any]:
        """Return the decoded answer, `data` and `errors`, also of a refused request. *headers* reach the function."""
        request = urllib.request.Request(  # noqa: S310 - our own loopback address
            self.graphql_url,
            data=json.dumps({"query": query, "variables": dict(variables or {})}).encode(),
            headers={"Content-Type": "application/json", "x-api-key": self.api_key, **(headers or {})},
        )
        try:
            with _opener.open(request, timeout=timeout_s) as response:
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            answer = json.load(error)
        return answer

    def checkout(self, checkout: Mapping[str, object], headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Post the mutation `checkout` with the input *checkout*."""
        query = "mutation Checkout($input: CheckoutInput!) { checkout(input: $input) { orderId status } }"
        return self.post_graphql(query, {"input": dict(checkout)}, headers)


def build_shop(  # noqa: PLR0913 - what a Lambda function has
    emulator: Emulator,
    code: Path,
    env: Mapping[str, str],
    *,
    name: str = "checkout",
    handler: str = "checkout.handler.handler",
    python: str = sys.executable,
    retention_days: int = 30,
    timeout_s: int = 10,
    memory_mb: int = 256,
) -> Shop:
    """
    Make API, resolvers, function and log group.

    Args:
        emulator: where.
        code: directory that is the function's package root.
        env: the function's variables, such as `AWS_XRAY_DAEMON_ADDRESS` and `OBSKIT_ENV`.
        name: of the function.
        handler: `module.function` in *code*.
        python: interpreter with obskit and awslambdaric.
        retention_days: of the log group.
        timeout_s: of the function.
        memory_mb: of the function; not enforced.

    Raises:
        MissingExtraError: this interpreter is to run the function and has no awslambdaric.
    """
    if python == sys.executable and importlib.util.find_spec("awslambdaric") is None:
        raise MissingExtraError("test", "the demo")
    log_group = f"/aws/lambda/{name}"
    logs = emulator.client("logs")
    logs.create_log_group(logGroupName=log_group)
    logs.put_retention_policy(logGroupName=log_group, retentionInDays=retention_days)
    function_arn = emulator.client("lambda").create_function(
        FunctionName=name,
        Runtime="provided.al2023",
        Handler=handler,
        Role=f"arn:aws:iam::{emulator.account}:role/{name}",
        Code={"ZipFile": function_zip(code, python)},
        Timeout=timeout_s,
        MemorySize=memory_mb,
        Environment={"Variables": dict(env)},
    )["FunctionArn"]
    api_id, api_key = _build_api(emulator, name, function_arn)
    return Shop(api_id, f"{emulator.url}/v1/apis/{api_id}/graphql", api_key, name, function_arn, log_group)


def _build_api(emulator: Emulator, name: str, function_arn: str) -> tuple[str, str]:
    appsync = emulator.client("appsync")
    api_id = appsync.create_graphql_api(name=f"{name}-api", authenticationType="API_KEY")["graphqlApi"]["apiId"]
    api_key = appsync.create_api_key(apiId=api_id)["apiKey"]["id"]
    files = resources.files("obskit.demo") / "resolvers"
    appsync.start_schema_creation(apiId=api_id, definition=(files / "schema.graphql").read_bytes())
    appsync.create_data_source(
        apiId=api_id,
        name=name,
        type="AWS_LAMBDA",
        lambdaConfig={"lambdaFunctionArn": function_arn},
        serviceRoleArn=f"arn:aws:iam::{emulator.account}:role/{name}-api",
    )
    appsync.create_resolver(
        apiId=api_id,
        typeName="Mutation",
        fieldName="checkout",
        dataSourceName=name,
        runtime={"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"},
        code=(files / "checkout.js").read_text(),
    )
    return api_id, api_key


def function_zip(code: Path, python: str) -> bytes:
    """Return the package: all files of *code*, and a `bootstrap` that runs them as Lambda does with *python*."""
    bootstrap = f"#!/bin/sh\nexec {shlex.quote(python)} -m obskit.demo.lambda_host\n"
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(code.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.writestr(_entry(str(path.relative_to(code)), 0o644), path.read_bytes())
        archive.writestr(_entry("bootstrap", 0o755), bootstrap)
    return package.getvalue()


def _entry(name: str, mode: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # with a fixed date: the same code is the same package
    entry.external_attr = mode << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
