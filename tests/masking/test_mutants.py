"""Each row of `tools/mutants.py` breaks a line that is there. `make mutants` shows that the tests see it."""

from __future__ import annotations

from collections import Counter

import pytest

from tools.mutants import MUTANTS, ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_line_that_a_row_breaks_is_in_the_code(mutant):
    code = (ROOT / "src" / "obskit" / "masking" / f"{mutant.module}.py").read_text()

    assert mutant.sound in code
    assert mutant.sound != mutant.broken or not mutant.sound
    assert (ROOT / mutant.tests).exists()


def test_names_of_rows_name_folders():
    assert [name for name, times in Counter(mutant.name for mutant in MUTANTS).items() if times > 1] == []
    assert [mutant.name for mutant in MUTANTS if ":" in mutant.name] == []  # it goes into PYTHONPATH
