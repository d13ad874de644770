"""Addresses of machines, of the ranges that are kept for documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.testing.characters import HEX, text_of

if TYPE_CHECKING:
    from random import Random


def ipv4(random: Random) -> str:
    """RFC 5737: addresses for documentation."""
    return f"{random.choice(['192.0.2', '198.51.100', '203.0.113'])}.{random.randrange(1, 255)}"


def ipv6(random: Random) -> str:
    """RFC 3849: addresses for documentation."""
    groups = [f"{random.randrange(1, 65536):x}" for _ in range(6)]
    return random.choice(
        [f"2001:db8:{':'.join(groups)}", f"2001:db8::{groups[0]}:{groups[1]}", f"2001:DB8::{groups[2]}".upper()]
    )


def ipv6_mapped(random: Random) -> str:
    return f"::ffff:{ipv4(random)}"


def ipv6_zone(random: Random) -> str:
    return f"fe80::{random.randrange(1, 65536):x}:{random.randrange(4096, 65536):x}%{random.choice(['eth0', 'en1'])}"


def mac(random: Random) -> str:
    """RFC 7042: 00-00-5E-00-53-xx is for documentation; 02-… is administered locally."""
    pairs = random.choice([["00", "00", "5e", "00", "53"], ["02", "42", "ac", "11", text_of(random, HEX, 2)]])
    pairs = [*pairs, text_of(random, HEX, 2)]
    return random.choice([":".join(pairs), "-".join(pairs).upper(), ":".join(pairs).upper()])


def mac_cisco(random: Random) -> str:
    return f"0000.5e00.53{text_of(random, HEX, 2)}"
