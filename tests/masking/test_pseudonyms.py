"""Pseudonyms: one token for one customer, however the value is written; none without a key."""

import json
import re
import string
import sys
import threading
from collections.abc import Callable

import botocore.exceptions
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obskit import config
from obskit.errors import ConfigError, MissingExtraError
from obskit.masking import mask_text, pseudonyms
from obskit.masking.pseudonyms import MEMO, RETRY_S, Keyring, make, parse_keys

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:obskit/pseudonyms-AbCdEf"
KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
KEYS = (("k2", KEY), ("k1", OTHER_KEY))


@pytest.fixture(autouse=True)
def told_where_the_secret_is(monkeypatch):
    monkeypatch.setenv("OBSKIT_PSEUDONYM_SECRET_ARN", ARN)
    config.reset()
    yield
    config.reset()
    pseudonyms.set_keys(())


def token(name: str, text: str, tenant: str = "", key: bytes = KEY) -> str:
    return make(name, text, tenant, "k2", key)


def test_a_token_is_class_key_and_letters():
    """A fixed vector: whoever changes it loses every customer's earlier lines."""
    assert "[EMAIL:k2:poeoaanlkppgmdjk]" == token("EMAIL", "ann@example.com", "t-1")


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        (
            "EMAIL",
            [
                "ann.lee@example.com",
                " Ann.Lee@EXAMPLE.com\n",
                "<ann.lee@example.com>",
                "mailto:ann.lee@example.com",
                "ann.lee%40example.com",
                "ann.lee@example.com.",
            ],
        ),
        (
            "EMAIL",
            ["j\u00f6rg@b\u00fccher.example", "JO\u0308RG@BU\u0308CHER.example", "j\u00f6rg@xn--bcher-kva.example"],
        ),
        (
            "PHONE",
            ["+44 20 7946 0958", "+442079460958", "0044 20 7946 0958", "+44 (0)20 7946-0958", "tel:+44-20-79460958"],
        ),
        ("PHONE", ["+1 212 555 0142", "(212) 555-0142", "212.555.0142", "1-212-555-0142", "%2B12125550142"]),
        ("PHONE", ["020 7946 0958", "(020) 7946-0958"]),
        ("CARD", ["4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111"]),
        ("BANK", ["GB82WEST12345698765432", "gb82 west 1234 5698 7654 32"]),
        ("NATIONAL_ID", ["AB123456C", "ab 12 34 56 c", "AB-12-34-56-C"]),
        ("IP", ["192.0.2.77", "::ffff:192.0.2.77"]),
        ("IP", ["2001:db8::7", "2001:0DB8:0:0:0:0:0:7", "[2001:db8::7]", "2001:db8::7%eth0"]),
        ("MAC", ["00:00:5e:00:53:af", "00-00-5E-00-53-AF", "0000.5e00.53af"]),
        ("NAME", ["Ann Lee", " ann  LEE ", "ann\u00a0lee"]),
        ("ADDRESS", ["1 Example Stra\u00dfe", "1 EXAMPLE STRASSE"]),
    ],
)
def test_every_way_to_write_a_value_has_one_token(name, ways):
    tokens = {token(name, text) for text in ways}

    assert 1 == len(tokens)
    assert re.fullmatch(rf"\[{name}:k2:[a-p]{{16}}\]", tokens.pop())


ADDRESSES = st.builds("{}@{}.example".format, *[st.text(string.ascii_letters, min_size=1, max_size=20)] * 2)


@given(address=ADDRESSES, change=st.sampled_from([str.upper, str.lower, str.swapcase, "  {}\t".format]))
def test_case_and_spaces_do_not_matter(address, change):
    assert token("EMAIL", address) == token("EMAIL", change(address))


@given(first=ADDRESSES, second=ADDRESSES)
def test_two_customers_have_two_tokens(first, second):
    assert (first.lower() == second.lower()) == (token("EMAIL", first) == token("EMAIL", second))


@given(text=st.text(string.ascii_letters, min_size=1), one=st.text(max_size=9), other=st.text(max_size=9))
def test_two_tenants_have_two_tokens(text, one, other):
    same = one.replace("\0", "") == other.replace("\0", "")

    assert same == (token("NAME", text, one) == token("NAME", text, other))


