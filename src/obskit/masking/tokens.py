"""
Secrets in free text that are known by their form: tokens with a published prefix, JWTs, private keys, URL passwords.

One pattern finds where the head of a secret may begin, from left to right; plain code then looks at what stands there.
Prefixes, lengths and alphabets are those that the issuers publish, or that public secret scanners agree on; read
2026-11-24. Identifiers of the same families stay: AIDA and AROA of IAM, pk_ and pi_ of Stripe, AC and SK of Twilio (its
documentation calls the SK id of an API key the user name beside the key's secret), Key-Pair-Id of CloudFront.

The time is linear in the text: a head is taken only where its alphabet does not reach back, so a run of characters is
read once for each alphabet, and every other look back or ahead has a limit. All patterns but that of the heads are
compiled when they are first needed.
"""

from __future__ import annotations

import binascii
import functools
import re

from obskit.masking import classes
from obskit.masking.keys import KeyMemo
from obskit.masking.patterns import lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Span = tuple[int, int]
    Form = tuple[str, int, int]
    Reader = Callable[[str, int, int], Span | None]


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


# What the body of a token is made of. `dotted` and `crypt` may close a sentence: full stops and commas at their end are
# left out.
_ALPHABETS = {
    "hex": "[0-9a-f]*+",
    "base32": "[A-Z2-7]*+",
    "letters": "[A-Za-z0-9]*+",
    "word": "[A-Za-z0-9_]*+",
    "url": "[A-Za-z0-9_-]*+",
    "dotted": "[A-Za-z0-9_.-]*+",
    "crypt": "[A-Za-z0-9./$=,+]*+",
    "base64": "(?:[A-Za-z0-9+/]++|%2[BbFf])*+(?:=|%3[Dd]){0,2}",
}

_ANY = 0
"""No longest body."""

