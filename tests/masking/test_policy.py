"""What a policy does with a value: by class, by path, by environment; and that a wrong one never shows more."""

import ipaddress
import re
import string
import subprocess
import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obskit import config
from obskit.masking import classes, forms, mask_text, policy, pseudonyms
from obskit.masking.policy import Policy
from obskit.semconv import MASKING_ACTIONS, MASKING_CLASSES

KEY = bytes(range(32))
VALUES = {
    "EMAIL": "ann.lee@mail.example.com",
    "PHONE": "+44 20 7946 0958",
    "CARD": "4111 1111 1111 1111",
    "BANK": "GB82 WEST 1234 5698 7654 32",
    "NATIONAL_ID": "AB 12 34 56 C",
    "IP": "192.0.2.77",
    "MAC": "00:00:5e:00:53:af",
    "NAME": "Ann Lee",
    "BIRTH": "1984-02-29",
    "ADDRESS": "1 Example Street, Exampleton",
    "GEO": "51.477",
    "SECRET": "hunter2hunter2",
}
"""One value of each class: documentation values, numbers reserved for fiction, published test numbers."""

POSSIBLE = [(name, action) for name, actions in MASKING_CLASSES.items() for action in actions]


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """No policy, settings or key of another test."""
    monkeypatch.delenv("OBSKIT_PSEUDONYM_SECRET_ARN", raising=False)
    for forget in (config.reset, policy.reset, lambda: pseudonyms.set_keys(())):
        forget()
    yield
    for forget in (config.reset, policy.reset, lambda: pseudonyms.set_keys(())):
        forget()


def of(**rules) -> Policy:
    return Policy({"": rules}, "prod")


def test_the_classes_have_one_list():
    named = [value for key, value in vars(classes).items() if key.isupper() and key == value]

    assert list(MASKING_CLASSES) == list(classes.CLASSES) == named
    assert set(MASKING_ACTIONS) == {action for actions in MASKING_CLASSES.values() for action in actions}
    assert "redact" == MASKING_ACTIONS[0]


def test_without_settings_everything_is_redacted():
    found = policy.policy()

    assert dict.fromkeys(classes.CLASSES, "redact") == found.actions
    assert {name: f"[{name}]" for name in VALUES} == {name: found.replace(name, text) for name, text in VALUES.items()}
    assert (True, None, {}, frozenset(), (), ()) == (
        found.plain,
        found.tree,
        found.keys,
        found.keep_values,
        found.patterns,
        found.problems,
    )
    assert () == policy.new_problems()


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("EMAIL", "Ann.Lee@Mail.Example.com", "[EMAIL mail.example.com]"),
        ("EMAIL", "ann%40example.com", "[EMAIL example.com]"),
        ("EMAIL", "<ann@example.com>", "[EMAIL example.com]"),
        ("EMAIL", "ann@b\u00fccher.example", "[EMAIL xn--bcher-kva.example]"),
        ("EMAIL", "Ann Lee <ann@example.com>", "[EMAIL]"),
        ("EMAIL", "ann@example.com, bob@example.com", "[EMAIL]"),
        ("EMAIL", "ann@4111111111111111.example", "[EMAIL]"),
        ("EMAIL", "ann", "[EMAIL]"),
        ("IP", "192.0.2.77", "[IP 192.0.2.*]"),
        ("IP", "2001:db8:0:12::7", "[IP 2001:db8:0:*]"),
        ("IP", "[2001:DB8::7]", "[IP 2001:db8:0:*]"),
        ("IP", "fe80::1%eth0", "[IP fe80:0:0:*]"),
        ("IP", "::ffff:192.0.2.77", "[IP 192.0.2.*]"),
        ("IP", "192.0.2.256", "[IP]"),
        ("IP", "192.0.2.1, 198.51.100.7", "[IP]"),
        ("CARD", "4111 1111 1111 1111", "[CARD 1111]"),
        ("CARD", "378282246310005", "[CARD 0005]"),
        ("CARD", "1111", "[CARD]"),
        ("BANK", "gb82 west 1234 5698 7654 32", "[BANK 5432]"),
        ("BANK", "12345678", "[BANK 5678]"),
        ("BANK", "1234567", "[BANK]"),
        ("BANK", "DEUTDEFF500", "[BANK]"),
    ],
)
def test_what_partial_shows(name, text, shown):
    assert shown == of(classes={name: "partial"}).replace(name, text)


