"""`[masking]` in `obskit.toml`: what is read, what is refused and why, and the module that is made of it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from obskit.deploy import check, patterns, project, settings
from obskit.deploy.masking import Masking, Pattern, Rules, path_parts
from obskit.errors import ConfigError
from obskit.masking import policy
from obskit.masking.policy import Policy
from tests.parts import ROOT

MASKING = r"""
[masking]
keep_values = ["support@shop.example"]

[masking.classes]
IP = "partial"
EMAIL = "pseudonym"

[masking.paths]
"order.items.*.reference" = "keep"
"**.sku" = "keep"
'order.user\.email' = "drop"

[masking.patterns.loyalty_number]
class = "BANK"
match = 'LOY-[0-9]{8}'

[masking.environments.dev]
keep_values = ["caf\u00e9 'x'", "say \"ann\""]
classes = { IP = "keep" }
paths = { "**.sku" = "drop" }
patterns = { badge = { class = "NATIONAL_ID", match = '\bB[0-9]{5}\b' } }
"""

MODULE = r'''"""
The runtime's part of obskit.toml: what obskit does with the personal data that it finds.

Made by `obskit settings`. Do not edit: change obskit.toml and make it again.
Ship it beside the function's code, or in its layer, as obskit_settings.py.
"""

MASKING = {
    "": {
        "classes": {"EMAIL": "pseudonym", "IP": "partial"},
        "paths": [
            (("**", "sku"), "keep"),
            (("order", "items", "*", "reference"), "keep"),
            (("order", "user.email"), "drop"),
        ],
        "keep_values": ["support@shop.example"],
        "patterns": [("loyalty_number", "BANK", "LOY-[0-9]{8}")],
    },
    "dev": {
        "classes": {"EMAIL": "pseudonym", "IP": "keep"},
        "paths": [
            (("**", "sku"), "drop"),
            (("order", "items", "*", "reference"), "keep"),
            (("order", "user.email"), "drop"),
        ],
        "keep_values": ["caf\xe9 'x'", 'say "ann"', "support@shop.example"],
        "patterns": [("badge", "NATIONAL_ID", "\\bB[0-9]{5}\\b"), ("loyalty_number", "BANK", "LOY-[0-9]{8}")],
    },
}
'''

Add = Callable[[str], Path]


@pytest.fixture
def add(shop: Path) -> Add:
    """Put text at the end of the project's file."""

    def append(text: str) -> Path:
        path = shop / "obskit.toml"
        path.write_text(path.read_text() + text)
        return shop

    return append


def problems(root: Path) -> list[str]:
    try:
        project.load(root)
    except ConfigError as error:
        return list(error.problems)
    return []


def test_a_table_is_read_whole(add: Add):
    base = Rules(
        classes={"IP": "partial", "EMAIL": "pseudonym"},
        paths={
            ("order", "items", "*", "reference"): "keep",
            ("**", "sku"): "keep",
            ("order", "user.email"): "drop",
        },
        keep_values=("support@shop.example",),
        patterns={"loyalty_number": Pattern("BANK", "LOY-[0-9]{8}")},
    )
    dev = Rules(
        classes={"IP": "keep"},
        paths={("**", "sku"): "drop"},
        keep_values=("caf\u00e9 'x'", 'say "ann"'),
        patterns={"badge": Pattern("NATIONAL_ID", r"\bB[0-9]{5}\b")},
    )

    assert Masking(base, {"dev": dev}) == project.load(add(MASKING)).masking


def test_without_a_table_nothing_is_said(shop: Path):
    assert Masking() == project.load(shop).masking
    assert settings.module(project.load(shop)).endswith('\nMASKING = {"": {}}\n')


def test_the_module_is_what_the_table_says(add: Add):
    """The whole text: it is committed and reviewed."""
    assert MODULE == settings.module(project.load(add(MASKING)))


def test_the_module_of_one_environment_holds_that_alone(add: Add):
    loaded = project.load(add(MASKING))
    names: dict[str, dict[str, object]] = {}
    text = settings.module(loaded, "dev")
    exec(text, names)

    assert {"": loaded.masking.of("dev").plain()} == names["MASKING"]
    assert "obskit.toml for dev: " in text
    assert "`obskit settings --env dev`" in text