@given(text=st.text(string.digits, min_size=12, max_size=15))
def test_two_classes_or_keys_have_two_tokens(text):
    letters = {
        token("BANK", text)[-17:],
        token("NATIONAL_ID", text)[-17:],
        token("CARD", text)[-17:],
        token("BANK", text, key=OTHER_KEY)[-17:],
    }

    assert 4 == len(letters)


@given(text=st.text(max_size=40), name=st.sampled_from(["EMAIL", "PHONE", "CARD", "IP", "MAC", "NAME", "BANK"]))
def test_a_token_says_nothing_and_is_left_alone(text, name):
    """Any text at all: a token or nothing, and nothing that another masker would find in it."""
    found = token(name, text)

    assert re.fullmatch(rf"(\[{name}:k2:[a-p]{{16}}\])?", found)
    assert f"<{found}>" == mask_text(f"<{found}>")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SECRET", "hunter2"),
        ("EMAIL", "ann"),
        ("EMAIL", "Ann Lee <ann@example.com>"),
        ("EMAIL", "ann@example.com,bob@example.com"),
        ("EMAIL", "ann@\u3002example"),
        ("PHONE", "112"),
        ("PHONE", "call +44 20 7946 0958"),
        ("CARD", "4111"),
        ("IP", "192.0.2.300"),
        ("IP", "2001:db8:::7"),
        ("MAC", "00:00:5e"),
        ("NAME", "  "),
        ("BANK", "--"),
        ("NAME", "a" * 1025),
        ("NOBODY", "ann"),
    ],
)
def test_what_is_no_single_value_of_its_class_has_no_token(name, text):
    """Never for a secret; and two addresses in one value would have a token that no search finds."""
    assert "" == token(name, text)


# --- the secret -------------------------------------------------------------------------------------------------------


def secret(**changes) -> str:
    return json.dumps({"current": "k2", "keys": {"k1": OTHER_KEY.hex(), "k2": KEY.hex()}} | changes)


def test_the_current_key_comes_first():
    assert KEYS == parse_keys(secret())
    assert ["k1", "k3", "k2"] == [
        key for key, _ in parse_keys(secret(current="k1", keys={f"k{n}": KEY.hex() for n in (1, 2, 3)}))
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must be JSON"),
        (KEY.hex(), "must be JSON"),
        ("[]", "must be JSON"),
        ("[" * 100_000, "must be JSON"),
        (secret(keys={}), "must be JSON"),
        (secret(keys=[KEY.hex()]), "must be JSON"),
        (secret(current="k3"), "'current' must name one of its keys"),
        (secret(current=None), "'current' must name one of its keys"),
        (secret(keys={"k2": KEY[:15].hex()}), "key 'k2' must be 16 to 64 bytes in hex"),
        (secret(keys={"k2": bytes(65).hex()}), "key 'k2' must be 16 to 64 bytes in hex"),
        (secret(keys={"k2": "no hex, but a secret"}), "key 'k2' must be 16 to 64 bytes in hex"),
        (secret(keys={"k2": 7}), "key 'k2' must be 16 to 64 bytes in hex"),
        (secret(current="K2", keys={"K2": KEY.hex()}), "an id has 1 to 12 lower-case letters and digits"),
        (secret(current="2k", keys={"2k": KEY.hex()}), "an id has 1 to 12 lower-case letters and digits"),
        (secret(current="", keys={"": KEY.hex()}), "an id has 1 to 12 lower-case letters and digits"),
    ],
)
def test_a_secret_that_is_wrong_says_why_and_shows_no_key(text, words):
    with pytest.raises(ConfigError) as caught:
        parse_keys(text)

    assert words in str(caught.value)
    assert KEY.hex()[:8] not in str(caught.value)
    assert "no hex" not in str(caught.value)


# --- the fetch --------------------------------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Threads(list[Callable[[], None]]):
    """Threads that were started, and run when the test says so."""

    def run(self) -> None:
        while self:
            self.pop(0)()


def test_the_fetch_begins_at_the_first_want_and_is_not_waited_for():
    asked: list[str] = []
    threads = Threads()
    ring = Keyring(lambda arn: asked.append(arn) or KEYS, Clock(), threads.append)
    assert ([], 0) == (asked, len(threads))

    assert ["", ""] == [ring.token("EMAIL", "ann@example.com", "") for _ in range(2)]
    assert ([], 1) == (asked, len(threads))

    threads.run()
    assert token("EMAIL", "ann@example.com") == ring.token("EMAIL", "ann@example.com", "")
    assert ([ARN], 0) == (asked, len(threads))
    assert () == ring.new_problems()


