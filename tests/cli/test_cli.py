"""The command line as a function: argv in; exit code, stdout and stderr out."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from dirty_equals import IsList

from obskit.cli import commands, options, run
from obskit.deploy import project
from obskit.deploy.check import check
from obskit.kpis import CHECKOUT_FAILURE
from tests.command import modules_of, obskit, tree

ROOT = Path(__file__).parents[2]
Spoil = Callable[[str, str, str], None]
OFFERED = commands.Lazy().list_commands(commands.obskit.make_context("obskit", ["x"]))


def test_render_writes_what_is_committed(shop: Path, tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("out")

    code, stdout, stderr = obskit("-C", shop, "render", "--env", "prod", "--out", out)

    assert (0, "") == (code, stderr)
    built = {path: text for path, text in tree(out).items() if path not in ("manifest.json", "deploy-policy.json")}
    committed = {
        path.replace("alarms/rendered/prod/", "").replace("/rendered/prod", ""): text
        for path, text in tree(shop).items()
        if "/prod/" in path
    }
    assert committed == built
    assert {"us-east-1", "us-west-2", "dashboards"} == {path.partition("/")[0] for path in built}
    assert f"wrote {out}/us-east-1/shop.template.json\n" in stdout
    assert stdout.endswith("12 files rendered, 12 changed; 0 errors, 0 warnings\n")
    assert (0, "22 files rendered, 0 changed; 0 errors, 0 warnings\n", "") == obskit("-C", shop, "render", "--all")


def test_the_right_to_deploy_it_lies_beside_the_templates(shop: Path, tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("out")
    obskit("-C", shop, "render", "--env", "prod", "--out", out)
    _, printed, _ = obskit("-C", shop, "policy", "deploy", "--env", "prod")

    assert json.loads((out / "deploy-policy.json").read_text()) == json.loads(printed)


def test_a_manifest_says_what_was_written_and_what_it_costs(shop: Path, tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("out")
    obskit("-C", shop, "render", "--all", "--out", out)

    found = json.loads((out / "prod/manifest.json").read_text())

    for path, facts in found["files"].items():
        data = (out / "prod" / path).read_bytes()
        assert {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} == facts
    assert {"dev", "stage", "prod"} == {path.name for path in out.iterdir()}
    assert ("shop", "prod", "333333333333", ["us-east-1", "us-west-2"]) == tuple(
        found[key] for key in ("project", "environment", "account", "regions")
    )
    main = found["stacks"]["us-east-1/shop.template.json"]
    template = json.loads((out / "prod/us-east-1/shop.template.json").read_text())
    assert 4 == main["resources"]["AWS::CloudWatch::Dashboard"]
    assert sum(main["resources"].values()) == len(template["Resources"])
    assert "AWS::CloudWatch::Dashboard" not in found["stacks"]["us-west-2/shop.template.json"]["resources"]
    assert 12 == found["usd_month"]["dashboard"]
    assert found["usd_month"]["total"] == pytest.approx(sum(found["usd_month"].values()) / 2)


def test_build_output_holds_what_was_rendered_and_leaves_alone_what_is_not_ours(
    shop: Path, tmp_path_factory: pytest.TempPathFactory
):
    """What its manifest names is ours; a manifest that names something outside is not believed."""
    out = tmp_path_factory.mktemp("out")
    obskit("-C", shop, "render", "--env", "dev", "--out", out)
    (out / "theirs.json").write_text("{}")
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["files"]["../outside.json"] = {}
    (out / "manifest.json").write_text(json.dumps(manifest))
    (out.parent / "outside.json").write_text("{}")
    (shop / "dashboards/overview.py").unlink()

    code, stdout, _ = obskit("-C", shop, "render", "--env", "dev", "--out", out)

    assert 0 == code
    assert f"removed {out}/dashboards/overview.json\n" in stdout
    assert (out / "theirs.json").exists()
    assert (out.parent / "outside.json").exists()


def test_what_an_environment_left_behind_is_removed(shop: Path, spoil: Spoil):
    """With --all; another environment's render does not touch it."""
    for part in ("dashboards", "alarms"):
        shutil.copytree(shop / f"{part}/rendered/dev", shop / f"{part}/rendered/old")

    assert 0 == obskit("-C", shop, "render", "--env", "dev")[0]
    assert (shop / "alarms/rendered/old").exists()
    assert 0 == obskit("-C", shop, "render", "--all")[0]
    assert not (shop / "alarms/rendered/old").exists()
    assert not (shop / "dashboards/rendered/old").exists()


