"""The papers hold: code in the README runs, tables are the code's own, links and commands exist."""

import ast
import doctest
import importlib.util
import json
import logging
import re
import textwrap
import tomllib
from collections import Counter

import pytest
from click import Command, Context, Group

import obskit
from obskit import config, stdlog
from obskit.catalog import model
from obskit.cli.commands import COMMANDS
from obskit.deploy import costs, definitions, project
from obskit.deploy.render import render
from obskit.testing import LambdaContext, assert_valid_emf, capture, planted, traps
from tests.parts import ROOT

PAPERS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "alarms" / "runbooks").glob("*.md")]
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_handler_in_the_readme_runs_and_is_masked():
    code, _ = blocks("python")
    names: dict[str, object] = {}
    with capture() as captured:
        exec(compile(code, "README.md", "exec"), names)
        names["handler"]({"arguments": {"cartId": "c1"}}, LambdaContext())

    (line,) = captured.logs
    assert (line["cart_id"], line["email"]) == ("c1", "[EMAIL]")
    assert [sorted(document.keys() & {"CheckoutSuccess", "SearchLatency"}) for document in captured.metrics] == [
        ["CheckoutSuccess"],
        ["SearchLatency"],
        [],  # what was masked
    ]


def test_the_metrics_of_the_guide_are_declared_and_recorded(monkeypatch):
    monkeypatch.setattr(model, "_DECLARED", {})
    monkeypatch.setenv("OBSKIT_SERVICE", "packing")
    text = (ROOT / "docs/metrics.md").read_text()
    names: dict[str, object] = {}
    with capture() as captured:
        for code in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            exec(compile(code, "docs/metrics.md", "exec"), names)
        names["handler"]({}, LambdaContext())

    for document in captured.metrics:
        assert_valid_emf(document)
    assert [document.get("size", "") for document in captured.metrics] == ["small", "small", ""]
    assert captured.logs == []


def test_the_test_in_the_readme_passes(pytester):
    handler, test = blocks("python")
    pytester.makepyfile(handler=handler, test_checkout=test)

    pytester.runpytest_inprocess("-p", "no:hypothesispytest").assert_outcomes(passed=1)


def test_the_line_shown_in_the_readme_has_the_keys_of_a_real_one(monkeypatch):
    (shown,) = blocks("json")
    monkeypatch.setenv("OBSKIT_SERVICE", "checkout")
    monkeypatch.setenv("OBSKIT_ENV", "prod")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0")

    @obskit.instrument
    def handler(event, context):
        obskit.logger.info("checkout started", cart_id="c1", email="ann@example.com")

    with capture() as captured:
        handler({"headers": {"traceparent": f"00-{'4bf92f3577b34da6a3ce929d0e0e4736'}-00f067aa0ba902b7-01"}}, None)

    assert re.findall(r'"(\w+)":', shown) == re.findall(r'"(\w+)":', captured.text.split("\n")[0])


def test_the_map_of_the_package_is_the_contracts():
    (drawn,) = re.findall(
        r"^## The map$.*?^```$\n(.*?)^```$", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE | re.DOTALL
    )
    floors: list[set[str]] = []
    for line in drawn.splitlines():
        names = set(re.findall(r"\w+", line.partition("  ")[0]))
        if line.startswith("|"):
            floors[-1] |= names
        elif names:
            floors.append(names)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")

    assert floors == [set(layer.split(" | ")) for layer in layers]


def test_the_record_shown_in_the_guide_to_exits_has_the_keys_of_a_real_one(monkeypatch):
    (shown,) = re.findall(r"^    (\{.*?\})$", (ROOT / "docs/exits.md").read_text(), re.MULTILINE | re.DOTALL)
    monkeypatch.setenv("OBSKIT_SERVICE", "checkout")
    monkeypatch.setenv("OBSKIT_ENV", "prod")
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)

    @obskit.instrument
    def handler(event, context):
        record = logging.LogRecord("shop", logging.WARNING, "", 4, "order of %s", ("ann@example.com",), None, "handler")
        record.cart_id = "c1"
        stdlog.write(record)

    with capture() as captured:
        handler({}, LambdaContext())

    said = {key: value for key, value in json.loads(shown).items() if value != "…"}
    assert list(json.loads(shown)) == list(captured.logs[0])
    assert {key: captured.logs[0][key] for key in said} == said


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_examples_in_a_paper_hold(paper):
    for code in re.findall(r"^```python\n(>>> .*?)^```$", paper.read_text(), re.MULTILINE | re.DOTALL):
        told: list[str] = []
        example = doctest.DocTestParser().get_doctest(code, {"obskit": obskit}, paper.name, str(paper), 0)
        doctest.DocTestRunner(verbose=False).run(example, out=told.append)

        assert told == []


