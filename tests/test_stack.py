"""Source lines are masked where the stack that leaves is made of them."""

import linecache
import traceback

from obskit import stack

CODE = """
def deep(left):
    if left:
        deep(left - 1)
    raise ValueError("no ann@example.com")
"""


def test_the_innermost_line_of_a_long_stack_is_masked(tmp_path):
    path = tmp_path / "deep.py"
    path.write_text(CODE)
    names = {}
    exec(compile(CODE, path, "exec"), names)
    try:
        names["deep"](250)
    except ValueError as error:
        stack.mask_sources(error.__traceback__)
        shown = [line for frame in traceback.extract_tb(error.__traceback__) for line in traceback.format_list([frame])]
    linecache.checkcache(str(path))

    assert len(shown) == 252
    assert 'raise ValueError("no [EMAIL]")' in shown[-1]
    assert "ann@example.com" not in "".join(shown)
