"""
Invented numbers that pass as real ones: cards, accounts, national numbers, for tests of what is masked.

Each function draws from the given generator, so that a seed repeats a test, and returns compact text: upper case, no
separators. Check digits are reckoned here in another way than in `obskit.masking.identifiers`, so that a slip in one
shows in the other.

A number drawn at random can by chance be somebody's: use them in tests, never as a person's data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.masking.identifiers import IBAN_LENGTHS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

BRANDS: dict[str, tuple[tuple[str, ...], int]] = {
    # Examples of first digits, and the usual length.
    "amex": (("34", "37"), 15),
    "diners": (("300", "305", "36", "38", "39"), 14),
    "discover": (("6011", "644", "649", "65"), 16),
    "jcb": (("3528", "3589"), 16),
    "maestro": (("5018", "5020", "5038", "5893", "6304", "6759", "6761", "6763"), 18),
    "mastercard": (("2221", "2345", "2720", "51", "55"), 16),
    "mir": (("2200", "2204"), 16),
    "unionpay": (("62",), 19),
    "visa": (("4",), 16),
}
"""Brands of cards that `card` knows: first digits and length."""

_LETTERS_FIRST = frozenset(("BG", "GB", "GI", "IE", "LV", "MT", "NL", "RO"))  # the account begins with a bank's letters


def _digits(random: Random, count: int) -> str:
    return "".join(random.choices("0123456789", k=count))


def _letters(random: Random, count: int, among: str = _LETTERS) -> str:
    return "".join(random.choices(among, k=count))


def _total(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digits[place]) * weights[place] for place in range(len(digits)))


def _luhn_digit(digits: str) -> str:
    """Return the digit that makes *digits* pass Luhn: what the sum lacks to the next ten."""
    total = 0
    double = True
    for digit in reversed(digits):
        total += sum(divmod(2 * int(digit), 10)) if double else int(digit)
        double = not double
    return str(-total % 10)


def _date(random: Random) -> tuple[int, int, int]:
    """Return a year, month and day; every month has 28 days."""
    return random.randint(1940, 1999), random.randint(1, 12), random.randint(1, 28)


# --- cards and accounts -----------------------------------------------------------------------------------------------


def card(random: Random, brand: str = "visa") -> str:
    """
    Return a card number of one of `BRANDS`.

    >>> from random import Random
    >>> len(card(Random(1), "amex"))
    15
    """
    prefixes, length = BRANDS[brand]
    prefix = random.choice(prefixes)
    number = prefix + _digits(random, length - len(prefix) - 1)
    return number + _luhn_digit(number)


def iban(random: Random, country: str = "DE") -> str:
    """
    Return an IBAN of *country*: right in length and check digits, its bank invented.

    >>> from random import Random
    >>> iban(Random(1), "NL")[:2]
    'NL'
    """
    bank = _letters(random, 4) if country in _LETTERS_FIRST else ""
    account = bank + _digits(random, IBAN_LENGTHS[country] - 4 - len(bank))
    remainder = 0
    for character in account + country + "00":
        value = int(character, 36)
        remainder = (remainder * (100 if value > 9 else 10) + value) % 97
    return f"{country}{98 - remainder:02}{account}"


def aba(random: Random) -> str:
    """Return a routing number of the United States."""
    number = f"{random.randint(1, 12):02}{_digits(random, 6)}"
    threes, sevens, ones = (sum(map(int, number[first::3])) for first in range(3))
    return number + str(-(3 * threes + 7 * sevens + ones) % 10)


def bic(random: Random) -> str:
    """Return a BIC of eight characters or eleven."""
    branch = random.choice(("", "XXX", _digits(random, 3)))  # the second names the head office
    return f"{_letters(random, 4)}{random.choice(('DE', 'FR', 'GB', 'US'))}{_letters(random, 2)}{branch}"


# --- North and South America ------------------------------------------------------------------------------------------


def ssn(random: Random) -> str:
    """Return a social security number of the United States."""
    area = random.choice([number for number in range(1, 900) if number != 666])
    return f"{area:03}{random.randint(1, 99):02}{random.randint(1, 9999):04}"


def itin(random: Random) -> str:
    """Return an individual taxpayer number of the United States."""
    group = random.choice([*range(50, 66), *range(70, 89), 90, 91, 92, *range(94, 100)])
    return f"9{_digits(random, 2)}{group}{_digits(random, 4)}"


def sin(random: Random) -> str:
    """Return a social insurance number of Canada."""
    number = random.choice("12345679") + _digits(random, 7)
    return number + _luhn_digit(number)


def cpf(random: Random) -> str:
    """Return a CPF of Brazil."""
    number = f"{random.randint(1, 99_999_999):09}"
    for _ in range(2):
        # Counted from the right the weights are 2, 3, 4 and so on.
        total = sum(int(digit) * weight for weight, digit in enumerate(reversed(number), 2))
        number += str(0 if total % 11 < 2 else 11 - total % 11)
    return number


def mbi(random: Random) -> str:
    """Return a Medicare Beneficiary Identifier of the USA, without its hyphens."""
    letters = "ACDEFGHJKMNPQRTUVWXY"
    some = {"C": "123456789", "A": letters, "N": "0123456789", "X": letters + "0123456789"}
    return "".join(random.choice(some[position]) for position in "CAXNAXNAANN")


# --- United Kingdom and Ireland ---------------------------------------------------------------------------------------


def nino(random: Random) -> str:
    """Return a National Insurance number."""
    while True:
        prefix = _letters(random, 1, "ABCEGHJKLMNOPRSTWXYZ") + _letters(random, 1, "ABCEGHJKLMNPRSTWXYZ")
        if prefix not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"):
            return f"{prefix}{_digits(random, 6)}{random.choice('ABCD')}"


def nhs(random: Random) -> str:
    """Return an NHS number."""
    while True:
        number = f"9{_digits(random, 8)}"
        check = 11 - _total(number, range(10, 1, -1)) % 11
        if check != 10:
            return number + str(check % 11)


def uk_licence(random: Random) -> str:
    """Return a driver number of Great Britain."""
    year, month, day = _date(random)
    surname = _letters(random, random.randint(2, 5)).ljust(5, "9")
    born = f"{year // 10 % 10}{month + random.choice((0, 50)):02}{day:02}{year % 10}"
    initials = _letters(random, random.randint(1, 2)).ljust(2, "9")
    return f"{surname}{born}{initials}9{_letters(random, 2)}"


def pps(random: Random) -> str:
    """Return an Irish personal public service number."""
    number = _digits(random, 7)
    second = random.choice(("", "A", "B"))
    total = _total(number, range(8, 1, -1)) + 9 * " AB".index(second or " ")
    return f"{number}{'W' if total % 23 == 0 else _LETTERS[total % 23 - 1]}{second}"


# --- Germany, Austria, Switzerland ------------------------------------------------------------------------------------


def idnr(random: Random) -> str:
    """Return a German tax identification number: of ten digits one occurs twice, one not at all."""
    kept = random.sample("0123456789", 9)
    while True:
        digits = [*kept, random.choice(kept)]
        random.shuffle(digits)
        if digits[0] != "0":
            break
    state = 10
    for digit in digits:
        state = 2 * (((state + int(digit)) % 10) or 10) % 11
    # ISO 7064 says what a whole number must come to: the last state and the check digit add up to 1 modulo 10.
    return "".join(digits) + next(check for check in "0123456789" if (state + int(check)) % 10 == 1)


def de_card(random: Random) -> str:
    """Return the number of a German identity card with its check digit."""
    number = random.choice("LMNPRT") + _letters(random, 7, "0123456789CFGHJKLMNPRTVWXYZ") + _digits(random, 1)
    values = [int(character, 36) for character in number]
    return number + str((7 * sum(values[::3]) + 3 * sum(values[1::3]) + sum(values[2::3])) % 10)


def rvnr(random: Random) -> str:
    """Return a German pension insurance number."""
    year, month, day = _date(random)
    area, initial, serial = random.choice(("02", "15", "65", "89")), _letters(random, 1), _digits(random, 2)
    born = f"{day:02}{month:02}{year % 100:02}"
    digits = f"{area}{born}{ord(initial) - 64:02}{serial}"
    total = 0
    for digit, factor in zip(digits, "212571212121", strict=True):
        total += sum(int(part) for part in str(int(digit) * int(factor)))
    return f"{area}{born}{initial}{serial}{total % 10}"


def svnr(random: Random) -> str:
    """Return an Austrian social insurance number."""
    year, month, day = _date(random)
    born = f"{day:02}{month:02}{year % 100:02}"
    while True:
        serial = str(random.randint(100, 999))
        check = _total(serial + born, (3, 7, 9, 5, 8, 4, 2, 1, 6)) % 11
        if check < 10:
            return f"{serial}{check}{born}"


def ahv(random: Random) -> str:
    """Return a Swiss AHV number."""
    number = f"756{_digits(random, 9)}"
    return number + str(-(3 * sum(map(int, number[1::2])) + sum(map(int, number[::2]))) % 10)


# --- France, Belgium, Netherlands -------------------------------------------------------------------------------------


def nir(random: Random) -> str:
    """Return a French NIR; one in ten is from Corsica."""
    year, month, _ = _date(random)
    department = random.choice(("2A", "2B")) if random.random() < 0.1 else f"{random.randint(1, 19):02}"
    number = f"{random.choice('12')}{year % 100:02}{month:02}{department}{_digits(random, 6)}"
    # As the register writes it: the letter counts as 0, and one or two millions are taken off.
    corsica = {"2A": 1_000_000, "2B": 2_000_000}.get(department, 0)
    value = int(number.replace("A", "0").replace("B", "0")) - corsica
    return f"{number}{97 - value % 97:02}"


def spi(random: Random) -> str:
    """Return a French tax number."""
    number = random.randint(1, 3_999_999_999)
    return f"{number:010}{number - number // 511 * 511:03}"


def be_nn(random: Random) -> str:
    """Return a Belgian national number; one in four is of somebody born from 2000."""
    year, month, day = _date(random)
    year += random.choice((0, 0, 0, 60))
    number = f"{year % 100:02}{month:02}{day:02}{random.randint(1, 997):03}"
    value = int(number) + (2_000_000_000 if year >= 2000 else 0)
    return f"{number}{97 - value % 97:02}"


def bsn(random: Random) -> str:
    """Return a Dutch citizen service number."""
    while True:
        number = f"{random.randint(10_000_000, 99_999_999)}"
        check = _total(number, range(9, 1, -1)) % 11
        if check < 10:
            return number + str(check)


# --- Spain, Portugal, Italy -------------------------------------------------------------------------------------------


def dni(random: Random) -> str:
    """Return a Spanish DNI."""
    number = random.randint(1, 99_999_999)
    return f"{number:08}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


def nie(random: Random) -> str:
    """Return a Spanish number of a foreigner."""
    first = random.randint(0, 2)
    number = random.randint(0, 9_999_999)
    return f"{'XYZ'[first]}{number:07}{'TRWAGMYFPDXBNJZSQVHLCKE'[(first * 10_000_000 + number) % 23]}"


def pt_nif(random: Random) -> str:
    """Return a Portuguese taxpayer number of a person."""
    number = random.choice("123") + _digits(random, 7)
    # The check digit is the one that makes the whole divisible by 11, and 0 where that would be 10.
    total = _total(number, range(9, 1, -1))
    return number + next((digit for digit in "0123456789" if (total + int(digit)) % 11 == 0), "0")


# Agenzia delle Entrate, values at odd places, in the order 0-9 and again A-J, then K-Z.
_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_ODD_FROM_K = (2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def codice_fiscale(random: Random) -> str:
    """Return an Italian tax code; one in ten has a digit replaced, as for two people with one code."""
    year, month, day = _date(random)
    born = f"{year % 100:02}{'ABCDEHLMPRST'[month - 1]}{day + random.choice((0, 40)):02}"
    code = f"{_letters(random, 6)}{born}{random.choice('AFHL')}{_digits(random, 3)}"
    if random.random() < 0.1:
        code = code[:14] + "LMNPQRSTUV"[int(code[14])]
    total = 0
    for place, character in enumerate(code, 1):
        value = int(character, 36)
        letter = value - 10 if value > 9 else value
        total += letter if place % 2 == 0 else (_ODD + _ODD_FROM_K)[letter]
    return code + _LETTERS[total % 26]


# --- the North --------------------------------------------------------------------------------------------------------


def personnummer(random: Random) -> str:
    """Return a Swedish personal number of ten digits, or of twelve with the century."""
    year, month, day = _date(random)
    number = f"{year % 100:02}{month:02}{day + random.choice((0, 0, 60)):02}{_digits(random, 3)}"
    return f"{random.choice(('', '19'))}{number}{_luhn_digit(number)}"


def fodselsnummer(random: Random) -> str:
    """Return a Norwegian birth number or D number."""
    year, month, day = _date(random)
    while True:
        number = f"{day + random.choice((0, 0, 40)):02}{month:02}{year % 100:02}{_digits(random, 3)}"
        first = -_total(number, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11
        second = -(_total(number, (5, 4, 3, 2, 7, 6, 5, 4, 3)) + 2 * first) % 11
        if first < 10 and second < 10:
            return f"{number}{first}{second}"


def hetu(random: Random) -> str:
    """Return a Finnish personal identity code from the serials of no real person (900 to 999)."""
    year, month, day = _date(random)
    born, serial = f"{day:02}{month:02}{year % 100:02}", f"9{_digits(random, 2)}"
    remainder = int(born + serial) - int(born + serial) // 31 * 31
    check = [*"0123456789", *(letter for letter in _LETTERS if letter not in "GIOQZ")][remainder]
    return f"{born}{random.choice('+-ABCDEFUVWXY')}{serial}{check}"


# --- the East ---------------------------------------------------------------------------------------------------------


def pesel(random: Random) -> str:
    """Return a Polish PESEL."""
    year, month, day = _date(random)
    number = f"{year % 100:02}{month:02}{day:02}{_digits(random, 4)}"
    # The same check digit from the other end: weights 9, 7, 3, 1, the remainder itself.
    return number + str(_total(number, (9, 7, 3, 1, 9, 7, 3, 1, 9, 7)) % 10)


def nip(random: Random) -> str:
    """Return a Polish NIP."""
    while True:
        number = f"{random.randint(100_000_000, 999_999_999)}"
        check = _total(number, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11
        if check < 10:
            return number + str(check)


def rodne_cislo(random: Random) -> str:
    """Return a Czech or Slovak birth number, divisible by 11."""
    year, month, day = _date(random)
    born = f"{max(year, 1954) % 100:02}{month + random.choice((0, 50)):02}{day:02}"
    # Every eleventh serial, from the first that makes the whole divisible.
    serial = random.randrange(-int(f"{born}0000") % 11, 10_000, 11)
    return f"{born}{serial:04}"


def ro_cnp(random: Random) -> str:
    """Return a Romanian personal code."""
    year, month, day = _date(random)
    number = f"{random.choice('12')}{year % 100:02}{month:02}{day:02}{random.randint(1, 46):02}{_digits(random, 3)}"
    return number + "01234567891"[_total(number, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11]


# --- India and Australia ----------------------------------------------------------------------------------------------


def _pentagon(one: int, other: int) -> int:
    """Return *one* followed by *other* among a pentagon's symmetries: 0-4 turn it, 5-9 turn it over first."""
    if one < 5:
        return (one + other) % 5 if other < 5 else 5 + (one + other) % 5
    return 5 + (one - other) % 5 if other < 5 else (one - other) % 5


def aadhaar(random: Random) -> str:
    """Return an Aadhaar number from the range that India keeps for tests (9999)."""
    number = f"9999{_digits(random, 7)}"
    check = 0
    for place, digit in enumerate(reversed(number), 1):
        value = int(digit)
        for _ in range(place):
            value = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[value]
        check = _pentagon(check, value)
    return number + next(digit for digit in "0123456789" if _pentagon(int(digit), check) == 0)


def tfn(random: Random) -> str:
    """Return an Australian tax file number."""
    while True:
        number = f"{random.randint(10_000_000, 99_999_999)}"
        # The last weight is 10, which is -1 modulo 11: the sum of the others is the check digit.
        check = _total(number, (1, 4, 3, 7, 5, 8, 6, 9)) % 11
        if check < 10:
            return number + str(check)


def medicare_au(random: Random) -> str:
    """Return an Australian Medicare card number of ten digits, or eleven with the person's place on the card."""
    number = random.choice("23456") + _digits(random, 7)
    columns = [sum(map(int, number[place::4])) for place in range(4)]
    check = (columns[0] + 3 * columns[1] + 7 * columns[2] + 9 * columns[3]) % 10
    return f"{number}{check}{random.choice('123')}{random.choice(('', '1'))}"
