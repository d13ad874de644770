"""What masking did is counted by class, action and exit, and never shown."""

import base64
import json

import pytest

from obskit.masking import audit, mask, mask_document, mask_field, mask_text, policy, pseudonyms
from obskit.masking.policy import Policy


@pytest.fixture(autouse=True)
def fresh():
    audit.take()
    yield
    audit.take()
    policy.reset()
    pseudonyms.set_keys(())  # and what was said of them


def pii(**by_class):
    return {
        "pii_masked": sum(by_class.values()),
        "pii": {name: {"redact": {"call": n}} for name, n in by_class.items()},
    }


@pytest.mark.parametrize(
    ("value", "counted"),
    [
        ({"n": 1, "s": "plain words", "l": [None, True, 1.5], "email": "", "phone": None}, {}),
        ({"email": "ann@example.com"}, pii(EMAIL=1)),
        ({"email": ["ann@example.com", "bob@example.com"]}, pii(EMAIL=1)),
        ({"note": "ann@example.com, bob@example.com", "l": ["call +44 20 7946 0958"]}, pii(EMAIL=2, PHONE=1)),
        ({"n": 4111111111111111, "f": 4111111111111111.0}, pii(CARD=2)),
        ({"headers": [["Authorization", "x"], ["X-Forwarded-For", "192.0.2.7"]]}, pii(SECRET=1, IP=1)),
        ({"parameters": [{"name": "cookie", "value": "x"}], "sessions": ["a", "b"]}, pii(SECRET=3)),
        ({"body": json.dumps({"email": "ann@example.com", "x": [{"ip": "192.0.2.7"}]})}, pii(EMAIL=1, IP=1)),
        (
            {"email": "a@example.com", "l": [{"ip": "192.0.2.7"}, "b@example.com"], "bob@example.com": 1},
            pii(EMAIL=3, IP=1),
        ),
        (ValueError("ann@example.com"), pii(EMAIL=1)),
        ({"args": ["mysql", "--password", "x"], "session": b"x", "sessions": [b"x", "y", ""]}, pii(SECRET=4)),
        ({"note": 'customer={"name":"Ann"} secret={"a":{"b":1}}'}, pii(NAME=1, SECRET=1)),
        ({"body": base64.b64encode(b'{"email":"x"}').decode(), "isBase64Encoded": True}, pii(EMAIL=1)),
        ({"body": base64.b64encode(b'[["email","x"]]').decode(), "isBase64Encoded": True}, pii(EMAIL=1)),
        (
            {"a@example.com": 1, "body": base64.b64encode(b'[["email","x"]]').decode(), "isBase64Encoded": True},
            pii(EMAIL=2),
        ),
    ],
)
@pytest.mark.parametrize("rules", [{}, {"keep_values": ["-"]}])
def test_each_finding_is_counted_once(value, counted, rules):
    policy._policy = Policy({"": rules}, "test")
    mask(value)

    assert audit.take() == counted
    assert audit.take() == {}


def test_each_exit_is_told_apart():
    mask("ann@example.com", surface=audit.LOG)
    mask_document({"x": "ann@example.com"}, audit.SPAN)
    mask_text("ann@example.com", audit.ERROR)
    mask_field("email", "ann@example.com", audit.METRIC)
    mask_field("index", "ann@example.com", audit.METRIC)
    mask_text("ann@example.com")

    assert audit.take() == {
        "pii_masked": 6,
        "pii": {"EMAIL": {"redact": {"log": 1, "metric": 2, "span": 1, "error": 1, "call": 1}}},
    }


def test_each_action_is_told_apart():
    classes = {"EMAIL": "partial", "PHONE": "pseudonym", "IP": "keep", "SECRET": "drop"}
    policy._policy = Policy({"": {"classes": classes, "paths": [(("order",), "redact")]}}, "test")
    mask(
        {"email": "ann@example.com", "phone": "+44 20 7946 0958", "password": "x", "order": {"id": 1}, "n": "192.0.2.7"}
    )

    assert audit.take() == {
        "pii_masked": 4,
        "pii": {
            "EMAIL": {"partial": {"call": 1}},
            "PHONE": {"redact": {"call": 1}},  # there is no key for a pseudonym
            "SECRET": {"drop": {"call": 1}},
            "REDACTED": {"redact": {"call": 1}},
            "IP": {"keep": {"call": 1}},
        },
    }


class Hostile:
    def __str__(self):
        raise RuntimeError("ann@example.com")


class Unreadable(dict[str, object]):
    def keys(self):
        raise RuntimeError("ann@example.com")


@pytest.mark.parametrize("rules", [{}, {"keep_values": ["-"]}])
def test_what_was_replaced_unseen_is_counted(monkeypatch, rules):
    policy._policy = Policy({"": rules}, "test")
    monkeypatch.setattr("obskit.masking.engine.MOST_NODES", 3)
    mask({"a": 1, "b": 2, "c": 3, "d": 4})
    mask([1, 2, 3, 4], surface=audit.LOG)
    mask(Hostile())
    mask_document(Unreadable(), audit.SPAN)

    assert audit.take() == {
        "pii_masked": 0,
        "pii": {},
        "pii_unseen": {"too much": {"call": 1, "log": 1}, "unreadable": {"call": 1, "span": 1}},
    }


@pytest.mark.parametrize("rules", [{}, {"keep_values": ["-"]}])
@pytest.mark.parametrize("make", [lambda: nested(60), lambda: '["' * 300, lambda: json.dumps(nested(20))])
def test_what_is_too_deep_or_begins_too_often_is_replaced_unseen(rules, make):
    policy._policy = Policy({"": rules}, "test")
    mask(make())

    assert audit.take()["pii_unseen"] == {"too much": {"call": 1}}


def nested(levels):
    value: object = 1
    for _ in range(levels):
        value = [json.dumps(value)] if levels == 20 else [value]
    return value