WORDS = st.text(string.ascii_letters, min_size=1, max_size=30)


@given(local=st.text(string.ascii_uppercase, min_size=1, max_size=30), domain=WORDS)
def test_partial_never_shows_the_local_part(local, domain):
    """The local part is in capitals, which a domain in its normal form has none of."""
    shown = of(classes={"EMAIL": "partial"}).replace("EMAIL", f"{local}@{domain}.example")

    assert f"[EMAIL {domain.lower()}.example]" == shown


@given(st.ip_addresses(v=4))
def test_partial_never_shows_the_host_of_version_4(address):
    shown = of(classes={"IP": "partial"}).replace("IP", str(address))

    assert f"[IP {str(address).rpartition('.')[0]}.*]" == shown


@given(st.integers(2**48, 2**128 - 1).map(ipaddress.IPv6Address))
def test_partial_never_shows_more_than_48_bits_of_version_6(address):
    """From 2**48 on no address is one of version 4 in the form of version 6."""
    shown = of(classes={"IP": "partial"}).replace("IP", str(address))
    groups = [f"{int(group, 16):x}" for group in address.exploded.split(":")]

    assert f"[IP {':'.join(groups[:3])}:*]" == shown


@given(name=st.sampled_from(["CARD", "BANK"]), text=st.text("0123456789 -GBWX", max_size=40))
def test_partial_never_shows_more_than_four_digits(name, text):
    shown = of(classes={name: "partial"}).replace(name, text)

    assert shown is not None
    assert len(re.findall("[0-9]", shown)) in (0, 4)
    assert re.fullmatch(rf"\[{name}( [0-9]{{4}})?\]", shown)


@pytest.mark.parametrize(("name", "action"), POSSIBLE)
def test_a_second_pass_changes_nothing(name, action):
    """Neither by the key's name, nor in a text that is looked through."""
    pseudonyms.set_keys((("k2", KEY),))
    found = of(classes={name: action})
    once = found.replace(name, VALUES[name])
    if once is None or action == "keep":
        return

    assert once == found.replace(name, once)
    for text in (once, f"of {once}, again", f"{name.lower()}={once}", f'{name.lower()}: "{once}"'):
        assert text == mask_text(text)
    assert forms.is_token(once)
    assert re.fullmatch(classes.TOKEN, once)


@given(name=st.sampled_from(list(VALUES)), text=st.text(), action=st.sampled_from(["", *MASKING_ACTIONS]))
def test_whatever_is_replaced_is_safe(name, text, action):
    """Never raises; and what comes back is a token, or the value itself where it is kept."""
    pseudonyms.set_keys((("k2", KEY),))
    found = of(classes={key: actions[-1] for key, actions in MASKING_CLASSES.items() if "keep" not in actions})

    shown = found.replace(name, text, action)

    assert shown is None or forms.is_token(shown) or (action == "keep" and shown == text)


@pytest.mark.parametrize(
    "text",
    [
        "[CARD 4111111111111111]",
        "[EMAIL ann@example.com]",
        "[EMAIL 447946095801.example]",
        "[IP 192.0.2.77]",
        "[IP 2001:db8:0:7]",
        "[IP 2001:db8:0:0:*]",
        "[PHONE 0958]",
        "[EMAIL:ann:lee@example.com]",
        "[EMAIL:k1:abcdefghijklmno1]",
        "[EMAIL:1k:abcdefghijklmnop]",
        "[NAME Ann]",
        "[ANN]",
        "[",
        "[]",
        "[EMAIL",
    ],
)
def test_brackets_alone_are_no_token(text):
    assert not forms.is_token(text)


def test_a_pseudonym_waits_for_its_key():
    found = of(classes={"EMAIL": "pseudonym"})

    assert "[EMAIL]" == found.replace("EMAIL", VALUES["EMAIL"])
    assert ("OBSKIT_PSEUDONYM_SECRET_ARN is not set: values are redacted, not pseudonymised",) == policy.new_problems()
    assert () == policy.new_problems()

    pseudonyms.set_keys((("k2", KEY),))
    assert pseudonyms.make("EMAIL", VALUES["EMAIL"], "", "k2", KEY) == found.replace("EMAIL", VALUES["EMAIL"])


