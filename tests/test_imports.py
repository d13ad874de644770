"""What the cold start loads: module names, which do not flake as milliseconds do."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import obskit

ROOT = Path(__file__).parent.parent

LAMBDA_HAS_LOADED = {
    # what `awslambdaric` 4.2.2 imports before it loads the handler, seen on Python 3.11 to 3.13
    *("_collections", "_collections_abc", "_functools", "_json", "_operator", "_sre", "_string", "_weakrefset"),
    *("collections", "contextlib", "copyreg", "enum", "functools", "importlib", "itertools", "json", "keyword"),
    *("operator", "re", "reprlib", "threading", "time", "traceback", "types", "warnings", "weakref", "math"),
    *("__future__", "_thread", "posix", "os", "sys", "linecache", "textwrap", "tokenize", "token", "errno"),
}
ALLOWED = LAMBDA_HAS_LOADED | {"contextvars", "_contextvars"}

USE_ALL = """
import sys
before = set(sys.modules)
import obskit
from obskit import kpis
obskit.instrument, obskit.logger, obskit.bind, obskit.record, obskit.timer, obskit.span, obskit.traced
obskit.batch, obskit.extract, obskit.inject, obskit.current_trace, obskit.mask, obskit.Metric, obskit.Unit
obskit.get_logger, obskit.keep_context
import json
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def loaded(code):
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(done.stdout))


def test_the_runtime_loads_nothing_that_is_not_on_the_list():
    foreign = {name for name in loaded(USE_ALL) if name.partition(".")[0] not in ALLOWED | {"obskit"}}

    assert foreign == set()


def test_the_runtime_never_loads_the_deploy_side():
    ours = {name.split(".")[1] for name in loaded(USE_ALL) if name.startswith("obskit.")}

    assert not ours & {"deploy", "cli", "demo", "layers", "testing"}


EXITS = """
import sys
import json, logging, traceback  # the client has them
import obskit
obskit.instrument, obskit.logger
before = set(sys.modules)
from obskit import exits
exits.install()
after = set(sys.modules)
exits.uninstall()
print(json.dumps(sorted(after - before)))
"""


def test_masking_the_exits_loads_three_modules():
    assert loaded(EXITS) == {"obskit.exits", "obskit.stdlog", "obskit.streams"}


def test_importing_obskit_alone_loads_one_module():
    assert {"obskit"} == {
        name
        for name in loaded(
            "import sys; b=set(sys.modules); import obskit, json; print(json.dumps(sorted(set(sys.modules)-b)))"
        )
        if name.startswith("obskit")
    }


def test_the_public_names_are_these():
    assert obskit.__all__ == [
        "Dimension",
        "Metric",
        "TraceContext",
        "Unit",
        "batch",
        "bind",
        "current_trace",
        "extract",
        "get_logger",
        "inject",
        "instrument",
        "keep_context",
        "kpis",
        "logger",
        "mask",
        "record",
        "span",
        "testing",
        "timer",
        "traced",
    ]
    for name in obskit.__all__:
        assert getattr(obskit, name) is not None
        assert name in dir(obskit)


def test_a_misspelt_name_gets_the_right_one():
    done = subprocess.run(
        [sys.executable, "-I", "-c", "import obskit; obskit.loger"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stderr.endswith("module 'obskit' has no attribute 'loger'. Did you mean: 'logger'?\n")


MAY_IMPORT = {
    "backtest/picture.py": {"vl_convert"},
    "cli": {"click", "rich"},
    "demo": {"boto3", "botocore"},
    "forwarder/dead_letters.py": {"boto3", "botocore"},
    "forwarder/states.py": {"boto3", "botocore"},
    "forwarder/secret.py": {"aws_lambda_powertools", "botocore"},
    "deploy/guard": {"cloudformation_validate"},
    "deploy/manifest.py": {"_sha2"},  # Python's own, from 3.12 on
    "deploy/yaml_documents.py": {"yaml"},
    "deploy": {"boto3", "botocore"},
    "integrations/boto.py": {"botocore"},
    "integrations/otel.py": {"opentelemetry"},
    "integrations/otel_api.py": {"opentelemetry"},
    "integrations/otlp.py": {"opentelemetry"},
    "integrations/readable.py": {"opentelemetry"},
    "integrations/sigv4.py": {"botocore", "requests"},  # requests comes with the exporter
    "integrations/powertools.py": {"aws_lambda_powertools"},
    "integrations/xray.py": {"aws_xray_sdk"},
    "lookup/aws.py": {"boto3", "botocore"},
    "integrations/xray_context.py": {"aws_xray_sdk"},
    "layers/publish.py": {"boto3", "botocore"},
    "masking/policy.py": {"obskit_settings"},  # what `obskit settings` writes
    "masking/pseudonyms.py": {"boto3", "botocore"},
    "preview/metric_data.py": {"boto3", "botocore"},
    "preview/vega.py": {"vl_convert"},
    "probes/aws.py": {"boto3", "botocore"},
    "probes/driver.py": {"pg8000"},
    "probes/secrets.py": {"aws_lambda_powertools"},
    "testing": {"pytest", "opentelemetry"},
}
"""Below src/obskit: who needs more than Python. The contract in pyproject.toml knows some names, this test all."""


def test_nothing_but_what_is_named_here_imports_a_package():
    source = ROOT / "src" / "obskit"
    foreign, used = {}, {start: set() for start in MAY_IMPORT}
    for path in source.rglob("*.py"):
        place = path.relative_to(source).as_posix()
        names = {name.partition(".")[0] for name in imported(path)} - set(sys.stdlib_module_names) - {"obskit"}
        for start in [start for start in MAY_IMPORT if place.startswith(start)]:
            used[start] |= names & MAY_IMPORT[start]
            names -= MAY_IMPORT[start]
        if names:
            foreign[place] = names

    assert foreign == {}
    assert used | {"deploy/manifest.py": {"_sha2"}} == MAY_IMPORT  # Python's own, or not yet


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module