# Alphabet, shortest and longest body, heads. Where an issuer says that tokens may grow, the longest is generous.
_FORMS = (
    # AWS: session tokens, Bedrock keys; the base64 of the latter begins alike every time.
    ("base64", 60, _ANY, "FwoGZXIvYXdz FQoGZXIvYXdz IQoJb3JpZ2lu AQoDYXdz AQoEXAMPLE"),
    ("base64", 60, _ANY, "ABSKQmVkcm9ja0FQSUtleS bedrock-api-key-"),
    ("url", 36, 36, "amzn.mws."),
    ("letters", 26, 26, "da2-"),
    # Payments: Stripe, Square, Shopify
    ("letters", 10, 255, "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ ek_live_ ek_test_"),
    ("base64", 24, 255, "whsec_"),
    ("url", 22, 60, "sq0atp-"),
    ("url", 43, 60, "sq0csp-"),
    ("hex", 32, 64, "shpat_ shpss_ shpca_ shppa_ shpua_"),
    # Source code and packages: GitHub, GitLab, npm, PyPI, RubyGems, Docker
    ("letters", 36, 255, "ghp_ gho_ ghu_ ghr_ npm_"),
    ("word", 82, 255, "github_pat_"),
    ("dotted", 20, 320, "glpat- gldt- glrt- glrtr- glcbt- glft- glimt- glsoat- glffct- glwt- GR1348941"),
    ("url", 40, 320, "glptt- glagent- gloas-"),
    ("url", 50, _ANY, "pypi-AgE"),
    ("hex", 48, 48, "rubygems_"),
    ("url", 27, 64, "dckr_pat_ dckr_oat_"),
    # Talk: Slack, Brevo
    ("dotted", 16, 320, "xoxa- xoxb- xoxc- xoxd- xoxe- xoxe. xoxo- xoxp- xoxr- xoxs- xapp-"),
    ("url", 81, 81, "xkeysib-"),
    # Clouds and platforms: Google, DigitalOcean, Databricks, HashiCorp, Doppler, Heroku, Pulumi, PlanetScale
    ("url", 35, 35, "AIza"),
    ("dotted", 20, _ANY, "ya29."),
    ("url", 40, _ANY, "1//0"),
    ("url", 24, 64, "GOCSPX-"),
    ("hex", 64, 64, "dop_v1_ doo_v1_ dor_v1_ sntryu_"),
    ("hex", 32, 32, "dapi"),
    ("url", 24, _ANY, "hvs. hvb. hvr."),
    ("dotted", 40, 128, "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit."),
    ("url", 58, 64, "HRKU-AA"),
    ("hex", 40, 40, "pul-"),
    ("dotted", 32, 64, "pscale_tkn_ pscale_oauth_ pscale_pw_"),
    # Models: OpenAI, Anthropic, OpenRouter, Hugging Face, Groq, Perplexity
    ("url", 20, 320, "sk-proj- sk-svcacct- sk-admin- sk-ant- sk-or-v1-"),
    ("letters", 34, 34, "hf_ api_org_"),
    ("letters", 48, 64, "gsk_ pplx-"),
    # Work and watch: Linear, Notion, New Relic, Grafana, Postman, Atlassian, Dynatrace, Sentry
    ("letters", 40, 64, "lin_api_ lin_oauth_"),
    ("letters", 43, 43, "secret_"),
    ("letters", 46, 64, "ntn_"),
    ("url", 27, 32, "NRAK- NRII- NRAA- NRIQ-"),
    ("base64", 32, _ANY, "glc_"),
    ("word", 41, 41, "glsa_"),
    ("url", 59, 59, "PMAK-"),
    ("url", 40, 255, "ATATT3 ATCTT3"),
    ("dotted", 89, 89, "dt0c01."),
    ("base64", 60, _ANY, "sntrys_"),
    # Payments and shipping: PayPal, Flutterwave, Duffel, EasyPost, Shippo
    ("url", 60, _ANY, "A21AA"),
    ("letters", 12, 64, "FLWSECK- FLWSECK_TEST-"),
    ("url", 43, 64, "duffel_test_ duffel_live_"),
    ("letters", 54, 54, "EZAK EZTK"),
    ("hex", 40, 40, "shippo_live_ shippo_test_"),
    # Clouds once more: Alibaba, Tencent, Yandex, Cloudflare, Fly, Supabase, Netlify, Scalingo, OpenShift, Dropbox
    ("letters", 16, 26, "LTAI"),
    ("letters", 32, 32, "AKID"),
    ("url", 35, 38, "AQVN"),
    ("letters", 40, 60, "cfk_ cfut_ cfat_"),
    ("base64", 43, _ANY, "fo1_ fm1r_ fm2_"),
    ("hex", 40, 40, "sbp_"),
    ("url", 20, 64, "sb_secret_"),
    ("url", 36, 44, "nfp_"),
    ("url", 48, 48, "tk-us-"),
    ("url", 43, 43, "sha256~"),
    ("dotted", 100, _ANY, "sl."),
    # Builds and code: Bitbucket, Clojars, CircleCI, Buildkite, SonarQube, Sourcegraph, Prefect
    ("letters", 32, 36, "ATBB"),
    ("letters", 60, 60, "CLOJARS_"),
    ("word", 40, 128, "CCIPAT_"),
    ("letters", 40, 40, "bkua_"),
    ("letters", 40, 40, "sqp_ squ_ sqa_ sqco_"),
    ("word", 40, 64, "sgp_"),
    ("letters", 36, 36, "pnu_"),
    # Models, documents, forms: LangSmith, xAI, Replicate, Pinecone, Figma, Contentful, Typeform, ReadMe, Frame.io,
    # Apify, Alchemy, Tavily, Jina, Adafruit, Mapbox
    ("word", 40, 64, "lsv2_pt_ lsv2_sk_"),
    ("letters", 60, 128, "xai-"),
    ("letters", 37, 40, "r8_"),
    ("word", 50, 128, "pcsk_"),
    ("url", 40, 64, "figd_"),
    ("url", 43, 43, "CFPAT-"),
    ("dotted", 40, 64, "tfp_"),
    ("letters", 70, 70, "rdme_"),
    ("url", 64, 64, "fio-u-"),
    ("letters", 36, 36, "apify_api_"),
    ("letters", 30, 30, "alcht_"),
    ("letters", 32, 60, "tvly- tvly-dev- tvly-prod-"),
    ("letters", 60, 60, "jina_"),
    ("letters", 28, 28, "aio_"),
    ("dotted", 60, _ANY, "sk.eyJ"),
    # Vaults: 1Password; what RFC 8959 begins any secret with
    ("base64", 60, _ANY, "ops_eyJ"),
    ("dotted", 16, _ANY, "secret-token:"),
    # Hashes of passwords: bcrypt, crypt, Argon2, Django
    ("crypt", 55, 64, "$2a$ $2b$ $2y$"),
    ("crypt", 26, 160, "$1$ $5$ $6$"),
    ("crypt", 60, 320, "$argon2id$ $argon2i$ $argon2d$"),
    ("crypt", 50, 320, "pbkdf2_sha256$ pbkdf2_sha512$"),
    # Keys: age
    ("letters", 58, 58, "AGE-SECRET-KEY-1"),
    # Tokens that name no issuer: PASETO
    ("dotted", 40, _ANY, "v1.local. v2.local. v3.local. v4.local. v1.public. v2.public. v3.public. v4.public."),
    # and its keys, as PASERK writes them
    ("dotted", 40, _ANY, "k1.local. k2.local. k3.local. k4.local. k1.secret. k2.secret. k3.secret. k4.secret."),
)

_BODIES: dict[str, Form] = {
    head: (alphabet, shortest, longest) for alphabet, shortest, longest, heads in _FORMS for head in heads.split()
}


def _body(text: str, start: int, end: int, form: Form) -> Span | None:
    """Read the body of a token whose head stands at *start* to *end*; *form* is alphabet, shortest and longest."""
    alphabet, shortest, longest = form
    if alphabet in ("url", "dotted") and text[start - 1 : start] in ("-", "_"):
        return None
    stop = _run(text, end, alphabet, longest)
    length = stop - end
    if longest and length > longest:
        return None
    if length < shortest and (length * 2 < shortest or not _cut(text, stop)):
        return None
    if alphabet != "base64" and text[stop : stop + 1].isalnum():  # base64 may end with a sign of its own
        return None
    return (start, stop) if alphabet == "base32" or _varied(text[end:stop]) else None


def _run(text: str, start: int, alphabet: str, longest: int = _ANY) -> int:
    """Return where the characters of *alphabet* from *start* on end; the longest body and one more are enough."""
    pattern = _compiled(_ALPHABETS[alphabet])
    run = pattern.match(text, start, start + longest + 1) if longest else pattern.match(text, start)
    stop = run.end() if run else start
    if alphabet in ("dotted", "crypt"):
        while stop > start and text[stop - 1] in ".,":
            stop -= 1
    return stop


def _cut(text: str, stop: int) -> bool:
    """Say whether what ends at *stop* was cut off there."""
    return stop == len(text) or text.startswith("...", stop)


