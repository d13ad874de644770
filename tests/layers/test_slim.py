"""Sources in a layer: shorter, every line where it was, and the same program."""

import pytest

from obskit.errors import ObskitError
from obskit.layers import slim as module
from obskit.layers.slim import slim
from tests.parts import ROOT

LONG = "A[\n    int\n]"
SOURCES = [path for path in sorted((ROOT / "src/obskit").rglob("*.py")) if "testing" not in path.parts]


@pytest.mark.parametrize(
    ("source", "shorter"),
    [
        ('"""Doc."""\nfrom __future__ import annotations\n', "\nfrom __future__ import annotations\n"),
        ('class A:\n    """Doc.\n\n    More.\n    """\n\n\nB = 1\n', "class A:\n    0\n\n\n\n\n\nB = 1\n"),
        ('LIMIT = 3\n"""Of what."""\nx = "kept"\n', 'LIMIT = 3\n0\nx = "kept"\n'),
        ("x = 1  # why\n# a line\ny = '# no comment'\n", "x = 1\n\ny = '# no comment'\n"),
        ("def f(a: int, *b: str, c: dict[str, int] = {}, **d: A) -> B: ...\n", "def f(a, *b, c = {}, **d): ...\n"),
        ("async def f(\n    a: int,  # one\n) -> int:\n    pass\n", "async def f(\n    a,\n):\n    pass\n"),
        (f"def f() -> {LONG}: ...\nx: {LONG} = 1\n", f"def f() -> {LONG}: ...\nx: {LONG} = 1\n"),
        ('x = """a  # b  \n"""\n', 'x = """a  # b  \n"""\n'),
        ("x: int = (\n  1\n)\ny: str\n", "x = (\n  1\n)\n0\n"),
        ("class A:\n    x: int\n    def f(self) -> int:\n        y: int = 1\n        return y\n", None),
        ("if TYPE_CHECKING:\n    import a\n    import b\nz = 1\n", "if TYPE_CHECKING:\n    0\n\nz = 1\n"),
        ("ü: str = 'ß'  # ö\ndef é(ä: 'ï') -> 'ñ': return ä\n", "ü = 'ß'\ndef é(ä): return ä\n"),
        ("f = lambda a: a\ng = {1: 2}[1:2]\n", "f = lambda a: a\ng = {1: 2}[1:2]\n"),
        ("", ""),
    ],
)
def test_what_only_people_and_checkers_read_goes(source, shorter):
    if shorter is None:  # what a class may be made of stays
        shorter = "class A:\n    x: int\n    def f(self):\n        y = 1\n        return y\n"
    found = slim("m.py", source.encode())

    assert found.decode() == shorter


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_of_every_module_nothing_else_goes(path):
    source = path.read_bytes()

    found = slim(path.name, source)

    assert found.count(b"\n") == source.count(b"\n")
    assert len(found) <= len(source)
    assert slim(path.name, found) == found


def test_an_error_is_on_the_line_where_it_was():
    source = b'"""Doc\nof two lines."""\n\ndef f(x: int) -> int:\n    """Doc."""\n    # why\n    return x / 0\n'
    names: dict = {}
    exec(compile(slim("m.py", source), "m.py", "exec"), names)

    with pytest.raises(ZeroDivisionError) as raised:
        names["f"](1)
    assert raised.traceback[-1].lineno + 1 == 7


def test_another_program_is_refused(monkeypatch):
    monkeypatch.setattr(module, "_comments", lambda source: iter([(source.index(b"1"), source.index(b"1") + 1, b"2")]))

    with pytest.raises(ObskitError, match=r"^m\.py: without its annotations it would be another program$"):
        slim("m.py", b"x = 1\n")
