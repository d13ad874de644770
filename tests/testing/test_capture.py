"""`capture()`: what is no line of CloudWatch's, or hides a value from a test, is never read as if it were one."""

import pytest

from obskit import output
from obskit.testing import assert_no_pii, capture

EMAIL = "ann@example.com"
DOUBLED = f'{{"message":"paid","email":"{EMAIL}","email":"[EMAIL]"}}\n'


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('{"message":"half', r"^the last line has no newline$"),
        ("paid\n", r"^not one JSON document a line \(Expecting value: .*\): 'paid'$"),
        ('{"n":1}{"n":2}\n', r"^not one JSON document a line \(Extra data: .*\): "),
        ('{"n":NaN}\n', r"^not one JSON document a line \(NaN is not JSON\): "),
        ('["paid"]\n', r"^not a JSON object: "),
        (DOUBLED, r"^not one JSON document a line \(the key 'email' stands there twice\): "),
        ('{"cart":{"id":1,"n":2,"id":3}}\n', r"^not one JSON document a line \(the key 'id' stands there twice\): "),
    ],
)
def test_what_is_not_one_document_a_line_is_refused(written, told):
    with capture() as captured:
        output.write(written)

        with pytest.raises(AssertionError, match=told):
            captured.documents  # noqa: B018  the access is what is tested


def test_a_document_is_what_was_written():
    with capture() as captured:
        output.write('{"message":"paid","cart":{"id":1}}\n{"_aws":{},"n":1}\n')

    assert captured.documents == [{"message": "paid", "cart": {"id": 1}}, {"_aws": {}, "n": 1}]
    assert (captured.logs, captured.metrics) == ([{"message": "paid", "cart": {"id": 1}}], [{"_aws": {}, "n": 1}])


@pytest.mark.parametrize(
    ("planted", "told"), [((), r"\n  EMAIL "), ((EMAIL,), r"\n  planted 'an…' \(15 characters\) as it is$")]
)
def test_a_value_that_a_later_one_of_the_same_key_hides_is_found(planted, told):
    with pytest.raises(AssertionError, match=told):
        assert_no_pii(DOUBLED, *planted)
