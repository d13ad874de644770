"""The engine under a policy: each action, wherever a value stands and however it is found."""

import base64
import copy
import decimal
import enum
import ipaddress
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obskit import config
from obskit.masking import audit, mask, mask_document, mask_field, mask_text, policy, pseudonyms
from obskit.masking.policy import Policy
from obskit.masking.text import forget as forget_texts
from obskit.semconv import MASKING_ACTIONS, MASKING_CLASSES
from obskit.testing import records
from tests.masking import test_laws as laws

KEY = bytes(range(32))
TOKEN = "gh" + "p_" + "a1B2c3D4e5F6" * 3
"""Known by its form; nobody's."""

BY_KEY = {
    "EMAIL": ("email", "ann@example.com"),
    "PHONE": ("phone", "+44 20 7946 0958"),
    "CARD": ("card_number", "4111 1111 1111 1111"),
    "BANK": ("iban", "GB82 WEST 1234 5698 7654 32"),
    "NATIONAL_ID": ("ssn", "AB 12 34 56 C"),
    "IP": ("client_ip", "192.0.2.77"),
    "MAC": ("mac_address", "00:00:5e:00:53:af"),
    "NAME": ("first_name", "Ann"),
    "BIRTH": ("date_of_birth", "1984-02-29"),
    "ADDRESS": ("street", "1 Example Street"),
    "GEO": ("latitude", "51.477"),
    "SECRET": ("password", "hunter2hunter2"),
}
IN_TEXT = {name: BY_KEY[name][1] for name in ("EMAIL", "PHONE", "CARD", "BANK", "IP", "MAC")} | {"SECRET": TOKEN}
PARTIAL = {"EMAIL": "[EMAIL example.com]", "IP": "[IP 192.0.2.*]", "CARD": "[CARD 1111]", "BANK": "[BANK 5432]"}
POSSIBLE = [(name, action) for name, actions in MASKING_CLASSES.items() for action in actions]


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.delenv("OBSKIT_PII_SHADOW", raising=False)
    yield
    for forget in (config.reset, policy.reset, audit.take, lambda: pseudonyms.set_keys(())):
        forget()


@pytest.fixture
def keys():
    pseudonyms.set_keys((("k2", KEY),))


def use(shadow=(), **rules) -> None:
    policy._policy = Policy({"": rules}, "test", shadow)
    assert () == policy._policy.problems


def paths(**rules) -> list[tuple[tuple[str, ...], str]]:
    return [(tuple(path.split("__")), action) for path, action in rules.items()]


def shown(name, action, text):
    return {
        "redact": f"[{name}]",
        "partial": PARTIAL.get(name),
        "pseudonym": pseudonyms.make(name, text, "", "k2", KEY),
        "keep": text,
    }[action]


# By class


@pytest.mark.parametrize(("name", "action"), POSSIBLE)
def test_a_class_by_its_key(keys, name, action):
    use(classes={name: action}, keep_values=["-"])
    key, text = BY_KEY[name]

    masked = mask_document({key: text, "n": 1})

    assert masked == ({"n": 1} if action == "drop" else {key: shown(name, action, text), "n": 1})


@pytest.mark.parametrize(("name", "action"), [pair for pair in POSSIBLE if pair[0] in IN_TEXT])
def test_a_class_in_text(keys, name, action):
    use(classes={name: action}, keep_values=["-"])
    text = IN_TEXT[name]

    masked = mask_document({"note": f"got {text}, thanks", "list": [f"got {text}"]})

    there = "" if action == "drop" else shown(name, action, text)
    assert masked == {"note": f"got {there}, thanks", "list": [f"got {there}"]}


@pytest.mark.parametrize(("name", "action"), [pair for pair in POSSIBLE if pair[0] in IN_TEXT])
def test_a_class_in_a_document_in_text(keys, name, action):
    use(classes={name: action}, keep_values=["-"])
    key, text = BY_KEY[name]

    masked = mask_document({"body": json.dumps({"sent": {key: text, "n": 1}}), "n": 1})

    inner = {"n": 1} if action == "drop" else {key: shown(name, action, text), "n": 1}
    assert (masked["n"], json.loads(str(masked["body"]))) == (1, {"sent": inner})