def test_the_runtime_takes_what_was_written(add: Add):
    """The two sides share words, not code: this is where they meet."""
    names: dict[str, dict[str, object]] = {}
    exec(settings.module(project.load(add(MASKING))), names)

    prod, dev = (Policy(names["MASKING"], env) for env in ("prod", "dev"))

    assert ((), ()) == (prod.problems, dev.problems)
    assert ("partial", "keep") == (prod.actions["IP"], dev.actions["IP"])
    assert ({"sku": "keep"}, {"sku": "drop"}) == (prod.keys, dev.keys)
    assert {"order": {"items": {"*": {"reference": {"": "keep"}}}, "user.email": {"": "drop"}}} == prod.tree
    assert [
        ("NATIONAL_ID", re.compile(r"\bB[0-9]{5}\b")),
        ("BANK", re.compile("LOY-[0-9]{8}")),
    ] == [(of_class, pattern) for _, of_class, pattern in dev.patterns]


def test_both_sides_take_paths_of_the_same_depth():
    from obskit.deploy import masking

    assert policy.DEEPEST_PATH == masking.DEEPEST_PATH


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "masking = 7",
            "masking: must be a table, [masking]",
        ),
        ("[masking]\nclases = {}", "masking.clases: unknown key. Did you mean 'classes'?"),
        (
            '[masking.classes]\nemail = "keep"',
            (
                "masking.classes.email: no such class (known: EMAIL, PHONE, CARD, BANK, NATIONAL_ID, IP, MAC, NAME,"
                " BIRTH, ADDRESS, GEO, SECRET). Did you mean 'EMAIL'?"
            ),
        ),
        (
            '[masking.classes]\nEMAIL = "partail"',
            (
                "masking.classes.EMAIL: 'partail' is no action; one of redact, partial, pseudonym, drop, keep."
                " Did you mean 'partial'?"
            ),
        ),
        ("[masking.classes]\nEMAIL = true", "masking.classes.EMAIL: must be text in quotes"),
        (
            '[masking.classes]\nSECRET = "pseudonym"',
            (
                "masking.classes.SECRET: cannot be 'pseudonym', for whatever is shown of a secret helps to find it;"
                " one of redact, drop"
            ),
        ),
        (
            '[masking.classes]\nCARD = "keep"',
            (
                "masking.classes.CARD: cannot be 'keep', for PCI DSS wants a card number unreadable wherever it is"
                " stored; one of redact, partial, pseudonym, drop"
            ),
        ),
        (
            '[masking.classes]\nPHONE = "partial"',
            (
                "masking.classes.PHONE: cannot be 'partial', for no part of it is both useful and harmless;"
                " one of redact, pseudonym, drop, keep"
            ),
        ),
        (
            '[masking.paths]\n"order.note" = "hide"',
            "masking.paths.order.note: 'hide' is no action; one of redact, partial, pseudonym, drop, keep.",
        ),
        (
            '[masking.paths]\norder.note = "keep"',
            'masking.paths.order: must be text in quotes; a whole path is one key, in quotes: "order.customer.email"',
        ),
        (
            '[masking.paths]\n"order..note" = "keep"',
            (
                "masking.paths.order..note: a path is keys joined by '.', none of them empty, e.g."
                " 'order.customer.email'"
            ),
        ),
        (
            '[masking.paths]\n"" = "keep"',
            "masking.paths: a path is keys joined by '.', none of them empty, e.g. 'order.customer.email'",
        ),
        (
            '[masking.paths]\n"order.**" = "keep"',
            ("masking.paths.order.**: '**' stands first and one key follows: '**.reference' is that key at any depth"),
        ),
        (
            '[masking.paths]\n"**" = "keep"',
            "masking.paths.**: '**' stands first and one key follows: '**.reference' is that key at any depth",
        ),
        (
            '[masking.paths]\n"**.*" = "keep"',
            "masking.paths.**.*: '**' stands first and one key follows: '**.reference' is that key at any depth",
        ),
        (
            '[masking.paths]\n"order.ref*" = "keep"',
            "masking.paths.order.ref*: '*' stands for a whole key, not for a part of one",
        ),
        (
            '[masking.paths]\n"items.0.sku" = "keep"',
            (
                "masking.paths.items.0.sku: positions in a list are no part of a path: 'items.sku' is that key in"
                " every item; '*' is any key"
            ),
        ),
        (
            f'[masking.paths]\n"{".".join("abcdefghijklm")}" = "keep"',
            "masking.paths.a.b.c.d.e.f.g.h.i.j.k.l.m: has 13 parts; at most 12",
        ),
        ('[masking.paths]\n"a.*.*.*" = "keep"', "masking.paths.a.*.*.*: at most 2 parts may be '*'"),
        (
            '[masking.paths]\n"*.*" = "keep"',
            ("masking.paths.*.*: would keep everything, which switches masking off; name the keys that may stay"),
        ),
        ('[masking]\nkeep_values = "x"', "masking.keep_values: must be a list of texts"),
        ('[masking]\nkeep_values = [""]', "masking.keep_values: a value has 1 to 256 characters"),
        ('[masking.patterns.x]\nmatch = "a"', "masking.patterns.x.class: missing; it is text in quotes"),
        ('[masking.patterns.x]\nclass = "BANK"', "masking.patterns.x.match: missing; it is text in quotes"),
        (
            '[masking.patterns.x]\nclass = "bnak"\nmatch = "a"',
            "masking.patterns.x.class: no such class. Did you mean 'BANK'?",
        ),
        (
            '[masking.patterns.x]\nclass = "BANK"\nmatch = "a"\nflags = "i"',
            "masking.patterns.x.flags: unknown key. Did you mean 'class'?",
        ),
        (
            '[masking.patterns."X y"]\nclass = "BANK"\nmatch = "a"',
            "masking.patterns.X y: a name has lower-case letters, digits and '_', a letter first",
        ),
        (
            "[masking.patterns.x]\nclass = \"BANK\"\nmatch = 'LOY-[0-9]*'",
            ("masking.patterns.x.match: has a repeat without an end; write e.g. '{1,64}' for '+' and '{0,64}' for '*'"),
        ),
        (
            "[masking.patterns]\n" + "".join(f'x{n} = {{ class = "BANK", match = "a" }}\n' for n in range(21)),
            "masking.patterns: 21 are too many: each runs over every text; at most 20",
        ),
        (
            '[masking.environments.prdo.classes]\nIP = "keep"',
            "masking.environments.prdo: no environment of that name (known: dev, prod). Did you mean 'prod'?",
        ),
        (
            '[masking.environments.prod.classes]\nSECRET = "keep"',
            (
                "masking.environments.prod.classes.SECRET: cannot be 'keep', for whatever is shown of a secret helps to"
                " find it; one of redact, drop"
            ),
        ),
        (
            "[masking.environments.prod]\nregions = []",
            "masking.environments.prod.regions: unknown key.",
        ),
    ],
)
def test_one_fault_is_one_line(shop: Path, text: str, problem: str):
    """A problem names the file, the key, the rule and the nearest right answer."""
    path = shop / "obskit.toml"
    path.write_text(f"{text}\n{path.read_text()}" if text.startswith("masking") else f"{path.read_text()}\n{text}\n")

    assert [f"obskit.toml: {problem}"] == problems(shop)


