"""`obskit preview` and `obskit diff` on a project of their own."""

import json
import shutil
import subprocess
from xml.etree import ElementTree

import pytest

from tests.command import obskit
from tests.parts import ROOT
from tests.preview.pixels import decode


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A copy of this project, committed, and then changed: a widget less, a dashboard more."""
    root = tmp_path_factory.mktemp("shop")
    shutil.copy(ROOT / "obskit.toml", root)
    for folder in ("dashboards", "alarms", "examples"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("cdk"))

    def git(*words):
        who = ("-c", "user.name=A", "-c", "user.email=a@example.com")
        subprocess.run(["git", "-C", root, *who, *words], check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    (root / "dashboards" / "new.py").write_text(
        "from obskit import kpis\nfrom obskit.deploy.specs import Dashboard, Graph, Section\n"
        'NEW = Dashboard("new", "New", (Section("New", ((Graph("Latency", (kpis.SEARCH_LATENCY.p95,)),),)),))\n'
    )
    for path in (root / "dashboards" / "rendered" / "prod").glob("search.json"):
        body = json.loads(path.read_text())
        body["widgets"] = body["widgets"][:-1]
        path.write_text(json.dumps(body))
    git("commit", "-qam", "search has lost its last widget")
    return root


def test_the_page_and_the_pictures_of_an_environment(shop, tmp_path):
    formats = [word for name in ("html", "png", "svg") for word in ("--format", name)]

    done = obskit("-C", str(shop), "preview", "new", "--env", "prod", "--out", str(tmp_path), *formats)

    assert (0, "") == (done.code, done.stderr)
    assert ["prod-new.png", "prod-new.svg", "prod.html"] == sorted(path.name for path in tmp_path.iterdir())
    assert 1456 == decode((tmp_path / "prod-new.png").read_bytes())[0]
    assert "shop-prod-new" in (tmp_path / "prod.html").read_text()


def test_pictures_go_to_build_unless_it_is_said_where(shop, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    done = obskit("-C", str(shop), "preview", "new", "--env", "prod")

    assert (0, "wrote build/prod.html\n", "") == (done.code, done.stdout, done.stderr)
    assert (tmp_path / "build/prod.html").is_file()


@pytest.mark.parametrize("command", [["preview"], ["deploy"], ["page-test"], ["policy", "deploy"]])
def test_an_environment_that_is_not_named_is_told_with_those_there_are(shop, tmp_path, monkeypatch, command):
    done = obskit(command[0], "-C", str(shop), *command[1:])
    assert (2, "Missing option '--env'. Environments in obskit.toml: dev, stage, prod.") == (
        done.code,
        done.stderr.splitlines()[-1].removeprefix("Error: "),
    )

    monkeypatch.chdir(tmp_path)  # no project: there is nothing to name
    done = obskit(*command)
    assert (2, "Error: Missing option '--env'.") == (done.code, done.stderr.splitlines()[-1])


def test_what_a_revision_looked_like_stands_beside(shop, tmp_path):
    done = obskit("-C", str(shop), "preview", "--env", "prod", "--out", str(tmp_path), "--before", "HEAD")

    page = (tmp_path / "prod.html").read_text()
    assert 0 == done.code, done.stderr
    assert "<li>the dashboard is new</li>" in page
    assert " added</li>" in page
    assert ">HEAD</h3>" in page


def test_anybodys_body_can_be_drawn(shop, tmp_path):
    every = ROOT / "tests" / "preview" / "every_widget.json"

    done = obskit(
        "-C", str(shop), "preview", str(every), "--env", "dev", "--out", str(tmp_path), "--format", "svg", "--dark"
    )

    assert f"wrote {tmp_path}/dev-every_widget.svg\n" == done.stdout


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["serch", "--env", "prod"], 2, "Did you mean 'search'?"),
        (["--env", "prod", "--before", "nowhere"], 1, "git knows no revision 'nowhere' here"),
        (["--env", "pord"], 1, "Did you mean 'prod'?"),
        (["obskit.json", "--env", "prod"], 1, "obskit.json: cannot be read: No such file"),
        (["--env", "prod", "--record", "x.json"], 2, "--record keeps what --live fetches"),
        (["--env", "prod", "--live", "--emf", str(ROOT / "README.md")], 2, "Give one of --emf, --recorded and --live"),
        (["--env", "prod", "--emf", str(ROOT / "README.md")], 1, "no line is an EMF document"),
    ],
)
def test_what_is_wrong_is_said(shop, tmp_path, words, code, says):
    done = obskit("-C", str(shop), "preview", "--out", str(tmp_path / "out"), *words)

    assert code == done.code
    assert says in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_diff_against_files_and_a_revision(shop):
    against_files = obskit("-C", str(shop), "diff", "--env", "prod")
    as_json = obskit("-C", str(shop), "diff", "--env", "prod", "--against", "HEAD~1", "--format", "json")
    as_comment = obskit("-C", str(shop), "diff", "--env", "dev", "--format", "markdown")

    assert [0, 0, 0] == [one.code for one in (against_files, as_json, as_comment)]
    assert "dashboards: dashboard 'new' added" in against_files.stdout
    assert "search: widget " in against_files.stdout
    (found,) = json.loads(as_json.stdout)
    assert ("added", "new") == (found["changes"][0]["what"], found["changes"][0]["name"])
    links = [one["name"] for one in found["changes"][1:]]  # dashboards that list the others
    assert [True] == [name.startswith("**Dashboards**") for name in links]
    assert as_comment.stdout.startswith("### Dashboards and alarms\n\n**dev against rendered: 1 dashboard added, ")


TEXT = {"type": "text", "x": 0, "y": 0, "width": 24, "height": 6, "properties": {"markdown": "x"}}


def drawn(shop, folder, *more):
    odd, out = str(folder / "odd.json"), str(folder / "out")
    return obskit("-C", str(shop), "preview", odd, "--env", "dev", "--out", out, *more)


@pytest.mark.parametrize(
    ("widget", "words"),
    [
        (5, "/widgets/0: error: Should be object [type]"),
        ({"type": "text", "properties": 5}, "/widgets/0/properties: error: Should be object [type]"),
        ({**TEXT, "height": 10**400}, "/widgets/0/height: error: Should be"),
        ({**TEXT, "width": 25}, "/widgets/0/width: error: Should be <= 24 (widget 'x') [range]"),
    ],
    ids=["no widget", "no properties", "too large to be a number", "too wide"],
)
def test_a_body_that_cannot_be_drawn_is_told(shop, tmp_path, widget, words):
    (tmp_path / "odd.json").write_text(json.dumps({"widgets": [widget]}))

    done = drawn(shop, tmp_path)

    assert (1, True) == (done.code, words in done.stderr), done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", ["html", "svg", "png"])
def test_text_of_others_is_drawn_as_it_reads(shop, tmp_path, form):
    """A theme's colours are variables: a title that has the form of one is text all the same."""
    title = "var(--ink) var(--none) \x1b <b> \ud800"
    (tmp_path / "odd.json").write_text(json.dumps({"widgets": [{**TEXT, "properties": {"markdown": title}}]}))

    done = drawn(shop, tmp_path, "--format", form)

    assert (0, "") == (done.code, done.stderr)
    if form == "svg":
        text = "".join(ElementTree.parse(tmp_path / "out" / "dev-odd.svg").getroot().itertext())
        assert "var(--ink) var(--none) � <b> ?" in text


@pytest.mark.parametrize(
    "command",
    [
        ["deploy", "--env", "prod", "--dry-run"],
        ["diff", "--against", "deployed"],
        ["page-test", "--env", "prod", "--dry-run"],
    ],
)
def test_who_is_not_signed_in_is_told_how_to(shop, monkeypatch, command):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(shop / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    done = obskit("-C", str(shop), *command)

    assert (1, True) == (
        done.code,
        done.stderr.endswith("Unable to locate credentials; sign in (aws sso login), or set AWS_PROFILE\n"),
    )