def test_the_kinds_in_the_guide_to_masking_are_counted():
    assert f"each of the {len(planted.KINDS)} kinds and {len(traps.KINDS)} traps" in (
        (ROOT / "docs/masking.md").read_text()
    )


def test_the_table_of_packages_is_the_one_that_is_proven():
    rows = tomllib.loads((ROOT / "docs" / "packages.toml").read_text())["package"]
    for row in rows:
        without = ", ".join(f"`{test.split('::')[-1]}` fails" for test in row["fails"])
        assert f"| {row['name']} | `{row['module']}` | {row['does']} | {without} |" in README


def test_the_costs_in_the_readme_are_those_of_this_repository():
    loaded = project.load(ROOT)
    defined = definitions.load(loaded)
    prod = render(loaded, defined, loaded.environments["prod"])
    usd = costs.totals(costs.of(prod, defined.metrics))["total"]
    alarms = Counter(resource["Type"] for one in prod.templates.values() for resource in one["Resources"].values())
    of_both = alarms["AWS::CloudWatch::Alarm"] + alarms["AWS::CloudWatch::CompositeAlarm"]

    said = f"{usd:.0f} USD at most for this repository's `prod`, with {of_both} alarms, {len(prod.bodies)} dashboards"
    assert said in README


def test_the_cdk_app_of_the_guide_is_one_that_make_cdk_compiles():
    (shown,) = re.findall(r"^```ts\n(.*?)^```$", (ROOT / "docs/deploy.md").read_text(), re.MULTILINE | re.DOTALL)

    assert (ROOT / "examples/cdk/bin/function.ts").read_text() == shown


def test_every_setting_is_in_the_readme():
    for name in config.VARIABLES:
        assert f"| `{name}` |" in README


def test_every_command_is_in_the_readme():
    for name in COMMANDS:
        assert f"obskit {name} " in README


@pytest.mark.parametrize(
    "paper", [*PAPERS, *(ROOT / "src/obskit/cli").glob("*.py")], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_what_is_installed_is_a_clone(paper):
    """The obskit of the package index is somebody else's."""
    commands = re.findall(r"pip install ([^\n,&#;]*)", paper.read_text())
    named = [word.strip("'\"`),.;") for command in commands for word in command.split()]

    assert [word for word in named if re.match(r"obskit\b", word)] == []


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(paper):
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", paper.read_text())

    assert [target for target in targets if "://" not in target and not (paper.parent / target).exists()] == []


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_make_target_that_is_named_exists(paper):
    known = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:^ {4}|^|`)make ([a-z0-9-]+)", paper.read_text(), re.MULTILINE)

    assert [name for name in named if name not in known] == []


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_is_named_exists(paper):
    named = re.findall(
        r"`((?:src|tests|docs|tools|alarms|dashboards|examples|bench|requirements)/[\w./-]+\.\w+)`", paper.read_text()
    )

    assert [name for name in named if not (ROOT / name).exists() and "rendered/" not in name] == []


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_python_in_a_paper_compiles_and_names_what_there_is(paper):
    for code in re.findall(r"^ *```python\n(.*?)^ *```$", paper.read_text(), re.MULTILINE | re.DOTALL):
        told = doctest.DocTestParser().get_examples(code)
        tree = ast.parse("".join(one.source for one in told) or textwrap.dedent(code))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("obskit"):
                module = importlib.import_module(node.module or "")
                assert [one.name for one in node.names if not _has(module, one.name)] == []
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "obskit":
                assert hasattr(obskit, node.attr), node.attr


def _has(module, name):
    return hasattr(module, name) or importlib.util.find_spec(f"{module.__name__}.{name}") is not None


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_in_a_paper_take_the_options_that_it_gives_them(paper):
    text = re.sub(r"\\\n\s*", " ", paper.read_text())
    for line in re.findall(r"^(?: {4}|\s*[|$] ?)?(obskit [a-z][^#`\n]*)", text, re.MULTILINE):
        words = re.split(r"\s+", re.split(r" {2,}\w| [|>] ", line)[0])
        if words[1] not in COMMANDS:
            continue
        command, context = _command(words[1]), Context(Command("obskit"))
        rest = words[2:]
        if isinstance(command, Group) and rest and rest[0] in command.commands:
            command = command.commands[rest.pop(0)]
        known = {name for one in command.get_params(context) for name in (*one.opts, *one.secondary_opts)}
        given = {word.partition("=")[0].rstrip("]|") for word in rest if re.match(r"--[a-z]", word)}
        assert given - known == set(), line


def _command(name):
    module, _, attribute = COMMANDS[name][0].partition(":")
    return getattr(importlib.import_module(module), attribute or "command")
