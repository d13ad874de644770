"""`obskit trace` over captured files: what is shown, in which form, and what is told when there is nothing."""

from __future__ import annotations

import io
import json

import pytest

from obskit.cli import run, trace
from obskit.lookup import view
from obskit.lookup.source import Window
from obskit.lookup.wanted import Wanted
from tests.lookup.captured import DOCUMENTS, LINES, START, line, root_of, sent, span, trace_id


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def call(tmp_path, monkeypatch):
    """A function: arguments, and what was captured -> exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def called(*arguments, documents=DOCUMENTS, lines=LINES, out=None):
        files = []
        for name, captured in (("spans", documents), ("logs", lines)):
            (tmp_path / name).write_text("".join(json.dumps(one) + "\n" for one in captured))
            files += [f"--{name}", name]
        out, err = out or io.StringIO(), io.StringIO()
        code = run(["trace", *arguments, *files], out, err)
        return code, out.getvalue(), err.getvalue()

    return called


TEXT = f"""\
correlation id cart-1 · 3 traces · 6 spans · 4 lines

[1] trace {root_of(1)}
└─ checkout (AWS::Lambda::Function) +0 ms 500 ms
   └─ place order +1000 ms 500 ms
      └─ [2] trace {root_of(3)}, linked to [1]; 1 span of other requests left out
         └─ relay +10.0 s 500 ms
            └─ publish +11.0 s 500 ms
               └─ [3] trace {root_of(4)}, linked to [2]
                  └─ index +20.0 s 500 ms
                     └─ process +21.0 s 500 ms

