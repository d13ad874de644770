"""Invented people: names, ways to reach them, dates of birth, streets, places."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

FIRST_NAMES = (
    "Amelie Jürgen Oliver Chloé Lucía Matteo Sanne Søren Katarzyna Joaquín Niamh Zoë Friederike Benjamin Aoife".split()
)
LAST_NAMES = (
    "Lindqvist Müller-Thurau Okonkwo Delacroix Fernández Rossetti O'Sullivan Nowakowska Ashworth Grünwald".split()
)
DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com", "shop.example", "kunde.example")


def first_name(random: Random) -> str:
    return random.choice(FIRST_NAMES)


def last_name(random: Random) -> str:
    return random.choice(LAST_NAMES)


def full_name(random: Random) -> str:
    return f"{first_name(random)} {last_name(random)}"


def _plain(name: str) -> str:
    """Return *name* as it stands in a mailbox."""
    folded = name.lower().translate(str.maketrans("üöäéíøëñ", "uoaeioen"))
    return "".join(character for character in folded if character.isascii() and character.isalpha())


def email(random: Random) -> str:
    first, last = _plain(first_name(random)), _plain(last_name(random))
    number = random.randrange(10, 100)
    local = random.choice(
        [
            f"{first}.{last}",
            f"{first[0]}{last}{number}",
            f"{last}+orders",
            f"{first}_{last}",
            f"{first.title()}.{last.title()}",
        ]
    )
    return f"{local}@{random.choice(DOMAINS)}"


def email_percent_encoded(random: Random) -> str:
    return email(random).replace("@", "%40")


def email_international(random: Random) -> str:
    return f"{first_name(random).lower()}.{random.choice(['grün', 'müller', 'peña', 'łukasz'])}@{random.choice(['bücher', 'café', 'xn--bcher-kva'])}.example"


def phone_international(random: Random) -> str:
    """Numbers that regulators keep free for fiction: Ofcom, the Bundesnetzagentur, ARCEP, 555-01xx."""
    three, two = f"{random.randrange(1000):03}", f"{random.randrange(100):02}"
    return random.choice(
        [
            f"+44 20 7946 0{three}",
            f"+447700900{three}",
            f"+44 (0)20 7946 0{three}",
            f"+49 30 23125 {three}",
            f"+49-171-39200-{two}",
            f"+49/69/90009{three}",
            f"+33 6 39 98 {two} 07",
            f"+33199006{three}"[:12],
            f"+1 212 555 01{two}",
            f"+1-415-555-01{two}",
            f"+1 (303) 555-01{two}",
            f"+1.650.555.01{two}",
        ]
    )


def phone_percent_encoded(random: Random) -> str:
    return f"%2B447700900{random.randrange(1000):03}"


def phone_north_american(random: Random) -> str:
    area, two = random.choice(["212", "415", "303", "650", "808"]), f"{random.randrange(100):02}"
    return random.choice([f"({area}) 555-01{two}", f"{area}-555-01{two}", f"{area}.555.01{two}"])


def phone_ten_digits(random: Random) -> str:
    return f"{random.choice(['212', '415', '303'])}55501{random.randrange(100):02}"


def phone_national(random: Random) -> str:
    three, two = f"{random.randrange(1000):03}", f"{random.randrange(100):02}"
    return random.choice(
        [f"030 23125{three}", f"0171 39200{two}", f"020 7946 0{three}", f"07700 900{three}", f"06 39 98 {two} 21"]
    )


def birth_iso(random: Random) -> str:
    return f"19{random.randrange(40, 99)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"


def birth_written(random: Random) -> str:
    year, month, day = birth_iso(random).split("-")
    return random.choice([f"{day}.{month}.{year}", f"{day}/{month}/{year}", f"{month}/{day}/{year}"])


def street(random: Random) -> str:
    number = random.randrange(1, 180)
    return random.choice(
        [
            f"Lindenstraße {number}b",
            f"{number} Primrose Hill Road",
            f"{number} rue des Acacias",
            f"Calle Mayor {number}, 2º",
            f"Flat 3, {number} Wharf Lane",
        ]
    )


def coordinates(random: Random) -> str:
    return f"{random.uniform(36, 60):.6f},{random.uniform(-9, 24):.6f}"


def latitude(random: Random) -> str:
    return f"{random.uniform(36, 60):.4f}{random.choice('123456789')}"
