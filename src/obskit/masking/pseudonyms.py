"""
Pseudonyms: the same customer has the same token on every line, and nobody without the key can tell whose it is.

    [EMAIL:k2:abcdefghijklmnop]

Class, key, and 64 bits of keyed BLAKE2b over class, tenant and normal form, a nibble a letter: no digit is in it.

The keys are the text of a secret in Secrets Manager, current key and earlier ones, 16 to 64 bytes in hex each:

    {"current": "k2", "keys": {"k1": "00112233…", "k2": "8899aabb…"}}

They are fetched when a pseudonym is first wanted, by a thread; lines that are written before it is done are redacted.
Why not wait: a log call inside a checkout must not take the two seconds that Secrets Manager may be away, nor wait for
the import of boto3. Lambda freezes the thread when the handler returns. It goes on in the next invocation, or finds its
connection closed and fails, and the next attempt comes `RETRY_S` later. A redacted line holds nothing that a privacy
request would have to find. A process keeps the keys that it has: after a rotation a warm environment goes on with the
earlier one for the hours that it lives, which is why `obskit pseudonym` prints a token for each key.

Without a key there is no pseudonym, never an unkeyed hash: all telephone numbers can be tried out in minutes.
"""

from __future__ import annotations

import time

from obskit import config
from obskit.errors import ConfigError, MissingExtraError, ObskitError
from obskit.masking.forms import is_key_id, normal
from obskit.semconv import MASKING_CLASSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Keys = tuple[tuple[str, bytes], ...]
    """(id, key); the current one first."""

RETRY_S = 120.0
"""Seconds between two attempts to fetch the keys."""

TIMEOUT_S = 1
"""For the connection, and for the answer. One attempt: the next one comes with a later line."""

MEMO = 256
"""Values whose pseudonym is remembered within an invocation: 0.4 µs instead of 8 (Python 3.11, 2 busy cores,
2026-11-24)."""

SHORTEST_KEY, LONGEST_KEY = 16, 64
"""Bytes. Shorter ones can be guessed, BLAKE2b takes no longer ones."""

_DIGEST = 8
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_SECRET = "the secret of the pseudonym keys"  # noqa: S105  words, not a secret


def parse_keys(text: str) -> Keys:
    """
    Return the keys that the secret's *text* holds.

    Raises:
        ConfigError: it is not what the module's docstring shows; nothing of a key is in the message.
    """
    import json

    try:
        secret = json.loads(text)
    except (ValueError, RecursionError):
        secret = None
    if not isinstance(secret, dict) or not isinstance(keys := secret.get("keys"), dict) or not keys:
        raise ConfigError(f'{_SECRET} must be JSON: {{"current": "k1", "keys": {{"k1": "<hex>"}}}}')
    current = secret.get("current")
    if current not in keys:
        raise ConfigError(f"{_SECRET}: 'current' must name one of its keys")
    found = {key_id: _key(key_id, value) for key_id, value in keys.items()}
    return ((current, found.pop(current)), *sorted(found.items(), reverse=True))


def _key(key_id: str, value: object) -> bytes:
    if not is_key_id(key_id):
        raise ConfigError(f"{_SECRET}: an id has 1 to 12 lower-case letters and digits, a letter first, e.g. k2")
    try:
        key = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        key = b""
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        words = f"{SHORTEST_KEY} to {LONGEST_KEY} bytes in hex, e.g. from `openssl rand -hex 32`"
        raise ConfigError(f"{_SECRET}: key '{key_id}' must be {words}")
    return key


def make(name: str, text: str, tenant: str, key_id: str, key: bytes) -> str:
    """
    Return the pseudonym of *text*, a value of class *name*; "" when it is no single such value, or a secret.

    >>> make("EMAIL", "Ann@Example.com", "", "k1", bytes(16)) == make("EMAIL", " ann@example.com", "", "k1", bytes(16))
    True
    """
    if "pseudonym" not in MASKING_CLASSES.get(name, ()):
        return ""
    value = normal(name, text)
    if not value:
        return ""
    from hashlib import blake2b

    # A tenant without NUL: only the last part may hold one, so no two values give the same message.
    message = f"{name}\0{tenant.replace(chr(0), '')}\0{value}".encode("utf-8", "surrogatepass")
    return f"[{name}:{key_id}:{blake2b(message, key=key, digest_size=_DIGEST).hexdigest().translate(_LETTERS)}]"


