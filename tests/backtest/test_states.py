"""What one evaluation decides, by the tables of CloudWatch's guide and by laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obskit.backtest.states import ALARM, INSUFFICIENT, OK, POLICIES, Rules, decide

KEEP = None


def bits(points: str, which: str) -> int:
    return int("".join(str(int(point in which)) for point in points.split()), 2)


def decided(points: str, needed: int, periods: int, policy: str) -> str | None:
    return decide(Rules(needed, periods, policy), bits(points, "0X"), bits(points, "X"))


# Points; missing, ignore, breaching, notBreaching. CloudWatch user guide, "How alarm state is evaluated when data is
# missing", both tables, read 2026-11-24; N is 3 and 5 points are fetched.
GUIDE = [
    (3, "0 - X - X", OK, OK, OK, OK),
    (3, "0 - - - -", OK, OK, OK, OK),
    (3, "- - - - -", INSUFFICIENT, KEEP, ALARM, OK),
    (3, "0 X X - X", ALARM, ALARM, ALARM, ALARM),
    (3, "- - X - -", ALARM, KEEP, ALARM, OK),
    (2, "0 - X - X", ALARM, ALARM, ALARM, ALARM),
    (2, "0 0 X 0 X", ALARM, ALARM, ALARM, ALARM),
    (2, "0 - X - -", OK, OK, ALARM, OK),
    (2, "- - - - 0", OK, OK, ALARM, OK),
    (2, "- - - X -", ALARM, KEEP, ALARM, OK),
]


@pytest.mark.parametrize(("needed", "points", "expected"), [(row[0], row[1], row[2:]) for row in GUIDE])
def test_the_tables_of_the_guide(needed, points, expected):
    assert list(expected) == [decided(points, needed, 3, policy) for policy in POLICIES]


@pytest.mark.parametrize("points", ["- - - - X", "- - - X -"])
def test_a_breach_that_may_be_over_at_once_is_no_alarm_yet(points):
    """The guide, "Avoiding premature transitions to alarm state"."""
    assert ALARM != decided(points, 3, 3, "missing")


@pytest.mark.parametrize("points", ["- - - X 0", "- - X - 0"])
def test_and_it_is_none_when_it_is_over(points):
    """Same page: the false alarm that the wait avoids."""
    assert [OK] * 2 == [decided(points, 3, 3, policy) for policy in ("missing", "ignore")]


points_of = st.integers(1, 8).flatmap(
    lambda periods: st.tuples(
        st.just(periods),
        st.integers(1, periods),
        st.sampled_from(POLICIES),
        st.lists(st.sampled_from("0X-"), min_size=periods + 2, max_size=periods + 2).map(" ".join),
    )
)


def by_the_letter(periods: int, needed: int, policy: str, points: str) -> str | None:
    """The guide's sentences one after the other, over a list with the newest point last."""
    newest_first = points.split()[::-1]
    real = [point for point in newest_first if point != "-"]
    if len(real) >= periods:
        considered = real[:periods]
    else:
        filler = {"breaching": "X", "notBreaching": "0"}.get(policy, "-")
        considered = real + [filler] * (periods - len(real))
    if considered.count("X") >= needed:
        return ALARM
    if policy in ("breaching", "notBreaching") or len(real) >= periods or "0" in real:
        return OK
    if not real:
        return INSUFFICIENT if policy == "missing" else None
    oldest = max(age for age, point in enumerate(newest_first, 1) if point == "X")
    return ALARM if oldest >= needed and policy == "missing" else None


@given(points_of)
def test_bits_decide_as_the_sentences_do(case):
    periods, needed, policy, points = case

    assert by_the_letter(periods, needed, policy, points) == decided(points, needed, periods, policy)


@given(points_of)
def test_a_further_breach_never_ends_an_alarm(case):
    periods, needed, policy, points = case
    before = decided(points, needed, periods, policy)

    for at, point in enumerate(words := points.split()):
        if point == "0" and before == ALARM:
            assert ALARM == decided(" ".join([*words[:at], "X", *words[at + 1 :]]), needed, periods, policy)


@given(points_of)
def test_needing_fewer_breaches_never_ends_an_alarm(case):
    periods, needed, policy, points = case

    if needed > 1 and decided(points, needed, periods, policy) == ALARM:
        assert ALARM == decided(points, needed - 1, periods, policy)


@given(points_of)
def test_with_enough_real_points_the_policy_does_not_matter(case):
    periods, needed, _, points = case

    if len(points.replace("-", "").split()) >= periods:
        assert 1 == len({decided(points, needed, periods, policy) for policy in POLICIES})
