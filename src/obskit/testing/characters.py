"""Random text of given characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHANUMERIC = UPPER + UPPER.lower() + "0123456789"
BASE64 = ALPHANUMERIC + "+/"
BASE64_URL = ALPHANUMERIC + "-_"
HEX = "0123456789abcdef"


def text_of(random: Random, characters: str, count: int) -> str:
    return "".join(random.choices(characters, k=count))


def digits(random: Random, count: int) -> str:
    return text_of(random, "0123456789", count)