@pytest.mark.parametrize(
    ("action", "phone", "ip"),
    [
        ("redact", "[PHONE]", "[IP]"),
        ("drop", None, None),
        ("keep", {"home": "020 7946 0958"}, ["192.0.2.77", {"v": "198.51.100.7"}]),
    ],
)
def test_a_container_under_a_key_that_names_a_class(action, phone, ip):
    use(classes={"PHONE": action, "IP": action}, keep_values=["-"])

    masked = mask_document({"phone": {"home": "020 7946 0958"}, "ip": ["192.0.2.77", {"v": "198.51.100.7"}]})

    assert masked == {key: value for key, value in {"phone": phone, "ip": ip}.items() if value is not None}


def test_partial_and_pseudonym_are_for_each_value_in_a_container(keys):
    use(classes={"PHONE": "pseudonym", "IP": "partial", "BANK": "partial"})

    masked = mask_document(
        {
            "phone": {"home": "020 7946 0958", "none": None, "n": 442079460000, "on": True},
            "ip": ["192.0.2.77", {"v": ["198.51.100.7"]}, ipaddress.ip_address("203.0.113.9")],
            "account_number": decimal.Decimal(12345678),
        }
    )

    assert masked == {
        "phone": {
            "home": pseudonyms.make("PHONE", "020 7946 0958", "", "k2", KEY),
            "none": None,
            "n": pseudonyms.make("PHONE", "442079460000", "", "k2", KEY),
            "on": True,
        },
        "ip": ["[IP 192.0.2.*]", {"v": ["[IP 198.51.100.*]"]}, "[IP 203.0.113.*]"],
        "account_number": "[BANK 5678]",
    }


def test_numbers_enums_and_keys_are_treated_like_texts(keys):
    class Contact(enum.Enum):
        ANN = "ann@example.com"

    use(classes={"CARD": "partial", "EMAIL": "partial"})

    assert mask({"n": 4111111111111111, "f": 4111111111111111.0, "l": [4111111111111111], "e": Contact.ANN}) == {
        "n": "[CARD 1111]",
        "f": "[CARD 1111]",
        "l": ["[CARD 1111]"],
        "e": "[EMAIL example.com]",
    }
    assert mask({"ann@example.com": 1, "bob@example.com": 2}) == {
        "[EMAIL example.com]": 1,
        "[EMAIL example.com] (2)": 2,
    }


def test_what_is_dropped_leaves_lists_pairs_and_nothing():
    use(classes={"CARD": "drop", "SECRET": "drop"})

    assert mask({"l": [1, 4111111111111111, 2], "headers": [["authorization", "Bearer x"], ["accept", "json"]]}) == {
        "l": [1, 2],
        "headers": [["accept", "json"]],
    }
    assert mask({"parameters": [{"name": "authorization", "value": "x"}]}) == {
        "parameters": [{"name": "authorization"}]
    }
    assert mask({"password": {"S": "x"}, "sessions": ["a", "b"], "n": 1}) == {"sessions": [], "n": 1}
    assert mask(4111111111111111) is None
    assert mask_text(f"a {TOKEN} b") == "a  b"


def test_a_secret_under_a_kept_class_is_found():
    use(classes={"NAME": "keep", "ADDRESS": "keep"})

    assert mask_document(
        {"first_name": f"Ann {TOKEN}", "address": {"street": "1 Example Street", "password": "x"}}
    ) == {
        "first_name": "Ann [SECRET]",
        "address": {"street": "1 Example Street", "password": "[SECRET]"},
    }


# By path


@pytest.mark.parametrize(
    ("action", "masked"),
    [
        (
            "redact",
            {"order": {"email": "[EMAIL]", "id": "[REDACTED]", "n": "[REDACTED]", "on": "[REDACTED]", "x": None}},
        ),
        ("drop", {"order": {}}),
        ("keep", {"order": {"email": "ann@example.com", "id": "o-1", "n": 1, "on": True, "x": None}}),
        (
            "partial",
            {"order": {"email": "[EMAIL example.com]", "id": "[REDACTED]", "n": "[REDACTED]", "on": True, "x": None}},
        ),
    ],
)
def test_an_action_for_each_of_several_paths(action, masked):
    use(paths=[(("order", key), action) for key in ("email", "id", "n", "on", "x")])

    document = {"order": {"email": "ann@example.com", "id": "o-1", "n": 1, "on": True, "x": None}}

    assert mask_document(document) == masked