def test_no_two_tenants_share_a_pseudonym(monkeypatch):
    pseudonyms.set_keys((("k2", KEY),))
    found = of(classes={"EMAIL": "pseudonym"})
    tokens = set()
    for tenant in ("", "t-1", "t-2", "t-1"):
        monkeypatch.setattr(policy, "tenant", lambda tenant=tenant: tenant)
        tokens.add(found.replace("EMAIL", VALUES["EMAIL"]))

    assert 3 == len(tokens)


def test_drop_and_keep():
    found = of(classes={"IP": "keep", "NAME": "drop"})

    assert "192.0.2.77" == found.replace("IP", "192.0.2.77")
    assert None is found.replace("NAME", "Ann Lee")
    assert not found.plain


@pytest.mark.parametrize("by_path", MASKING_ACTIONS)
@pytest.mark.parametrize(("name", "own"), POSSIBLE)
def test_a_path_makes_nothing_readable_that_its_class_forbids(name, own, by_path):
    """But `keep` at a path may say of a number that it is no card."""
    found = of(classes={name: own}).action(name, by_path)

    assert found in MASKING_CLASSES[name] or (name == "CARD" and found == by_path == "keep")
    if by_path in MASKING_CLASSES[name] and name != "CARD":
        assert by_path == found


def test_no_card_shows_digits_in_one_place_and_a_pseudonym_in_another():
    """PCI DSS 4.0.1, 3.5.1.1: together they help to guess the number."""
    for own in MASKING_CLASSES["CARD"]:
        ways = {of(classes={"CARD": own}).action("CARD", by_path) for by_path in ("", *MASKING_ACTIONS)}
        assert not {"partial", "pseudonym"} <= ways


def test_a_value_of_no_class_at_a_path():
    found = of()

    assert ["[REDACTED]", "[REDACTED]", "[REDACTED]", None, "x"] == [
        found.replace("", "x", action) for action in MASKING_ACTIONS
    ]


def test_values_that_stay():
    found = of(keep_values=["support@shop.example"])

    assert "support@shop.example" == found.replace("EMAIL", "support@shop.example")
    assert "[EMAIL]" == found.replace("EMAIL", "ann@shop.example")
    assert not found.plain


def test_the_tree_of_paths_needs_one_look_up_a_key():
    """What is under `*` is also under the keys beside it; the longer rule is meant."""
    found = of(
        paths=[
            (("order",), "redact"),
            (("order", "*", "id"), "keep"),
            (("order", "buyer", "email"), "pseudonym"),
            (("order", "buyer", "id"), "drop"),
            (("**", "sku"), "keep"),
        ]
    )

    assert {
        "order": {
            "": "redact",
            "*": {"id": {"": "keep"}},
            "buyer": {"email": {"": "pseudonym"}, "id": {"": "drop"}},
        }
    } == found.tree
    assert {"sku": "keep"} == found.keys
    assert () == found.problems
    assert not found.plain


def test_the_tree_spreads_a_star_at_each_depth():
    found = of(paths=[(("*", "b"), "keep"), (("a", "*"), "drop")])

    assert {"*": {"b": {"": "keep"}}, "a": {"*": {"": "drop"}, "b": {"": "keep"}}} == found.tree


NAMES = st.sampled_from(["a", "b", "c"])
RULES = st.lists(st.lists(st.one_of(NAMES, st.just("*")), min_size=1, max_size=4).filter(lambda p: p.count("*") <= 2))


@given(rules=RULES, path=st.lists(NAMES, min_size=1, max_size=4))
def test_a_walk_through_the_tree_finds_a_rule_wherever_one_matches(rules, path):
    """By one look-up a key it ends at an action exactly when some rule has this path."""
    node: object = of(paths=[(tuple(rule), "keep") for rule in rules]).tree or {}
    for key in path:
        assert isinstance(node, dict)
        node = node.get(key) or node.get("*") or {}

    assert isinstance(node, dict)
    matches = any(
        len(rule) == len(path) and all(one in ("*", key) for one, key in zip(rule, path, strict=True)) for rule in rules
    )
    assert matches == ("" in node)


def test_patterns_are_compiled_in_their_order():
    found = of(patterns=[("loyalty", "BANK", "LOY-[0-9]{8}"), ("badge", "NATIONAL_ID", "B[0-9]{5}")])

    assert (
        ("loyalty", "BANK", re.compile("LOY-[0-9]{8}")),
        ("badge", "NATIONAL_ID", re.compile("B[0-9]{5}")),
    ) == found.patterns
    assert not found.plain