def _varied(body: str) -> bool:
    """Say whether *body* is no word or placeholder: a digit, both cases, or more letters in a row than words have."""
    if _has_digit(body) or (body != body.lower() and body != body.upper()):
        return True
    return len(body) >= _LONGEST_WORD and body.isalpha() and len(set(body)) >= _LETTERS_OF_CHANCE


_LONGEST_WORD = 24
_LETTERS_OF_CHANCE = 10
"""Different letters that so many chosen by chance have at least; a row of `x` has one."""


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


_ESCAPE_BEFORE = r"(?:%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\[abfnrtv])\Z"


def _begins(text: str, start: int) -> bool:
    """Say whether a word can begin at *start*: no letter or digit stands before it, or only the end of an escape."""
    before = text[max(0, start - 6) : start]
    return not before[-1:].isalnum() or _compiled(_ESCAPE_BEFORE).search(before) is not None


# --- tokens with a form of their own ---------------------------------------------------------------------------------


def _aws_key(text: str, start: int, end: int) -> Span | None:
    """Read an AWS key id, and the signature or secret key that a colon joins to it, as in `AWS <id>:<signature>`."""
    span = _body(text, start, end, ("base32", 16, 16))
    if span is None or text[span[1] : span[1] + 1] != ":":
        return span
    stop = _run(text, span[1] + 1, "base64", _LONGEST_SIGNATURE)
    length = stop - span[1] - 1
    return (start, stop) if length >= _SHORTEST_SIGNATURE or (length and _cut(text, stop)) else span


_SHORTEST_SIGNATURE = 20
_LONGEST_SIGNATURE = 128


def _any_a3t(text: str, start: int, end: int) -> Span | None:
    """Read an old AWS key id: A3T, one more character, sixteen of base32."""
    return _aws_key(text, start, end + 1) if text[end : end + 1].isalnum() else None


def _github_app(text: str, start: int, end: int) -> Span | None:
    """Read a token of a GitHub App: 36 letters and digits, or since 2026 the number of the App, `_` and a JWT."""
    span = _body(text, start, end, ("letters", 36, 255))
    begin = text[end : end + 36]
    if span is not None or not _has_digit(begin) or begin in (begin.lower(), begin.upper()):
        return span
    return _body(text, start, end, ("dotted", 36, _ANY))


def _square(text: str, start: int, end: int) -> Span | None:
    """Read an access token of Square: EAAA and 60 more, unlike bytes in base64, which have other signs or rows of A."""
    span = _body(text, start, end, ("url", 60, 60))
    if span is None or text[start - 1 : start] in ("+", "/") or text[span[1] : span[1] + 1] in ("+", "/", "="):
        return None
    body = text[end : span[1]]
    return span if _has_digit(body) and body not in (body.lower(), body.upper()) and "AAAA" not in body else None


_JOINTS = ("-", "_", ".", "/")


def _mailgun(text: str, start: int, end: int) -> Span | None:
    """Read `key-` and 32 hex digits, unlike `cache-key-` and a hash, `keys/key-` and a hash, or a hash and `.json`."""
    if text[start - 1 : start] in _JOINTS:
        return None
    span = _body(text, start, end, ("hex", 32, 32))
    if span is None or (text[span[1] : span[1] + 1] in _JOINTS and text[span[1] + 1 : span[1] + 2].isalnum()):
        return None
    return span


def _sk(text: str, start: int, end: int) -> Span | None:
    """Read `sk-…`: many issuers, and slugs that begin so. A key has a long part with a digit, a slug and a UUID not."""
    span = _body(text, start, end, ("url", 20, 320))
    if span is None:
        return None
    parts = text[end : span[1]].replace("_", "-").split("-")
    return span if any(len(part) >= 16 and not part.isalpha() for part in parts) else None


def _client_secret(text: str, start: int, end: int) -> Span | None:
    """Read a client secret of Stripe: an id, `_secret_`, and what makes it secret. The id alone is none."""
    if text[start - 1 : start] == "_":
        return None
    stop = _run(text, end, "word", 320)
    return (start, stop) if text.find("_secret_", end, stop) > end else None


def _vault(text: str, start: int, end: int) -> Span | None:
    """Read an old Vault token: `s.` and 24 letters and digits, unlike the name of an attribute."""
    stop = end + 24
    body = text[end:stop]
    if len(body) < 24 or not body.isalnum() or text[start - 1 : start] in (".", "_"):
        return None
    if text[stop : stop + 1].isalnum() or text[stop : stop + 1] in ("_", "("):
        return None
    return (start, stop) if sum(map(str.isdigit, body)) >= 2 and body not in (body.lower(), body.upper()) else None


_SENDGRID = "[A-Za-z0-9_-]{22}[.]([A-Za-z0-9_-]{0,64}+)"


def _sendgrid(text: str, start: int, end: int) -> Span | None:
    """Read `SG.<22>.<43>`."""
    found = _compiled(_SENDGRID).match(text, end)
    whole = found and (len(found.group(1)) >= 43 or (len(found.group(1)) >= 11 and _cut(text, found.end())))
    return (start, found.end()) if found and whole else None


_BRAINTREE = r"(?:production|sandbox)\$[a-z0-9]{8,32}\$[0-9a-f]{1,32}+"


def _braintree(text: str, start: int, end: int) -> Span | None:
    """Read `access_token$production$<merchant>$<32 hex>`."""
    found = _compiled(_BRAINTREE).match(text, end)
    return (start, found.end()) if found else None


