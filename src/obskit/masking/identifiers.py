"""
Numbers that identify a person or an account: their forms and check digits.

Each function takes one candidate as compact text: upper case, separators removed. It never raises: text of another
length or alphabet, other scripts' digits included, is simply no such number. Most rules also refuse one digit repeated
(`000000000`): a placeholder is nobody's number, although many check digits accept it.

A check digit is weak proof, since one number in ten or eleven passes by chance. `is_card`, `is_iban` and
`is_identifier_with_letters` can be trusted without a word beside the number; everything else needs one.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"

# --- what the rules share ---------------------------------------------------------------------------------------------

# The digits of a number in which a doubled digit is replaced by the sum of its digits: 6 -> 12 -> 3.
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")

_DAYS_OF_MONTH = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_number(text: str, length: int) -> bool:
    """Say whether *text* is *length* digits and not one digit repeated."""
    return len(text) == length and _is_digits(text) and text.count(text[0]) < length


def _weighted(digits: str, weights: Iterable[int]) -> int:
    """Return the sum of the *digits*, each times its weight; the shorter of the two ends it."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _passes_luhn(digits: str) -> bool:
    # Two slices and one sum take a third of the time of a loop over the digits.
    codes = digits.encode()
    return (sum(codes[::-2] + codes[-2::-2].translate(_DOUBLED)) - 48 * len(codes)) % 10 == 0


def _is_day(day: int, month: int) -> bool:
    """Say whether some year has this date. The century is rarely known, so 29 February is good."""
    return 0 < month < len(_DAYS_OF_MONTH) and 0 < day <= _DAYS_OF_MONTH[month]


# --- cards and accounts -----------------------------------------------------------------------------------------------

_SIXTEEN = (16,)
_FROM_16 = range(16, 20)
_FROM_14 = range(14, 20)
_FROM_12 = range(12, 20)

_ISSUERS: tuple[tuple[str, str, tuple[int, ...] | range], ...] = (
    # The first digits from and to, and the lengths. Lists of issuer identification numbers (ISO/IEC 7812) as networks
    # and payment providers publish them, read 2026-11-24.
    ("2200", "2204", _FROM_16),  # Mir
    ("2221", "2720", _SIXTEEN),  # Mastercard
    ("300", "305", _FROM_14),  # Diners
    ("34", "34", (15,)),  # American Express
    ("3528", "3589", _FROM_16),  # JCB
    ("36", "36", _FROM_14),  # Diners
    ("37", "37", (15,)),  # American Express
    ("38", "39", _FROM_14),  # Diners
    ("4", "4", (16, 19)),  # Visa; its cards of 13 digits are extinct, and 13 digits are a time or an article number
    ("5018", "5018", _FROM_12),  # Maestro
    ("5019", "5019", _SIXTEEN),  # Dankort
    ("5020", "5020", _FROM_12),  # Maestro
    ("5038", "5038", _FROM_12),  # Maestro
    ("5060", "5099", _FROM_16),  # Verve, Elo, RuPay
    ("51", "55", _SIXTEEN),  # Mastercard
    ("5893", "5893", _FROM_12),  # Maestro
    ("6011", "6011", _FROM_16),  # Discover
    ("6062", "6062", _SIXTEEN),  # Hipercard
    ("6069", "6085", _SIXTEEN),  # RuPay
    ("62", "62", _FROM_16),  # UnionPay
    ("6304", "6304", _FROM_12),  # Maestro
    ("644", "659", _FROM_16),  # Discover, RuPay, Elo
    ("6703", "6703", _FROM_16),  # Bancontact
    ("6759", "6759", _FROM_12),  # Maestro
    ("6761", "6763", _FROM_12),  # Maestro
    ("6767", "6767", _FROM_16),  # Maestro of the United Kingdom
    ("6771", "6771", _FROM_16),  # Maestro
)