@pytest.mark.parametrize(("action", "masked"), [("redact", {"order": "[REDACTED]", "n": 1}), ("drop", {"n": 1})])
def test_the_whole_goes(action, masked):
    use(paths=paths(order=action))

    for value in ({"id": {"x": [1]}}, [1, {"x": 2}], "text", 7, True, decimal.Decimal(1)):
        assert mask_document({"order": value, "n": 1}) == masked


def test_the_whole_of_a_key_that_names_a_class_has_its_marker():
    use(paths=paths(phone="redact", session="redact"), classes={"PHONE": "keep"})

    assert mask_document({"phone": {"x": 1}, "session": "s"}) == {"phone": "[PHONE]", "session": "[SECRET]"}


def test_a_path_that_keeps_still_masks_secrets_by_their_form():
    use(paths=paths(order="keep"))

    document = {
        "password": "correct horse",
        "note": f"ann@example.com {TOKEN}",
        "n": 4111111111111111,
        "l": ["192.0.2.7"],
    }

    assert mask_document({"order": document}) == {"order": {**document, "note": "ann@example.com [SECRET]"}}


def test_pseudonyms_by_path_hold_for_each_value_below(keys):
    use(paths=paths(customer="pseudonym"))
    email, phone = "ann@example.com", "+44 20 7946 0958"

    masked = mask_document({"customer": {"email": email, "notes": [f"call {phone}", "nothing"], "id": 7, "on": True}})

    assert masked == {
        "customer": {
            "email": shown("EMAIL", "pseudonym", email),
            "notes": [f"call {shown('PHONE', 'pseudonym', phone)}", "[REDACTED]"],
            "id": "[REDACTED]",
            "on": True,
        }
    }


def test_the_nearest_rule_is_meant():
    use(
        paths=[
            (("order",), "redact"),
            (("order", "items", "*", "sku"), "keep"),
            (("order", "items", "first", "sku"), "drop"),
            (("**", "reference"), "keep"),
            (("order", "reference"), "redact"),
        ]
    )

    masked = mask_document(
        {
            "order": {
                "id": 1,
                "user": {"name": "Ann", "list": [1, "x"]},
                "items": {"first": {"sku": "s", "n": 1}, "second": {"sku": "s", "n": 1}},
                "reference": "r",
                "below": {"reference": "r"},
            },
            "reference": "4111 1111 1111 1111",
        }
    )

    assert masked == {
        "order": {
            "id": "[REDACTED]",
            "user": "[REDACTED]",
            "items": {"first": {"n": "[REDACTED]"}, "second": {"sku": "s", "n": "[REDACTED]"}},
            "reference": "[REDACTED]",
            "below": {"reference": "r"},
        },
        "reference": "4111 1111 1111 1111",
    }


def test_a_rule_below_a_key_that_names_a_class_comes_before_the_class():
    use(paths=paths(phone__type="keep"))

    assert mask_document({"phone": {"type": "home", "number": "x", "more": [1]}}) == {
        "phone": {"type": "home", "number": "[PHONE]", "more": "[PHONE]"}
    }


def test_positions_are_no_part_of_a_path_and_documents_in_text_go_on():
    use(paths=paths(orders__email="keep", body__email="keep"))
    inner = {"email": "ann@example.com", "phone": "020 7946 0958"}

    masked = mask_document({"orders": [inner, [inner]], "body": f"got {json.dumps(inner)}", "email": "ann@example.com"})

    kept = {"email": "ann@example.com", "phone": "[PHONE]"}
    assert masked == {"orders": [kept, [kept]], "body": f"got {json.dumps(kept)}", "email": "[EMAIL]"}


def test_a_rule_in_a_document_whose_key_stands_before_it_in_text_holds_before_it_is_written():
    use(paths=paths(note__by="partial", note__ip="keep"))

    masked = mask({"note": 'secret={"by":"ann@example.com","ip":"192.0.2.7","n":1}', "n": 1})

    assert masked == {"note": 'secret={"by":"[EMAIL example.com]","ip":"192.0.2.7","n":"[SECRET]"}', "n": 1}


@pytest.mark.parametrize(
    ("rules", "masked"),
    [
        ({"classes": {"SECRET": "drop"}}, ["mysql", "--password", "-v"]),
        ({"paths": [(("args",), "keep")]}, ["mysql", "--password", "[SECRET]", "-v"]),
        ({"paths": [(("args",), "partial")]}, ["[REDACTED]", "[REDACTED]", "[SECRET]", "[REDACTED]"]),
        ({"keep_values": ["hunter2"]}, ["mysql", "--password", "hunter2", "-v"]),
    ],
)
def test_the_secret_of_an_option_is_never_shown(rules, masked):
    use(**rules)

    assert mask({"args": ["mysql", "--password", "hunter2", "-v"]}) == {"args": masked}