16:00:11.000 INFO  [1] shop placed
16:00:20.000 INFO  [2] shop begins
16:00:21.000 INFO  [2] shop publishing
16:00:31.000 INFO  [3] shop indexed
"""


def test_the_tree_and_the_lines(call):
    assert call("cart-1") == (0, TEXT, "")


def test_a_header_pasted_whole_comes_by_standard_input(call, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"X-Amzn-Trace-Id: Root={root_of(4)};Sampled=1\n"))

    assert call("-") == (0, TEXT, "")


def test_words_that_the_shell_took_apart_are_one_id(call):
    assert call("X-Amzn-Trace-Id:", f"Root={root_of(1)}") == (0, TEXT, "")


def test_a_terminal_gets_a_tree_of_the_same_words(call):
    code, out, err = call("cart-1", out=Terminal())

    assert (code, err) == (0, "")
    for words in TEXT.splitlines():
        assert words.lstrip("└─ │├")[:60] in out


def test_json_has_all_of_it(call):
    code, out, err = call("cart-1", "--format", "json", "--region", "us-east-1")

    found = json.loads(out)
    assert (code, err) == (0, "")
    assert [one["xray_trace_id"] for one in found["traces"]] == [root_of(1), root_of(3), root_of(4)]
    assert found["traces"][1]["linked_to"] == {"trace_id": trace_id(1), "span_id": f"{11:016x}"}
    assert found["lines"] == [LINES[0], LINES[2], LINES[3], LINES[5]]
    home = "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
    assert found["links"] == [f"{home}#xray:traces/{root_of(number)}" for number in (1, 3, 4)]
    assert found.keys() == {"correlation_ids", "traces", "lines", "links", "notes", "places"}


def test_what_others_wrote_unmasked_is_masked_here(call):
    document = sent(
        1, span(10, "mail ann@example.com", fault=True, cause={"exceptions": [{"message": "ann@example.com"}]})
    )
    lines = [line(1, 10, "to ann@example.com", "cart-1", email="ann@example.com", level="ERROR")]

    for more in ((), ("--format", "json")):
        code, out, _ = call("cart-1", *more, documents=[document], lines=lines)
        assert code == 0
        assert "ann@" not in out
        assert "[EMAIL]" in out


def test_the_id_of_a_trace_is_no_card_number(call):
    number = "4242424242424242" * 2
    lines = [{**LINES[0], "xray_trace_id": f"1-{number[:8]}-{number[8:]}", "note": "4242424242424242"}]

    (shown,) = json.loads(call("cart-1", "--format", "json", documents=[], lines=lines)[1])["lines"]

    assert shown == {**lines[0], "note": "[CARD]"}


def test_nothing_found_says_where_it_looked(call):
    code, out, err = call(root_of(9))

    assert (code, out) == (1, "")
    assert err == f"error: nothing found of trace {root_of(9)}. Looked in:\n  logs\n  spans\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Give an ID, or - to read it"),
        (("two words",), "ID is no form of an id"),
        (("cart-1", "--since", "soon"), "'soon' is no duration"),
        (("cart-1", "--env", "prod"), "no obskit.toml in"),
    ],
)
def test_wrong_usage_is_told(call, arguments, says):
    code, out, err = call(*arguments)

    assert (code, out) == (2, "")
    assert says in err


def test_an_environment_names_its_region(call, tmp_path):
    from obskit.cli.options import START as PROJECT

    (tmp_path / "obskit.toml").write_text(PROJECT.replace("us-east-1", "eu-west-1"))

    code, out, _ = call("cart-1", "--env", "dev")

    assert code == 0
    assert "https://eu-west-1.console" in out


@pytest.mark.parametrize(
    ("asked", "since", "window"),
    [
        (Wanted(trace_id(1), ""), None, (START - 300, START + 3 * 3600 + 1)),  # from the time in the id
        (Wanted(trace_id(1), ""), 3600.0, (START + 86400 - 3600, START + 86400)),
        (Wanted("", "cart-1"), None, (START + 86400 - 3 * 3600, START + 86400)),
        (Wanted("f" * 32, ""), None, (START + 86400 - 3 * 3600, START + 86400)),  # W3C ids begin with no time
    ],
)
def test_where_in_time_is_looked(asked, since, window):
    assert trace._window(asked, since, START + 86400) == Window(*window)


def test_nothing_found_in_aws_says_how_long_it_is_kept():
    from obskit.lookup.request import Request

    told = trace._nothing(Wanted("", "cart-1"), Request([], [], [], places=["X-Ray"]), Window(START, START + 1))

    assert told.startswith(
        "nothing found of correlation id cart-1. Looked in:\n  X-Ray\n  lines and links from 2026-11-24"
    )
    assert "X-Ray keeps a trace for 30 days" in told


def test_the_console_opens_the_same_search():
    from obskit.lookup.request import Request

    found = Request([], LINES[:1], ["cart-1"])

    (link,) = view.console_links(found, "us-east-1", Window(START, START + 1), ["/aws/lambda/a"])

    assert link == (
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:logs-insights?queryDetail="
        "~(end~'2026-11-24T15*3a57*3a53*2b00*3a00~start~'2026-11-24T15*3a57*3a52*2b00*3a00~timeType~'ABSOLUTE~tz~'UTC"
        "~editorString~'fields*20*40timestamp*2c*20*40message*20*7c*20filter*20correlation_id*20*3d*20*22cart-1*22"
        "*20*7c*20sort*20*40timestamp*20asc~source~(~'*2faws*2flambda*2fa))"
    )


HOSTILE = "done\x1b[2J\x1b]0;mine\x07\n16:00:11.000 INFO  [1] shop forged\u202e"


def test_text_of_others_does_nothing_to_the_terminal_and_forges_no_line(call):
    lines = [{**LINES[0], "message": HOSTILE, "service": "a\x9b31m", "note": "\x1b[31m"}]
    documents = [{**DOCUMENTS[0], "name": "shop\x1b[2J\nforged"}]

    for out in (Terminal(), io.StringIO()):
        code, text, _ = call("cart-1", lines=lines, documents=documents, out=out)

        body = text.replace("\x1b[1m", "").replace("\x1b[0m", "").replace("\x1b[2m", "")  # rich's own
        assert 0 == code
        assert not set("\x07\x9b\u202e\x1b") & set(body)
        assert r"done\x1b[2J\x1b]0;mine\x07" in body
        assert "\n    16:00:11.000 INFO  [1] shop forged" in body
        assert not [
            one for one in body.splitlines() if one.startswith(("16:00:11.000 INFO  [1] shop forged", "forged"))
        ]


@pytest.mark.parametrize("level", [None, {}, [1], 3])
def test_a_level_that_is_no_word_is_shown_as_it_is(call, level):
    code, text, _ = call("cart-1", lines=[{**LINES[0], "level": level}])

    assert (0, True) == (code, f" {level!s:<5} " in text)


def test_times_that_are_none_are_no_json_that_nobody_reads(call):
    spans = [{**DOCUMENTS[0], "end_time": float("nan"), "start_time": float("inf")}]

    code, text, _ = call("cart-1", "--format", "json", documents=spans)

    assert 0 == code
    json.loads(text, parse_constant=pytest.fail)
