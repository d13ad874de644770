"""Rules of the evaluator broken on purpose, one at a time: the vectors of the guide and a few more see each."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from obskit import metric_math
from obskit.backtest import composites, expressions, metric_alarms, states, suppression
from obskit.backtest.expressions import Inputs
from obskit.backtest.series import from_samples
from obskit.backtest.states import POLICIES, Rules
from obskit.errors import ObskitError
from tests.backtest import test_composites, test_states, test_suppression
from tests.backtest.conftest import ERRORS, START, alarm, column, series


def of_states(module: Any) -> list[object]:
    """All tables of the guide, and every window of five points for three rules."""
    rows = [(row[0], 3, row[1]) for row in test_states.GUIDE]
    rows += [(needed, 3, " ".join(words)) for needed in (1, 2, 3) for words in _words(5)]
    return [
        module.decide(Rules(needed, periods, policy), test_states.bits(points, "0X"), test_states.bits(points, "X"))
        for needed, periods, points in rows
        for policy in POLICIES
    ]


def _words(length: int) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for _ in range(length):
        found = [[*words, word] for words in found for word in "0X-"]
    return found


def of_suppression(module: Any) -> list[object]:
    found = [module.actions(changes, stops, 2, 3, 20) for _, changes, stops, _ in test_suppression.GUIDE]
    quiet = module.actions([(2, "ALARM")], [(5, "ALARM"), (8, "OK")], 0, 3, 20)
    calm = module.actions([(2, "ALARM")], [(1, "INSUFFICIENT_DATA"), (3, "OK")], 2, 3, 20)
    return [*found, quiet, calm, module.actions([(2, "ALARM")], [], 2, 3, 3), module.actions([(2, "OK")], [], 0, 0, 9)]


RULES = (
    "ALARM(a)",
    "OK(b) AND INSUFFICIENT_DATA(c)",
    "NOT (ALARM(a) AND ALARM(b))",
    "ALARM(b) OR ALARM(a)",
    "ALARM(a) OR ALARM(b) AND FALSE",
    "AT_LEAST(2, ALARM, (a, b, c, d))",
    "AT_LEAST(50%, ALARM, (a, b, c, d))",
    "AT_LEAST(51%, ALARM, (a, b, c, d))",
    "AT_LEAST(1, NOT ALARM, (a, d))",
)


def of_composites(module: Any) -> list[object]:
    return [module.holds(module.parse(rule), test_composites.STATES) for rule in RULES]


TEXTS = (
    "a + b",
    "a / (b - 2)",
    "IF(a, b, 5)",
    "IF(b, a)",
    "IF(1, b, a)",
    "FILL(b, 7)",
    "FILL(b, REPEAT)",
    "DIFF(b)",
    "RATE(b)",
    "AVG([a, b])",
    "SUM([a, b])",
    "a < b",
    "-a ^ 2",
    "10 - 2 - a",
    "a + b * 2",
)


def of_expressions(module: Any) -> list[object]:
    columns = {"a": column("1 1 - 0 -"), "b": column("2 - 4 - -")}
    inputs = Inputs(columns, ("a", "b"), 60, 1, 5)
    return [repr(list(module.evaluate(module.parse(text), inputs))) for text in TEXTS]


def of_metric_math(module: Any) -> list[object]:
    read = [[tuple(node) for node in module.nodes(module.read(text))] for text in (*TEXTS, "a && b", "[a, 'b']")]
    try:
        deep: object = module.read("(" * 101 + "a" + ")" * 101)
    except ObskitError as error:
        deep = str(error)
    points = (module.NONE, 0.0, 2.0)
    pairs = [repr(module.half(call, *pair)) for call in module.OPERATORS.values() for pair in product(points, points)]
    flags = [{"filled": filled, "number": number} for filled in (True, False) for number in (True, False)]
    branches = [repr(module.branch(*three, **how)) for three in product(points, repeat=3) for how in flags]
    return [*read, deep, *pairs, *branches]


def of_metric_alarms(module: Any) -> list[object]:
    """States over time: sliding, hourly, ten seconds, missing data, low samples, a warm-up, band and threshold."""
    warm = {"WarmUpPeriodDurationInMinutes": 3, "OnlyStartEvaluatingAfterWarmUpPeriodEnds": True}
    runs = [
        (alarm(), series("0 0 0 0 0 X X X 0 0 - - X - X X 10 10 10 11 11 11")),
        (alarm(Period=300, EvaluationPeriods=1), series("0 " * 14 + "11 " + "0 " * 10)),
        (
            alarm(Period=300, EvaluationPeriods=1, EvaluationWindow={"WallClockWindow": {}}),
            series("0 " * 16 + "X " * 9),
        ),
        (alarm(Period=180), series("0 " * 16 + "11 " * 8 + "0 0 X 0 0 X 0 0 X 0 0 0 0")),
        (alarm(Period=5400, EvaluationPeriods=17, DatapointsToAlarm=1), series("0 " * 1800 + "X " * 9 + "0 " * 90)),
        (alarm(WarmUpConfiguration=warm), series("X " * 10)),
        (alarm(ComparisonOperator="LessThanOrEqualToThreshold"), series("X X X X X 10 10 10 11 11 11")),
        (
            alarm(Statistic=None, ExtendedStatistic="p99", Threshold=400, EvaluateLowSampleCountPercentile="ignore"),
            from_samples(START, 60, [*[[500.0] * 10] * 8, *[[500.0] * 500] * 4]),
        ),
    ]
    return [module.replay(watched, {ERRORS: data})[:4] for watched, data in runs]


VECTORS: dict[ModuleType, Callable[[Any], list[object]]] = {
    states: of_states,
    suppression: of_suppression,
    composites: of_composites,
    metric_math: of_metric_math,
    expressions: of_expressions,
    metric_alarms: of_metric_alarms,
}

MUTANTS = [
    (states, "(breaching & _newest(present, rules.periods))", "breaching"),
    (states, "lowest = present & -present", "lowest = 1 << (present.bit_length() - 1)"),
    (states, "filled = rules.periods - present.bit_count()", "filled = rules.fetched - present.bit_count()"),
    (states, "if rules.missing == BREACHING:", "if False:"),
    (states, "rules.missing == NOT_BREACHING or bad", "bad"),
    (states, "or bad >= rules.needed:", "or False:"),
    (states, "INSUFFICIENT if rules.missing == MISSING else None", "None"),
    (states, "INSUFFICIENT if rules.missing == MISSING else None", "INSUFFICIENT"),
    (states, "    if present != breaching:\n        return OK\n", ""),
    (states, "present.bit_length() >= rules.needed", "present.bit_length() > rules.needed"),
    (states, "present.bit_length() >= rules.needed", "True"),
    (states, "rules.needed and rules.missing == MISSING", "rules.needed"),
    (states, "if breaching >= rules.needed", "if breaching > rules.needed"),
    (suppression, "time + self._wait", "time"),
    (suppression, "time + self._extension", "time"),
    (suppression, "if not self._suppressed:", "if True:"),
    (suppression, "if self._held:", "if True:"),
    (
        suppression,
        "        if self._suppressed:\n            self._due = None\n        elif before:",
        "        if before:",
    ),
    (suppression, "elif before:", "else:"),
    (suppression, "self._due <= now", "True"),
    (suppression, "            self._held = False\n", ""),
    (composites, "(states[name] == state) != negated", "states[name] == state"),
    (composites, "found * 100 >= least * len(names)", "found * 100 > least * len(names)"),
    (composites, "else found >= least", "else found > least"),
    (composites, "return not holds", "return holds"),
    (composites, "return all(", "return any("),
    (composites, "return any(", "return all("),
    (
        composites,
        'rules = [self.both()]\n        while self.take("OR")',
        'rules = [self.both()]\n        while self.take("X")',
    ),
    (metric_math, "call(0.0 if left != left else left, 0.0 if right != right else right)", "NONE"),
    (metric_math, "left / right if right else NONE", "left / right if right else 0.0"),
    (metric_math, "return otherwise if number and then == then else NONE", "return NONE"),
    (metric_math, "0.0 if then != then and filled else then", "then"),
    (metric_math, "then != then and filled", "then != then"),
    (expressions, "filled=not steady", "filled=steady"),
    (expressions, "other if value != value else value", "value"),
    (expressions, "found[at - phases] if value != value", "found[at - phases] if False"),
    (expressions, "            last[at % inputs.phases] = (value, at)", "            pass"),
    (expressions, "inputs.phases * inputs.period if per_second", "1 if per_second"),
    (expressions, "if zeros and there else []", "if False else []"),
    (metric_math, '"+": 4, "-": 4, "*": 5, "/": 5', '"+": 5, "-": 5, "*": 4, "/": 4'),
    (metric_math, "self._binary(_BINDS[sign] + 1, depth + 1)", "self._binary(_BINDS[sign], depth + 1)"),
    (metric_math, 'self._binary(_BINDS["^"], depth + 1)', "self._operand(depth + 1)"),
    (metric_math, '"&&": "AND"', '"&&": "OR"'),
    (metric_math, "if depth > DEPTH:", "if depth > DEPTH * 9:"),
    (metric_alarms, "(at + 1) % stride", "at % stride"),
    (metric_alarms, "at < begin", "at < 0"),
    (metric_alarms, "at < begin", "at <= begin"),
    (metric_alarms, "phase = at % phases", "phase = 0"),
    (metric_alarms, "verdict == state", "False"),
    (metric_alarms, "(held and held(at))", "False"),
    (metric_alarms, "alarm.period * alarm.rules.periods", "alarm.period"),
    (metric_alarms, "- 1 + alarm.warm_up // step", "- 1"),
    (metric_alarms, "state = INSUFFICIENT\n        changes", "state = OK\n        changes"),
    (metric_alarms, "GONE if value != value else BAD if beyond", "BAD if beyond"),
    (metric_alarms, "10 / rest", "1 / rest"),
    (metric_alarms, "max(1, alarm.every // step)", "1"),
]


@pytest.mark.parametrize("module", VECTORS, ids=lambda module: module.__name__)
def test_what_is_not_broken_gives_the_same(module):
    """So that a mutant is not seen because it was loaded in another way."""
    assert VECTORS[module](module) == VECTORS[module](broken(module, "", ""))


@pytest.mark.parametrize(("module", "sound", "wrong"), MUTANTS)
def test_each_broken_rule_is_seen(module, sound, wrong):
    try:
        found: object = VECTORS[module](broken(module, sound, wrong))
    except (ObskitError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        found = error

    assert VECTORS[module](module) != found


def broken(module: ModuleType, sound: str, wrong: str) -> ModuleType:
    """Return *module* loaded anew with *wrong* in the place of *sound*."""
    source = Path(str(module.__file__)).read_text()
    assert sound in source
    made = ModuleType(module.__name__)
    exec(compile(source.replace(sound, wrong, 1), module.__name__, "exec"), made.__dict__)
    return made