def test_an_environment_has_its_own_rules():
    plain = {"": {"classes": {"IP": "partial"}}, "dev": {"classes": {"IP": "keep"}}}

    assert ["partial", "keep", "partial"] == [Policy(plain, env).actions["IP"] for env in ("prod", "dev", "unknown")]


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ({"classes": {"SECRET": "keep"}}, "class 'SECRET': 'keep' is not possible; redacted"),
        ({"classes": {"CARD": "keep"}}, "class 'CARD': 'keep' is not possible; redacted"),
        ({"classes": {"EMIAL": "keep"}}, "class 'EMIAL': 'keep' is not possible; redacted"),
        ({"classes": {"EMAIL": 1}}, "class 'EMAIL': 1 is not possible; redacted"),
        ({"classes": []}, "class 'classes': '' is not possible; redacted"),
        ({"paths": [("a", "keep")]}, "path rule ('a', 'keep') is not possible; left out"),
        ({"paths": [((), "keep")]}, "path rule ((), 'keep') is not possible; left out"),
        ({"paths": [(("a", ""), "keep")]}, "path rule (('a', ''), 'keep') is not possible; left out"),
        ({"paths": [(("a",), "hide")]}, "path rule (('a',), 'hide') is not possible; left out"),
        ({"paths": [(("a", "**"), "keep")]}, "path rule (('a', '**'), 'keep') is not possible; left out"),
        ({"paths": [(("*",) * 3, "keep")]}, "path rule (('*', '*', '*'), 'keep') is not possible; left out"),
        ({"paths": 7}, "path rule 7 is not possible; left out"),
        ({"keep_values": "ann"}, "keep_values is no list of texts; left out"),
        ({"keep_values": [1]}, "keep_values is no list of texts; left out"),
        ({"patterns": [("x", "BANK", "(")]}, "pattern 'x' does not compile (PatternError); left out"),
        ({"patterns": [("x", "NOBODY", "a")]}, "pattern 'x' does not compile (ValueError); left out"),
        ({"patterns": [7]}, "pattern 7 does not compile (TypeError); left out"),
        ({"patterns": 7}, "pattern 7 does not compile (TypeError); left out"),
    ],
)
def test_a_rule_that_is_wrong_is_told_and_shows_nothing_more(rules, problem):
    found = of(**rules)

    assert (f"obskit_settings: {problem.replace('PatternError', re.error.__name__)}",) == found.problems
    assert found.plain


@pytest.mark.parametrize("plain", [None, 7, [], {"": 7}, {"prod": None}])
def test_settings_that_are_none_are_told(plain):
    found = Policy(plain, "prod")

    assert ("obskit_settings.MASKING is not what `obskit settings` writes; everything is redacted",) == found.problems
    assert found.plain


def use(monkeypatch, tmp_path, source: str) -> Policy:
    (tmp_path / "obskit_settings.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "obskit_settings", raising=False)
    found = policy.policy()
    sys.modules.pop("obskit_settings", None)
    return found


def test_the_module_is_read_once_and_for_this_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("OBSKIT_ENV", "dev")
    found = use(monkeypatch, tmp_path, "MASKING = {'': {}, 'dev': {'classes': {'IP': 'keep'}}}")

    assert ("keep", ()) == (found.actions["IP"], found.problems)
    assert policy.policy() is found


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("MASKING =", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("import no_such_module", "ModuleNotFoundError"),
        ("", "AttributeError"),
    ],
)
def test_a_broken_module_stops_nothing(monkeypatch, tmp_path, source, error):
    found = use(monkeypatch, tmp_path, source)

    assert found.plain
    assert (f"obskit_settings cannot be used ({error}); everything is redacted",) == policy.new_problems()
    assert () == policy.new_problems()


def test_an_object_that_fails_at_every_touch_is_replaced(monkeypatch):
    """Whatever goes wrong inside, the marker is what comes out."""
    broken = types.ModuleType("forms")
    monkeypatch.setattr("obskit.masking.forms.partial", broken)

    assert "[IP]" == of(classes={"IP": "partial"}).replace("IP", "192.0.2.77")


def test_redacting_loads_neither_forms_nor_keys_nor_patterns():
    code = (
        "import sys; from obskit.masking.policy import policy; policy().replace('EMAIL', 'x')\n"
        "print(*sorted({'obskit.masking.forms', 'obskit.masking.pseudonyms', 'hashlib', 'boto3'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)

    assert "\n" == done.stdout
