"""docs/pictures are committed, small and of the dashboards and alarms as they are."""

from tests.parts import ROOT
from tools import pictures

LARGEST = 150_000


def test_the_committed_pictures_are_of_the_dashboards_as_they_are():
    """`make pictures` makes them anew."""
    there = {path.stem: path.read_bytes() for path in (ROOT / "docs" / "pictures").glob("*.png")}
    current = dict(pictures.drawings())

    assert current.keys() == there.keys()
    assert [] == [name for name, drawing in current.items() if pictures.mark(drawing) not in there[name]]
    assert {} == {name: len(content) for name, content in there.items() if len(content) > LARGEST}
