"""What the words before a number say of it: whose it is, or that it is nobody's."""

from __future__ import annotations

from obskit.masking.classes import BANK, BIRTH, CARD, EMAIL, IP, MAC, NAME, NATIONAL_ID, PHONE, SECRET
from obskit.masking.keys import LAST_WORDS, class_of_phrase, last_words
from obskit.masking.text import BORDER

_LOOK_BACK = 40
"""Characters before a number in which a word can say what it is."""

_TELLING = {
    PHONE: """
        phone phones tel telephone mobile cell cellphone sms whatsapp fax telefon mobil mobilnummer handy handynummer
        rufnummer telefonnummer telefoonnummer telefonnr cellulare mobiel puhelin telefonu portable telefone
        telefono movil celular msisdn hotline landline mob fon tlf
    """,
    CARD: "card cards visa mastercard amex maestro discover kreditkarte karte carte tarjeta carta",
    BANK: """
        account acct iban rekeningnummer konto kontonummer cuenta compte conto rekening bank routing aba bic
        swift sortcode
    """,
    NATIONAL_ID: """
        ssn itin nino nhs passport passports licence license nif nie dni nir insee bsn pesel personnummer personnr hetu
        fuhrerscheinnummer conduire conducir patente rijbewijs vitale fodselsnummer krankenversicherung
        krankenkasse partita identita identite identidad
        idnr cpf aadhaar aadhar tin tfn sin pps ppsn ausweis personalausweis ausweisnummer reisepass passnummer
        passportnumber passeport pasaporte passaporto steuer steuernummer steueridentifikationsnummer
        versicherungsnummer sozialversicherungsnummer rentenversicherungsnummer rvnr fuhrerschein codice fiscale fiscal
        rijksregisternummer securite burgerservicenummer niss social medicare contribuinte identity spi nss svnr
        henkilotunnus curp driver drivers
    """,
    BIRTH: """
        dob born birth birthday birthdate geboren geburtsdatum geb naissance nacimiento nacido nacida nascita nato nata
        geboortedatum fodd
    """,
    SECRET: "otp pin cvv cvc cvv2 cvc2 csc passcode totp tan einmalcode",
}
"""Words before a number that say whose it is, in the languages of the shop's customers; accents are folded."""

_WHICH = {b"card": CARD, b"cards": CARD}
"""Words of the above that say something else behind others: an identity card is none of a bank."""

CALL = "somebody is called"
"""No class: what a word of `_WEAK` says."""
_WEAK = """
    call called calling callback dial ring text texted reach anruf anrufen ruf llamar llame llama appeler appelez
    joindre chiamare phones
"""
"""Words that say a number is a telephone's if it looks like one: with a zero or a plus first, or in groups."""
_WHOM = frozenset((b"me", b"us", b"him", b"her", b"them"))
"""Words that leave no doubt behind the former: `call me on 971585215778`."""

_NOTHING = frozenset(
    """
    order orders invoice tracking sku item items product ref reference ticket case version build port pid status code
    took after elapsed duration ms bytes size count total amount price eur usd gbp sum epoch timestamp ts time offset
    sequence seq page row rows line request job batch shipment parcel isbn ean gtin upc zip postcode quantity qty
    line_items attempt retry http error bestellung rechnung commande pedido factura order_id lot serial parts
    when created updated modified expires started ended
    """.split()
)
"""Words that say a number is nobody's: the nearest word wins."""

_WORDS_ONLY = bytes(ord(chr(code).lower()) if chr(code).isalpha() and code < 128 else ord(" ") for code in range(256))


def may_name_identifier(text: str) -> bool:
    """
    Say whether any word in *text* can tell that a number is of a state or of a bank: else `word_before` never does.

    >>> may_name_identifier("passport C01X00T47"), may_name_identifier("part C01X00T47")
    (True, False)
    """
    return not _TELLING_IDENTIFIERS.isdisjoint(text.encode().translate(_WORDS_ONLY).split())


def has_word(text: str, *words: bytes) -> bool:
    """
    Say whether one of *words*, in small letters, is a word of *text*.

    >>> has_word("the BIC is", b"bic"), has_word("aerobics", b"bic")
    (True, False)
    """
    return not {*words}.isdisjoint(text.encode().translate(_WORDS_ONLY).split())


def word_before(text: str, start: int) -> str:
    """
    Return the class that the nearest telling word before *start* gives, an empty string if none does.

    >>> word_before("my phone number is 2125550100", 19), word_before("order 2125550100 by phone", 6)
    ('PHONE', '')
    """
    if start < 3 or text[start - 1] == BORDER:
        return ""
    before = text[max(0, start - _LOOK_BACK) : start]
    if BORDER in before:
        before = before.rpartition(BORDER)[2]
    words = before.encode().translate(_WORDS_ONLY).split()
    if _TELLING_WORDS.isdisjoint(words):  # most: a loop over them would take four times as long
        return ""
    last = len(words) - 1
    # Behind a slash is a part of a path or the version of a product: only the word right before it can tell.
    for index in range(last, last - 1 if before[-1] == "/" else -1, -1):
        word = words[index]
        name = _SAYS.get(word)
        if name is None:
            continue
        if name is _PHRASE:
            name = class_of_phrase([part.decode() for part in words[max(0, index - 3) : index + 1]]) or _WHICH.get(
                word, ""
            )
            if name in _NEVER_DIGITS:
                continue
        if name is CALL and index < last and words[index + 1] in _WHOM:
            return PHONE
        if name or word in _SAYS_NOTHING:
            return name
    return ""


_PHRASE = "the words before it tell"
_NEVER_DIGITS = frozenset((EMAIL, NAME, IP, MAC))
"""Classes of what is never written in digits alone: their word belongs to something else that stands near."""
_SAYS_NOTHING = frozenset(word.encode() for word in _NOTHING)
_SAYS = {
    **{word.encode(): "" for word in _NOTHING},
    **{word.encode(): _PHRASE for word in LAST_WORDS},
    **{word.encode(): name for name, listed in _TELLING.items() for word in listed.split()},
    **{word.encode(): CALL for word in _WEAK.split()},
    **dict.fromkeys(_WHICH, _PHRASE),
}
"""What a word before a number says: a class, nothing, or something together with the words before it."""
_TELLING_WORDS = _SAYS.keys()
_TELLING_IDENTIFIERS = frozenset(
    [word for word, said in _SAYS.items() if said in (NATIONAL_ID, BANK)]
    + [word.encode() for word in last_words((NATIONAL_ID, BANK))]
)