def _by_first_two() -> dict[str, list[tuple[str, str, tuple[int, ...] | range]]]:
    """
    Return the issuers' rows by the two digits that a number in them can begin with.

    The second text of a row becomes the first one above the range, so that whole numbers can be compared as text.
    """
    table: dict[str, list[tuple[str, str, tuple[int, ...] | range]]] = {}
    for first, last, lengths in _ISSUERS:
        row = (first, str(int(last) + 1), lengths)
        for two in range(int(first[:2].ljust(2, "0")), int(last[:2].ljust(2, "9")) + 1):
            table.setdefault(str(two), []).append(row)
    return table


_ISSUERS_BY_FIRST_TWO = _by_first_two()


def is_card(digits: str) -> bool:
    """
    Say whether *digits* is the number of a payment card: an issuer's range, its length, the Luhn check digit.

    Source: ISO/IEC 7812-1; the networks' ranges. It runs for every long run of digits in a log, cheapest test first.

    >>> is_card("4242424242424242"), is_card("4242424242424241"), is_card("1700000000000")
    (True, False, False)
    """
    rows = _ISSUERS_BY_FIRST_TWO.get(digits[:2])
    if rows is None:
        return False
    length = len(digits)
    for first, above, lengths in rows:
        if length in lengths and first <= digits < above:
            return digits.isascii() and digits.isdigit() and _passes_luhn(digits)
    return False


# Country and length: SWIFT's registry of national formats (ISO 13616), and behind it the formats of countries that have
# not registered theirs, as their banks give them out; read 2026-11-24.
IBAN_LENGTHS = {
    entry[:2]: int(entry[2:])
    for entry in """
        AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29
        ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20
        LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29
        PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20
        YE30
        AO25 BF28 BJ28 CF27 CG27 CI28 CM27 CV25 DZ26 GA27 GQ27 GW25 IR26 KM27 MA28 MG27 ML28 MZ25 NE28 SN28 TD27 TG28
    """.split()
}
"""The length of an IBAN by its country's two letters."""

_IBAN_VALUES = str.maketrans({letter: str(10 + index) for index, letter in enumerate(_LETTERS)})


def is_iban(text: str) -> bool:
    """
    Say whether *text* is an IBAN: its country's length, and the remainder 1 when divided by 97.

    Source: ISO 13616, ISO/IEC 7064 MOD 97-10. Check digits run from 02 to 98; 00, 01 and 99 would pass the division.

    >>> is_iban("GB82WEST12345698765432"), is_iban("GB82WEST12345698765423")
    (True, False)
    """
    if IBAN_LENGTHS.get(text[:2]) != len(text) or not (text.isascii() and text.isalnum() and text.isupper()):
        return False
    check = text[2:4]
    return check.isdigit() and "02" <= check <= "98" and int((text[4:] + text[:4]).translate(_IBAN_VALUES)) % 97 == 1


def is_aba(digits: str) -> bool:
    """
    Say whether *digits* is a routing number of a bank of the United States.

    Source: the American Bankers Association's key; weights 3, 7, 1; districts 00-12, 21-32, 61-72, 80.

    >>> is_aba("110000000"), is_aba("110000001")
    (True, False)
    """
    if not _is_number(digits, 9):
        return False
    district = int(digits[:2])
    known = district <= 12 or 21 <= district <= 32 or 61 <= district <= 72 or district == 80
    return known and _weighted(digits, (3, 7, 1) * 3) % 10 == 0