def _telegram(text: str, start: int, end: int) -> Span | None:
    """Read a bot token: a number before the colon, 35 characters that begin with AA after it."""
    first = start
    while start - first < 16 and text[first - 1 : first].isdigit():
        first -= 1
    if text[first - 1 : first] == "%":  # the digits of an escape
        first += 2
    elif text.endswith("\\u", 0, first):
        first += 4
    if start - first < 6 or not (_begins(text, first) or text.endswith("bot", 0, first)):
        return None
    stop = _run(text, end, "url", 48)
    return (first, stop) if stop - end in range(32, 40) or (stop - end >= 16 and _cut(text, stop)) else None


_BOT = "([A-Za-z0-9_-]{22,28})[.][A-Za-z0-9_-]{5,7}[.]([A-Za-z0-9_-]{0,41}+)"


def _discord(text: str, start: int, _end: int) -> Span | None:
    """Read a bot token: the bot's number in base64, a time, a proof, `MTk4….Cl2FMQ.…`."""
    found = _compiled(_BOT).match(text, start)
    if found is None or not _decoded(found[1]).isdigit():
        return None
    length = len(found[2])
    return found.span() if length in range(27, 41) or (length >= 6 and _cut(text, found.end())) else None


def _mailchimp(text: str, start: int, end: int) -> Span | None:
    """Read 32 hex digits and a data centre, `-us6`."""
    stop = end
    while stop - end < 2 and text[stop : stop + 1].isdigit():
        stop += 1
    first = start - 32
    if stop == end or first < 0 or _run(text, first, "hex", 32) != start:
        return None
    return (first, stop) if _begins(text, first) and not text[stop : stop + 1].isalnum() else None


def _terraform(text: str, start: int, end: int) -> Span | None:
    """Read `<14>.atlasv1.<60 or more>`."""
    first = start - 14
    if first < 0 or not text[first:start].isalnum() or not _begins(text, first):
        return None
    stop = _run(text, end, "url", 128)
    return (first, stop) if stop - end >= 60 or (stop - end >= 30 and _cut(text, stop)) else None


def _entra(text: str, start: int, end: int) -> Span | None:
    """Read a client secret of Microsoft Entra: three characters, a digit, `Q~`, 31 to 34 more."""
    first = start - 4
    if first < 0 or text[start] != "Q" or not text[start - 1].isdigit() or _run(text, first, "dotted", 4) < start - 1:
        return None
    stop = end
    while stop - end < 36 and (text[stop : stop + 1].isalnum() or text[stop : stop + 1] in ("_", "-", "~", ".")):
        stop += 1
    while text[stop - 1] == ".":
        stop -= 1
    whole = stop - end in range(31, 35) or (stop - end in range(16, 31) and _cut(text, stop))
    return (first, stop) if whole and _begins(text, first) else None


_SHORTEST_HEADER = 10
_FIRST_DOT_LIMIT = 4096
_TOKEN_HEADERS = (b'"alg"', b'"typ"', b'"enc"', b'"kid"')


def _jwt(text: str, start: int, end: int) -> Span | None:
    """
    Read a JWT (three parts) or JWE (five): the first decodes to a JSON object.

    A header that names an algorithm and a dot are enough, for the rest may be cut off. Other JSON is a session cookie
    as Flask signs them if it has three parts; with fewer it is a cursor.
    """
    if text[start - 1 : start] in ("-", "_"):
        return None
    dots: list[int] = []
    stop = _run(text, end, "url")
    if stop - start < _SHORTEST_HEADER or text[stop : stop + 1] != ".":
        return None
    while text[stop : stop + 1] == "." and len(dots) < 4:
        dots.append(stop)
        stop = _run(text, stop + 1, "url")
    head = _decoded(text[start : min(dots[0], start + _FIRST_DOT_LIMIT)])
    if not head or (dots[0] - start <= _FIRST_DOT_LIMIT and not head.rstrip().endswith(b"}")):
        return None
    if len(dots) == 3 and b'"enc"' not in head:  # a JWT, and a full stop or a name after it
        stop = dots[2]
    if text[stop - 1] == "." and "." in (text[stop - 2], text[stop : stop + 1]):  # three dots: it was cut off
        stop = len(text[start:stop].rstrip(".")) + start
    named = any(name in head for name in _TOKEN_HEADERS)
    if (named and stop > dots[0] + 1) or (len(dots) > 1 and stop > dots[1] + 1 > dots[0] + 2):
        return start, stop
    return None


def _decoded(part: str) -> bytes:
    """Return the bytes of base64 or base64url without its padding; none if it is something else."""
    usable = part.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return binascii.a2b_base64(usable + "=" * (-len(usable) % 4))
    except ValueError:
        return b""


# --- keys, addresses, headers ----------------------------------------------------------------------------------------

_KEY_LABEL = "((?:[A-Z0-9 +]|%20){0,60}+)-{4,5}"
_KEY_END = "-{4,5} ?END((?:[A-Z0-9 +]|%20){0,60}+)-{4,5}"


def _key_block(text: str, start: int, end: int) -> Span | None:
    """Read a private key in armour up to its last line, or up to the end of the text. Public keys are none."""
    label = _compiled(_KEY_LABEL).match(text, end)
    if label is None or "PRIVATE" not in label.group(1):
        return None
    while text[start - 1 : start] == "-" and end - start < 14:
        start -= 1
    for last in _compiled(_KEY_END).finditer(text, label.end()):
        if "PRIVATE" in last.group(1):
            return start, last.end()
    return start, len(text)


