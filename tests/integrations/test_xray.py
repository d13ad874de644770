"""Documents of the X-Ray SDK after `protect()`: masked, and still what X-Ray takes."""

import json
import sys

import pytest
from aws_xray_sdk.core.emitters.udp_emitter import UDPEmitter
from aws_xray_sdk.core.models.entity import Entity
from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.models.subsegment import Subsegment
from dirty_equals import IsFloat, IsPartialDict, IsStr

from obskit.errors import IntegrationError, MissingExtraError
from obskit.integrations import xray
from obskit.testing.xray_document import parse_datagram
from tests.helpers import IS_SPAN_ID, XRAY_PARENT, XRAY_ROOT

MAIL = "ann@example.com"
CARD = "4242 4242 4242 4242"
LEAK = f"{MAIL} {CARD}"
MASKED = "[EMAIL] [CARD]"


@pytest.fixture
def protected(obskit_captured):
    xray.protect()
    yield obskit_captured
    xray.unprotect()


def subsegment(name="## handler"):
    parent = Segment("function", traceid=XRAY_ROOT)
    parent.id = XRAY_PARENT
    return Subsegment(name, "local", parent)


def raised():
    try:
        raise ValueError(LEAK)
    except ValueError as error:
        return error


def full():
    """Return a subsegment with something in every place that the SDK or its user fills."""
    entity = subsegment(f"charge {MAIL}!")
    entity.put_annotation("email", "Ann")
    entity.put_annotation("note", LEAK)
    entity.put_annotation("ok", True)
    entity.put_metadata("handler response", {"customer": {"name": "Ann Lee"}, "total": 42.5, "note": LEAK}, "checkout")
    entity.put_metadata("handler error", raised(), "checkout")
    entity.put_http_meta("url", f"https://api.shop.example/?email={MAIL}")
    entity.put_http_meta("status", 200)
    entity.set_sql({"sanitized_query": f"select * from users where email = '{MAIL}'", "database_type": "PostgreSQL"})
    entity.set_aws({"operation": "SendMessage", "queue_url": "https://sqs.us-east-1.amazonaws.com/123456789012/orders"})
    entity.add_exception(raised(), [("/var/task/app.py", 7, "charge", "raise")])
    child = Subsegment("child", "remote", entity.parent_segment)
    child.put_annotation("note", LEAK)
    child.close()
    entity.add_subsegment(child)
    entity.close()
    return entity


def test_a_document_keeps_its_place_and_loses_what_is_personal(protected):
    entity = full()

    document = json.loads(entity.serialize())

    assert {
        "id": entity.id,
        "trace_id": XRAY_ROOT,
        "type": "subsegment",
        "namespace": "local",
        "name": "charge _EMAIL_",
        "start_time": IsFloat(),
        "end_time": IsFloat(),
        "in_progress": False,
        "fault": True,
        "annotations": {"email": "[EMAIL]", "note": MASKED, "ok": True},
        "metadata": {
            "checkout": {
                "handler response": {"customer": {"name": "[NAME]"}, "total": 42.5, "note": MASKED},
                "handler error": {},
            }
        },
        "http": {"request": {"url": "https://api.shop.example/?email=[EMAIL]"}, "response": {"status": 200}},
        "sql": {"sanitized_query": "select * from users where email = '[EMAIL]'", "database_type": "PostgreSQL"},
        "aws": {"operation": "SendMessage", "queue_url": "https://sqs.us-east-1.amazonaws.com/123456789012/orders"},
        "cause": {
            "working_directory": IsStr(),
            "exceptions": [
                {
                    "id": IS_SPAN_ID,
                    "type": "ValueError",
                    "message": MASKED,
                    "remote": False,
                    "stack": [{"path": "app.py", "line": 7, "label": "charge"}],
                }
            ],
        },
        "subsegments": [
            {
                "id": IS_SPAN_ID,
                "parent_id": entity.id,
                "trace_id": XRAY_ROOT,
                "type": "subsegment",
                "namespace": "remote",
                "name": "child",
                "start_time": IsFloat(),
                "end_time": IsFloat(),
                "in_progress": False,
                "annotations": {"note": MASKED},
            }
        ],
    } == document
    assert [] == protected.logs


def test_x_ray_takes_it(protected):
    entity = full()
    entity.parent_id = XRAY_PARENT

    assert entity.id == parse_datagram(b'{"format":"json","version":1}\n' + entity.serialize().encode())["id"]


def test_an_id_that_looks_like_a_card_is_an_id(protected):
    entity = subsegment()
    entity.id = CARD.replace(" ", "")
    cause = subsegment()
    cause.cause = entity.id

    told = subsegment()
    told.add_exception(raised(), None)
    told.cause["exceptions"][0].id = entity.id

    assert entity.id == json.loads(entity.serialize())["id"]
    assert entity.id == json.loads(told.serialize())["cause"]["exceptions"][0]["id"]
    assert entity.id == json.loads(cause.serialize())["cause"]


def test_an_exception_without_text_is_kept(protected):
    class SilentError(Exception):
        def __str__(self):
            raise RuntimeError(LEAK)

    entity = subsegment()
    entity.add_exception(SilentError(), None)

    (told,) = json.loads(entity.serialize())["cause"]["exceptions"]
    assert {"id": IS_SPAN_ID, "type": "SilentError", "remote": False} == told


def test_a_document_that_cannot_be_masked_is_replaced(monkeypatch, protected):
    def fails(fields):
        raise RuntimeError(LEAK)

    monkeypatch.setattr(xray, "mask_document", fails)
    entity = full()

    assert {
        "id": entity.id,
        "trace_id": XRAY_ROOT,
        "type": "subsegment",
        "namespace": "local",
        "start_time": IsFloat(),
        "end_time": IsFloat(),
        "in_progress": False,
        "fault": True,
        "name": "unreadable",
        "metadata": {"obskit": {"document": "[UNREADABLE]"}},
    } == json.loads(entity.serialize())
    assert [IsPartialDict(obskit_fault="xray document", reason="RuntimeError")] == protected.logs


def test_what_is_no_json_is_masked_as_its_text(protected):
    entity = subsegment()
    entity.put_metadata("at", float("nan"))
    entity.put_metadata("who", {LEAK})

    assert {"default": {"at": "nan", "who": [MASKED]}} == json.loads(entity.serialize())["metadata"]


def test_unmasked_it_all_leaks():
    document = json.loads(full().serialize())

    for key in ("name", "annotations", "metadata", "http", "sql", "cause", "subsegments"):
        assert MAIL in json.dumps(document[key])


def test_twice_is_once_and_it_can_be_taken_back():
    before = Entity.serialize
    xray.protect()
    once = Entity.serialize
    xray.protect()

    assert (True, True) == (once is Entity.serialize, once is not before)
    xray.unprotect()
    xray.unprotect()
    assert before is Entity.serialize


def test_without_the_sdk_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "aws_xray_sdk.version", None)

    with pytest.raises(MissingExtraError, match=r"pip install './obskit\[xray\]'"):
        xray.protect()


def test_an_emitter_that_goes_past_the_seam_is_refused(monkeypatch):
    monkeypatch.setattr(UDPEmitter, "send_entity", lambda *_: None)

    with pytest.raises(IntegrationError, match=r"aws-xray-sdk 2\.\d+\.\d+ has no call of serialize"):
        xray.protect()
    assert xray._seams is None
