"""Invented numbers with right check digits: cards, bank accounts, what states give to persons. Without separators."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

CARD_BRANDS: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "visa": (("4",), (16, 16, 16, 19)),
    "mastercard": (("51", "52", "53", "54", "55", "2221", "2345", "2720"), (16,)),
    "amex": (("34", "37"), (15,)),
    "discover": (("6011", "644", "649", "65"), (16, 19)),
    "diners": (("300", "305", "36", "38", "39"), (14,)),
    "jcb": (("3528", "3550", "3589"), (16,)),
    "unionpay": (("62",), (16, 19)),
    "maestro": (("5018", "5020", "5038", "5893", "6304", "6759", "6761", "6763"), (12, 16, 19)),
    "mir": (("2200", "2204"), (16,)),
}
"""Beginnings and lengths by brand. Public issuer ranges, read 2026-11-24."""

IBAN_ACCOUNTS = {
    "AT": "n" * 16,
    "BE": "n" * 12,
    "CH": "n" * 17,
    "DE": "n" * 18,
    "ES": "n" * 20,
    "FR": "n" * 23,
    "GB": "aaaa" + "n" * 14,
    "IT": "a" + "n" * 22,
    "NL": "aaaa" + "n" * 10,
    "PL": "n" * 24,
    "PT": "n" * 21,
    "SE": "n" * 20,
}
"""What follows country and check digits: n a digit, a a letter (ISO 13616)."""


def digits(random: Random, count: int) -> str:
    return "".join(random.choices(DIGITS, k=count))


def date_digits(random: Random) -> tuple[str, str, str]:
    """Return year, month and day of an invented birth, two digits each."""
    return f"{random.randrange(50, 99)}", f"{random.randrange(1, 13):02}", f"{random.randrange(1, 29):02}"


def luhn_digit(text: str) -> str:
    """
    Return the digit that makes *text* pass Luhn's check.

    >>> luhn_digit("424242424242424")
    '2'
    """
    total = 0
    for position, digit in enumerate(reversed(text)):
        value = int(digit) * (1 if position % 2 else 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def card(random: Random, brand: str) -> str:
    beginnings, lengths = CARD_BRANDS[brand]
    beginning = random.choice(beginnings)
    body = beginning + digits(random, random.choice(lengths) - len(beginning) - 1)
    return body + luhn_digit(body)


def iban(random: Random, country: str) -> str:
    """Return an account number whose check digits are right; the bank in it is invented."""
    account = "".join(random.choice(LETTERS if kind == "a" else DIGITS) for kind in IBAN_ACCOUNTS[country])
    return country + f"{98 - _mod97(account + country + '00'):02}" + account


def _mod97(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text)) % 97


def us_ssn(random: Random) -> str:
    area = random.choice([number for number in range(1, 900) if number != 666])
    return f"{area:03}{random.randrange(1, 100):02}{random.randrange(1, 10000):04}"


def us_itin(random: Random) -> str:
    group = random.choice([*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)])
    return f"9{digits(random, 2)}{group}{digits(random, 4)}"


def uk_nino(random: Random) -> str:
    while True:
        prefix = random.choice("ABCEGHJKLMNOPRSTWXYZ") + random.choice("ABCEGHJKLMNPRSTWXYZ")
        if prefix not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}:
            return prefix + digits(random, 6) + random.choice("ABCD")


def uk_nhs(random: Random) -> str:
    while True:
        body = "9" + digits(random, 8)
        check = 11 - sum(int(digit) * (10 - index) for index, digit in enumerate(body)) % 11
        if check != 10:
            return body + str(check % 11)


def uk_driving_licence(random: Random) -> str:
    year, month, day = date_digits(random)
    surname = random.choice(["MORGA", "SMITH", "JONES", "EVANS", "LEE99", "KHAN9", "WEST9"])
    end = f"{random.choice(LETTERS)}9{digits(random, 1)}{random.choice('ABCDEFGH')}X"
    return f"{surname}{year[0]}{month}{day}{year[1]}{end}"


def us_passport(random: Random) -> str:
    return random.choice("ABCXYZ") + digits(random, 8)


def uk_passport(random: Random) -> str:
    return random.choice("123456789") + digits(random, 8)


def de_tax_id(random: Random) -> str:
    """Ten digits, of which one occurs twice and the rest once, and a check digit of ISO 7064 mod 11,10."""
    while True:
        chosen = random.sample(DIGITS, 9)
        body = [*chosen, random.choice(chosen)]
        random.shuffle(body)
        if body[0] != "0":
            break
    product = 10
    for digit in body:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return "".join(body) + str((11 - product) % 10)


def de_identity_card(random: Random) -> str:
    body = random.choice("LMNPRT") + "".join(random.choices("CFGHJKLMNPRTVWXYZ0123456789", k=8))
    return body + _icao_check(body)


def _icao_check(text: str) -> str:
    """ICAO 9303: weights 7, 3, 1; letters count from A = 10."""
    return str(sum(int(character, 36) * (7, 3, 1)[index % 3] for index, character in enumerate(text)) % 10)


def de_pension_number(random: Random) -> str:
    year, month, day = date_digits(random)
    letter = random.choice(LETTERS)
    body = f"{random.choice(['12', '15', '24', '53', '65'])}{day}{month}{year}{letter}{digits(random, 2)}"
    spread = body.replace(letter, f"{LETTERS.index(letter) + 1:02}")
    factors = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    products = [int(digit) * factor for digit, factor in zip(spread, factors, strict=True)]
    return body + str(sum(product // 10 + product % 10 for product in products) % 10)


def fr_nir(random: Random) -> str:
    year, month, _ = date_digits(random)
    department = random.choice(["75", "13", "69", "33", "59", "2A", "2B"])
    body = f"{random.choice('12')}{year}{month}{department}{random.randrange(1, 990):03}{random.randrange(1, 999):03}"
    number = int(body.replace("2A", "19").replace("2B", "18"))
    return f"{body}{97 - number % 97:02}"


def fr_tax_id(random: Random) -> str:
    body = random.choice("0123") + digits(random, 9)
    return body + f"{int(body) % 511:03}"


def es_dni(random: Random) -> str:
    number = digits(random, 8)
    return number + "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23]


def es_nie(random: Random) -> str:
    letter, number = random.choice("XYZ"), digits(random, 7)
    return letter + number + "TRWAGMYFPDXBNJZSQVHLCKE"[int(str("XYZ".index(letter)) + number) % 23]


_IT_ODD = dict(
    zip(
        DIGITS + LETTERS,
        [
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            2,
            4,
            18,
            20,
            11,
            3,
            6,
            8,
            12,
            14,
            16,
            10,
            22,
            25,
            24,
            23,
        ],
        strict=True,
    )
)


def it_tax_code(random: Random) -> str:
    """Codice fiscale: the odd places count by a table, the even ones by their value."""
    year, _, day = date_digits(random)
    names = random.choice(["RSSMRA", "BNCLRA", "VRDGPP", "FRRNNA", "GLLLCU"])
    body = f"{names}{year}{random.choice('ABCDEHLMPRST')}{day}{random.choice('FHL')}{random.randrange(100, 999)}"
    total = sum(
        int(character, 36) - (10 if character.isalpha() else 0) if index % 2 else _IT_ODD[character]
        for index, character in enumerate(body)
    )
    return body + LETTERS[total % 26]


def nl_bsn(random: Random) -> str:
    while True:
        body = random.choice("12") + digits(random, 7)
        check = sum(int(digit) * (9 - index) for index, digit in enumerate(body)) % 11
        if check < 10:
            return body + str(check)


def be_national_number(random: Random) -> str:
    body = "".join(date_digits(random)) + f"{random.randrange(1, 998):03}"
    return body + f"{97 - int(body) % 97:02}"


def pt_nif(random: Random) -> str:
    body = random.choice("12") + digits(random, 7)
    rest = sum(int(digit) * (9 - index) for index, digit in enumerate(body)) % 11
    return body + str(0 if rest < 2 else 11 - rest)


def pl_pesel(random: Random) -> str:
    body = "".join(date_digits(random)) + digits(random, 4)
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    return body + str(-sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 10)


def se_personal_number(random: Random) -> str:
    body = "".join(date_digits(random)) + digits(random, 3)
    return body + luhn_digit(body)


def fi_hetu(random: Random) -> str:
    year, month, day = date_digits(random)
    number = f"{random.randrange(2, 900):03}"
    return f"{day}{month}{year}-{number}" + "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(day + month + year + number) % 31]
