"""Files: written as one, stale ones removed, and a failure leaves what was there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from obskit.deploy import files
from obskit.errors import ConfigError

FOLDERS = ("dashboards/rendered/prod",)


def there(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


def test_a_folder_holds_exactly_what_was_rendered(tmp_path: Path):
    files.write(tmp_path, {f"{FOLDERS[0]}/old.json": "1", f"{FOLDERS[0]}/x/gone.json": "2"}, FOLDERS)
    (tmp_path / FOLDERS[0] / "README.md").write_text("not ours")
    files.write(tmp_path, {"dashboards/rendered/dev/other.json": "3"}, ())

    changes = files.write(tmp_path, {f"{FOLDERS[0]}/old.json": "1", f"{FOLDERS[0]}/new.json": "4"}, FOLDERS)

    assert [(f"{FOLDERS[0]}/new.json", "missing"), (f"{FOLDERS[0]}/x/gone.json", "stale")] == changes
    assert {
        f"{FOLDERS[0]}/old.json": "1",
        f"{FOLDERS[0]}/new.json": "4",
        f"{FOLDERS[0]}/README.md": "not ours",
        "dashboards/rendered/dev/other.json": "3",
    } == there(tmp_path)
    assert not (tmp_path / FOLDERS[0] / "x").exists()


def test_an_unchanged_file_is_not_touched(tmp_path: Path):
    files.write(tmp_path, {"a.json": "1"}, ())
    before = (tmp_path / "a.json").stat().st_ino

    assert [] == files.write(tmp_path, {"a.json": "1"}, ())
    assert before == (tmp_path / "a.json").stat().st_ino


def test_a_failure_leaves_the_old_files(tmp_path: Path):
    """The second file cannot be written: the first keeps its old text, and no temporary file stays."""
    files.write(tmp_path, {"a/a.json": "old"}, ())
    (tmp_path / "b").write_text("in the way of a folder")

    with pytest.raises(OSError, match="b"):
        files.write(tmp_path, {"a/a.json": "new", "b/b.json": "new"}, ())

    assert {"a/a.json": "old", "b": "in the way of a folder"} == there(tmp_path)


def test_differences_write_nothing(tmp_path: Path):
    files.write(tmp_path, {"a.json": "1"}, ())

    assert [("a.json", "differs"), ("b.json", "missing")] == files.differences(
        tmp_path, {"a.json": "2", "b.json": "3"}, ()
    )
    assert {"a.json": "1"} == there(tmp_path)


@pytest.mark.parametrize("link", ["dashboards/rendered", FOLDERS[0], f"{FOLDERS[0]}/us-east-1"])
@pytest.mark.parametrize("act", [files.write, files.differences])
def test_a_link_out_of_the_root_is_refused(tmp_path: Path, link: str, act: Callable[..., object]):
    """Neither is anything written there nor are the files there taken for stale ones."""
    root, foreign = tmp_path / "root", tmp_path / "foreign"
    (root / link).parent.mkdir(parents=True)
    (foreign / "prod").mkdir(parents=True)
    (foreign / "prod/theirs.json").write_text("1")
    (foreign / "theirs.json").write_text("1")
    (root / link).symlink_to(foreign)

    with pytest.raises(ConfigError, match="leads out of"):
        act(root, {f"{FOLDERS[0]}/us-east-1/ours.json": "2"}, FOLDERS)

    assert {"prod/theirs.json": "1", "theirs.json": "1"} == there(foreign)


def test_a_link_within_the_root_is_followed(tmp_path: Path):
    (tmp_path / "infra").mkdir()
    (tmp_path / "dashboards").symlink_to(tmp_path / "infra")

    files.write(tmp_path, {f"{FOLDERS[0]}/a.json": "1"}, FOLDERS)

    assert [] == files.differences(tmp_path, {f"{FOLDERS[0]}/a.json": "1"}, FOLDERS)


@pytest.mark.parametrize("link", [FOLDERS[0], f"{FOLDERS[0]}/us-east-1"])
@pytest.mark.parametrize("act", [files.write, files.differences])
def test_a_link_at_what_is_rendered_is_refused_though_it_stays_within_the_root(
    tmp_path: Path, link: str, act: Callable[..., object]
):
    """What is behind it would be taken for stale files of ours."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/a.json").write_text("1")
    (tmp_path / link).parent.mkdir(parents=True)
    (tmp_path / link).symlink_to(tmp_path / "theirs")

    with pytest.raises(ConfigError, match="goes through a link"):
        act(tmp_path, {f"{FOLDERS[0]}/us-east-1/ours.json": "2"}, FOLDERS)

    assert {"theirs/a.json"} <= set(there(tmp_path))


def test_a_folder_that_is_a_link_is_not_searched_for_stale_files(tmp_path: Path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/a.json").write_text("1")
    files.write(tmp_path, {f"{FOLDERS[0]}/ours.json": "2"}, FOLDERS)
    (tmp_path / FOLDERS[0] / "more").symlink_to(tmp_path / "theirs")

    assert [] == files.write(tmp_path, {f"{FOLDERS[0]}/ours.json": "2"}, FOLDERS)
    assert (tmp_path / "theirs/a.json").exists()


def test_a_file_that_is_a_link_is_replaced_and_not_written_through(tmp_path: Path):
    (tmp_path / "theirs.json").write_text("1")
    (tmp_path / FOLDERS[0]).mkdir(parents=True)
    (tmp_path / FOLDERS[0] / "ours.json").symlink_to(tmp_path / "theirs.json")

    assert [(f"{FOLDERS[0]}/ours.json", "differs")] == files.write(tmp_path, {f"{FOLDERS[0]}/ours.json": "2"}, FOLDERS)
    assert ("1", "2") == (
        (tmp_path / "theirs.json").read_text(),
        (tmp_path / FOLDERS[0] / "ours.json").read_text(),
    )


def test_what_a_part_of_a_render_keeps_is_not_stale(tmp_path: Path):
    files.write(tmp_path, {f"{FOLDERS[0]}/a.json": "1", f"{FOLDERS[0]}/b.json": "1"}, FOLDERS)

    assert [] == files.write(tmp_path, {f"{FOLDERS[0]}/a.json": "1"}, FOLDERS, kept=[f"{FOLDERS[0]}/b.json"])