def test_after_a_failure_the_next_attempt_waits():
    """It is told once, and the keys are used as soon as they are there."""
    clock, threads, answers = Clock(), Threads(), [ConfigError("no"), RuntimeError("ann@example.com"), KEYS]

    def fetch(_arn):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    ring = Keyring(fetch, clock, threads.append)
    told = []
    for seconds in (0.0, RETRY_S - 1, 1.0, RETRY_S, 0.0):
        clock.now += seconds
        last = ring.token("EMAIL", "ann@example.com", "")
        threads.run()
        told.append((last[:10], len(answers), ring.new_problems()))

    assert [
        ("", 2, ("no; values are redacted",)),
        ("", 2, ()),
        ("", 1, ("the secret of the pseudonym keys cannot be read: RuntimeError; values are redacted",)),
        ("", 0, ()),
        ("[EMAIL:k2:", 0, ()),
    ] == told


def test_a_thread_of_its_own_fetches():
    begun, fetching_in = threading.Event(), []

    def fetch(_arn):
        fetching_in.append(threading.get_ident())
        begun.set()
        return KEYS

    Keyring(fetch).token("EMAIL", "ann@example.com", "")

    assert begun.wait(10)
    assert [threading.get_ident()] != fetching_in


def test_without_an_arn_nothing_is_fetched(monkeypatch):
    monkeypatch.delenv("OBSKIT_PSEUDONYM_SECRET_ARN")
    config.reset()
    threads = Threads()
    ring = Keyring(start=threads.append)

    assert "" == ring.token("EMAIL", "ann@example.com", "")
    assert [] == threads
    assert ("OBSKIT_PSEUDONYM_SECRET_ARN is not set: values are redacted, not pseudonymised",) == ring.new_problems()


def test_what_is_remembered_is_bounded_and_forgotten():
    """The memo holds personal data: for one invocation, and not more than a few hundred values."""
    ring = Keyring()
    ring.keys = KEYS
    for number in range(3 * MEMO):
        ring.token("EMAIL", f"ann{number}@example.com", "")
        assert len(ring._memo) <= MEMO

    ring.forget()
    assert {} == ring._memo
    assert KEYS == ring.keys


def test_without_boto3_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(MissingExtraError, match="'aws'"):
        pseudonyms.fetch(ARN)


DENIED = {"Error": {"Code": "AccessDeniedException", "Message": "User: arn:aws:sts::000000000000:ann is not"}}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (botocore.exceptions.ClientError(DENIED, "GetSecretValue"), "AccessDeniedException"),
        (botocore.exceptions.NoCredentialsError(), "NoCredentialsError"),
    ],
)
def test_a_secret_that_cannot_be_read_says_why(monkeypatch, error, code):
    """By the code of the service or the error's type; its text names accounts and roles."""

    class Client:
        def get_secret_value(self, **_given):
            raise error

        def close(self):
            pass

    monkeypatch.setattr("boto3.session.Session.client", lambda *_args, **_kwargs: Client())

    with pytest.raises(ConfigError) as caught:
        pseudonyms.fetch(ARN)
    assert f"the secret of the pseudonym keys cannot be read: {code}" == str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        KEY.hex(),
        "obskit/pseudonyms",
        "arn:aws:ssm:us-east-1:000000000000:secret:x",
        "arn:aws:secretsmanager::000000000000:secret:x",
        "arn:aws:secretsmanager:us-east-1:ann:secret:x",
        "arn:aws:secretsmanager:us-east-1:000000000000:secret:",
    ],
)
def test_a_variable_that_is_no_arn_is_told_and_not_shown(value):
    """It may be the key itself."""
    found = config.Settings({"OBSKIT_PSEUDONYM_SECRET_ARN": value})

    assert "" == found.pseudonym_secret
    assert [
        (
            "OBSKIT_PSEUDONYM_SECRET_ARN is no ARN of a secret: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME."
            " Values are redacted, not pseudonymised."
        )
    ] == list(found.problems)


def test_the_arn_of_another_partition_is_taken():
    arn = ARN.replace("aws", "aws-us-gov", 1)

    assert arn == config.Settings({"OBSKIT_PSEUDONYM_SECRET_ARN": f" {arn} "}).pseudonym_secret
