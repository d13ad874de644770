"""What is passed by because of its shape would have been found to hold nothing."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from obskit.masking import identifiers, mask_text, national, numbers, pairs
from obskit.masking import text as texts
from obskit.masking.detection import detect
from obskit.masking.text import SHADOW, clean, forget, is_harmless

laws = settings(deadline=None, derandomize=True, database=None, max_examples=300)

NUMBERS = (
    "4242424242424242",
    "5018000000000009",
    "378282246310005",
    "30569309025904",
    "6011000990139424",
    "6304000000000000",
    "4222222222222222225",
)  # published test numbers, and some of the issuers' ranges
IDENTIFIERS = (
    "AB123456C",
    "131052A308T",
    "RSSMRA80A01H501U",
    "MORGA657054SM9IJ",
    "GB29NWBK60161331926819",
    "FBDFA553259BD7EB",
)

words = st.one_of(
    st.from_regex(r"[0-9]{1,24}", fullmatch=True),
    st.from_regex(r"[2-6][0-9]{11,18}", fullmatch=True),
    st.from_regex(r"[0-9a-f]{1,70}", fullmatch=True),
    st.from_regex(r"[0-9A-Za-z]{1,40}", fullmatch=True),
    st.from_regex(r"[A-Za-z]{2}[0-9]{2}[0-9A-Za-z]{0,30}", fullmatch=True),
    st.from_regex(r"(AKIA|ASIA|dapi|eyJ|ghp)[0-9A-Za-z]{16,40}", fullmatch=True),
    st.from_regex(
        r"arn:aws(-cn)?:[a-z0-9-]{2,8}:[a-z0-9-]{0,12}:[0-9]{12}:[a-z-]{1,12}([:/][a-z0-9:/_-]{1,40})?", fullmatch=True
    ),
)


def shadow(text):
    return text.encode().translate(SHADOW).decode()


def detected(text):
    found: list[tuple[int, int, str]] = []
    detect(text, text.encode(), shadow(text), shadow(text).count("0"), found)
    return found


@given(text=words)
@laws
@example("password")
@example("arn:aws:ssm:us-east-1:123456789012:parameter:db:password")
def test_a_text_that_is_known_by_its_shape_holds_nothing(text):
    mask_text("of ann@example.com")  # loads the detectors
    forget()

    assert not is_harmless(text) or detected(text) == []


@pytest.mark.parametrize("text", [*NUMBERS[:5], *IDENTIFIERS, *map(str.lower, IDENTIFIERS[3:])])
def test_a_number_or_an_identifier_alone_is_not_passed_by(text):
    assert not is_harmless(text)
    assert text not in mask_text(text)


def test_accounts_of_hexadecimal_digits_are_those_of_every_country():
    lengths = identifiers.IBAN_LENGTHS.items()

    assert {code.lower(): size for code, size in lengths if set(code) <= set("ABCDEF")} == texts._HEX_ACCOUNTS


@pytest.mark.parametrize("text", ["4006381333931", "8820637248", "49597635722251740165314977436385950217099696082899"])
def test_numbers_of_articles_and_records_are_known_by_their_shape(text):
    assert is_harmless(text)


def test_what_is_remembered_of_a_shape_is_no_number():
    forget()

    for text in ("8820637248", "e1018cc5920f46", "KM14177441", "7" * 40):
        assert is_harmless(text)

    assert clean == set()


@given(text=st.text(alphabet="0123456789 .-/()+_", min_size=7, max_size=30).map(lambda text: f"x{text}y"))
@laws
@example("x02.12.1990y")
@example("x 302-6820748-1010364 y")
def test_groups_that_are_passed_by_are_no_number(text):
    groups = [group.span() for group in numbers._GROUP.finditer(shadow(text))]
    found: list[tuple[int, int, str]] = []
    for index, (start, _) in enumerate(groups):
        run = shadow(text)[start:-1]
        if text[start - 1] not in "+(" and numbers._form(run).plain:
            numbers._Run(text, groups[index:]).find(found)

    assert found == []


@given(
    text=st.lists(
        st.sampled_from(
            ["password", "took", "x-id", "12", "ab12", "=", ":", " ", "://", "::", '"', "hunter2", "email", "a.b", "\0"]
        ),
        max_size=10,
    ).map("".join)
)
@laws
@example("https://example.com:443/a")
def test_a_text_whose_keys_name_nothing_has_no_pair(text):
    found: list[tuple[int, int, str]] = []
    pairs.find_pairs(text, text.encode(), found, 100)

    assert not pairs.names_nothing(text.encode()) or found == []


@given(
    text=st.lists(
        st.sampled_from("passport |ssn |b194b53a|8e58271b|-93f5|-40ed|-8d1f|-5121f9c11a|0b| |AB123456C".split("|")),
        max_size=10,
    ).map("".join)
)
@laws
@example("passport 8e58271b-93f5-40ed-8d1f-5121f9c11a")
@example("passport 8e58271b-93f5-40ed-8d1f-5121f9c11a0b AB123456C")
def test_what_is_passed_by_as_a_uuid_is_no_identifier(text):
    everywhere: list[tuple[int, int, str]] = []
    found: list[tuple[int, int, str]] = []
    national.find_identifiers(text, shadow(text), found, 100)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(national, "_is_long", lambda _: False)
        national.find_identifiers(text, shadow(text), everywhere, 100)

    assert found == everywhere


def test_the_end_of_a_longer_word_in_base64_tells_of_no_identifier():
    text = "iVBOR6sEJLnIE6iJTrcRkdfXZYqOxdpmkAiNB38jn9e4/Xl3E+6RIucT3Z3eXgKH5yXebQ=="

    assert mask_text(text) == text