@pytest.mark.parametrize(
    ("argv", "folders"),
    [
        (["render", "--only", "dashboards"], {"dashboards"}),
        (["render", "--only", "alarms"], {"us-east-1/shop.template.json"}),
        (["render", "--only", "logs"], {"us-east-1/shop-logs.template.json"}),
        (["render-dashboards"], {"dashboards"}),
        (["render-alarms"], {"us-east-1/shop.template.json"}),
    ],
)
def test_one_half_leaves_the_other_alone(
    shop: Path, tmp_path_factory: pytest.TempPathFactory, argv: list[str], folders: set[str]
):
    out = tmp_path_factory.mktemp("out")

    assert 0 == obskit(*argv, "--env", "dev", "-C", shop, "--out", out)[0]
    found = {path.removesuffix(path.partition("/")[2]).rstrip("/") if "dash" in path else path for path in tree(out)}
    assert {*folders, "manifest.json"} == found
    before = tree(shop)
    assert 0 == obskit(*argv, "--env", "dev", "-C", shop)[0]
    assert before == tree(shop)  # the other parts' files are no stale ones


def test_render_check_tells_what_is_not_up_to_date(shop: Path, spoil: Spoil):
    """In CI: nothing is written, each file is named."""
    spoil("alarms/search.py", "above=300", "above=301")
    (shop / "dashboards/rendered/prod/old.json").write_text("{}")
    (shop / "dashboards/rendered/prod/jobs.json").unlink()
    before = tree(shop)

    assert (
        1,
        "10 files rendered, 5 not up to date, nothing written; 0 errors, 0 warnings\n",
        (
            "alarms/rendered/prod/us-east-1/shop.template.json: differs\n"
            "alarms/rendered/prod/us-west-2/shop.template.json: differs\n"
            "dashboards/rendered/prod/jobs.json: missing\n"
            "dashboards/rendered/prod/old.json: stale\n"
            "dashboards/rendered/prod/search.json: differs\n"
        ),
    ) == obskit("-C", shop, "render", "--env", "prod", "--check")
    assert before == tree(shop)


def test_render_with_an_error_changes_no_file(shop: Path, spoil: Spoil):
    """A failed render never replaces a good file, not even that of another alarm."""
    spoil("alarms/search.py", "for_=(5, 5)", "for_=(6, 5)")
    spoil("alarms/search.py", "above=300", "above=301")
    before = tree(shop)

    code, stdout, stderr = obskit("-C", shop, "render", "--env", "dev")

    assert before == tree(shop)
    assert (
        1,
        "6 files rendered, nothing written; 1 error, 0 warnings\n",
        (
            "alarms/rendered/dev/us-east-1/shop.template.json: AlarmSearchLatency/Properties/DatapointsToAlarm:"
            " error: 6 of 5: M is at most N (EvaluationPeriods) [m-of-n]\n"
        ),
    ) == (code, stdout, stderr)