def test_a_body_in_base64_is_masked_as_what_it_says(keys):
    use(classes={"EMAIL": "pseudonym"}, paths=paths(body__ip="keep"))
    said = {"email": "ann@example.com", "ip": "192.0.2.7", "client_ip": "192.0.2.7"}

    masked = mask({"body": in_base64(json.dumps(said)).rstrip("="), "isBase64Encoded": True})

    assert json.loads(base64.b64decode(masked["body"])) == {
        "email": shown("EMAIL", "pseudonym", "ann@example.com"),
        "ip": "192.0.2.7",
        "client_ip": "[IP]",
    }


def test_a_pair_stands_at_the_path_of_its_name():
    use(paths=[(("**", "cookie"), "keep"), (("headers", "x-a"), "drop")])

    assert mask_document({"headers": [["cookie", "a=b"], ["x-a", "1"], ["authorization", "x"]]}) == {
        "headers": [["cookie", "a=b"], ["authorization", "[SECRET]"]]
    }


# Values and patterns


def test_values_that_are_kept_stay_everywhere():
    use(keep_values=["support@shop.example"])

    assert mask_document({"email": "support@shop.example", "note": "to support@shop.example, cc ann@example.com"}) == {
        "email": "support@shop.example",
        "note": "to support@shop.example, cc [EMAIL]",
    }


LOYALTY = ("loyalty", "BANK", r"\bLOY-[0-9]{8}\b")


def test_a_pattern_is_looked_for_in_every_text():
    use(patterns=[LOYALTY])

    for _ in range(2):  # a text that the detectors know to be clean too
        assert mask({"note": "card LOY-12345678, 192.0.2.7", "list": ["LOY-12345678"], "LOY-12345678": 1}) == {
            "note": "card [BANK], [IP]",
            "list": ["[BANK]"],
            "[BANK]": 1,
        }
        assert mask_text('got {"a":"LOY-12345678"} and LOY-12345678') == 'got {"a":"[BANK]"} and [BANK]'


def test_a_text_that_was_found_clean_before_the_pattern_is_looked_at():
    assert mask_text("LOY-12ab") == "LOY-12ab"
    use(patterns=[("loyalty", "BANK", "LOY-[0-9a-z]{4}")])

    assert (mask_text("LOY-12ab"), mask({"x": "LOY-12ab"})) == ("[BANK]", {"x": "[BANK]"})


