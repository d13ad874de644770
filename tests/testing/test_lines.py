"""Log lines as a test asks for them: what is found, and what a failure says, whole."""

import pytest

from obskit.testing import Lines

STARTED = {
    "timestamp": "2026-01-02T03:04:05.000Z",
    "level": "INFO",
    "message": "checkout started",
    "service": "checkout",
    "cart_id": "c-1",
}
FAILED = {"level": "ERROR", "message": "card declined", "cart_id": "c-1", "attempt": 2}
PAID = {"level": "INFO", "message": "paid", "cart_id": "c-2"}


def lines(*documents):
    return Lines(lambda: list(documents))


def failure(found, **fields):
    with pytest.raises(AssertionError) as raised:
        found.only(**fields)
    return str(raised.value)


def test_they_are_a_list_of_dicts():
    found = lines(STARTED, FAILED, PAID)

    assert found == [STARTED, FAILED, PAID]
    assert [STARTED, FAILED, PAID] == found
    assert found != [STARTED]
    assert found != "text"
    assert (found[0], found[-1], found[1:], len(found)) == (STARTED, PAID, [FAILED, PAID], 3)
    assert PAID in found
    assert repr(found) == repr([STARTED, FAILED, PAID])
    assert found.messages == ["checkout started", "card declined", "paid"]


def test_they_are_those_written_so_far():
    written = []
    found = Lines(lambda: written)
    assert found == []
    written.append(PAID)
    assert found == [PAID]


def test_lines_are_found_by_any_field():
    found = lines(STARTED, FAILED, PAID)

    assert found.where(cart_id="c-1") == [STARTED, FAILED]
    assert found.where(cart_id="c-1", level="ERROR") == [FAILED]
    assert found.where(nothing=None) == []
    assert found.where() == [STARTED, FAILED, PAID]
    assert found.only(attempt=2) is FAILED


def test_no_line_shows_the_nearest():
    assert failure(lines(STARTED, FAILED, PAID), message="checkout startd", cart_id="c-1") == (
        "no line has message='checkout startd' and cart_id='c-1'\n"
        "the nearest is line 1:\n"
        "  message is 'checkout started', not 'checkout startd'\n"
        "3 lines were written:\n"
        "  1: INFO 'checkout started' cart_id='c-1'\n"
        "  2: ERROR 'card declined' cart_id='c-1' attempt=2\n"
        "  3: INFO 'paid' cart_id='c-2'"
    )


def test_a_field_of_another_name_is_suggested():
    assert failure(lines(PAID), message="paid", cartid="c-2") == (
        "no line has message='paid' and cartid='c-2'\n"
        "the nearest is line 1:\n"
        "  it has no cartid. Did you mean 'cart_id'?\n"
        "1 line was written:\n"
        "  1: INFO 'paid' cart_id='c-2'"
    )


def test_a_document_of_metrics_among_them():
    assert failure(lines(PAID, {"_aws": {}, "service": "checkout", "Paid": 1}), Paid=2).endswith(
        "2 lines were written:\n  1: INFO 'paid' cart_id='c-2'\n  2: EMF Paid=1"
    )


def test_nothing_was_written():
    assert failure(lines(), message="paid") == "no line has message='paid': none was written"
    assert failure(lines()) == "no line was written"


def test_more_than_one_line():
    assert failure(lines(STARTED, FAILED, PAID), cart_id="c-1") == (
        "2 lines have cart_id='c-1', not one\n"
        "  1: INFO 'checkout started' cart_id='c-1'\n"
        "  2: ERROR 'card declined' cart_id='c-1' attempt=2"
    )
    assert failure(lines(STARTED, PAID)) == (
        "2 lines were written, not one\n  1: INFO 'checkout started' cart_id='c-1'\n  2: INFO 'paid' cart_id='c-2'"
    )


def test_a_failure_stays_short():
    many = failure(lines(*({"level": "INFO", "message": "x" * 500} for _ in range(100))), message="y")

    assert len(many.split("\n")) == 25
    assert many.endswith("\n  … and 80 more")
    assert max(map(len, many.split("\n")[3:])) <= 170