def test_render_tells_all_problems_without_a_traceback(shop: Path, spoil: Spoil):
    spoil("alarms/search.py", "kpis.SEARCH_LATENCY", "kpis.SEARCH_LATENC")
    spoil("dashboards/jobs.py", "kpis.OUTBOX_AGE", "kpis.OUTBOX_AG")

    (shop / "alarms/data.py").write_text("(\n")

    assert (
        1,
        "nothing rendered; 4 errors, 0 warnings\n",
        (
            "obskit.toml: error: no environment 'prdo' (known: dev, stage, prod). Did you mean 'prod'? [project]\n"
            "dashboards/jobs.py:LINE: error: module 'obskit.kpis' has no attribute 'OUTBOX_AG'. Did you mean"
            " 'OUTBOX_AGE'? [definition]\n"
            "alarms/data.py:1: error: not Python: '(' was never closed [definition]\n"
            "alarms/search.py:LINE: error: module 'obskit.kpis' has no attribute 'SEARCH_LATENC'. Did you mean"
            " 'SEARCH_LATENCY'? [definition]\n"
        ),
    ) == tuple(
        re.sub(r"(jobs|search)\.py:\d+", r"\1.py:LINE", part) if isinstance(part, str) else part
        for part in obskit("-C", shop, "render", "--env", "prdo", "--env", "dev")
    )


def test_render_summarises_as_json(shop: Path, spoil: Spoil):
    spoil("alarms/search.py", "above=300", "above=301")

    code, stdout, _ = obskit("-C", shop, "render", "--env", "dev", "--format", "json")

    assert 0 == code
    assert {
        "files": [
            {"path": "alarms/rendered/dev/us-east-1/shop-logs.template.json", "state": "unchanged"},
            {"path": "alarms/rendered/dev/us-east-1/shop.template.json", "state": "wrote"},
            {"path": "dashboards/rendered/dev/api.json", "state": "unchanged"},
            {"path": "dashboards/rendered/dev/jobs.json", "state": "unchanged"},
            {"path": "dashboards/rendered/dev/overview.json", "state": "unchanged"},
            {"path": "dashboards/rendered/dev/search.json", "state": "wrote"},
        ],
        "problems": [],
    } == json.loads(stdout)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["render"], "Give --env NAME or --all. Environments in obskit.toml: dev, stage, prod."),
        (["render", "--env", "dev", "--all"], "Give --env NAME or --all."),
        (["render", "--evn", "prod"], "No such option"),
        (["rendr"], "No such command 'rendr'. Did you mean 'render'?"),
        (["validate"], "Missing argument"),
        (["validate", "/no/such/file"], "does not exist"),
    ],
)
def test_wrong_usage_is_two_and_says_what_is_right(shop: Path, argv: list[str], words: str):
    code, stdout, stderr = obskit("-C", shop, *argv)

    assert (2, "") == (code, stdout)
    assert words in stderr