def test_an_id_that_a_pattern_names_is_masked():
    use(patterns=[("device", "MAC", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")])

    assert mask({"x": "3f2b8c1e-9d4a-4f7b-8a6c-1d2e3f4a5b6c"}) == {"x": "[MAC]"}


def test_a_pattern_that_overlaps_a_finding_makes_one_of_the_two():
    use(patterns=[("both", "BANK", "to [a-z]{3}")])

    assert mask_text("mail to ann@example.com now") == "mail [EMAIL] now"


def test_behind_many_matches_the_rest_is_masked(monkeypatch):
    monkeypatch.setattr("obskit.masking.governed.MOST_MATCHES", 2)
    use(patterns=[("a", "NAME", "a")])

    assert mask_text("a b a c a d") == "[NAME] b [NAME] c [NAME]"


def test_a_pattern_on_trial_is_counted_and_not_masked():
    use(shadow=("loyalty",), patterns=[LOYALTY, ("badge", "NAME", "B-[0-9]{3}")])
    audit.take()

    assert mask_text("LOY-12345678 LOY-87654321 B-123") == "LOY-12345678 LOY-87654321 [NAME]"
    assert audit.take() == {
        "pii_masked": 1,
        "pii": {"NAME": {"redact": {"call": 1}}},
        "pii_shadow": {"loyalty": {"call": 2}},
    }


def test_the_names_of_patterns_on_trial_are_checked(monkeypatch):
    monkeypatch.setenv("OBSKIT_PII_SHADOW", " loyalty, bagde ,")
    config.reset()
    found = Policy({"": {"patterns": [LOYALTY, ("badge", "NAME", "B")]}}, "test", config.settings().pii_shadow)

    assert found.shadow == {"loyalty"}
    assert found.problems == (
        "OBSKIT_PII_SHADOW: there is no pattern 'bagde' in this environment. Did you mean 'badge'?",
    )


def test_a_star_puts_all_patterns_on_trial():
    assert Policy({"": {"patterns": [LOYALTY]}}, "test", ("*",)).shadow == {"loyalty"}
    assert Policy({}, "test", ("*",)).problems == ()


# Metrics


@pytest.mark.parametrize("action", ["pseudonym", "partial", "drop", "keep"])
def test_a_dimension_has_markers_whatever_the_policy_says(keys, action):
    use(classes={"EMAIL": action}, patterns=[LOYALTY], keep_values=["support@shop.example"])

    assert mask_field("email", "ann@example.com") == "[EMAIL]"
    assert mask_field("index", "of ann@example.com LOY-12345678") == "of [EMAIL] [BANK]"
    assert mask_field("index", "support@shop.example") == "support@shop.example"


# Laws


class Odd:
    """Neither JSON nor a record."""

    def __str__(self):
        return "Odd"


def test_the_callers_object_is_untouched():
    use(classes={"EMAIL": "drop", "IP": "partial"}, paths=paths(order="redact", x__y="drop"))
    given_ = {"email": "a@example.com", "l": [{"ip": "192.0.2.7"}, "a@example.com"], "order": {"a": [1]}, "x": {"y": 1}}
    before = copy.deepcopy(given_)

    mask(given_)

    assert given_ == before


def test_budgets_and_cycles_hold(monkeypatch):
    monkeypatch.setattr("obskit.masking.engine.MOST_NODES", 3)
    use(classes={"EMAIL": "partial"})
    endless: list[object] = []
    endless.append(endless)

    assert mask({"a": endless, "b": [1, 2, 3], "c": 1}) == {
        "a": ["[TOO MUCH]"],
        "b": ["[TOO MUCH]"],
        "c": 1,
    }
    assert mask({"a": 1, "b": 2, "c": 3, "d": 4}) == {"a": 1, "b": 2, "c": 3, "[TOO MUCH]": "[TOO MUCH]"}


ACTIONS = st.sampled_from(MASKING_ACTIONS)
NAMED = {"note", "order", "body", "items", "x", *(key for key, _ in BY_KEY.values())}
KEYS = st.sampled_from(sorted({*NAMED, "session"}))
TEXTS = st.one_of(
    st.sampled_from([*IN_TEXT.values(), "LOY-12345678", "", "plain words", *(text for _, text in BY_KEY.values())]),
    st.text(max_size=8),
    st.builds(
        "call {} {}".format, st.sampled_from(sorted(IN_TEXT.values())), st.sampled_from(sorted(IN_TEXT.values()))
    ),
)
LEAVES = st.one_of(
    TEXTS, st.integers(), st.floats(), st.booleans(), st.none(), st.just(4111111111111111), st.just(Odd())
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(KEYS, TEXTS), inner, max_size=4),
        st.dictionaries(KEYS, inner, max_size=3).map(lambda found: json.dumps(found, default=str)),
    ),
    max_leaves=12,
)


def has_named_keys(value) -> bool:
    """
    Say whether each key means the same at a second pass.

    What stands for a key that is data is a name itself; under `session` a number is none, and its marker is a text.
    """
    if isinstance(value, dict):
        return all(NAMED.issuperset({key}) and has_named_keys(inner) for key, inner in value.items())
    if isinstance(value, str) and value.startswith('{"'):  # one of the documents, not a text that begins like one
        return has_named_keys(json.loads(value))
    return all(map(has_named_keys, value)) if isinstance(value, list) else True


PARTS = st.one_of(
    st.lists(st.one_of(KEYS, KEYS, st.just("*")), min_size=1, max_size=3).filter(lambda parts: parts.count("*") < 3),
    KEYS.map(lambda key: ["**", key]),
).map(tuple)
RULES = st.fixed_dictionaries(
    {
        "classes": st.dictionaries(st.sampled_from(sorted(MASKING_CLASSES)), ACTIONS).map(
            lambda rules: {name: action for name, action in rules.items() if action in MASKING_CLASSES[name]}
        ),
        "paths": st.lists(st.tuples(PARTS, ACTIONS), max_size=4, unique_by=lambda rule: rule[0]),
        "keep_values": st.sampled_from([[], ["plain words"]]),
        "patterns": st.sampled_from([[], [LOYALTY], [("letters", "NAME", "[a-z]{3}")]]),
    }
)


@given(rules=RULES, value=VALUES)
def test_under_any_policy_json_comes_out_and_no_secret(rules, value):
    use(**rules)
    pseudonyms.set_keys((("k2", KEY),))

    written = json.dumps(mask({"top": value, "said": f"sent {TOKEN}"}), allow_nan=False)

    assert TOKEN not in written


@given(rules=RULES, value=VALUES.filter(has_named_keys))
def test_under_any_policy_a_second_pass_changes_nothing(rules, value):
    # What takes words away changes what is left: a number behind them, or a text of which nothing is found any more.
    classes = {name: action for name, action in rules["classes"].items() if action != "drop"}
    paths = [(path, action) for path, action in rules["paths"] if action != "drop"]
    use(**{**rules, "classes": classes, "paths": paths, "patterns": [LOYALTY]})
    pseudonyms.set_keys((("k2", KEY),))
    once = mask({"top": value})

    assert without_classes(mask(once)) == without_classes(once)


def without_classes(value):
    """Return *value* with all markers alike: a key that names less once it is masked may lead to another class."""
    return re.sub(r"\[[A-Z_]+\]", "[X]", json.dumps(value))


# Both walks find the same, and write and count the same.


def masked_and_counted(value, **rules):
    policy._policy = Policy({"": rules}, "test")
    forget_texts()
    audit.take()
    return mask(value), audit.take()


def assert_masked_alike(value):
    assert masked_and_counted(value, keep_values=["text that is nowhere else"]) == masked_and_counted(value)


def in_base64(text):
    return base64.b64encode(text.encode()).decode()


def in_a_text(value):
    return json.dumps(value, default=str, skipkeys=True)


HEADERS = [
    *(key for key, _ in BY_KEY.values()),
    "Authorization",
    "Accept",
    "--password",
    "-u",
    "x-ann@example.com",
    "é-mail",
]
OPTIONS = ["mysql", "--password", "hunter2", "-u", "ann:tiger", "--token", "--verbose", "curl", *laws.SECRETS]
NAMES = st.one_of(
    TEXTS,
    st.sampled_from([*HEADERS, "customer", "card", "code", "version", "sessions", "name", "value", "S", "address"]),
    laws.keys,
)
RICH = st.recursive(
    st.one_of(LEAVES, laws.atoms, st.sampled_from(OPTIONS), st.sampled_from(OPTIONS).map(str.encode)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(st.sampled_from(OPTIONS), max_size=5),
        st.lists(st.tuples(st.sampled_from(HEADERS), inner), max_size=3),
        st.dictionaries(NAMES, inner, max_size=4),
        st.builds(lambda key, value: {"name": key, "value": value}, st.sampled_from(HEADERS), inner),
        st.builds(lambda key, value: {key: {"S": value}}, NAMES.filter(lambda key: isinstance(key, str)), inner),
        st.builds("got {} and {}={}".format, inner.map(in_a_text), st.sampled_from(HEADERS), inner.map(in_a_text)),
        inner.map(in_a_text).map(in_base64),
        inner.map(in_a_text).map(str.encode),
        st.builds(
            lambda text, flag: {"body": text, "isBase64Encoded": flag, "n": 1},
            inner.map(in_a_text).map(in_base64).map(lambda text: text.rstrip("=")),
            st.sampled_from([True, True, False, 1]),
        ),
        inner.map(laws.dataclass_of),
    ),
    max_leaves=20,
)


@given(value=st.one_of(RICH, laws.wild, VALUES))
@settings(deadline=None, max_examples=400)
def test_both_walks_find_the_same_in_any_value(value):
    assert_masked_alike(value)
    assert_masked_alike({"top": value, "ann@example.com": value, "below": [value]})


def test_both_walks_find_the_same_in_records():
    for record in records(400, 3):
        assert_masked_alike(record.value)


@pytest.mark.parametrize("most", range(14))
def test_both_walks_end_at_the_same_place_where_the_budget_is_spent(monkeypatch, most):
    monkeypatch.setattr("obskit.masking.engine.MOST_NODES", most)

    assert_masked_alike(
        {
            "a": [],
            "headers": [["cookie", "a=b"], ["accept", {"x": [1, 2]}], ["x", "ann@example.com"], ["y", 1]],
            "list": [1, ["--password", "hunter2"], {"b": 1, "c": "ann@example.com"}],
            "empty": {},
        }
    )
