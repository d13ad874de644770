"""`obskit settings` as a function: argv in; exit code, stdout, stderr and a file out."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from obskit.deploy import project, settings
from tests.command import modules_of, obskit

Spoil = Callable[[str, str, str], None]
RULES = '[masking.classes]\nIP = "partial"\n\n[masking.environments.dev.classes]\nIP = "keep"\n\n[tags]'


@pytest.fixture
def masked(shop: Path, spoil: Spoil) -> Path:
    spoil("obskit.toml", "[tags]", RULES)
    return shop


def test_the_module_goes_to_stdout(masked: Path):
    text = settings.module(project.load(masked))

    assert (0, text, "") == obskit("-C", masked, "settings")
    assert text.endswith('\nMASKING = {"": {"classes": {"IP": "partial"}}, "dev": {"classes": {"IP": "keep"}}}\n')


def test_the_module_of_one_environment(masked: Path):
    code, stdout, stderr = obskit("-C", masked, "settings", "--env", "dev")

    assert (0, "") == (code, stderr)
    assert stdout.endswith('\nMASKING = {"": {"classes": {"IP": "keep"}}}\n')


def test_a_file_is_written_and_compared(masked: Path, spoil: Spoil, tmp_path_factory: pytest.TempPathFactory):
    """In CI: the committed module is up to date, or the build says how to make it again."""
    folder = tmp_path_factory.mktemp("src")
    file = folder / "obskit_settings.py"

    assert (1, "", f"{file}: missing; make it again with --out\n") == obskit("-C", masked, "settings", "--check", file)
    assert (0, f"wrote {file}\n", "") == obskit("-C", masked, "settings", "--out", folder)
    assert (0, f"unchanged {file}\n", "") == obskit("-C", masked, "settings", "--out", file)
    assert settings.module(project.load(masked)) == file.read_text()
    assert (0, "", "") == obskit("-C", masked, "settings", "--check", file)

    spoil("obskit.toml", 'IP = "keep"', 'IP = "drop"')
    before = file.read_text()
    assert (1, "", f"{file}: differs; make it again with --out\n") == obskit("-C", masked, "settings", "--check", file)
    assert before == file.read_text()


def test_a_project_with_a_problem_writes_nothing(masked: Path, spoil: Spoil):
    spoil("obskit.toml", 'IP = "keep"', 'IP = "kep"')
    words = (
        "obskit.toml: masking.environments.dev.classes.IP: 'kep' is no action;"
        " one of redact, partial, pseudonym, drop, keep."
    )

    code, stdout, stderr = obskit("-C", masked, "settings", "--out", masked)

    assert (1, "", f"error: {words} Did you mean 'keep'?\n") == (code, stdout, stderr)
    assert not (masked / "obskit_settings.py").exists()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--env", "prdo"], "no environment 'prdo' (known: dev, stage, prod). Did you mean 'prod'?"),
        (["--out", "a", "--check", "b"], "Give --out or --check, not both."),
    ],
)
def test_wrong_usage(shop: Path, argv: list[str], words: str):
    code, stdout, stderr = obskit("-C", shop, "settings", *argv)

    assert (1 if "--env" in argv else 2, "") == (code, stdout)
    assert words in stderr


def test_it_loads_nothing_of_the_runtime(shop: Path):
    loaded = modules_of("-C", shop, "settings")

    assert "obskit.deploy.settings" in loaded
    assert set() == loaded & {"obskit.masking", "obskit.config", "obskit.deploy.render", "boto3"}
    assert "obskit_settings" not in sys.modules