# Two letters for each country: ISO 3166-1, and XK (Kosovo), which ISO 9362 uses too.
_COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
    GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS
    MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW
    TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
    """.split()
)


def is_bic(text: str) -> bool:
    """
    Say whether *text* has the form of a bank's BIC: four letters, a country, two characters, perhaps a branch of three.

    Source: ISO 9362. There is no check digit, and words pass (`CUSTOMER` is Omani): only with a word or a key beside.

    >>> is_bic("DEUTDEFF"), is_bic("DEUTDEFF500"), is_bic("DEUTQQFF")
    (True, True, False)
    """
    return (
        len(text) in (8, 11)
        and text.isascii()
        and text.isalnum()
        and text.isupper()
        and text[:4].isalpha()
        and text[4:6] in _COUNTRIES
    )


# --- North and South America ------------------------------------------------------------------------------------------


def is_ssn(digits: str) -> bool:
    """
    Say whether *digits* can be a social security number of the United States. There is no check digit.

    Source: Social Security Administration: no area 000, 666 or 900-999, no group 00, no serial 0000.

    >>> is_ssn("219099999"), is_ssn("666121234"), is_ssn("219000001")
    (True, False, False)
    """
    area = digits[:3]
    return (
        _is_number(digits, 9)
        and area not in ("000", "666")
        and area < "900"
        and digits[3:5] != "00"
        and digits[5:] != "0000"
    )


def is_itin(digits: str) -> bool:
    """
    Say whether *digits* can be an individual taxpayer number of the United States. There is no check digit.

    Source: Internal Revenue Service: area 900-999, group 50-65, 70-88, 90-92 or 94-99.

    >>> is_itin("900701234"), is_itin("900661234")
    (True, False)
    """
    if not _is_number(digits, 9) or digits[0] != "9":
        return False
    group = int(digits[3:5])
    return 50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or group >= 94


def is_sin(digits: str) -> bool:
    """
    Say whether *digits* is a social insurance number of Canada: Luhn over nine digits.

    Source: Service Canada. Numbers that begin with 8 belong to businesses.

    >>> is_sin("046454286"), is_sin("046454287")
    (True, False)
    """
    return _is_number(digits, 9) and digits[0] != "8" and _passes_luhn(digits)


def is_cpf(digits: str) -> bool:
    """
    Say whether *digits* is a CPF, Brazil's number of a taxpayer: two check digits, weights from 10 and from 11 down.

    Source: Receita Federal, module 11; a remainder of 10 is written 0.

    >>> is_cpf("11144477735"), is_cpf("11144477753"), is_cpf("11111111111")
    (True, False, False)
    """
    if not _is_number(digits, 11):
        return False
    first = _weighted(digits[:9], range(10, 1, -1)) * 10 % 11 % 10
    second = _weighted(digits[:10], range(11, 1, -1)) * 10 % 11 % 10
    return digits[9:] == f"{first}{second}"


# --- United Kingdom and Ireland ---------------------------------------------------------------------------------------

_NINO_PREFIXES_NEVER_USED = frozenset(("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"))


def is_nino(text: str) -> bool:
    """
    Say whether *text* is a National Insurance number: two letters, six digits, a letter from A to D.

    Source: HMRC, National Insurance Manual NIM39110. There is no check digit; HMRC's own example, QQ, is not valid.

    >>> is_nino("AB123456C"), is_nino("QQ123456C"), is_nino("AB123456E")
    (True, False, False)
    """
    return (
        len(text) == 9
        and text[0] in "ABCEGHJKLMNOPRSTWXYZ"
        and text[1] in "ABCEGHJKLMNPRSTWXYZ"
        and text[:2] not in _NINO_PREFIXES_NEVER_USED
        and _is_digits(text[2:8])
        and text[8] in "ABCD"
    )


def is_nhs(digits: str) -> bool:
    """
    Say whether *digits* is an NHS number: weights from 10 down to 2, module 11.

    Source: NHS Data Dictionary. A check digit of 11 is written 0, one of 10 is never issued.

    >>> is_nhs("9434765919"), is_nhs("9434765918")
    (True, False)
    """
    return _is_number(digits, 10) and _weighted(digits, range(10, 0, -1)) % 11 == 0


def is_uk_licence(text: str) -> bool:
    """
    Say whether *text* is a driver number of Great Britain: surname, date of birth, initials, three more characters.

    Source: DVLA: five of the surname filled up with 9, decade, month (plus 50 for women), day, year, two initials or 9,
    a digit, two letters. How the last two are computed is not public.

    >>> is_uk_licence("MORGA657054SM9IJ"), is_uk_licence("MORGA673054SM9IJ")
    (True, False)
    """
    if len(text) != 16 or not (text.isascii() and text.isalnum() and text.isupper()):
        return False
    if not (text[:5].rstrip("9").isalpha() and text[5:11].isdigit() and text[13].isdigit() and text[14:].isalpha()):
        return False
    initials = text[11:13].rstrip("9")
    month = int(text[6:8])
    return (not initials or initials.isalpha()) and _is_day(int(text[8:10]), month - 50 if month > 50 else month)


def is_pps(text: str) -> bool:
    """
    Say whether *text* is an Irish personal public service number: seven digits, a check letter, perhaps one more.

    Source: Revenue and the Department of Social Protection: weights 8 to 2, the second letter times 9, module 23.

    >>> is_pps("1234567T"), is_pps("1234567FA"), is_pps("1234567A")
    (True, True, False)
    """
    if len(text) not in (8, 9) or not _is_digits(text[:7]):
        return False
    # W stands for nothing, both as the check letter and as the second one.
    order = "WABCDEFGHIJKLMNOPQRSTUV"
    second = order.find(text[8]) if len(text) == 9 else 0
    return second >= 0 and text[7] == order[(_weighted(text, range(8, 1, -1)) + 9 * second) % 23]


# --- Germany, Austria, Switzerland ------------------------------------------------------------------------------------


def is_idnr(digits: str) -> bool:
    """
    Say whether *digits* is a German tax identification number (IdNr).

    Source: Bundeszentralamt für Steuern, ISO/IEC 7064 MOD 11,10. It does not begin with 0, and among its first ten
    digits exactly one occurs more than once: twice, or since 2016 three times.

    >>> is_idnr("86095742719"), is_idnr("86095742718"), is_idnr("86095742791")
    (True, False, False)
    """
    if not _is_number(digits, 11) or digits[0] == "0":
        return False
    repeats = [times for times in map(digits[:10].count, _DIGITS) if times > 1]
    if repeats not in ([2], [3]):
        return False
    product = 10
    for digit in digits[:10]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(digits[10])


_DE_CARD_VALUES = {
    character: value
    for value, character in enumerate(_DIGITS + _LETTERS)
    if character in "0123456789CFGHJKLMNPRTVWXYZ"  # no vowel, and none that looks like another: no words
}


def is_de_card(text: str) -> bool:
    """
    Say whether *text* is the number of a German identity card or passport: nine characters, perhaps a check digit.

    Source: ICAO 9303, weights 7, 3, 1; the Interior Ministry's specimens. The first character is a letter, in older
    cards T before eight digits. Without the check digit this is form only.

    >>> is_de_card("C01X00T47"), is_de_card("C01X00T478"), is_de_card("C01X00T479")
    (True, True, False)
    """
    number = text[:9]
    if len(text) not in (9, 10) or not number[0].isalpha() or number.isalpha():
        return False
    if not all(character in _DE_CARD_VALUES for character in number):
        return False
    check = sum(_DE_CARD_VALUES[character] * weight for character, weight in zip(number, (7, 3, 1) * 3, strict=True))
    return len(text) == 9 or text[9] == str(check % 10)


def is_rvnr(text: str) -> bool:
    """
    Say whether *text* is a German pension insurance number: area, date of birth, initial, serial, check digit.

    Source: VKVV § 2 to § 4. The letter counts as two digits (A is 01), products are summed by their digits. Days and
    months are not tested: when a day's serials are used up, numbers are taken from beyond the calendar.

    >>> is_rvnr("15070649C103"), is_rvnr("15070649C104")
    (True, False)
    """
    if len(text) != 12 or text[8] not in _LETTERS or not _is_digits(text[:8] + text[9:]):
        return False
    digits = f"{text[:8]}{_LETTERS.index(text[8]) + 1:02}{text[9:11]}"
    products = (int(digit) * weight for digit, weight in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True))
    return "02" <= text[:2] <= "89" and sum(sum(divmod(product, 10)) for product in products) % 10 == int(text[11])


def is_svnr(digits: str) -> bool:
    """
    Say whether *digits* is an Austrian social insurance number: a serial of three, the check digit, the date of birth.

    Source: Dachverband der Sozialversicherungsträger: weights 3, 7, 9, then 5, 8, 4, 2, 1, 6, module 11. Months from 13
    to 15 serve when a day's serials are used up.

    >>> is_svnr("1237010180"), is_svnr("1236010180")
    (True, False)
    """
    if not _is_number(digits, 10) or digits[0] == "0":
        return False
    day_and_month = 1 <= int(digits[4:6]) <= 31 and 1 <= int(digits[6:8]) <= 15
    return day_and_month and _weighted(digits, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == int(digits[3])


def is_ahv(digits: str) -> bool:
    """
    Say whether *digits* is a Swiss AHV number: 756, nine digits, the check digit of EAN-13.

    Source: Zentrale Ausgleichsstelle. 756 is Switzerland's country number and no article number begins with it.

    >>> is_ahv("7569217076985"), is_ahv("7569217076986"), is_ahv("4006381333931")
    (True, False, False)
    """
    return _is_number(digits, 13) and digits[:3] == "756" and _weighted(digits, (1, 3) * 6 + (1,)) % 10 == 0


# --- France, Belgium, Netherlands -------------------------------------------------------------------------------------


def is_nir(text: str) -> bool:
    """
    Say whether *text* is a French NIR: sex, year, month, place and order of birth, a key of two digits.

    Source: INSEE. The key is 97 less the remainder by 97; Corsica's 2A and 2B count as 19 and 18. Months beyond 12
    stand for a birth whose month is not known.

    >>> is_nir("255081416802538"), is_nir("255081416802539"), is_nir("2550814168025")
    (True, False, False)
    """
    department = {"2A": "19", "2B": "18"}.get(text[5:7], text[5:7])
    digits = text[:5] + department + text[7:]
    if not _is_number(digits, 15) or digits[0] not in "123478" or text[5:7] == "00":
        return False
    month = int(digits[3:5])
    known = 1 <= month <= 12 or 20 <= month <= 42 or month >= 50
    return known and 97 - int(digits[:13]) % 97 == int(digits[13:])


def is_spi(digits: str) -> bool:
    """
    Say whether *digits* is a French tax number (SPI): the last three are the remainder of the first ten by 511.

    Source: Direction générale des Finances publiques, in the OECD's list of tax numbers. It begins with 0 to 3.

    >>> is_spi("3023217600053"), is_spi("3023217600054")
    (True, False)
    """
    return _is_number(digits, 13) and digits[0] in "0123" and int(digits[:10]) % 511 == int(digits[10:])


def is_be_nn(digits: str) -> bool:
    """
    Say whether *digits* is a Belgian national number, or a bis number: date of birth, serial, check number.

    Source: Royal Decree of 3 April 1984: 97 less the remainder of nine digits by 97, with a 2 before them for births
    from 2000. A bis number has 20 or 40 added to its month; an unknown month or day is 00.

    >>> is_be_nn("85073003328"), is_be_nn("17073003384"), is_be_nn("85073003329")
    (True, True, False)
    """
    if not _is_number(digits, 11):
        return False
    month, day = int(digits[2:4]), int(digits[4:6])
    if month >= 60 or month % 20 > 12 or day > 31:
        return False
    check = int(digits[9:])
    return any(97 - int(century + digits[:9]) % 97 == check for century in ("", "2"))


def is_bsn(digits: str) -> bool:
    """
    Say whether *digits* is a Dutch citizen service number (BSN): weights from 9 to 2, then -1, module 11.

    Source: Rijksdienst voor Identiteitsgegevens, the eleven test.

    >>> is_bsn("111222333"), is_bsn("111222334")
    (True, False)
    """
    return _is_number(digits, 9) and _weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


# --- Spain, Portugal, Italy -------------------------------------------------------------------------------------------

_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def is_dni(text: str) -> bool:
    """
    Say whether *text* is a Spanish DNI: eight digits and the letter of their remainder by 23.

    Source: Ministerio del Interior.

    >>> is_dni("12345678Z"), is_dni("12345678A")
    (True, False)
    """
    return len(text) == 9 and _is_digits(text[:8]) and text[8] == _DNI_LETTERS[int(text[:8]) % 23]


def is_nie(text: str) -> bool:
    """
    Say whether *text* is a Spanish number of a foreigner: X, Y or Z for 0, 1 or 2, seven digits, the DNI's letter.

    Source: Ministerio del Interior.

    >>> is_nie("X1234567L"), is_nie("Y1234567L")
    (True, False)
    """
    first = {"X": "0", "Y": "1", "Z": "2"}.get(text[:1])
    return first is not None and is_dni(first + text[1:])


def is_pt_nif(digits: str) -> bool:
    """
    Say whether *digits* is a Portuguese taxpayer number: weights from 9 to 2, module 11, 10 and 11 written 0.

    Source: Autoridade Tributária, Decreto-Lei 14/2013. People have 1, 2, 3 or 45 in front; sole traders, firms and
    public bodies 5 to 9.

    >>> is_pt_nif("123456789"), is_pt_nif("123456788")
    (True, False)
    """
    if not _is_number(digits, 9) or not (digits[0] in "12356789" or digits[:2] == "45"):
        return False
    check = 11 - _weighted(digits[:8], range(9, 1, -1)) % 11
    return int(digits[8]) == (check if check < 10 else 0)


# The letters in the order of their values at odd places: B counts 0, A counts 1, K counts 2 and so on.
_CODICE_FISCALE_ODD = "BAKPLCQDREVOSFTGUHMINJWZYX"
# A digit counts as the letter of its place in the alphabet.
_AS_LETTERS = str.maketrans("0123456789", "ABCDEFGHIJ")
# Two people with one code: digits of the second are replaced by these letters (omocodia).
_OMOCODIA = str.maketrans("LMNPQRSTUV", "0123456789")


def is_codice_fiscale(text: str) -> bool:
    """
    Say whether *text* is an Italian tax code of a person: names, date and place of birth, a check letter.

    Source: Decreto ministeriale 23 December 1976; values of odd and even places, module 26. Women's days are from 41.

    >>> is_codice_fiscale("RSSMRA80A01H501U"), is_codice_fiscale("RSSMRA80A01H501V")
    (True, False)
    """
    if len(text) != 16 or not (text.isascii() and text.isalnum() and text.isupper()):
        return False
    day = text[9:11].translate(_OMOCODIA)
    digits = (text[6:8] + text[12:15]).translate(_OMOCODIA) + day
    if not (digits.isdigit() and (text[:6] + text[11] + text[15]).isalpha() and text[8] in "ABCDEHLMPRST"):
        return False
    values = text.translate(_AS_LETTERS)
    total = sum(map(_CODICE_FISCALE_ODD.index, values[:15:2])) + sum(map(_LETTERS.index, values[1:15:2]))
    return 1 <= int(day) % 40 <= 31 and int(day) <= 71 and text[15] == _LETTERS[total % 26]


# --- the North --------------------------------------------------------------------------------------------------------


def is_personnummer(digits: str) -> bool:
    """
    Say whether *digits* is a Swedish personal number of ten digits, or twelve with the century: date, serial, Luhn.

    Source: Skatteverket. A coordination number (samordningsnummer) has 60 added to its day.

    >>> is_personnummer("8112289874"), is_personnummer("198112289874"), is_personnummer("8112289873")
    (True, True, False)
    """
    ten = digits[-10:]
    if not _is_number(ten, 10) or digits[:-10] not in ("", "18", "19", "20"):
        return False
    day = int(ten[4:6])
    return _is_day(day - 60 if day > 60 else day, int(ten[2:4])) and _passes_luhn(ten)


def is_fodselsnummer(digits: str) -> bool:
    """
    Say whether *digits* is a Norwegian birth number or D number: date, serial, two check digits of module 11.

    Source: Skatteetaten. A D number has 40 added to its day; 40 or 80 is added to the month in health and test numbers.

    >>> is_fodselsnummer("15108695088"), is_fodselsnummer("15108695089")
    (True, False)
    """
    if not _is_number(digits, 11):
        return False
    day, month = int(digits[:2]), int(digits[2:4])
    return (
        _is_day(day - 40 if day > 40 else day, month % 40)
        and _weighted(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11 == 0
        and _weighted(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
    )


_HETU_CHECK = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def is_hetu(text: str) -> bool:
    """
    Say whether *text* is a Finnish personal identity code. The sign of the century is part of it: do not remove it.

    Source: Digital and Population Data Services Agency; nine digits by 31; signs + (1800), - and U to Y (1900), A to F
    (2000). Serials from 900 are for temporary use and for tests.

    >>> is_hetu("131052-308T"), is_hetu("010594Y9032"), is_hetu("131052-308U")
    (True, True, False)
    """
    if len(text) != 11 or text[6] not in "+-ABCDEFUVWXY":
        return False
    digits = text[:6] + text[7:10]
    return (
        _is_digits(digits)
        and _is_day(int(digits[:2]), int(digits[2:4]))
        and digits[6:] >= "002"
        and text[10] == _HETU_CHECK[int(digits) % 31]
    )


# --- the East ---------------------------------------------------------------------------------------------------------


def is_pesel(digits: str) -> bool:
    """
    Say whether *digits* is a Polish PESEL: date of birth, serial, check digit of the weights 1, 3, 7, 9.

    Source: Ministry of Digital Affairs. The century is added to the month: 80, 0, 20, 40 or 60 from 1800 to 2299.

    >>> is_pesel("44051401359"), is_pesel("44051401358")
    (True, False)
    """
    return (
        _is_number(digits, 11)
        and _is_day(int(digits[4:6]), int(digits[2:4]) % 20)
        and _weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0
    )


def is_nip(digits: str) -> bool:
    """
    Say whether *digits* is a Polish NIP, the tax number of firms and of people who trade: module 11, 10 never issued.

    Source: Ministry of Finance; weights 6, 5, 7, 2, 3, 4, 5, 6, 7.

    >>> is_nip("1234563218"), is_nip("1234563219")
    (True, False)
    """
    return _is_number(digits, 10) and _weighted(digits, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(digits[9])


def is_rodne_cislo(digits: str) -> bool:
    """
    Say whether *digits* is a Czech or Slovak birth number of ten digits, as issued since 1954: divisible by 11.

    Source: Act 133/2000 (CZ), Act 301/1995 (SK). Women's months are from 51; 20 more when a day's serials are used up.
    Until 1985 a few were issued whose remainder of nine digits is 10 and whose last digit is 0.

    >>> is_rodne_cislo("7360285163"), is_rodne_cislo("7360285164")
    (True, False)
    """
    if not _is_number(digits, 10):
        return False
    month = int(digits[2:4]) % 50
    remainder = int(digits[:9]) % 11
    return _is_day(int(digits[4:6]), month - 20 if month > 20 else month) and remainder % 10 == int(digits[9])


def is_ro_cnp(digits: str) -> bool:
    """
    Say whether *digits* is a Romanian personal code (CNP): sex and century, date of birth, county, serial, check digit.

    Source: Law 105/1996; weights 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9, module 11, 10 written 1.

    >>> is_ro_cnp("1800101221144"), is_ro_cnp("1800101221145")
    (True, False)
    """
    if not _is_number(digits, 13) or digits[0] == "0" or not _is_day(int(digits[5:7]), int(digits[3:5])):
        return False
    remainder = _weighted(digits, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return int(digits[12]) == (remainder if remainder < 10 else 1)


# --- India and Australia ----------------------------------------------------------------------------------------------

# Verhoeff: the multiplication table of the symmetries of a pentagon, and the permutations by place from the right.
_VERHOEFF_TIMES = (
    *("0123456789", "1234067895", "2340178956", "3401289567", "4012395678"),
    *("5987604321", "6598710432", "7659821043", "8765932104", "9876543210"),
)
_VERHOEFF_PLACES = (
    *("0123456789", "1576283094", "5803796142", "8916043527"),
    *("9453126870", "4286573901", "2793806415", "7046913258"),
)


def is_aadhaar(digits: str) -> bool:
    """
    Say whether *digits* is an Aadhaar number of India: twelve digits, the first 2 to 9, Verhoeff's check digit.

    Source: Unique Identification Authority of India; J. Verhoeff, Error detecting decimal codes (1969).

    >>> is_aadhaar("999941057058"), is_aadhaar("999941057085")
    (True, False)
    """
    if not _is_number(digits, 12) or digits[0] in "01":
        return False
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(_VERHOEFF_TIMES[check][int(_VERHOEFF_PLACES[place % 8][int(digit)])])
    return check == 0


def is_tfn(digits: str) -> bool:
    """
    Say whether *digits* is an Australian tax file number of nine digits: weights 1, 4, 3, 7, 5, 8, 6, 9, 10, module 11.

    Source: Australian Taxation Office. The old numbers of eight digits are left out.

    >>> is_tfn("123456782"), is_tfn("123456783")
    (True, False)
    """
    return _is_number(digits, 9) and _weighted(digits, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def is_medicare_au(digits: str) -> bool:
    """
    Say whether *digits* is an Australian Medicare card: eight digits, a check digit, the issue, perhaps the person.

    Source: Services Australia; weights 1, 3, 7, 9, module 10; the first digit is 2 to 6.

    >>> is_medicare_au("2123456701"), is_medicare_au("21234567011"), is_medicare_au("2123456711")
    (True, True, False)
    """
    if not (_is_number(digits, 10) or _is_number(digits, 11)) or digits[0] not in "23456" or digits[9] == "0":
        return False
    return _weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(digits[8]) and digits[10:] != "0"


# --- all of them ------------------------------------------------------------------------------------------------------

_MBI_LETTERS = "ACDEFGHJKMNPQRTUVWXY"
_MBI_DIGITS = "0123456789"
_MBI = ("123456789", _MBI_LETTERS, *(_MBI_LETTERS + _MBI_DIGITS, _MBI_DIGITS, _MBI_LETTERS) * 2, _MBI_LETTERS,
        _MBI_DIGITS, _MBI_DIGITS)  # fmt: skip


def is_mbi(text: str) -> bool:
    """
    Say whether *text* has the form of a Medicare Beneficiary Identifier, which has no check digit.

    Source: CMS, "Understanding the Medicare Beneficiary Identifier (MBI) Format": eleven positions, each with its own
    set of digits and letters, none of S, L, O, I, B, Z. Hyphens are for reading only.

    >>> is_mbi("1EG4TE5MK73"), is_mbi("1EG4TE5MK7B"), is_mbi("1BG4TE5MK73")
    (True, False, False)
    """
    return len(text) == len(_MBI) and all([char in some for char, some in zip(text, _MBI, strict=True)])  # noqa: C419  as in detection


BY_LENGTH: dict[int, tuple[Callable[[str], bool], ...]] = {
    9: (is_ssn, is_itin, is_bsn, is_pt_nif, is_sin, is_tfn),
    10: (is_nhs, is_personnummer, is_svnr, is_rodne_cislo, is_nip, is_medicare_au),
    11: (is_idnr, is_be_nn, is_pesel, is_cpf, is_fodselsnummer, is_medicare_au),
    12: (is_personnummer, is_aadhaar),
    13: (is_spi, is_ahv, is_ro_cnp),
    15: (is_nir,),
}
"""The rules for national numbers of digits alone, by how many there are. Accepted only with a word beside."""

_MIXED_BY_LENGTH: dict[int, tuple[Callable[[str], bool], ...]] = {
    8: (is_pps,),
    9: (is_nino, is_dni, is_nie, is_pps, is_de_card),
    10: (is_de_card,),
    11: (is_hetu, is_mbi),
    12: (is_rvnr,),
    15: (is_nir,),
    16: (is_codice_fiscale, is_uk_licence),
}
"""The same for numbers with other characters in them."""


def is_national_id(text: str) -> bool:
    """
    Say whether *text* can be a number that some state gives a person. Ask only when a word or a key beside it says so.

    Nine digits nearly always can: a social security number has no check digit.

    >>> is_national_id("44051401359"), is_national_id("12345678Z"), is_national_id("00000000000")
    (True, True, False)
    """
    table = BY_LENGTH if text.isdigit() else _MIXED_BY_LENGTH
    return any(rule(text) for rule in table.get(len(text), ()))


def is_identifier_with_letters(text: str) -> bool:
    """
    Say whether *text* is a person's number that its form alone gives away, with no word beside it.

    That is a National Insurance number, a British driver number, an Italian tax code, a Finnish identity code.

    >>> is_identifier_with_letters("AB123456C"), is_identifier_with_letters("12345678Z")
    (True, False)
    """
    return is_nino(text) or is_hetu(text) or is_codice_fiscale(text) or is_uk_licence(text)
