"""Cards, accounts and national numbers as people write them; `numbers` makes them without separators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.testing import numbers
from obskit.testing.characters import digits

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

IBAN_COUNTRIES = "AT BE CH DE ES FI GB IE IT LU NL NO PL PT SE".split()


def grouped(text: str, size: int, separator: str = " ") -> str:
    return separator.join(text[start : start + size] for start in range(0, len(text), size))


def card(brand: str) -> Callable[[Random], str]:
    return lambda random: numbers.card(random, brand)


def card_grouped(random: Random) -> str:
    number, separator = numbers.card(random, random.choice(["visa", "mastercard", "jcb"])), random.choice(" -")
    return grouped(number, 4, separator)


def card_amex_grouped(random: Random) -> str:
    number = numbers.card(random, "amex")
    return random.choice(" -").join([number[:4], number[4:10], number[10:]])


def iban(random: Random) -> str:
    return numbers.iban(random, random.choice(IBAN_COUNTRIES))


def bic(random: Random) -> str:
    return random.choice(
        ["DEUTDEFF", "COBADEFFXXX", "BNPAFRPP", "CAIXESBBXXX", "NWBKGB2L"]
    )  # three X at the end: the head office


def us_ssn(random: Random) -> str:
    number, separator = numbers.ssn(random), random.choice("-- .")
    return separator.join([number[:3], number[3:5], number[5:]])


def us_itin(random: Random) -> str:
    number = numbers.itin(random)
    return "-".join([number[:3], number[3:5], number[5:]])


def uk_nino_spaced(random: Random) -> str:
    number = numbers.nino(random)
    return " ".join([number[:2], number[2:4], number[4:6], number[6:8], number[8:]])


def uk_nhs(random: Random) -> str:
    number = numbers.nhs(random)
    return random.choice(
        [number, f"{number[:3]} {number[3:6]} {number[6:]}", f"{number[:3]}-{number[3:6]}-{number[6:]}"]
    )


def fr_nir(random: Random) -> str:
    number = numbers.nir(random)
    parts = [number[0], number[1:3], number[3:5], number[5:7], number[7:10], number[10:13], number[13:]]
    return random.choice([number, " ".join(parts)])


def es_dni(random: Random) -> str:
    return random.choice([numbers.dni, numbers.nie])(random)


def se_personal_number(random: Random) -> str:
    number = numbers.personnummer(random)
    return random.choice([number, f"{number[:-4]}-{number[-4:]}"])


def uk_passport(random: Random) -> str:
    return random.choice("123456789") + digits(random, 8)


def us_passport(random: Random) -> str:
    return random.choice("ABCXYZ") + digits(random, 8)