def _putty_key(text: str, _start: int, end: int) -> Span | None:
    """Read the lines of a private key of PuTTY."""
    stop = text.find("Private-MAC:", end)
    stop = len(text) if stop < 0 else stop
    return (end, stop) if stop - end >= 16 else None


_AUTHORITY = r"""[^\s/"'<>`\\]{1,2048}+"""
_AUTHORITY_QUOTED = r"(?:[A-Za-z0-9._~+*!-]|%(?!2[Ff]|40)[0-9A-Fa-f]{2}){1,2048}+(?=%40)"
_PORT = "[0-9]{1,5}[?#,;&)]"
_LONG = 20
_LONGEST_USERINFO = 2051
_AROUND_NAMES = (("${", "}"), ("$(", ")"), ("{", "}"), ("[", "]"), ("%(", "s"))


def _stands_for(value: str) -> bool:
    """Say whether *value* is a variable, a marker or a row of stars in the place of a secret."""
    if value[0] not in "${[%*":
        return False
    if not value.strip("*") or value == "%s" or (value[0] == "$" and value[1:].isidentifier()):
        return True
    return any(value.startswith(before) and value.endswith(after) for before, after in _AROUND_NAMES)


def _is_key(user: str) -> bool:
    """Say whether a *user* without a password is rather a key: long, and with a digit."""
    return len(user) >= _LONG and user.replace("_", "").isalnum() and _has_digit(user)


def _userinfo(text: str, _start: int, end: int) -> Span | None:
    """Read `user:password` between `://` and the last `@` before the path; a user alone only if it is a long key."""
    plain = text[end - 1] == "/"
    if text.find("@" if plain else "%40", end, end + _LONGEST_USERINFO) < 0:
        return None
    run = _compiled(_AUTHORITY if plain else _AUTHORITY_QUOTED).match(text, end)
    if run is None:
        return None
    stop = text.rfind("@", end, run.end()) if plain else run.end()
    if stop <= end or text.startswith("sha256:", stop + 1):
        return None
    user, _, password = text[end:stop].partition(":" if plain else text[end - 9 : end - 6])  # `:` or `%3A`
    if not password:
        return (end, stop) if _is_key(user) else None
    in_query = "?" in user or "#" in user or _compiled(_PORT).match(password)
    if in_query or _stands_for(password):
        return None
    return end, stop


_ORACLE = r"""[a-z0-9]{1,8}:([^\s/@:"'()]{1,128}+/("[^"\n]{1,128}+"|[^\s/@"']{1,128}+))@"""


def _oracle(text: str, _start: int, end: int) -> Span | None:
    """Read `user/password` between `jdbc:oracle:thin:` and the `@` before the host."""
    found = _compiled(_ORACLE).match(text, end)
    return found.span(1) if found and not _stands_for(found[2]) else None


_WEBHOOK = "(?:/|%2[Ff])?(?:v[0-9]{1,2}/)?(?:services|workflows|triggers|webhooks)(?:/|%2[Ff])"
_WEBHOOK_PATH = "[A-Za-z0-9/_@%-]*+"


def _webhook(text: str, _start: int, end: int) -> Span | None:
    """Read what follows the address of an incoming webhook: who knows it may post."""
    place = _compiled(_WEBHOOK).match(text, end)
    return _webhook_path(text, end, place.end()) if place else None


def _webhook_path(text: str, _start: int, end: int) -> Span | None:
    path = _compiled(_WEBHOOK_PATH).match(text, end)
    return path.span() if path and len(path.group()) >= 20 else None


# `%26` begins the next parameter where the URL itself is quoted.
_PARAMETER = "(?:[A-Za-z0-9+/=_~.@-]++|%(?!26))*+"


_LONGEST_NAME = 256


def _parameter(text: str, _start: int, end: int) -> Span | None:
    """Read the value of a parameter that signs a URL or a request."""
    end += 2 if text[end - 1] == "%" else 0  # an equals sign that is written %3D
    found = _compiled(_PARAMETER).match(text, end)
    stop = found.end() if found else end
    while stop > end and text[stop - 1] == ".":
        stop -= 1
    # The name of a function or of an algorithm has no digit. Nothing long is left to the heads in it: linear time.
    if stop - end <= _LONGEST_NAME and not _has_digit(text[end:stop]):
        return None
    return (end, stop) if stop - end >= 20 or (stop - end >= 8 and _cut(text, stop)) else None


# No separator is made of characters that follow it, so each credential is read once.
_CREDENTIALS = r"""(?:(?:\s{1,4}|%20)(?:token=)?["'`]?([A-Za-z0-9._~+/|=-]++)|\+([A-Za-z0-9._~/|=-]++))"""
_NO_CREDENTIALS = (
    r"(?i:v?[0-9]++(?:\.[0-9]++)++|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]*+)?"
    r"|(?:oauth|sha|base|utf|rfc|[hrep]s)-?[0-9.]++(?:url)?)"
)


def _credentials(text: str, start: int, end: int) -> Span | None:
    """Read what follows the name of an authentication scheme, if it is no prose."""
    found = _compiled(_CREDENTIALS).match(text, end)
    if found is None or text[start - 1 : start] in ("-", "_", "."):
        return None
    begin = found.start(found.lastindex or 0)
    value = text[begin : found.end()].rstrip(".|-")
    stop = begin + len(value)
    if len(value) < 6 or value[0] in "/=" or text[stop : stop + 1] == "@":
        return None
    basic = text[start:end].lower() == "basic"
    if not (_in_header(text, start) or (_is_basic(value) if basic else _is_random(value))):
        return None
    return None if _compiled(_NO_CREDENTIALS).fullmatch(value) else (begin, stop)