def test_a_missing_project_says_where_it_was_looked_for_and_how_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What it prints to start with is a project that loads."""
    monkeypatch.chdir(tmp_path)

    code, stdout, stderr = obskit("check")

    assert (2, "") == (code, stdout)
    assert f"no obskit.toml in {tmp_path} or any folder above it" in stderr
    lines = stderr.partition("start one with:\n")[2].splitlines()
    (tmp_path / "obskit.toml").write_text("\n".join(line.removeprefix("    ") for line in lines))
    assert ["dev"] == list(project.load(tmp_path).environments)
    assert (tmp_path / "obskit.toml").read_text().strip() == options.START.strip()


def test_the_project_is_found_from_below(shop: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(shop / "alarms/runbooks")

    assert (0, "0 errors, 0 warnings\n", "") == obskit("check")


def test_check_tells_all_and_counts(shop: Path, spoil: Spoil):
    spoil("alarms/checkout.py", 'dashboard="api"', 'dashboard="apii"')
    (shop / "alarms/runbooks/search-latency.md").unlink()
    lines = "".join(f"{problem}\n" for problem in check(shop))

    assert (1, "2 errors, 0 warnings\n", lines) == obskit("-C", shop, "check")
    assert {"problems": [{"resource", "path", "rule", "severity", "message"}] * 2} == {
        "problems": [set(one) for one in json.loads(obskit("-C", shop, "check", "--format", "json")[1])["problems"]]
    }


def test_a_warning_is_no_failure(shop: Path, spoil: Spoil):
    text = (shop / "dashboards/jobs.py").read_text().replace("kpis.EMAIL_FAILED", "kpis.EMAIL_SENT")
    (shop / "dashboards/jobs.py").write_text(text)
    overview = (shop / "dashboards/overview.py").read_text().replace("kpis.EMAIL_FAILED", "kpis.EMAIL_SENT")
    (shop / "dashboards/overview.py").write_text(overview)
    spoil("obskit.toml", "allow = [", 'allow = [{ signal = "EmailFailed", rule = "charted", reason = "a test" },')

    code, stdout, stderr = obskit("-C", shop, "check")

    assert (0, "0 errors, 1 warning\n") == (code, stdout)
    assert stderr.startswith("alarms/jobs.py: warning: Alarm 'email-failures': no dashboard shows 'EmailFailed'")


def test_validate_takes_what_is_committed(shop: Path):
    code, stdout, stderr = obskit("validate", shop / "dashboards/rendered", shop / "alarms/rendered")

    assert (0, "22 files checked; 0 errors, 0 warnings\n") == (code, stdout)
    told = [line for line in stderr.splitlines() if not line.startswith(" ")]  # below it: what to do
    assert [] == [line for line in told if not line.endswith("[template-size]")]


def test_validate_tells_problems_of_hand_written_files(tmp_path: Path):
    body, template, other, broken = (tmp_path / f"{name}.json" for name in "abcd")
    body.write_text('{"widgets": [{"type": "alarm", "properties": {"alarms": []}}]}')
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": "alias/aws/sns"}}
    used = {
        "Type": "AWS::CloudWatch::CompositeAlarm",
        "Properties": {"AlarmRule": "FALSE", "OKActions": [{"Ref": "T"}]},
    }
    template.write_text(json.dumps({"Resources": {"T": topic, "C": used}}))
    other.write_text("[]")
    broken.write_bytes(b"\xff")

    code, stdout, stderr = obskit("validate", tmp_path)

    assert (1, "3 files checked, 1 passed over; 3 errors, 0 warnings\n") == (code, stdout)
    assert [
        f"{body}: a/widgets/0/properties/alarms: error: Should NOT have less than 1 items [count]",
        "    Take items away, or split. (AWS, Dashboard Body Structure and Syntax)",
        (
            f"{template}: T/Properties/KmsMasterKeyId: error: CloudWatch cannot publish through"
            " 'alias/aws/sns', nobody would be paged; use a customer key [topic-key]"
        ),
    ] == stderr.splitlines()[:3]
    assert stderr.splitlines()[4].startswith(f"{broken}: error: cannot be read as JSON")
    assert (
        f'{other}: error: is neither a dashboard body (no "widgets") nor a CloudFormation template (no "Resources")'
        " [kind]"
    ) == obskit("validate", other)[2].splitlines()[0]


def test_validate_as_json(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text('{"widgets": [], "periodOverride": "x"}')
    message = "Should be equal to one of the allowed values: auto, inherit."
    problem = {
        "file": str(path),
        "resource": "a",
        "path": "/periodOverride",
        "rule": "enum",
        "severity": "error",
        "message": message,
        "source": "AWS, Dashboard Body Structure and Syntax",
        "fix": "Use one of the values in the message.",
    }

    code, stdout, _ = obskit("validate", path, "--format", "json")

    assert (1, [problem]) == (code, json.loads(stdout))


def test_metrics_in_each_format(shop: Path):
    """Machines get all of it, people what fits; nothing is coloured that is not a terminal."""
    found = json.loads(obskit("-C", shop, "metrics", "--format", "json")[1])
    table = obskit("-C", shop, "metrics")[1].splitlines()
    markdown = obskit("-C", shop, "metrics", "--format", "markdown")[1].splitlines()

    assert sorted(metric["name"] for metric in found) == [metric["name"] for metric in found]
    line = CHECKOUT_FAILURE.declared_in[1]
    assert {
        "name": "CheckoutFailure",
        "unit": "Count",
        "service": "checkout",
        "dimensions": ["operation"],
        "owner": "payments",
        "objective": "fewer than 1 % of checkouts",
        "runbook": "checkout-failures.md",
        "help": CHECKOUT_FAILURE.help,
        "kind": "counter",
        "direction": "less",
        "resolution": 60,
        "statistics": ["Sum"],
        "values": {"operation": 20},
        "series": 21,
        "usd_month": 6.3,
        "declared": f"obskit/kpis.py:{line}",
        "emitted_by": IsList(length=3),
        "shown_on": ["api", "overview"],
        "charted": IsList(length=...),
        "alarmed_by": IsList(length=9),
        "guarded": IsList(length=5),
    } in found
    header = "NAME UNIT SERVICE DIMENSIONS OWNER OBJECTIVE RUNBOOK EMITTED BY SHOWN ON ALARMED BY $/MONTH"
    assert header.split() == table[0].split()
    assert len(found) == len(table) - 1 == sum(row.startswith("## ") for row in markdown) - 1
    assert "| objective | fewer than 1 % of checkouts; less is better |" in markdown
    assert "| costs | 6.30 USD a month (21 series) |" in markdown


def test_the_page_of_the_catalog_is_current():
    """Made by `make kpis`; review happens on it."""
    assert (0, "", "") == obskit("-C", ROOT, "metrics", "--format", "markdown", "--check", ROOT / "docs/kpis.md")


def test_metrics_can_be_written_and_checked(shop: Path):
    page = shop / "kpis.md"

    assert (0, f"wrote {page}\n", "") == obskit("-C", shop, "metrics", "--format", "markdown", "--out", page)
    assert (0, f"unchanged {page}\n", "") == obskit("-C", shop, "metrics", "--format", "markdown", "--out", page)
    page.write_text("old")
    assert (1, "", f"{page}: differs; make it again with --out\n") == obskit(
        "-C", shop, "metrics", "--format", "markdown", "--check", page
    )
    assert 2 == obskit("-C", shop, "metrics", "--out", page, "--check", page)[0]


def test_metrics_draws_a_table_on_a_terminal(shop: Path, monkeypatch: pytest.MonkeyPatch):
    """It fits into 80 columns, and no name is cut."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stdout = Terminal()

    assert 0 == run(["-C", str(shop), "metrics"], stdout, io.StringIO())
    lines = stdout.getvalue().splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert {"TypesenseRequests", "CheckoutFailure"} <= {line.split()[0] for line in lines if line.strip()}
    assert "…" not in stdout.getvalue()


