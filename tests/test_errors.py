"""The nearest right name is difflib's, whether or not difflib had to be asked."""

from difflib import get_close_matches

from hypothesis import example, given
from hypothesis import strategies as st

from obskit.errors import nearest

WORDS = st.text("abcLS/", min_size=1, max_size=12)


@given(WORDS, st.lists(WORDS, max_size=6), st.sampled_from([0.6, 0.85, 0.9]))
@example("ab", ["ba", "cab"], 0.6)
@example("chekout", ["checkout", "search"], 0.6)
@example("abcabcabca", ["abcabcabcS"], 0.9)
def test_what_is_passed_over_is_no_candidate(name, known, cutoff):
    assert [nearest(name, known, cutoff)] == (get_close_matches(name, known, 1, cutoff) or [""])
