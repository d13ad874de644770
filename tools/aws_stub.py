"""Writes src/obskit/deploy/aws.pyi: each metric of `obskit.deploy.aws` as a type checker sees it."""

import inspect
import sys
from pathlib import Path

from obskit.deploy import aws, aws_metrics

STUB = Path(aws.__file__).with_suffix(".pyi")
WIDTH = 120
HEAD = """\
# What type checkers know of `obskit.deploy.aws`; made by `make aws-stub`, do not edit.

from obskit.deploy.specs.metrics import AwsMetric
"""


def stub() -> str:
    services = {name: one for name, one in vars(aws).items() if inspect.isfunction(one)}
    spaces: dict[str, str] = {}
    functions = []
    for name, function in services.items():
        required = [one for one in inspect.signature(function).parameters.values() if one.default is one.empty]
        namespace = function(*("x" for _ in required))._namespace  # noqa: SLF001  its own generator
        kind = spaces.setdefault(namespace, "_" + "".join(part.capitalize() for part in name.strip("_").split("_")))
        functions.append(f"def {name}{_parameters(function)} -> {kind}: ...\n")
    return "\n".join([HEAD, *(_class(kind, namespace) for namespace, kind in spaces.items()), "".join(functions)])


def _class(kind: str, namespace: str) -> str:
    known = aws_metrics.published()[namespace]
    lines = [
        _line(name, f"{metric}{_unit(namespace, metric)}")
        for name, metric in sorted(aws_metrics.attributes(namespace).items())
    ]
    assert len(lines) == len(known), f"two metrics of {namespace} have one name in Python"  # noqa: S101  a tool
    return "\n".join([f"class {kind}:  # {namespace}", *lines, ""])


def _line(name: str, words: str) -> str:
    line = f"    {name}: AwsMetric"
    return f"{line}  # {words}" if len(line) + len(words) < WIDTH - 4 else line


def _unit(namespace: str, metric: str) -> str:
    found = aws_metrics.unit(namespace, metric)
    return f", {found}" if found else ""


def _parameters(function: object) -> str:
    parts = []
    star = False
    for one in inspect.signature(function).parameters.values():  # type: ignore[arg-type]  # a function of the module
        if one.kind is one.KEYWORD_ONLY and not star:
            parts.append("*")
            star = True
        parts.append(f"{one.name}: str" + ("" if one.default is one.empty else f' = "{one.default}"'))
    return f"({', '.join(parts)})"


if __name__ == "__main__":
    if sys.argv[1:] == ["--print"]:
        sys.stdout.write(stub())
    else:
        STUB.write_text(stub(), encoding="utf-8")
