"""`assert_no_pii`: clean lines pass, every form of a leak fails and is named without being shown."""

import base64
import json
from urllib.parse import quote

import pytest

import obskit
from obskit.testing import assert_no_pii, capture, records

EMAIL = "ann.mueller@example.com"
IN_MESSAGE = "'an…' (23 characters)"


def failure(captured, *planted):
    with pytest.raises(AssertionError) as raised:
        assert_no_pii(captured, *planted)
    return str(raised.value)


def test_what_obskit_writes_is_clean():
    with capture() as captured:
        obskit.logger.info("paid by ann@example.com", email="ann@example.com", card=4242424242424242)
        obskit.logger.info("second", password="hunter2-tulpe", x_forwarded_for="192.0.2.1, 192.0.2.7")

    assert_no_pii(captured, "ann@example.com", "4242424242424242", "hunter2-tulpe", "192.0.2.7")


def test_markers_alone_are_clean():
    assert_no_pii({"x_forwarded_for": "[IP], [IP]", "authorization": "Bearer [SECRET]", "email": "[EMAIL]", "n": None})
    assert_no_pii({"[EMAIL]": {"ip": "[IP]"}, "per_address": {"[IP]": 3, "q": "to=%5BEMAIL%5D"}})


def test_what_the_engine_would_mask_is_named_by_place_and_class():
    document = {"order": {"customer": [{"email": EMAIL}]}, "message": "paid with 4242 4242 4242 4242 today"}

    assert (
        "personal data was written:\n"
        f"  order.customer.0.email: EMAIL {IN_MESSAGE}\n"
        "  message: CARD '42…' (19 characters)" == failure(document)
    )


def test_a_number_is_found_and_named():
    assert "personal data was written:\n  value: CARD '42…' (16 characters)" == failure({"value": 4242424242424242})


def test_a_key_is_found_and_not_shown():
    assert f"personal data was written:\n  counts.[EMAIL]: EMAIL {IN_MESSAGE}" == failure({"counts": {EMAIL: 3}})


def test_below_a_key_that_leaked_the_path_does_not_show_it():
    message = failure({"counts": {EMAIL: {"to": "bob@example.org"}}})

    assert "  counts.[EMAIL].to: EMAIL 'bo…' (15 characters)" in message
    assert EMAIL not in message


def test_in_json_in_a_text_the_path_goes_on():
    message = failure({"body": json.dumps({"email": "[EMAIL]", "note": f"write to {EMAIL}"})})

    assert EMAIL not in message
    assert "body" in message
    assert "EMAIL" in message


def test_several_in_one_text_are_told_apart():
    message = failure({"message": f"{EMAIL} and bob@example.org, not [EMAIL]"})

    assert f"message: EMAIL {IN_MESSAGE}" in message
    assert "message: EMAIL 'bo…' (15 characters)" in message
    assert 3 == len(message.splitlines())


def test_the_line_is_named_where_there_are_several():
    message = failure('{"message":"fine"}\n{"message":"to ann.mueller@example.com"}\n')

    assert f"personal data was written:\n  line 2: message: EMAIL {IN_MESSAGE}" == message


def test_text_that_is_no_json_is_searched_whole():
    assert f"personal data was written:\n  EMAIL {IN_MESSAGE}" == failure(f"Traceback\n  who? {EMAIL}")
    assert_no_pii("Traceback\n  nothing in here", "hunter2")


def test_documents_are_searched_each():
    assert "line 2: email: EMAIL 'an…' (23 characters)" in failure([{"a": 1}, {"email": EMAIL}])


PASSWORD = 'Jörg\'s "secret" word/7+'


@pytest.mark.parametrize(
    ("planted", "written", "form"),
    [
        ("Grünwald", "ordered by Grünwald", "as it is"),
        ("Grünwald", "ordered by GRÜNWALD", "in another case"),
        ("Grünwald", json.dumps({"n": "Grünwald"}), "JSON-escaped"),
        ("Grünwald", json.dumps({"m": json.dumps({"n": "Grünwald"})}), "JSON-escaped"),
        ("line\nbreak", json.dumps({"m": json.dumps({"n": "line\nbreak"})}), "JSON-escaped"),
        (PASSWORD, quote(PASSWORD), "URL-encoded"),
        (PASSWORD, quote(PASSWORD, safe="").lower(), "URL-encoded"),
        ("two words", "q=two+words", "URL-encoded"),
        ("tulpe 77", "q=tulpe%2077&p=1", "URL-encoded"),
        ("020 7946 0958", "tel02079460958", "as digits alone"),
        ("02079460958", "0207-946 0958", "as digits alone"),
        ("DE89 3704 0044 0532 0130 00", "de89370400440532013000", "as digits alone"),
        *(("hunter2-tulpe", base64.b64encode(b"x" * n + b"hunter2-tulpe!").decode(), "in base64") for n in range(6)),
        *(
            ("hunter2-tulpe", base64.b64encode(b"\xff" * n + b"hunter2-tulpe\xff").decode(), "in base64")
            for n in range(6)
        ),
        ("??>>hunter2~~~", base64.urlsafe_b64encode(b"a??>>hunter2~~~").decode(), "in base64"),
        (PASSWORD, base64.b64encode(json.dumps({"note": PASSWORD}).encode()).decode(), "in base64"),
    ],
)
def test_a_planted_text_is_found_in_every_form(planted, written, form):
    message = failure({"note": f"a {written} z"}, planted)

    assert f"note: planted '{planted[:2]}…' ({len(planted)} characters) {form}" in message
    assert planted not in message


def test_a_planted_number_is_found_as_a_number():
    assert "order.0: planted '77…' (5 characters) as it is" in failure({"order": [77123]}, "77123")


def test_a_planted_text_in_a_key_is_not_shown_by_the_path():
    assert "  counts.…: planted 'Gr…' (8 characters) as it is" in failure({"counts": {"Grünwald": 3}}, "Grünwald")


def test_another_text_is_not_found():
    assert_no_pii({"note": "Greenwald, 02079460959, tulpe-hunter2"}, "Grünwald", "02079460958", "hunter2-tulpe")


def test_an_empty_planted_text_is_a_mistake():
    with pytest.raises(ValueError, match="empty"):
        assert_no_pii({"note": "x"}, "")


def test_the_masked_records_are_clean_to_the_engine():
    """What `mask` has masked, `assert_no_pii` accepts: the engine agrees with itself."""
    for record in records(300, seed=5):
        assert_no_pii(obskit.mask(record.value))


def test_the_unmasked_records_are_not():
    for record in records(20, seed=5):
        if record.planted:
            failure(record.value, *(text.text for text in record.planted))


def test_what_masking_counted_is_no_finding():
    counts = {"EMAIL": {"redact": {"log": 2}}}
    assert_no_pii({"_aws": {}, "pii_masked": 2, "pii": counts, "pii_unseen": {"too much": {"log": 1}}})

    for leaking in ({"_aws": {}, "pii": {"EMAIL": {"redact": "Ann Example"}}}, {"_aws": {}, "more": counts}):
        with pytest.raises(AssertionError, match=r"EMAIL: EMAIL"):
            assert_no_pii(leaking)
    with pytest.raises(AssertionError, match=r"planted"):
        assert_no_pii({"_aws": {}, "pii": {"Lovelace": {"redact": {"log": 1}}}}, "Lovelace")
