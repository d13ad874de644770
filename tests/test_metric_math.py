"""The grammar of metric math: what binds closer, where each part stands, and what is no expression."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obskit.metric_math import INSIGHTS, MetricMathError, Node, Token, names, nodes, read, tokens


def spelled(node: Node) -> str:
    """Return *node* with a bracket around everything that is computed."""
    parts = [spelled(part) for part in node.parts]
    match node.kind:
        case "operator":
            return f"({parts[0]} {node.value} {parts[1]})"
        case "minus":
            return f"(-{parts[0]})"
        case "call" | "array":
            return f"{node.value}[{', '.join(parts)}]"
    return repr(node.value) if node.kind == "text" else node.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * c ^ d", "(a + (b * (c ^ d)))"),
        ("a - b - c", "((a - b) - c)"),
        ("a ^ b ^ c", "((a ^ b) ^ c)"),
        ("(a + b) * c", "((a + b) * c)"),
        ("a || b && c == d + 1", "(a OR (b AND (c == (d + 1))))"),
        ("a AND b OR c", "((a AND b) OR c)"),
        ("-a ^ 2", "(-(a ^ 2))"),
        ("2 ^ -a", "(2 ^ (-a))"),
        ("--a * +b", "((-(-a)) * b)"),
        ("a<=b", "(a <= b)"),
        ("1.5e-3 / .5", "(1.5e-3 / .5)"),
        ("sum([a, b])", "SUM[[a, b]]"),
        ("METRICS()", "METRICS[]"),
        ("FILL(a, REPEAT)", "FILL[a, REPEAT]"),
        ("""SEARCH('{X} "y"', "AND")""", """SEARCH['{X} "y"', 'AND']"""),
        (r"'it\'s'", r'''"it\\'s"'''),
    ],
)
def test_what_binds_closer(text, expected):
    assert expected == spelled(read(text))


def test_every_part_says_where_it_stands():
    text = "100 * IF( a > -1 , [b] ,'x')"

    assert [
        (text, "operator"),
        ("100", "number"),
        ("IF( a > -1 , [b] ,'x')", "call"),
        ("a > -1", "operator"),
        ("a", "name"),
        ("-1", "minus"),
        ("1", "number"),
        ("[b]", "array"),
        ("b", "name"),
        ("'x'", "text"),
    ] == [(text[node.start : node.end], node.kind) for node in nodes(read(text))]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "expected a number, an id or a function, found the end"),
        ("a +", "expected a number, an id or a function, found the end"),
        ("a + AND", "expected a number, an id or a function, found 'AND' at character 5"),
        ("a b", "expected an operator or the end, found 'b' at character 3"),
        ("a ; b", "expected an operator or the end, found ';' at character 3"),
        ("(a", "expected ')', found the end"),
        ("[a b]", "expected ',' or ']', found 'b' at character 4"),
        ("SUM(a", "expected ',' or ')', found the end"),
        ("SUM(a,)", "expected a number, an id or a function, found ')' at character 7"),
        ("'a", "expected a number, an id or a function, found ''' at character 1"),
        ("x" * 40 + " " + "y" * 40, f"expected an operator or the end, found '{'y' * 30}' at character 42"),
        ("(" * 101 + "a" + ")" * 101, "more than 100 brackets inside one another"),
    ],
)
def test_what_is_no_expression_is_told_at_its_character(text, says):
    with pytest.raises(MetricMathError) as caught:
        read(text)

    assert says == str(caught.value)


def test_a_hundred_brackets_are_read():
    assert "a" == spelled(read("(" * 100 + "a" + ")" * 100))


def test_words_are_read_whatever_a_text_says():
    assert [
        Token("name", "a", 1, 2),
        Token("other", "?", 3, 4),
        Token("sign", "&&", 4, 6),
        Token("text", "'b c'", 6, 11),
        Token("end", "", 12, 12),
    ] == list(tokens(" a ?&&'b c' "))
    assert ["SUM", "a", "AND", "b"] == list(names("SUM(a ? AND 'c' b"))


@pytest.mark.parametrize(("text", "is_query"), [(" select AVG(x) FROM y", True), ("SELECTED + 1", False)])
def test_sql_is_no_metric_math(text, is_query):
    assert is_query == bool(INSIGHTS.match(text))


@given(st.text() | st.lists(st.sampled_from([*"()[],+-^'", "a", "AND", "SUM(", "2"])).map(" ".join))
def test_any_text_is_read_or_refused(text):
    try:
        tree = read(text)
    except MetricMathError:
        return

    assert all(0 <= node.start < node.end <= len(text) for node in nodes(tree))