def test_all_faults_are_told_at_once_by_the_check_too(add: Add):
    root = add(
        '[masking]\nkeep = []\n[masking.classes]\nEMIAL = "keep"\nIP = "hide"\n[masking.paths]\n"a..b" = "keep"\n'
        "[masking.patterns.x]\nclass = 'BANK'\nmatch = '('\n"
    )

    found = problems(root)

    assert [
        "masking.classes.EMIAL",
        "masking.classes.IP",
        "masking.keep",
        "masking.paths.a..b",
        "masking.patterns.x.match",
    ] == sorted(problem.split(": ")[1] for problem in found)
    assert found == [f"{problem.resource}: {problem.message}" for problem in check.check(root)]


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("a", ["a"]),
        ("a.b", ["a", "b"]),
        (r"a\.b.c", ["a.b", "c"]),
        (r"a\\.b", ["a\\", "b"]),
        ("a.", ["a", ""]),
        ("", [""]),
        ("a\\", ["a\\"]),
    ],
)
def test_a_path_is_taken_apart_at_its_dots(path: str, parts: list[str]):
    assert parts == path_parts(path)


@pytest.mark.parametrize(
    "pattern",
    [
        "LOY-[0-9]{8}",
        r"\bKD[ -]?[0-9]{6,10}\b",
        "(?i)ref:[a-z]{1,64}-[0-9]{1,10}",
        r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}",
        r"\w{1,64}+@\w{1,64}+\.example",
        "(?>a{1,256})b",
        "(?=KD)[A-Z]{2}[0-9]{3}(?![0-9])",
        "(?x) [A-Z]{3}  # a country \n [0-9]{4}",
        "cash|card|(?P<other>gift)",
        "[^]*+]{1,3}",
    ],
)
def test_patterns_that_are_safe(pattern: str):
    assert "" == patterns.problem(pattern)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("a+", "has a repeat without an end"),
        ("a*b", "has a repeat without an end"),
        ("a{2,}", "has a repeat without an end"),
        ("a++", "has a repeat without an end"),
        ("b(?:a|c(?:d+))", "has a repeat without an end"),
        ("(?=a+)b", "has a repeat without an end"),
        ("a{257}", "repeats 257 times; 256 are the most"),
        ("", "matches the empty string"),
        ("a?", "matches the empty string"),
        (r"\b", "matches the empty string"),
        ("(?:a{0,3}|b)", "matches the empty string"),
        ("(?=a)", "matches the empty string"),
        ("(a{1,100}){1,100}b", "may take millions of steps"),
        ("(a|aa){50}b", "may take millions of steps"),
        ("(a?){50}a{50}", "may take millions of steps"),
        (r"\w{1,64}\w{1,64}-", "may take 8,256 steps at one place of a text, 2,000 are the most"),
        ("(?:(?=a{1,256}b)a){256}", "may take 131,328 steps"),
        ("(?:(?:a{1,50}){1,50}){1,50}+b", "may take millions of steps"),
        (r"(a)\1", "refers back to a group"),
        ("(?P<x>a)(?P=x)", "refers back to a group"),
        ("(a)?(?(1)b|c)", "refers back to a group"),
        ("(?<=a)b", r"looks behind; write '\b'"),
        ("(?<!a)b", r"looks behind; write '\b'"),
        ("(", "is no regular expression of Python: missing )"),
        ("[[a]b]", "is no regular expression of Python: Possible nested set"),
        ("a{99999999999}", "is no regular expression of Python: the repetition number is too large"),
        ("a" * 501, "has 501 characters; 500 are the most"),
    ],
)
def test_patterns_that_are_not(pattern: str, words: str):
    assert patterns.problem(pattern).startswith(words)


def test_a_pattern_of_deep_repeats_is_refused_at_once():
    """Nested repeats are counted, not tried."""
    pattern = "a"
    while len(pattern) < 400:
        pattern = f"(?:{pattern}|b){{1,256}}"

    assert patterns.problem(pattern).startswith("may take millions of steps")


def test_the_example_in_the_projects_own_file_is_right(shop: Path):
    """It stands there as a comment, to be taken over."""
    example = (ROOT / "obskit.toml").read_text().partition("\n# [masking]\n")[2]
    lines = "".join(line.removeprefix("# ").removeprefix("#") for line in example.splitlines(keepends=True))
    path = shop / "obskit.toml"
    path.write_text(f"{path.read_text()}\n[masking]\n{lines}")

    masking = project.load(shop).masking

    assert all((masking.rules.classes, masking.rules.paths, masking.rules.keep_values, masking.rules.patterns))
    assert {"dev": Rules(classes={"IP": "keep"})} == masking.environments
