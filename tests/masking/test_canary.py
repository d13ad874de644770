"""An engine that lets planted values through writes nothing readable any more."""

import json
import subprocess
import sys

import pytest

import obskit
from obskit.masking import (
    audit,
    canary,
    detection,
    engine,
    keys,
    mask,
    mask_document,
    mask_field,
    mask_text,
    policy,
    text,
)
from obskit.masking.policy import Policy
from obskit.testing import LambdaContext, capture
from tests.helpers import IS_TIME


@pytest.fixture(autouse=True)
def unloaded(monkeypatch):
    """An engine whose detectors are not loaded yet."""
    monkeypatch.setattr(text, "_detection", [])
    monkeypatch.setattr(canary, "_checked", False)
    text.forget()
    yield
    engine.reset()
    policy.reset()
    audit.take()
    audit.new_problems()


def nothing(*_, **__):
    """A detector that finds nothing."""


def test_a_sound_engine_passes():
    canary.check_names()

    assert mask_text("of ann@example.com") == "of [EMAIL]"
    assert audit.new_problems() == []
    assert audit.take() == {"pii_masked": 1, "pii": {"EMAIL": {"redact": {"call": 1}}}}  # the canary is not counted


def test_a_policy_that_keeps_addresses_passes():
    policy._policy = Policy({"": {"classes": {"EMAIL": "keep"}, "paths": [(("said",), "keep")]}}, "test")

    assert mask_text("of ann@example.com") == "of ann@example.com"
    assert audit.new_problems() == []


@pytest.mark.parametrize("detector", ["emails.find_emails", "tokens.find_tokens", "numbers.find_numbers"])
def test_a_detector_that_finds_nothing_closes_the_engine(monkeypatch, detector):
    module, name = detector.split(".")
    monkeypatch.setattr(getattr(detection, module), name, nothing)

    assert mask_text("of ann@example.com") == "[UNREADABLE]"
    assert mask_text("plain") == "[UNREADABLE]"
    assert mask({"id": 1}) == "[UNREADABLE]"
    assert mask_document({"id": 1}) == {"unreadable": "[UNREADABLE]"}
    assert mask_field("index", "orders") == "[UNREADABLE]"
    assert audit.new_problems() == [
        "a planted address, card number or token was not masked; from now on every text is [UNREADABLE]"
    ]


def test_a_walk_under_a_policy_that_lets_a_token_through_closes_the_engine(monkeypatch):
    monkeypatch.setattr("obskit.masking.governed.GovernedWalk.replaced", lambda _self, said, _found: said)
    policy._policy = Policy({"": {"keep_values": ["-"]}}, "test")

    assert mask_text("of ann@example.com") == "[UNREADABLE]"
    assert len(audit.new_problems()) == 1


def test_key_names_that_say_nothing_close_the_engine(monkeypatch):
    monkeypatch.setattr(keys, "class_of", lambda _key: "")
    monkeypatch.setattr(engine, "CLASSES_BELOW", {"": keys.KeyMemo()})
    canary.check_names()

    assert mask({"id": 1}) == "[UNREADABLE]"
    assert audit.new_problems() == ["a value under 'password' was not masked; from now on every text is [UNREADABLE]"]


def test_texts_that_detectors_cannot_be_loaded_for_are_unreadable():
    code = (
        "import sys; sys.modules['obskit.masking.emails'] = None\n"
        "from obskit.masking import audit, mask\n"
        "print([mask({'note': 'of ann@example.com'}), mask({'id': 1}), audit.new_problems()])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    problem = "the detectors cannot be loaded (ModuleNotFoundError); texts are [UNREADABLE]"
    assert done.stdout == f"{['[UNREADABLE]', {'id': 1}, [problem]]}\n"


def test_detectors_are_not_loaded_before_a_text_needs_them():
    code = (
        "import json, os, sys, obskit\n"
        "seen = []\n"
        "def see(): seen.append('obskit.masking.detection' in sys.modules)\n"
        "@obskit.instrument\n"
        "def handler(event, context): obskit.logger.info(event, n=1); see()\n"
        "see(); handler('ready', None); handler('ready for ann@example.com', None)\n"
        "print(json.dumps(seen), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert json.loads(done.stderr) == [False, False, True]


def test_the_fault_is_told_in_words_and_nothing_else_is(monkeypatch):
    monkeypatch.setattr(detection.emails, "find_emails", nothing)

    @obskit.instrument
    def handler(event, context):
        obskit.logger.info("for ann@example.com", email="ann@example.com")
        raise ValueError("ann@example.com")

    with capture() as captured, pytest.raises(ValueError, match=r"^\[UNREADABLE\]$"):
        handler({}, LambdaContext())

    assert "ann" not in captured.text
    assert [line["message"] for line in captured.logs] == ["[UNREADABLE]", "[UNREADABLE]", "obskit: telemetry fault"]
    words = "a planted address, card number or token was not masked; from now on every text is [UNREADABLE]"
    assert captured.logs[-1] == {
        "timestamp": IS_TIME,
        "level": "WARN",
        "message": "obskit: telemetry fault",
        "obskit_fault": f"masking canary: {words}",
        "reason": "CanaryError",
    }
    unseen = [found["pii_unseen"] for found in captured.metrics if "pii_unseen" in found]
    assert [list(counts) for counts in unseen] == [["unreadable"]]
