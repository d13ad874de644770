"""
Fuzzing of masking, guided by the coverage of its code.

Invented values of every shape go in. What must hold of each: nothing is raised or given up as unreadable, the result
is JSON and UTF-8, a planted secret is not in it, masking it again and again comes to rest, and texts of the same
template that were seen before change nothing. The first value for which it does not is printed, and the bytes that it
was made of are kept in build/fuzz: name the file to see it again.

    tools/fuzz.py [SECONDS | FILE | RUNS@SEED]

`RUNS@SEED` tries the same values on every machine: what CI needs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import quote

import atheris

if TYPE_CHECKING:
    from collections.abc import Callable

with atheris.instrument_imports(include=["obskit.masking"]):
    from obskit.masking import (
        classes,  # noqa: F401  imported to be instrumented, as the others below
        detection,  # noqa: F401
        emails,  # noqa: F401
        encoded,  # noqa: F401
        engine,
        fold,  # noqa: F401
        forms,  # noqa: F401
        hints,  # noqa: F401
        identifiers,  # noqa: F401
        keys,  # noqa: F401
        national,  # noqa: F401
        network,  # noqa: F401
        numbers,  # noqa: F401
        pairs,  # noqa: F401
        stated,  # noqa: F401
        templates,  # noqa: F401
        text,
        tokens,  # noqa: F401
    )

FOUND = Path("build/fuzz")

SECRETS = (
    "ann.lee@example.com",
    "4242424242424242",
    "4242 4242 4242 4242",
    "GB29NWBK60161331926819",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "078-05-1120",
    "+44 20 7946 0958",
)
"""Public documentation values; each stands between blanks, as words do."""

WORDS = (  # none of them a piece of a secret: several in a row would be one
    "password",
    "=",
    ": ",
    '"',
    "'",
    "{",
    "}",
    "[",
    "]",
    '{"a":',
    '"a"',
    ",",
    "\\",
    '\\"',
    "\\u0040",
    "%40",
    "%25",
    "&#64;",
    "\x1b[31m",
    "\0",
    "\n",
    "@",
    "example.com",
    "+",
    "-",
    ".",
    "/",
    "://",
    "?",
    "&",
    "1234",
    "12",
    "0",
    "::",
    "Bearer ",
    "eyJ",
    "Basic ",
    "-----BEGIN PRIVATE KEY-----",
    "token=",
    "tel ",
    "order ",
    "born ",
    "code ",
    "</",
    "<password>",
    "value",
    "Authorization: ",
    "Cookie: ",
    "--password ",
    "[EMAIL]",
    "[CARD",
    "é",
    "\ud800",
    "\uff14",
    "192.0.2.4",
    "input_value=",
)
KEYS = (
    "note",
    "password",
    "email",
    "name",
    "value",
    "key",
    "code",
    "address",
    "user",
    "card",
    "number",
    "S",
    "body",
    "isBase64Encoded",
    "version",
    "session",
    "mail",
    "a@example.com",
    "n",
)

_DEEPEST = 6


class _Values:
    """Makes a value of the bytes that the fuzzer changes; a secret is planted in one of its texts."""

    def __init__(self, data: bytes) -> None:
        self.data = atheris.FuzzedDataProvider(data)
        self.planted: set[str] = set()
        self.texts: list[str] = []

    def value(self, depth: int = 0) -> object:
        makers = (self.text, self.number, self.text, self.text, self.document)
        nesting = (self.list, self.dict, self.pairs, self.record, self.list, self.dict)
        chosen = self.chosen((*makers, *nesting) if depth < _DEEPEST else makers)
        return chosen(depth)

    def chosen(self, things: tuple[Callable[[int], object], ...]) -> Callable[[int], object]:
        return things[int(self.data.ConsumeIntInRange(0, len(things) - 1))]

    def text(self, depth: int) -> str:  # noqa: ARG002  all makers are called alike
        parts = [self.word() for _ in range(self.data.ConsumeIntInRange(0, 6))]
        if self.data.ConsumeIntInRange(0, 3) == 1:
            secret = SECRETS[self.data.ConsumeIntInRange(0, len(SECRETS) - 1)]
            # Alone in its text: what stands beside it may make of it something else, a part of an id.
            self.planted.add(secret)
            return self.encoded(secret)
        self.texts.append("".join(parts))
        return self.texts[-1]

    def encoded(self, secret: str) -> str:
        form = int(self.data.ConsumeIntInRange(0, 6))
        forms: tuple[Callable[[str], str], ...] = (
            str, json.dumps, repr, quote, lambda text: f"seen: {text}.", lambda text: json.dumps({"note": text}),
            lambda text: json.dumps(json.dumps([text])),
        )  # fmt: skip
        return forms[form](secret)

    def word(self) -> str:
        if self.data.ConsumeIntInRange(0, 3):
            return WORDS[self.data.ConsumeIntInRange(0, len(WORDS) - 1)]
        return str(self.data.ConsumeUnicode(self.data.ConsumeIntInRange(0, 12)))

    def number(self, depth: int) -> object:  # noqa: ARG002  as above
        kind = self.data.ConsumeIntInRange(0, 5)
        if kind == 0:
            return self.data.ConsumeFloat()
        if kind == 1:
            return self.data.ConsumeBytes(8)
        if kind == 2:
            return (None, True, False)[self.data.ConsumeIntInRange(0, 2)]
        return self.data.ConsumeInt(kind * 3)

    def document(self, depth: int) -> str:
        return json.dumps(engine.mask(self.value(depth + 2)), ensure_ascii=self.data.ConsumeBool())

    def key(self) -> object:
        kind = self.data.ConsumeIntInRange(0, 3)
        return self.number(0) if kind == 0 else self.text(0) if kind == 1 else self.known_key()

    def known_key(self) -> str:
        return KEYS[self.data.ConsumeIntInRange(0, len(KEYS) - 1)]

    def list(self, depth: int) -> object:
        return [self.value(depth + 1) for _ in range(self.data.ConsumeIntInRange(0, 4))]

    def dict(self, depth: int) -> object:
        return {self.key(): self.value(depth + 1) for _ in range(self.data.ConsumeIntInRange(0, 4))}

    def pairs(self, depth: int) -> object:
        return [(self.known_key(), self.value(depth + 1)) for _ in range(self.data.ConsumeIntInRange(0, 3))]

    def record(self, depth: int) -> object:
        return SimpleNamespace(**{self.known_key().replace("@", "_"): self.value(depth + 1)})


def fault(value: object, planted: set[str]) -> str:
    """Return what does not hold of *value* masked, an empty string if everything does."""
    masked = engine.mask(value)
    written = json.dumps(masked, allow_nan=False, ensure_ascii=False)
    written.encode()
    survived = [secret for secret in planted if secret in written]
    if survived:
        return f"{survived} survived in {written!r}"
    if engine.UNREADABLE in written:
        return f"{written!r} has lost what could be read"
    again = engine.mask(masked)
    settled = engine.mask(again)
    return "" if settled == again else f"masked again, {again!r} became {settled!r}"


_OTHER_DIGITS = str.maketrans("0123456789", "4920837165")


def misled(line: str) -> str:
    """Return what does not hold of *line* after one that differs from it in its digits, an empty string if it does."""
    text.forget()
    alone = engine.mask_text(line)
    text.forget()
    engine.mask_text(line.translate(_OTHER_DIGITS))
    after = engine.mask_text(line)
    return "" if after == alone else f"{alone!r} became {after!r} by what was seen before"


def try_one(data: bytes) -> None:
    """Raise an AssertionError if anything does not hold of the value that *data* makes."""
    values = _Values(data)
    value = values.value()
    said = fault(value, values.planted) or "".join(map(misled, values.texts))
    if said:
        raise AssertionError(f"{value!r}: {said}")


def main() -> None:
    """Fuzz for as long as the command line says."""
    argument = sys.argv[1] if len(sys.argv) > 1 else "60"
    FOUND.mkdir(parents=True, exist_ok=True)
    runs, at, seed = argument.partition("@")
    what = [f"-max_total_time={argument}"] if argument.isdigit() else [argument]
    if at and runs.isdigit() and seed.isdigit():
        what = [f"-runs={runs}", f"-seed={seed}", "-max_total_time=60"]
    atheris.Setup([sys.argv[0], "-max_len=2048", "-verbosity=0", f"-artifact_prefix={FOUND}/", *what], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
