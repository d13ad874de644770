"""E-mail addresses in folded text."""

from __future__ import annotations

import binascii

from obskit.masking.classes import EMAIL
from obskit.masking.patterns import lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

    from obskit.masking.text import Found

_DOMAIN = lazy(
    r"(?:[A-Za-z0-9_\x7f-]{1,126}+\.){1,8}(xn--[A-Za-z0-9-]{1,59}|[A-Za-z]{2,24}|z{25,126}|\x7f[\x7fz]{0,23})(?![A-Za-z0-9])"
)
_LITERAL = lazy(r"\[[0-9A-Fa-f:.]{3,45}\]")
_LOCAL_REVERSED = lazy(r"[A-Za-z0-9._%+'&/=#!?^*~$|\x7f-]{1,128}+")
_QUOTED_REVERSED = lazy(r'"[^"\n@\0]{1,64}"')
_PARAMETER = lazy(r"[A-Za-z_][A-Za-z0-9_.-]{0,40}")

_LONGEST_LOCAL = 128
"""Characters before the `@` that are taken: the standard says 64, and what is longer identifies no less."""

_FILE_ENDINGS = frozenset(
    "png jpg jpeg gif svg webp ico css js mjs ts tsx json html map woff woff2 ttf tgz gz"
    " service socket timer mount".split()
)
"""Last labels that are no top-level domain and stand behind `@` in names of pictures: `icon@2x.png`."""


_PATH_SIGNS = frozenset((":", "/"))
_USERS = frozenset(("git", "hg", "svn"))
"""Users of servers of source code."""


def find_emails(text: str, found: Found, most: int) -> None:
    """Append the addresses in *text*; after *most* candidates the rest of the text counts as one."""
    at = text.find("@")
    done = 0
    while at >= 0:
        most -= 1
        if most < 0:
            found.append((_local_start(text, at, done), len(text), EMAIL))
            return
        end = _domain_end(text, at)
        if end:
            start = _local_start(text, at, done)
            if start < at and not _is_login(text, start, at, end):
                found.append((start, end, EMAIL))
                done = end
        at = text.find("@", max(at + 1, end))


_ENCODED_WORD = lazy(r"=\?[A-Za-z0-9*-]{1,40}+\?([BbQq])\?([^?\s\0]{1,512}+)\?=")
_QUOTED_SIGN = lazy("=([0-9A-Fa-f]{2})")


def find_encoded_words(text: str, found: Found, most: int) -> None:
    """
    Append the words in *text* that hold an address and are encoded as headers of mail are: `=?UTF-8?Q?ann=40…?=`.

    Source: RFC 2047, section 2. A word goes as a whole, as it is shown as a whole.
    """
    for word in _ENCODED_WORD.finditer(text):
        most -= 1
        if most < 0:
            found.append((word.start(), len(text), EMAIL))
            return
        said = _said(word[1], word[2])
        if "@" in said:
            inside: Found = []
            find_emails(said, inside, most)
            if inside:
                found.append((word.start(), word.end(), EMAIL))


def _said(encoding: str, word: str) -> str:
    """Return what an encoded *word* says, a blank for each letter beyond ASCII."""
    if encoding in "Qq":
        return _QUOTED_SIGN.sub(_decoded, word.replace("_", " "))
    try:
        data = binascii.a2b_base64(word)
    except ValueError:
        return ""
    return data.decode("ascii", "replace").replace("\ufffd", " ")


def _decoded(sign: re.Match[str]) -> str:
    code = int(sign[1], 16)
    return chr(code) if code < 0x80 else " "


def _domain_end(text: str, at: int) -> int:
    """Return where the domain behind the `@` ends, 0 if there is none."""
    domain = _DOMAIN.match(text, at + 1)
    if domain is not None:
        return 0 if domain[1].lower() in _FILE_ENDINGS else domain.end()
    literal = _LITERAL.match(text, at + 1)
    return literal.end() if literal is not None else 0


def _local_start(text: str, at: int, floor: int) -> int:
    """Return where the local part that ends at *at* begins, *at* if there is none."""
    first = max(floor, at - _LONGEST_LOCAL)
    before = text[first:at]
    if before[-1:] == '"':
        quoted = _QUOTED_REVERSED.match(before[::-1])
        if quoted is not None:
            return at - quoted.end()
    word = before.rpartition(" ")[2]
    if word.replace(".", "").isalnum() and word.isascii() and word[0] != ".":  # most: none of the signs below
        return at - len(word)
    local = _LOCAL_REVERSED.match(before[::-1])
    if local is None:
        return at
    start = at - local.end()
    if local[0].replace(".", "").isalnum() and text[start] != ".":
        return start
    # `/path?a=1&email=ann@…`: what stands before the address helps the reader and is no part of it.
    for sign in "/?#|&":
        start = max(start, text.rfind(sign, start, at - 1) + 1)
    equals = text.find("=", start, at - 1)
    if equals >= 0 and _PARAMETER.fullmatch(text, start, equals):
        start = equals + 1
    while start < at - 1 and text[start] in "'=!*~^$-.":
        start += 1
    return start


def _is_login(text: str, start: int, at: int, end: int) -> bool:
    """Say whether the address is a login at a host: `https://user:pass@host`, `git@host:repository`."""
    scheme = text.rfind("://", max(0, start - _LONGEST_LOCAL), at)
    if scheme >= 0 and ":" in text[scheme + 3 : at] and not any(char in text[scheme + 3 : at] for char in " /?#\"'\0"):
        return True
    return text[end : end + 1] in _PATH_SIGNS and text[start:at] in _USERS