def fetch(arn: str) -> Keys:
    """
    Read the secret *arn* and return its keys; waits for the answer.

    Raises:
        ConfigError: it cannot be read, or does not hold keys.
        MissingExtraError: boto3 is not installed. In Lambda it always is.
    """
    from contextlib import closing

    try:
        import boto3
        from botocore.config import Config
    except ModuleNotFoundError:
        raise MissingExtraError("aws", "reading the keys of pseudonyms") from None
    quick = Config(connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S, retries={"total_max_attempts": 1})
    try:
        session = boto3.session.Session()  # the default one is not for threads
        with closing(session.client("secretsmanager", region_name=arn.split(":")[3], config=quick)) as client:
            answer = client.get_secret_value(SecretId=arn)
    except Exception as error:  # noqa: BLE001  botocore makes its types at run time
        response = getattr(error, "response", {})
        code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
        raise ConfigError(f"{_SECRET} cannot be read: {code or type(error).__name__}") from None
    return parse_keys(str(answer.get("SecretString", "")))


def _in_thread(function: Callable[[], None]) -> None:
    from _thread import start_new_thread

    start_new_thread(function, ())


class Keyring:
    """The keys, once they are there, and the pseudonyms of this invocation. Its parts can be exchanged in tests."""

    __slots__ = ("_clock", "_fetch", "_memo", "_next", "_problems", "_start", "keys")

    def __init__(
        self,
        fetch: Callable[[str], Keys] = fetch,
        clock: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] = _in_thread,
    ) -> None:
        self.keys: Keys = ()
        self._fetch = fetch
        self._clock = clock
        self._start = start
        self._next = float("-inf")
        self._memo: dict[tuple[str, str, str], str] = {}
        self._problems: dict[str, bool] = {}  # text -> was it told

    def token(self, name: str, text: str, tenant: str) -> str:
        """Return the pseudonym under the current key; "" while there is none."""
        keys = self.keys
        if not keys:
            self._want()
            keys = self.keys
        if not keys:
            return ""
        asked = (name, text, tenant)
        found = self._memo.get(asked)
        if found is None:
            found = make(name, text, tenant, *keys[0])
            if len(self._memo) >= MEMO:
                self._memo.clear()
            self._memo[asked] = found
        return found

    def forget(self) -> None:
        self._memo.clear()

    def new_problems(self) -> tuple[str, ...]:
        """Return what went wrong and was not returned before."""
        found = tuple(text for text, told in self._problems.items() if not told)
        self._problems.update(dict.fromkeys(found, True))
        return found

    def _want(self) -> None:
        """Begin an attempt, unless one began a short while ago: it may be under way, or have failed."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + RETRY_S
        arn = config.settings().pseudonym_secret
        if not arn:
            self._problem("OBSKIT_PSEUDONYM_SECRET_ARN is not set: values are redacted, not pseudonymised")
            return
        self._start(lambda: self._attempt(arn))

    def _attempt(self, arn: str) -> None:
        try:
            self.keys = self._fetch(arn)
        except ObskitError as error:
            self._problem(f"{error}; values are redacted")
        except Exception as error:  # noqa: BLE001  it runs in a thread that nobody watches
            self._problem(f"{_SECRET} cannot be read: {type(error).__name__}; values are redacted")

    def _problem(self, text: str) -> None:
        self._problems.setdefault(text, False)


_ring = Keyring()


def token(name: str, text: str, tenant: str = "") -> str:
    """Return the pseudonym of *text*, a value of class *name*; "" without a key, or when it is no such value."""
    return _ring.token(name, text, tenant)


def forget() -> None:
    """Forget the values of this invocation; the keys stay."""
    _ring.forget()


def new_problems() -> tuple[str, ...]:
    """Return what is wrong with the keys and was not returned before."""
    return _ring.new_problems()


def set_keys(keys: Keys) -> None:
    """Use *keys* from now on, the first being the current one; () fetches them again when one is wanted."""
    global _ring  # noqa: PLW0603  the one home of this state
    _ring = Keyring()
    _ring.keys = keys