@pytest.mark.parametrize("name", OFFERED)
def test_each_command_has_a_page_that_a_newcomer_can_work_from(name: str):
    code, stdout, stderr = obskit(name, "--help")

    assert (0, "") == (code, stderr)
    assert f"obskit {name}" in stdout.partition("Options:")[0].partition("\n")[2]
    for words in ("Exit codes: 0", "Options:", "Example"):
        assert words in stdout
    assert "\b" not in stdout


def test_help_lists_every_command_with_what_it_does():
    code, stdout, _ = obskit("--help")

    assert 0 == code
    for name in OFFERED:
        assert f"  {name} " in stdout
        assert commands.COMMANDS[name][1].split()[0] in stdout


HEAVY = {"rich", "boto3", "botocore", "obskit.cli.demo", "obskit.demo", "obskit.handler", "obskit.masking", "asyncio"}


def test_help_loads_no_command():
    loaded = modules_of("--help")

    assert set() == loaded & (HEAVY | {"tomllib", "obskit.deploy", "obskit.cli.render"})


def test_render_loads_nothing_heavy(shop: Path):
    loaded = modules_of("-C", shop, "render", "--env", "prod")

    assert "obskit.deploy.render" in loaded
    assert set() == loaded & (HEAVY | {"tempfile", "importlib.metadata"})