def _in_header(text: str, start: int) -> bool:
    """Say whether the value of an Authorization header begins at *start*."""
    before = text[max(0, start - 32) : start]
    name = before.rstrip(" \"'`:=,>\\")
    return name[-1:] in ("n", "N") and name[-13:].lower() == "authorization" and before[len(name) :].strip() != ""


def _is_basic(value: str) -> bool:
    """Say whether *value* is `user:password` in base64, or no word."""
    if b":" in _decoded(value[: len(value.rstrip("=")) // 4 * 4]):
        return True
    return len(value) >= 8 and value.isalnum() and not value.isdigit() and _has_digit(value)


def _is_random(value: str) -> bool:
    """Say whether *value* has a digit, or is long with about as many capitals as small letters."""
    if not value.isalpha() and _has_digit(value):
        return True
    if len(value) < _LONG:
        return False
    capitals = sum(map(str.isupper, value))
    return len(value) <= capitals * 4 <= len(value) * 3


_PARAMETERS = (
    r"(?:[\s,]{1,8}[A-Za-z_-]{2,32}\*?="
    r"""(?:\\?"[^"\\\n]{0,4096}+(?:\\?")?|'[^'\n]{0,4096}+'?|[^\s,"'\\]{1,4096}+)){1,24}+"""
)
_PROOFS = ("response=", "cnonce=", "signature=", "mac=")


def _proof(text: str, start: int, end: int) -> Span | None:
    """Read the parameters of a scheme that proves a secret, as Digest does; those of a challenge stay."""
    found = _compiled(_PARAMETERS).match(text, end)
    if found is None:
        return None
    parameters = found[0].lower()
    if not (_in_header(text, start) or any(proof in parameters for proof in _PROOFS)):
        return None
    return end + len(parameters) - len(parameters.lstrip()), found.end()


# --- links and statements ---------------------------------------------------------------------------------------------

_LINK = r"(?:[A-Za-z0-9_=-]{1,24}/)?([A-Za-z0-9_.~:=-]{16,512}+)(?![A-Za-z0-9_.~:=-])"
_UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_SHORTEST_RANDOM = 16


def _link(text: str, start: int, end: int) -> Span | None:
    """Read what lets its holder in, at the end of a link for a new password or a login, unlike words with hyphens."""
    found = _compiled(_LINK).match(text, end)
    if found is None:
        return None
    value = found[1].rstrip(".:")
    parts = value.replace("_", "-").split("-")
    mixed = value not in (value.lower(), value.upper())
    random = any(len(part) >= _SHORTEST_RANDOM and not part.isalpha() for part in parts)
    named = "-" in text[start:end] or "_" in text[start:end] or "/" in text[start : end - 1]
    if not _has_digit(value) or not (random or (named and (mixed or _compiled(_UUID).fullmatch(value)))):
        return None
    return found.start(1), found.start(1) + len(value)


_QUOTED = "((?:[^'\n]|''){1,256}+)'"
_STATEMENT = r"(?i:\b(?:with|encrypted|(?:user|role)\s{1,4}[^\s']{1,64}+))\s{1,4}\Z"


def _statement(text: str, start: int, end: int) -> Span | None:
    """Read the password that a statement of SQL sets: `ALTER ROLE ann PASSWORD 'tiger'`, `IDENTIFIED BY 'tiger'`."""
    found = _compiled(_QUOTED).match(text, end)
    if found is None or _stands_for(found[1]):
        return None
    if text[start] != "p":
        return found.span(1)
    in_statement = _compiled(_STATEMENT).search(text, max(0, start - 80), start) is not None
    return found.span(1) if in_statement or (_has_digit(found[1]) and " " not in found[1]) else None


_LOGIN = r"(?:[^\s]{1,253}+\s{1,4}login\s{1,4})?[^\s]{1,128}+\s{1,4}password\s{1,4}([^\s\"'\\]{1,256}+)"


def _netrc(text: str, _start: int, end: int) -> Span | None:
    """Read the password in a line of `.netrc`: `machine example.com login ann password tiger`."""
    found = _compiled(_LOGIN).match(text, end)
    return found.span(1) if found and not _stands_for(found[1]) else None


def _smtp(text: str, _start: int, end: int) -> Span | None:
    """Read what a client of SMTP says of itself, user and password in base64: `AUTH PLAIN …`."""
    stop = _run(text, end, "base64")
    return (end, stop) if stop - end >= len("AGEAYg==") else None


# --- commands --------------------------------------------------------------------------------------------------------

# What divides an option from its value: blanks, or in a list of arguments a quote, a comma and blanks.
_OPTION = r"""--?([A-Za-z][A-Za-z0-9_.-]{0,64}+)(?:\\?["'],?\s{0,16}|[ \t]{1,8})"""
_SETTING = r"""(?:--?[\w-]{1,30}+[ ]{1,4}){0,4}([^\s=]{1,200}+)[ \t]{1,8}"""
_VALUE = (
    r"""\\"((?:[^"\\\n]|\\[^"\n])++)|"((?:[^"\\\n]|\\[^\n])++)"""
    r"""|\\'((?:[^'\\\n]|\\[^'\n])++)|'((?:[^'\\\n]|\\[^\n])++)|([^\s"'`;|&<>()\\]++)"""
)
_BARE = 5
_NO_VALUE = ("-", "=", "~/", "./", "../", "file:")
_OPTIONS = KeyMemo()
_USER_OPTIONS = frozenset(("u", "U", "user", "proxy-user"))
_PASSES = frozenset(("pass", "storepass", "keypass", "userpass"))
_VALUELESS = ("-stdin", "-jar")
_PROSE = frozenset("argument arguments parameter parameters required provided specified variable together".split())
"""Words that follow the name of an option in its description."""


def _option(text: str, start: int, _end: int) -> Span | None:
    """Read the value of `--password hunter2`, `-u ann:tiger` and other options whose names are secret."""
    found = None if text[start - 1 : start] == "-" else _compiled(_OPTION).match(text, start)
    if found is None:
        return None
    name = found[1]
    if name in _USER_OPTIONS:
        return _user_value(text, found.end())
    return _value(text, found.end()) if _is_secret(name) else None


def _setting(text: str, _start: int, end: int) -> Span | None:
    """Read the value of `aws configure set <name> <value>` if its name is secret."""
    found = _compiled(_SETTING).match(text, end)
    return _value(text, found.end()) if found and _is_secret(found[1]) else None


def _is_secret(name: str) -> bool:
    if name.endswith(_VALUELESS):
        return False
    return _OPTIONS.says(name) == classes.SECRET or name.lower().rpartition("-")[2] in _PASSES


def _value(text: str, start: int) -> Span | None:
    """Read a value of eight characters, or with a digit, that is no option, path, variable or word of prose."""
    span = _argument(text, start)
    value = text[span[0] : span[1]] if span else ""
    if not span or value.lower() in _PROSE or not (len(value) >= 8 or _has_digit(value)):
        return None
    return span


def _user_value(text: str, start: int) -> Span | None:
    """Read `user:password`, unlike the numbers of a user and group, or a URL."""
    span = _argument(text, start)
    user, colon, password = text[span[0] : span[1]].partition(":") if span else ("", "", "")
    if span and not password and _is_key(user) and (colon or text.startswith(":", span[1])):  # as Stripe takes keys
        return span
    if not password or _stands_for(password) or (user.isdigit() and password.isdigit()):
        return None
    return None if password.startswith("//") else span


def _argument(text: str, start: int) -> Span | None:
    """Read an argument of a command, without its quotes."""
    begin = start
    while begin - start < 2 and text[begin : begin + 1] in ("\\", '"', "'"):
        begin += 1
    found = None if text.startswith(_NO_VALUE, begin) else _compiled(_VALUE).match(text, start)
    if found is None:
        return None
    first, stop = found.span(found.lastindex or 0)
    if _stands_for(text[first:stop].rstrip(".,:") or "*"):
        return None
    if found.lastindex == _BARE:
        stop = first + len(text[first:stop].rstrip(".,:]}"))
    return (first, stop) if stop > first else None


# --- the heads -------------------------------------------------------------------------------------------------------

_READERS: dict[str, Reader] = {
    **dict.fromkeys("AKIA ASIA ABIA ACCA".split(), _aws_key),
    "A3T": _any_a3t,
    "ghs_": _github_app,
    "EAAA": _square,
    "sk-": _sk,
    "key-": _mailgun,
    "s.": _vault,
    "SG.": _sendgrid,
    "eyJ": _jwt,
    "access_token$": _braintree,
    "Private-Lines:": _putty_key,
    "jdbc:oracle:": _oracle,
    "webhook.office.com/webhookb2/": _webhook_path,
    "outlook.office.com/webhook/": _webhook_path,
    **dict.fromkeys(("configure set ", "config set "), _setting),
    **dict.fromkeys("pi_ seti_ cs_test_ cs_live_".split(), _client_secret),
    **dict.fromkeys("MT Mj Mz ND NT Nj Nz OD OT".split(), _discord),  # numbers begin with a digit
    **dict.fromkeys(
        "reset-password/ reset_password/ password-reset/ password_reset/ password/reset/ reset/ magic-link/ magic_link/"
        " magic/ verify-email/ verify_email/ confirm-email/ confirm_email/".split(),
        _link,
    ),
    **dict.fromkeys(("PASSWORD '", "password '", "IDENTIFIED BY '", "identified by '"), _statement),
    **dict.fromkeys(("machine ", "default login "), _netrc),
    **dict.fromkeys(("AUTH PLAIN ", "AUTH LOGIN ", "AUTH XOAUTH2 "), _smtp),
    **dict.fromkeys("hooks.slack.com hooks.slack-gov.com discord.com/api discordapp.com/api".split(), _webhook),
    **{
        f"{spelling}=": _parameter
        for name in "X-Amz-Signature X-Amz-Security-Token X-Amz-Credential X-Goog-Signature X-Goog-Credential "
        "Signature sig AccountKey SharedAccessKey".split()
        for spelling in (name, name.lower())
    },
    **{
        spelling: reader
        for names, reader in (
            ("Bearer Basic Token ApiKey Negotiate NTLM DPoP GenieKey Splunk", _credentials),
            ("Digest OAuth Hawk", _proof),
        )
        for name in names.split()
        for spelling in (name, name.lower(), name.upper())
    },
}
# These begin with the sign between two words, which a letter or a digit may precede.
_JOINED_READERS: dict[str, Reader] = {
    "://": _userinfo,
    "---BEGIN": _key_block,
    "-- BEGIN": _key_block,
    ":AA": _telegram,
    "-us": _mailchimp,
    ".atlasv1.": _terraform,
}


# The pattern looks for no more than the first characters of a head: they are few and soon compiled.
_START = 3

_BY_START: dict[str, list[str]] = {}
for _head in sorted([*_BODIES, *_READERS, *(head[1:] for head in _JOINED_READERS)], reverse=True):
    _BY_START.setdefault(_head[:_START], []).append(_head)  # a longer head comes before one that it begins with


_WORD = 6
"""More of a head that begins as words do: `con`, `res` and `ver` are in every text."""


def _start_of(head: str) -> str:
    """Return what is looked for of *head*."""
    word = head[:_WORD]
    return word if word.islower() and word[:-1].isalpha() else head[:_START]


def _place() -> re.Pattern[str]:
    """
    Return a pattern of one sign and what may follow it: most characters are letters and are passed by without a trial.

    Behind a sign, one set of first characters decides of most places, and of the others a branch for each of them.
    Options and secrets of Entra have no head of their own.
    """
    groups: dict[str, list[str]] = {}
    for start in dict.fromkeys(map(_start_of, (head for heads in _BY_START.values() for head in heads))):
        groups.setdefault(start[0], []).append(re.escape(start[1:]))
    groups["-"] += ["-?[A-Za-z]{2}", """[uU][ "'\\\\]"""]
    groups["~"] = ["(?<=~~)"]
    firsts = "".join(map(re.escape, groups))
    branches = "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in groups.items())
    return lazy(f"[^A-Za-z0-9](?=[{firsts}])(?={branches})")


PLACE = _place()


def _head_at(heads: str, start: int) -> str:
    """Return the head behind the sign at *start* of *heads*, an empty string if none is there."""
    at = start + 1
    for head in _BY_START.get(heads[at : at + _START]) or _BY_START.get(heads[at : at + 2]) or ():
        if heads.startswith(head, at):
            return head
    return ""


def is_place(heads: str, start: int) -> bool:
    """Say whether behind the sign at *start* of *heads* there is more of a head than its beginning."""
    head = _head_at(heads, start)
    if head:
        return head in _BODIES or head in _READERS or heads[start] + head in _JOINED_READERS
    return heads[start + 1 : start + 2] == "-" or heads.startswith("~~", start)


def _read(text: str, heads: str, start: int) -> Span | None:
    """Read the secret that begins at *start* of *text*; *heads* is the text without escapes, behind one sign."""
    head = _head_at(heads, start)
    if head:
        return _read_head(text, start, heads[start], head)
    if heads[start + 1 : start + 2] == "-":
        return _option(text, start, start)
    return _entra(text, start - 1, start + 1) if heads.startswith("~~", start) else None


def _read_head(text: str, start: int, sign: str, head: str) -> Span | None:
    end = start + len(head)
    body = _BODIES.get(head)
    if body is not None:
        return _body(text, start, end, body)
    if head in _READERS:
        return _READERS[head](text, start, end)
    joined = _JOINED_READERS.get(sign + head)
    return joined(text, start - 1, end) if joined else None


# Escapes of URLs, JSON and Python, and blanks of the same length. The last character of an escape is none of the
# text's, so a head may follow it.
_ESCAPES = (
    ("%[0-9A-Fa-f]{2}", " " * 3),
    (r"\\u[0-9A-Fa-f]{4}", " " * 6),
    (r"\\[abfnrtv]", " " * 2),
)
_WRITTEN_SIGNS = (
    ("%3A%2F%2F", "      ://"),
    ("%3a%2f%2f", "      ://"),
    (":\\/\\/", "  ://"),
    ("%3D", "=  "),
    ("%3d", "=  "),
)


def _without_escapes(text: str) -> str:
    """Return *text* of the same length in which escapes are blank, but for the few that are part of a head."""
    if "%" in text or "\\" in text:
        for written, sign in _WRITTEN_SIGNS:
            text = text.replace(written, sign)
        for escape, blanks in _ESCAPES:
            text = _compiled(escape).sub(blanks, text)
    return text


def heads_of(text: str) -> str:
    """Return *text* behind one sign and without escapes: where `PLACE` finds a sign, the head begins in *text*."""
    # The first word has a sign before it, too; so has the tilde of Entra, whose secrets have a sign in their middle.
    return " " + _without_escapes(text).replace("Q~", "~~")


_LONGEST_LOOK_BACK = 32
"""Characters of a secret that may stand before its head."""


def find_tokens(text: str, found: list[tuple[int, int, str]], most: int = 40_000, heads: str = "") -> None:
    """
    Append start, end and class of the secrets in *text* that are known by their form, in order and without overlap.

    After *most* places where one could begin, the rest of the text is taken for secret. *heads* is what `heads_of`
    makes of the text, if it is known.

    >>> found = []
    >>> find_tokens("GET https://ann:tiger@example.com/ failed", found)
    >>> found
    [(12, 21, 'SECRET')]
    """
    heads = heads or heads_of(text)
    done = 0
    for place in PLACE.finditer(heads):
        start = place.start()
        if start < done:
            continue
        most -= 1
        if most < 0:
            found.append((max(done, start - _LONGEST_LOOK_BACK), len(text), classes.SECRET))
            return
        span = _read(text, heads, start)
        if span is not None and span[0] >= done:
            found.append((*span, classes.SECRET))
            done = span[1]