def test_the_console_script_is_installed(shop: Path):
    """What a deploy job calls: the script beside the interpreter."""
    script = Path(sys.executable).with_name("obskit")

    done = subprocess.run(
        [script, "-C", shop, "render", "--env", "prod", "--check"], capture_output=True, text=True, check=False
    )

    assert (0, "10 files rendered, 0 not up to date, nothing written; 0 errors, 0 warnings\n", "") == (
        done.returncode,
        done.stdout,
        done.stderr,
    )


def test_validate_goes_on_after_what_cannot_be_read(tmp_path: Path):
    body = {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardName": "x", "DashboardBody": "[" * 50_000}}
    (tmp_path / "a.json").write_text(json.dumps({"Resources": {"X": body}}))
    os.mkfifo(tmp_path / "b.json")
    (tmp_path / "c.json").write_text('{"widgets": []}')

    code, stdout, stderr = obskit("validate", tmp_path)

    assert (1, "3 files checked; 2 errors, 0 warnings\n") == (code, stdout)
    assert "a.json: X/Properties/DashboardBody: error: is not JSON: " in stderr
    assert f"{tmp_path}/b.json: error: is not a regular file [file]\n" in stderr


def test_validate_of_nothing_is_no_success(tmp_path: Path):
    code, stdout, stderr = obskit("validate", tmp_path)

    assert (1, "0 files checked; 1 error, 0 warnings\n") == (code, stdout)
    words = "there is no dashboard body and no template in this folder, so nothing was checked"
    assert f"{tmp_path}: error: {words} [files]" == stderr.splitlines()[0]


BAD = """
Resources:
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties: {Namespace: Shop, MetricName: M, Statistic: Sum, Period: 60, EvaluationPeriods: 2, DatapointsToAlarm: 3,
      Threshold: 1, ComparisonOperator: GreaterThanThreshold, TreatMissingData: ignore}
"""


def test_validate_tells_sarif_where_the_resource_begins(tmp_path: Path):
    path = tmp_path / "t.yaml"
    path.write_text(BAD)

    code, stdout, stderr = obskit("validate", path, "--format", "sarif")

    (result,) = json.loads(stdout)["runs"][0]["results"]
    assert (1, "") == (code, stderr)
    assert "2.1.0" == json.loads(stdout)["version"]
    assert {
        "ruleId": "m-of-n",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "3 of 2: M is at most N (EvaluationPeriods) Lower M or raise N."},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": str(path)}, "region": {"startLine": 3}},
                "logicalLocations": [{"fullyQualifiedName": "Alarm/Properties/DatapointsToAlarm"}],
            }
        ],
    } == result


def test_validate_annotates_on_github(tmp_path: Path):
    path = tmp_path / "t.yaml"
    path.write_text(BAD)

    assert (
        f"::error file={path},line=3,title=m-of-n::Alarm/Properties/DatapointsToAlarm: 3 of 2: M is at most N"
        " (EvaluationPeriods) Lower M or raise N.\n"
    ) == obskit("validate", path, "--format", "github")[1]


def test_strict_exits_1_on_a_warning(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text('{"widgets": [], "x": 1}')

    assert [0, 1] == [obskit("validate", path)[0], obskit("validate", path, "--strict")[0]]


def test_validate_looks_into_cdk_out_and_passes_over_assets(tmp_path: Path):
    for name, text in {
        "manifest.json": '{"version": "48.0.0"}',
        "Shop.template.json": '{"Resources": {}}',
        "Shop.assets.json": "{",
        "assembly-Shop-Prod/ShopNested.nested.template.json": '{"Resources": {}}',
        "asset.0a1b/package.json": "{",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    assert (0, "2 files checked, 1 passed over; 0 errors, 0 warnings\n", "") == obskit("validate", tmp_path)


def test_validate_follows_no_link_out_of_a_folder(tmp_path: Path):
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "out.json").write_text('{"widgets": []}')
    (folder / "a.json").symlink_to(tmp_path / "out.json")
    (folder / "up").symlink_to(tmp_path)

    code, _, stderr = obskit("validate", folder)

    assert (1, 2) == (code, stderr.count("is a link that leads out of the folder; it is not followed [files]"))
