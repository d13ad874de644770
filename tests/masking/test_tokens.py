"""Secrets in free text that are known by their form, and what looks like them and stays."""

import base64
import itertools
import json
import re
import string
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from obskit.masking import classes, tokens


def body(length, alphabet=string.ascii_letters + string.digits):
    """Return *length* characters of *alphabet* that look random and are the same every time."""
    state, made = 20261124, []
    for _ in range(length):
        state = (state * 1103515245 + 12345) % 2**31
        made.append(alphabet[(state >> 16) % len(alphabet)])
    return "".join(made)


def encoded(value):
    """Return base64url without padding."""
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


HEX = string.hexdigits[:16]
BASE32 = string.ascii_uppercase + "234567"
URL = string.ascii_letters + string.digits + "-_"
LOWER = string.ascii_lowercase + string.digits
SIGNATURE = body(43, URL)
HEADER = encoded({"alg": "HS256", "typ": "JWT"})
CLAIMS = encoded({"sub": "1234567890", "name": "Ann Lee", "iat": 1516239022})
UUID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

# Built by concatenation, so that scanners of repositories stay quiet. Nothing here opens anything.
TOKENS = {
    "aws access key": "AKIA" + "IOSFODNN7EXAMPLE",  # of AWS's documentation
    "aws access key, letters only": "ASIA" + "QWERTZUIOPASDFGH",
    "aws access key, bearer": "ABIA" + body(16, BASE32),
    "aws access key, context": "ACCA" + body(16, BASE32),
    "aws access key, old": "A3T" + "X" + body(16, BASE32),
    "aws signature, version 2": "AKIA" + "IOSFODNN7EXAMPLE:" + body(27, string.ascii_letters + "+/") + "=",
    "aws access key and secret key": "ASIA" + "IOSFODNN7EXAMPLE:" + body(40, string.ascii_letters + "+/"),
    "aws session token": "FwoGZXIvYXdz" + "EBYaD" + body(200, string.ascii_letters + "+/"),
    "aws session token, newer": "IQoJb3JpZ2lu" + "X2Vj" + body(300, string.ascii_letters + "+/") + "==",
    "aws mws": "amzn.mws." + UUID,
    "bedrock": "ABSKQmVkcm9ja0FQSUtleS" + body(110),
    "appsync": "da2-" + body(26, LOWER),
    "stripe secret key": "sk" + "_live_" + body(24),
    "stripe secret key, long": "sk" + "_test_" + "51" + body(97),
    "stripe restricted key": "rk" + "_live_" + body(24),
    "stripe secret key, production": "sk" + "_prod_" + body(24),
    "stripe restricted key, production": "rk" + "_prod_" + body(24),
    "stripe webhook secret": "whsec" + "_" + body(32),
    "stripe client secret": "pi_" + body(24) + "_secret_" + body(25),
    "stripe setup secret": "seti_" + body(24) + "_secret_" + body(25),
    "stripe checkout secret": "cs_test_" + body(30) + "_secret_" + body(25),
    "square": "sq0" + "atp-" + body(22, URL),
    "square application secret": "sq0" + "csp-" + body(43, URL),
    "square oauth": "EAAA" + body(60),
    "braintree": "access_token" + "$production$" + body(16, LOWER) + "$" + body(32, HEX),
    "shopify": "shpat" + "_" + body(32, HEX),
    "shopify shared secret": "shpss" + "_" + body(32, HEX),
    "shopify custom app": "shpca" + "_" + body(32, HEX),
    "shopify private app": "shppa" + "_" + body(32, HEX),
    "github": "ghp" + "_" + body(36),
    "github oauth": "gho" + "_" + body(36),
    "github user": "ghu" + "_" + body(36),
    "github server": "ghs" + "_" + body(36),
    "github server, stateless": f"{'ghs' + '_'}12345_{HEADER}.{CLAIMS}.{SIGNATURE}",
    "github server, longer": "ghs" + "_" + body(24) + "_" + body(60),
    "github refresh": "ghr" + "_" + body(76),
    "github fine-grained": "github" + "_pat_" + body(22) + "_" + body(59),
    "gitlab": "glpat" + "-" + body(20, URL),
    "gitlab routable": "glpat" + "-" + body(27, URL) + ".01." + body(9, LOWER),
    "gitlab deploy": "gldt" + "-" + body(20, URL),
    "gitlab runner": "glrt" + "-" + body(20, URL),
    "gitlab job": "glcbt" + "-" + "64_" + body(20, URL),
    "gitlab trigger": "glptt" + "-" + body(40, HEX),
    "gitlab feed": "glft" + "-" + body(20, URL),
    "gitlab mail": "glimt" + "-" + body(25, URL),
    "gitlab agent": "glagent" + "-" + body(50, URL),
    "gitlab oauth": "gloas" + "-" + body(64, URL),
    "gitlab scim": "glsoat" + "-" + body(20, URL),
    "gitlab feature flag": "glffct" + "-" + body(20, URL),
    "gitlab registration": "GR1348941" + body(20, URL),
    "npm": "npm" + "_" + body(36),
    "pypi": "pypi" + "-AgEIcHlwaS5vcmc" + body(120, URL),
    "rubygems": "rubygems" + "_" + body(48, HEX),
    "docker": "dckr" + "_pat_" + body(27, URL),
    "slack bot": "xoxb" + "-123456789012-1234567890123-" + body(24),
    "slack user": "xoxp" + "-123456789012-123456789012-1234567890123-" + body(32, HEX),
    "slack app": "xapp" + "-1-A0123456789-1234567890123-" + body(64, HEX),
    "slack configuration": "xoxe" + ".xoxp-1-" + body(163),
    "slack refresh": "xoxe" + "-1-" + body(146),
    "sendgrid": "SG" + "." + body(22, URL) + "." + body(43),
    "mailgun": "key" + "-" + body(32, HEX),
    "mailchimp": body(32, HEX) + "-us12",
    "brevo": "xkeysib" + "-" + body(64, HEX) + "-" + body(16),
    "google api key": "AIza" + body(35),
    "google oauth": "ya29" + ".a0Af" + body(120, URL),
    "google refresh": "1" + "//0" + body(60, URL),
    "google client secret": "GOCSPX" + "-" + body(28, URL),
    "digitalocean": "dop_v1" + "_" + body(64, HEX),
    "digitalocean oauth": "doo_v1" + "_" + body(64, HEX),
    "digitalocean refresh": "dor_v1" + "_" + body(64, HEX),
    "databricks": "dapi" + body(32, HEX),
    "vault": "hvs" + "." + body(95, URL),
    "vault batch": "hvb" + "." + body(140, URL),
    "vault, old": "s" + "." + body(24),
    "terraform cloud": body(14) + ".atlasv1." + body(67),
    "doppler": "dp" + ".pt." + body(43),
    "doppler service": "dp" + ".st.prd_eu." + body(43),
    "heroku": "HRKU-AA" + body(58, URL),
    "pulumi": "pul" + "-" + body(40, HEX),
    "planetscale": "pscale" + "_tkn_" + body(43, URL),
    "openai, old": "sk" + "-" + body(48),
    "openai project": "sk" + "-proj-" + body(74, URL) + "T3BlbkFJ" + body(74),
    "openai service account": "sk" + "-svcacct-" + body(74, URL) + "T3BlbkFJ" + body(74),
    "anthropic": "sk" + "-ant-api03-" + body(93, URL) + "AA",
    "hugging face": "hf" + "_" + body(34, string.ascii_letters),
    "hugging face, small letters": "hf" + "_" + body(34, string.ascii_lowercase),
    "groq": "gsk" + "_" + body(52),
    "perplexity": "pplx" + "-" + body(48),
    "linear": "lin" + "_api_" + body(40),
    "notion": "ntn" + "_" + body(46),
    "notion, old": "secret" + "_" + body(43),
    "new relic": "NRAK" + "-" + body(27, BASE32),
    "grafana cloud": "glc" + "_" + body(100) + "==",
    "grafana service account": "glsa" + "_" + body(32) + "_" + body(8, HEX),
    "postman": "PMAK" + "-" + body(24, HEX) + "-" + body(34, HEX),
    "atlassian": "ATATT3" + body(186),
    "dynatrace": "dt0c01" + "." + body(24, BASE32) + "." + body(64, BASE32),
    "sentry": "sntrys" + "_" + body(120),
    "sentry user": "sntryu" + "_" + body(64, HEX),
    "paypal": "A21AA" + body(80, URL),
    "flutterwave": "FLWSECK" + "_TEST-" + body(32, HEX),
    "duffel": "duffel" + "_live_" + body(43, URL),
    "easypost": "EZAK" + body(54),
    "shippo": "shippo" + "_live_" + body(40, HEX),
    "alibaba": "LTAI" + body(20),
    "tencent": "AKID" + body(32),
    "yandex": "AQVN" + body(36, URL),
    "cloudflare": "cfk" + "_" + body(48),
    "fly": "fm2" + "_" + body(120) + "==",
    "supabase": "sbp" + "_" + body(40, HEX),
    "netlify": "nfp" + "_" + body(40),
    "scalingo": "tk-us" + "-" + body(48, URL),
    "openshift": "sha256~" + body(43, URL),
    "dropbox": "sl" + "." + body(140, URL),
    "bitbucket": "ATBB" + body(32),
    "clojars": "CLOJARS" + "_" + body(60, LOWER),
    "circleci": "CCIPAT" + "_" + body(22) + "_" + body(40, HEX),
    "buildkite": "bkua" + "_" + body(40, HEX),
    "sonarqube": "squ" + "_" + body(40, HEX),
    "sourcegraph": "sgp" + "_" + body(16, HEX) + "_" + body(40, HEX),
    "prefect": "pnu" + "_" + body(36, LOWER),
    "langsmith": "lsv2" + "_pt_" + body(32, HEX) + "_" + body(10, HEX),
    "xai": "xai" + "-" + body(80),
    "replicate": "r8" + "_" + body(37),
    "pinecone": "pcsk" + "_" + body(6) + "_" + body(63),
    "figma": "figd" + "_" + body(40, URL),
    "contentful": "CFPAT" + "-" + body(43, URL),
    "typeform": "tfp" + "_" + body(44) + "_" + body(14),
    "readme": "rdme" + "_" + body(70, LOWER),
    "frame.io": "fio-u" + "-" + body(64, URL),
    "apify": "apify" + "_api_" + body(36),
    "alchemy": "alcht" + "_" + body(30),
    "mapbox secret": "sk" + ".eyJ1Ijoi" + body(80, URL) + "." + body(22, URL),
    "1password": "ops" + "_eyJ" + body(120),
    "rfc 8959": "secret" + "-token:" + body(24),
    "tavily": "tvly" + "-" + body(32),
    "jina": "jina" + "_" + body(60),
    "adafruit": "aio" + "_" + body(28),
    "new relic query": "NRIQ" + "-" + body(32, URL),
    "bcrypt": "$2b$" + "12$" + body(53, string.ascii_letters + "./"),
    "crypt": "$6$" + "rounds=5000$" + body(12) + "$" + body(86, string.ascii_letters + "./"),
    "argon2": "$argon2id$" + "v=19$m=65536,t=3,p=4$" + body(22) + "$" + body(43),
    "django": "pbkdf2_sha256$" + "720000$" + body(22) + "$" + body(43) + "=",
    "age": "AGE-SECRET-KEY-1" + body(58, BASE32),
    "entra": body(3) + "8Q~" + body(34),
    "telegram": "123456789" + ":AA" + body(33, URL),
    "discord": "MTk4NjIyNDgzNDcxOTI1MjQ4" + ".Cl2FMQ." + body(27, URL),
    "discord, of now": "MTE5ODYyMjQ4MzQ3MTkyNTI0OA" + ".GhI1jK." + body(38, URL),
    "paserk": "k4" + ".secret." + body(86, URL),
    "paseto": "v4" + ".local." + body(80, URL),
    "jwt": f"{HEADER}.{CLAIMS}.{SIGNATURE}",
    "jwt without signature": f"{encoded({'alg': 'none'})}.{CLAIMS}.",
    "jwe": ".".join([encoded({"alg": "RSA-OAEP", "enc": "A256GCM"}), SIGNATURE, body(16), body(40), body(22)]),
    "jwe, direct": ".".join([encoded({"alg": "dir", "enc": "A256GCM"}), "", body(16), body(40), body(22)]),
    "signed session": f"{encoded({'user': 7})}.Z1x2Yw.{body(27, URL)}",
}

SURROUNDINGS = [
    "{}",
    "failed with {} today",
    '"{}"',
    "'{}',",
    '{{"value": "{}", "n": 1}}',
    '\\"{}\\"',
    "({})",
    "[{}]",
    "<{}>",
    "value={}",
    "value:{};",
    "?value={}&page=2",
    "https://example.com/?value={}",
    "value%3D{}%26page%3D2",
    "line\\n{}\\nline",
    "line\n{}\nline",
    "\\u0022{}\\u0022",
    "`{}`",
    "\u0378{}\u0378",  # a character that is no letter
]


def secrets(text):
    found = []
    tokens.find_tokens(text, found)
    assert {classes.SECRET} >= {name for _, _, name in found}
    return [text[start:end] for start, end, _ in found]


def masked(text):
    found = []
    tokens.find_tokens(text, found)
    for start, end, name in reversed(found):
        text = text[:start] + classes.marker(name) + text[end:]
    return text


@pytest.mark.parametrize("surrounding", SURROUNDINGS)
def test_a_token_is_found_whole_and_nothing_else(surrounding):
    expected = {name: [token] for name, token in TOKENS.items()}

    assert expected == {name: secrets(surrounding.format(token)) for name, token in TOKENS.items()}


def test_a_full_stop_after_a_token_is_not_its():
    expected = {name: [token.removesuffix(".")] for name, token in TOKENS.items()}
    found = {name: secrets(f"It was {token}.") for name, token in TOKENS.items()}

    # a JWT without signature ends with a full stop of its own
    assert expected == {name: [secret.removesuffix(".") for secret in texts] for name, texts in found.items()}


def test_a_comma_after_a_token_is_not_its():
    expected = {name: [token] for name, token in TOKENS.items()}

    assert expected == {name: secrets(f"It was {token}, was it?") for name, token in TOKENS.items()}


# What makes these known stands at their end, or a part of them is not enough to tell.
NOT_KNOWN_BY_A_PART = (
    "mailchimp",
    "vault, old",
    "signed session",
    "jwt without signature",
    "hugging face, small letters",
)


@pytest.mark.parametrize("after", ["", "... (truncated)"])
def test_a_token_that_the_end_of_the_text_cuts_is_found(after):
    kept = {name: token[: len(token) * 2 // 3] for name, token in TOKENS.items() if name not in NOT_KNOWN_BY_A_PART}

    assert {name: [token] for name, token in kept.items()} == {
        name: secrets(f"failed with {token}{after}") for name, token in kept.items()
    }


def test_a_jwt_that_is_cut_behind_a_dot_is_found():
    token = TOKENS["jwt"]
    second = token.index(".", token.index(".") + 1)

    assert [token[: second + 1]] == secrets(f"got {token[: second + 1]}")
    assert [token[: second + 5]] == secrets(f"got {token[: second + 5]}")
    assert [token[: second - 5]] == secrets(f"got {token[: second - 5]}")
    assert [] == secrets(f"got {HEADER}")


BLOCK = "\n".join([body(64), body(64), body(40) + "=="])
KEY_LABELS = [
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
]


@pytest.mark.parametrize("label", KEY_LABELS)
@pytest.mark.parametrize("newline", ["\n", "\\n", "\r\n", "\\r\\n", "\\\\n", " ", ""])
def test_a_private_key_is_found_from_its_first_line_to_its_last(label, newline):
    key = f"-----BEGIN {label}-----\n{BLOCK}\n-----END {label}-----".replace("\n", newline)

    assert [key] == secrets(f'{{"key": "{key}", "id": 7}}')
    assert [key, key] == secrets(f"{key}\n{key}\n")
    assert [key[:100]] == secrets(f"key {key[:100]}")


@pytest.mark.parametrize("label", ["PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE", "CERTIFICATE REQUEST", "PGP MESSAGE"])
def test_public_keys_and_certificates_stay(label):
    assert [] == secrets(f"-----BEGIN {label}-----\n{BLOCK}\n-----END {label}-----")


def test_a_certificate_before_a_private_key_stays():
    certificate = f"-----BEGIN CERTIFICATE-----\n{BLOCK}\n-----END CERTIFICATE-----\n"
    key = f"-----BEGIN PRIVATE KEY-----\n{BLOCK}\n-----END PRIVATE KEY-----"

    assert [key] == secrets(certificate + key + "\n" + certificate)


def test_what_a_colon_joins_to_an_access_key_is_its_only_if_it_is_long_or_cut():
    key = TOKENS["aws access key"]

    assert [key] == secrets(f"{key}:42 is of today")
    assert [f"{key}:abc"] == secrets(f"{key}:abc... (truncated)")


def test_a_private_key_without_its_last_line_reaches_to_the_end_of_the_text():
    rest = f"-----BEGIN EC PRIVATE KEY-----\n{BLOCK}\n-----END CERTIFICATE-----\nand more"

    assert [rest] == secrets(f"key: {rest}")


def test_other_armours_of_private_keys():
    ssh2 = f"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n{BLOCK}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----"
    form = f"-----BEGIN+RSA+PRIVATE+KEY-----%0A{body(200)}%0A-----END+RSA+PRIVATE+KEY-----"
    lines = f" 3\n{BLOCK}\n"

    assert [ssh2] == secrets(ssh2)
    assert [form] == secrets(f"key={form}&x=1")
    assert [lines] == secrets(f"PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines:{lines}Private-MAC: {body(64, HEX)}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://ann:tiger@example.com/x", ["ann:tiger"]),
        ("postgresql://shop:S3cr%40t!@db.example.com:5432/shop", ["shop:S3cr%40t!"]),
        ("postgres://shop:p@ss@db.example.com/shop", ["shop:p@ss"]),
        ("mysql+pymysql://root:a?b#c@127.0.0.1/x", ["root:a?b#c"]),
        ("redis://:hunter2@cache.example.com:6379/0", [":hunter2"]),
        ("mongodb+srv://u:p@h1.example.com,h2.example.com/x and amqp://guest:guest@mq/", ["u:p", "guest:guest"]),
        ("could not connect to 'https://ann:tiger@example.com'.", ["ann:tiger"]),
        ("https:\\/\\/ann:tiger@example.com\\/x", ["ann:tiger"]),
        ("next=https%3A%2F%2Fann%3Atiger%40example.com%2Fx", ["ann%3Atiger"]),
        ("next=https%3a%2f%2fann%3atiger%40example.com%2fx", ["ann%3atiger"]),
        ("https://0123456789abcdef0123456789abcdef@example.com/42", ["0123456789abcdef0123456789abcdef"]),
        ("https://x-access-token:" + TOKENS["github"] + "@example.com/", ["x-access-token:" + TOKENS["github"]]),
        ("https://ann:tiger@", ["ann:tiger"]),
        ("https://" + body(24) + ":@example.com/v1", [body(24) + ":"]),
        ("https://ann:@example.com/v1", []),
        ("https://ann:1234@example.com", ["ann:1234"]),
        ("https://example.com/", []),
        ("https://example.com:8080/a@b", []),
        ("https://example.com:8080?to=ann@example.com", []),
        ("https://example.com?at=12:30&to=ann@example.com", []),
        ("http://a.example.com:80,ann@example.com", []),
        ("ssh://git@example.com:22/x.git and git+ssh://git@example.com/x", []),
        ("see https://example.com (ann:x@example.com)", []),
        ("docker://example.com:5000@sha256:" + body(64, HEX), []),
        ("docker://nginx:1.27@sha256:" + body(64, HEX), []),
        ("http://[2001:db8::1]:8080/", []),
        ("https://username:hunter2@example.com:8443/x?mode=1", ["username:hunter2"]),
        ("https://user:password@example.com/x", ["user:password"]),  # it may be one
        ("jdbc:oracle:thin:scott/tiger@db.example.com:1521:shop", ["scott/tiger"]),
        ('jdbc:oracle:thin:scott/"ti/ger"@//db.example.com:1521/shop', ['scott/"ti/ger"']),
        ("jdbc:oracle:oci:scott/tiger@shop", ["scott/tiger"]),
        ("jdbc:oracle:thin:/@shop and jdbc:oracle:thin:@db.example.com:1521:shop", []),
        ("jdbc:oracle:thin:scott/${PASSWORD}@shop", []),
        ("https://user:${PASSWORD}@example.com", []),
        ("https://${USER}:${PASS}@example.com", []),
        ("https://$USER:$PASS@example.com", []),
        ("https://%s:%s@example.com and https://%(user)s:%(password)s@example.com", []),
        ("https://ann:{ab@example.com https://ann:xxxy@example.com", ["ann:{ab", "ann:xxxy"]),
        ("https://ann:[ab@example.com https://ann:***y@example.com", ["ann:[ab", "ann:***y"]),
        ("https://{}:{}@example.com", []),
        ("https://{user}:{password}@example.com", []),
        ("https://user:<password>@example.com", []),
        ("https://user:***@example.com", []),
        ("https://user:[SECRET]@example.com", []),
        ("https://user:@example.com", []),
        ("https%3A%2F%2Fexample.com%2F%40ann", []),
    ],
)
def test_what_stands_before_the_host_of_a_url(text, expected):
    assert expected == secrets(text)


BASIC = base64.b64encode(b"ann:tiger").decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abc123def456", ["abc123def456"]),
        ("'Authorization': 'Bearer mysecretvalue'", ["mysecretvalue"]),
        ('{"authorization": "bearer mysecretvalue"}', ["mysecretvalue"]),
        ('{\\"Authorization\\": \\"Bearer mysecretvalue\\"}', ["mysecretvalue"]),
        ("('Authorization', 'Bearer mysecretvalue')", ["mysecretvalue"]),
        ("Proxy-Authorization: Basic " + BASIC, [BASIC]),
        ("sent Bearer abc123, got 401", ["abc123"]),
        ("sent bearer abc123.def456.", ["abc123.def456"]),
        ("BEARER ABC123DEF", ["ABC123DEF"]),
        ("Bearer%20abc123def", ["abc123def"]),
        ("Bearer+abc123def", ["abc123def"]),
        ("%22Bearer abc123def%22", ["abc123def"]),
        ("\\nBearer abc123def\\n", ["abc123def"]),
        ("Bearer 12|abc123def", ["12|abc123def"]),
        ("Bearer qWeRtZuIoPaSdFgHjKlYxCvBnM", ["qWeRtZuIoPaSdFgHjKlYxCvBnM"]),
        ("Basic " + BASIC, [BASIC]),
        ("Basic dXNlcjpwYXNz", ["dXNlcjpwYXNz"]),  # user:pass, without a digit
        ("token abc123def456", ["abc123def456"]),
        ("Token token=abc123def456", ["abc123def456"]),
        ('Token token="abc123def456"', ["abc123def456"]),
        ("ApiKey abc123def456", ["abc123def456"]),
        ("Authorization: Bearer " + TOKENS["jwt"], [TOKENS["jwt"]]),
        ("AWS4-HMAC-SHA256 SignedHeaders=host, Signature=" + body(64, HEX), [body(64, HEX)]),
        ("bearer of news", []),
        ("the bearer authentication of the service", []),
        ("Bearer token missing", []),
        ("Bearer AuthenticationFilterImplementation", []),
        ('WWW-Authenticate: Bearer realm="api2", error="invalid_token"', []),
        ("basic auth", []),
        ("basic authentication failed", []),
        ("basic oauth2 flow", []),
        ("basic 12-month plan", []),
        ("token bucket", []),
        ("Token expired", []),
        ("token expired 12 minutes ago", []),
        ("token v1.2.3", []),
        ("token 1.2.3.4", []),
        ("token 2026-11-24T03:51:43Z", []),
        ("token sha256", []),
        ("next_token abc123def", []),
        ("tokenizer abc123def", []),
        ("token /oauth2/token", []),
        ("bearer ann.lee1@example.com", []),
        ("Authorization: Bearer [SECRET]", []),
        ("Authorization: Bearer ${TOKEN}", []),
        ("Authorization: Bearer <token>", []),
        ("the authorization bearer tokenless", []),
    ],
)
def test_what_stands_behind_an_authentication_scheme(text, expected):
    assert expected == secrets(text)


DIGEST = 'username="ann", realm="shop", nonce="7ypf/xlj9XXw", uri="/a,b", qop=auth, nc=00000001, response="6629fae4"'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Authorization: Digest {DIGEST}\nHost: example.com", [DIGEST]),
        (f"Authorization: Digest {DIGEST}", [DIGEST]),
        (f"{{'Authorization': 'Digest {DIGEST}', 'Host': 'example.com'}}", [DIGEST]),
        (f"sent Digest {DIGEST} and got 401", [DIGEST]),
        (json.dumps({"authorization": f"Digest {DIGEST}", "n": 1}), [json.dumps(DIGEST)[1:-1]]),
        ('Proxy-Authorization: digest username="ann", nonce="7ypf', ['username="ann", nonce="7ypf']),
        ("Authorization: Digest username='ann', response='6629fae4'", ["username='ann', response='6629fae4'"]),
        ('OAuth oauth_token="abc", oauth_signature="d%3D"', ['oauth_token="abc", oauth_signature="d%3D"']),
        (
            'Authorization: Hawk id="dh37", ts="1353832234", mac="6R4rV5iE"',
            ['id="dh37", ts="1353832234", mac="6R4rV5iE"'],
        ),
        ('WWW-Authenticate: Digest realm="shop", nonce="7ypf/xlj9XXw", qop="auth"', []),
        ("digest of the response=200", []),
        ("Digest [SECRET]", []),
    ],
)
def test_what_proves_a_secret_is_found_to_the_end_of_its_header(text, expected):
    assert expected == secrets(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curl -u ann:tiger https://example.com", ["ann:tiger"]),
        ("curl --user ann:tiger https://example.com", ["ann:tiger"]),
        ("curl -U 'ann:my tiger' --proxy-user ann:lion x", ["ann:my tiger", "ann:lion"]),
        ('["curl", "-u", "ann:tiger", "https://example.com"]', ["ann:tiger"]),
        ("argv=['db', '--password', 'hunter2']", ["hunter2"]),
        ('{\\"args\\": [\\"--password\\",\\"hunter2\\", \\"x\\"]}', ["hunter2"]),
        ("shopctl --db-password hunter2 --host db.example.com", ["hunter2"]),
        ("shopctl --db-password hunter2.", ["hunter2"]),
        ("shopctl --password 'correct horse' -v", ["correct horse"]),
        ('shopctl --password "say \\"hi\\" now1"', ['say \\"hi\\" now1']),
        ("shopctl --password pa$$word!1", ["pa$$word!1"]),
        ("--token abcdefgh and --secret-key abc123", ["abcdefgh", "abc123"]),
        ("keytool -storepass changeit -keypass lion77", ["changeit", "lion77"]),
        ("Connect -Password hunter2 -ApiKey abc123", ["hunter2", "abc123"]),
        ("aws configure set aws_secret_access_key wJalrXUtnFEMI/K7MDENG --profile x", ["wJalrXUtnFEMI/K7MDENG"]),
        ("aws configure set profile.shop.aws_session_token abc123", ["abc123"]),
        ("npm config set //registry.example.com/:_authToken abc123", ["abc123"]),
        ("pulumi config set --secret dbPassword hunter2", ["hunter2"]),
        ("aws configure set region eu-west-1", []),
        ("docker run -u 1000:1000 --user 0:0 image", []),
        ("sqlmap -u http://example.com/?id=1", []),
        ("curl -u ann https://example.com", []),
        ("curl -u ann: https://example.com", []),
        ("curl -u " + body(24) + ": https://example.com", [body(24)]),
        ('curl -u "' + body(24) + ':" https://example.com', [body(24) + ":"]),
        ("curl -u ann:$PASS --user ${USER}:${PASS} x", []),
        ("shopctl --password --verbose", []),
        ("shopctl --password $PASSWORD --token ${TOKEN} --token $(cat token1)", []),
        ("shopctl --password <password1> --token [SECRET] --token ********", []),
        ("shopctl --token-ttl 3600 --password-length 12 --author ann12345", []),
        ("shopctl --private-key ~/.ssh/id_ed25519 --credentials ./aws1", []),
        ("docker login --password-stdin registry1.example.com; curl --cookie-jar cookies1", []),
        ("the --password parameter, or --password alone", []),
        ("use --password\n12345678", []),
        ("--no-password 12345678", []),
        ("a ---password hunter2 and x--password hunter2", []),
        ("--------------------- 1234", []),
    ],
)
def test_what_follows_the_options_and_settings_of_a_command(text, expected):
    assert expected == secrets(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
                f"{TOKENS['aws access key']}%2F20261124%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20261124T000000Z"
                f"&X-Amz-Expires=900&X-Amz-Security-Token=IQoJ{body(80)}%2F%3D&X-Amz-SignedHeaders=host"
                f"&X-Amz-Signature={body(64, HEX)}"
            ),
            [
                f"{TOKENS['aws access key']}%2F20261124%2Feu-west-1%2Fs3%2Faws4_request",
                f"IQoJ{body(80)}%2F%3D",
                body(64, HEX),
            ],
        ),
        (f"u=https%3A%2F%2Fexample.com%2F%3Fx-amz-signature%3D{body(64, HEX)}%26x%3D1", [body(64, HEX)]),
        (f"?Expires=1&Signature={body(300, URL)}~__&Key-Pair-Id=K2JCJMDEHXQW5F", [f"{body(300, URL)}~__"]),
        (f"?sv=2024-11-04&sr=b&sig={body(43)}%3D&se=2026", [f"{body(43)}%3D"]),
        (f"?X-Goog-Signature={body(512, HEX)}", [body(512, HEX)]),
        (f"AccountName=shop;AccountKey={body(86)}==;EndpointSuffix=x", [f"{body(86)}=="]),
        (f"?X-Amz-Signature={body(12, HEX)}", [body(12, HEX)]),
        ("?X-Amz-Signature=[SECRET]&x=1", []),
        ("?X-Amz-Expires=900&X-Amz-Date=20261124T000000Z&X-Amz-SignedHeaders=host", []),
        ("sig=SIGTERM, Signature=none", []),
        ("def f(sig=None): Signature=inspect.Signature.from_callable", []),
    ],
)
def test_parameters_that_sign(text, expected):
    assert expected == secrets(text)


@pytest.mark.parametrize(
    ("before", "secret"),
    [
        ("https://hooks.slack.com/services/", "T00000000/B00000000/" + body(24)),
        ("https://hooks.slack.com/workflows/", "T00000000/A00000000/123456789012345678/" + body(24)),
        ("hooks.slack.com%2Fservices%2F", "T00000000%2FB00000000%2F" + body(24)),
        ("https://discord.com/api/webhooks/", "123456789012345678/" + body(68, URL)),
        ("https://discordapp.com/api/v10/webhooks/", "123456789012345678/" + body(68, URL)),
        ("https://example.webhook.office.com/webhookb2/", f"{UUID}@{UUID}/IncomingWebhook/{body(32, HEX)}/{UUID}"),
        ("https://outlook.office.com/webhook/", f"{UUID}@{UUID}/IncomingWebhook/{body(32, HEX)}/{UUID}"),
        ("https://api.telegram.org/bot", TOKENS["telegram"]),
    ],
)
def test_addresses_that_let_in_who_knows_them(before, secret):
    assert [secret] == secrets(f"POST {before}{secret} failed")
    assert [secret] == secrets(f'"{before}{secret}"')


LOOK_ALIKES = """
7c9e6679-7425-40de-944b-e07fc1f90ae7
1-5759e988-bd862e3fe1be46a994272793
00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
4bf92f3577b34da6a3ce929d0e0e4736
da39a3ee5e6b4b0d3255bfef95601890afd80709
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
W/"33a64df551425fcc55e4d42a148795d9f25f89d4"
sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
image@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0aRZ7iyXvvBqkqvXMBAzx8Ab3kWsMjzwVTQsTqO8s8Jf6hfJpYqMNRYgEqHkfS7lhA==
EDFDVBD6EXAMPLE
E2QWRUHAPOMQZL
K2JCJMDEHXQW5F
s3://bucket/logs/2026/11/24/part-0000.snappy.parquet
arn:aws:iam::123456789012:role/service-role/checkout-role-1a2b3c4d
arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-AbCdEf
arn:aws:lambda:eu-west-1:123456789012:function:checkout:42
AIDACKCEVSQ6C2EXAMPLE
AROACKCEVSQ6C2EXAMPLE
AGPACKCEVSQ6C2EXAMPLE
ANPACKCEVSQ6C2EXAMPLE
AKIAshort
AKIAIOSFODNN7EXAMPLEX
XAKIAIOSFODNN7EXAMPLE
AKIAIOSFODNN7EXAMPLe
pi_3MtwBwLkdIwHu7ix28a3tqPa
ch_3MtwBwLkdIwHu7ix0snN0B15
cus_NffrFeUfNV2Hib
evt_1NG8Du2eZvKYlo2CUI79vXWy
in_1MtHbELkdIwHu7ixl4OzzPMv
price_1MoBy5LkdIwHu7ixZhnattbh
sub_1MowQVLkdIwHu7ixeRlqHVzs
prod_NWjs8kKbJWmuuc
seti_1Mm8s8LkdIwHu7ix0OXBfTRG
cs_test_a11YYufWQzNY63zpQ6QSNRQhkUpVph4WRmzW0zWJO2znZKdVujZ0N0S22u
pk_live_TYooMQauvdEDq54NiTphI7jx
pk_test_TYooMQauvdEDq54NiTphI7jx
sk_test
sk_test_
sk_live_key
rk_live_
whsec_
whsec_your_signing_secret
ghp_
ghp_short1
ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
github_pat_
glpat-xxxxxxxxxxxxxxxxxxxx
glpat-<your_access_token>
xoxb-your-token-here
xoxb-your-bot-token-goes-here
hf_transfer
hf_hub_download
hf_hub_enable_hf_transfer
npm_config_registry
npm_lifecycle_event
npm_package_version
@scope/package
pypi-server
SG.1
SG.some
sg-0123456789abcdef0
da2-short
da2-0123456789
task-1234567890abcdef1234
risk-1234567890abcdef1234567890abcdef1234567890abcdef
disk-0a1b2c3d4e5f60718293a4b5c6d7e8f9
sk-learn
sk-7c9e6679-7425-40de-944b-e07fc1f90ae7
sk-2026-the-annual-report-of-a-company
checkout-7d9f8b6c5d-x2x4z
checkout-deployment-5f6b7c8d9e-abcde
obskit.masking.engine.mask_document
s.example
s.send_message_to_the_customer
self.events.someLongMethodNameWith24
secret_key
secret_access_key
secret_name_of_the_database
client_secret_basic
AIza
AIzaSy
ya29
GOCSPX-
key-value
key-7c9e6679-7425-40de-944b-e07fc1f90ae7
cache-key-d41d8cd98f00b204e9800998ecf8427e
eu-us1
bucket-us1
us-east-1
d41d8cd98f00b204e9800998ecf8427e-us-east-1
d41d8cd98f00b204e9800998ecf8427e-12
dapi
dapinder
hvs.
EAAA
AGE-SECRET-KEY-
SK0123456789abcdef0123456789abcdef
AC0123456789abcdef0123456789abcdef
12:AAbc
2026-11-24T03:51:43.535Z
12:30:45
std::AAAA
2001:db8:AA00::1
access_token$
eyJ
eyJpZCI6MTAwLCJuZXh0Ijp0cnVlfQ
eyJpZCI6MTAwLCJuZXh0Ijp0cnVlfQ==
eyJpZCI6MTAwLCJuZXh0Ijp0cnVlfQ.
eyJpZCI6MTAwLCJuZXh0Ijp0cnVlfQ.json
eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9
eyJxxxxxxxxxx.eyJxxxxxxxx.xxxxxxxx
https://slack.com/api/chat.postMessage
https://hooks.slack.com/services/
https://discord.com/api/webhooks/123
-----BEGIN
----- BEGIN OF THE PRIVATE KEY SECTION
BEGIN TRANSACTION
Mozilla/5.0 Chrome/126.0.0.0 Safari/537.36
1.2.3-rc.1+build.5
private_key_id
[SECRET]
""".strip().splitlines()

# Characters of its own alphabet before or after it: part of something longer.
LOOK_ALIKES += [
    "AKIAIOSFODNN7EXAMPLEe",
    "my-sk-" + body(40),
    "of_AIza" + body(35),
    "AIza" + body(36),
    "shpat_" + body(32, HEX) + "z",
    "npmghp_" + body(36),
    "x" + TOKENS["terraform cloud"],
    "x" + TOKENS["mailchimp"],
    "x" + TOKENS["entra"],
    "abc8~~" + body(34),
    "x" + TOKENS["telegram"],
    "x" + TOKENS["vault, old"],
]


@pytest.mark.parametrize("surrounding", SURROUNDINGS)
def test_what_looks_like_a_secret_stays(surrounding):
    found = {text: secrets(surrounding.format(text)) for text in LOOK_ALIKES}

    assert {} == {text: texts for text, texts in found.items() if texts}


def test_what_looks_like_a_token_inside_something_longer_stays():
    square, mailgun = TOKENS["square oauth"], TOKENS["mailgun"]
    longer = [f"a+{square}", f"a/{square}", f"{square}=", f"{square}/a", f"{square}+a", f"keys/{mailgun}"]
    longer += [f"{mailgun}.json", f"{mailgun}-2", f"x.{mailgun}"]

    assert {text: [] for text in longer} == {text: secrets(text) for text in longer}


def test_bytes_in_base64_are_no_token_of_square():
    numbers = "EAAAAAEAAAAC" + body(52)  # small numbers of four bytes begin so
    small = "EAAA" + body(60).lower()

    assert [] == secrets(f"payload {numbers} end")
    assert [] == secrets(f"payload {small} end")


def test_several_secrets_of_one_text_are_found_in_order_and_apart():
    text = f"{TOKENS['github']},{TOKENS['jwt']} https://ann:tiger@example.com?key={TOKENS['google api key']};"
    found = []

    tokens.find_tokens(text, found)

    assert [TOKENS["github"], TOKENS["jwt"], "ann:tiger", TOKENS["google api key"]] == secrets(text)
    assert sorted(found) == found
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(found))


def test_what_was_found_before_is_kept():
    found = [(0, 3, classes.EMAIL)]

    tokens.find_tokens(f"abc {TOKENS['github']}", found)

    assert [(0, 3, classes.EMAIL), (4, 44, classes.SECRET)] == found


# --- laws ------------------------------------------------------------------------------------------------------------

PRINTABLE = st.text(alphabet=string.printable, max_size=60)
PIECES = st.lists(
    st.one_of(
        st.sampled_from([*tokens._BODIES, *tokens._READERS, *tokens._JOINED_READERS]),
        st.sampled_from(list(TOKENS.values())),
        st.sampled_from(
            [
                "%3A%2F%2F",
                "%40",
                "\\n",
                "\\u0022",
                "%3D",
                "@",
                ".",
                " ",
                "-",
                ":",
                "Q~",
                "~~",
                "-----",
                "\u0378",
                "-u ",
                "--token ",
            ]
        ),
        st.text(max_size=8),
    ),
    max_size=12,
).map("".join)


@given(before=PRINTABLE, token=st.sampled_from(list(TOKENS.values())), after=PRINTABLE)
def test_a_token_between_blanks_is_always_found(before, token, after):
    assume("PRIVATE" not in before)

    assert any(token in found for found in secrets(f"{before} {token} {after}"))


@given(text=PIECES)
def test_any_text_is_read_in_order_and_apart(text):
    found = []

    tokens.find_tokens(text, found)

    edges = [edge for start, end, _ in found for edge in (start, end)]
    assert sorted(edges) == edges
    assert all(0 <= start < end <= len(text) for start, end, _ in found)


@given(pieces=st.lists(st.sampled_from([*TOKENS.values(), *SURROUNDINGS, "Bearer", "https://ann:tiger@example.com"])))
def test_a_masked_text_has_no_more_to_mask(pieces):
    once = masked(" ".join(pieces))

    assert once == masked(once)


# --- time ------------------------------------------------------------------------------------------------------------

# Each is repeated; • stands for a blank.
ADVERSARIES = r"""
eyJ eyJ. eyJhIjoxfQ. .eyJhIjoxfQ -----BEGIN -----BEGIN•PRIVATE•KEY----- -----BEGIN•PUBLIC•KEY----- -----END•KEY-----
:// ://a ://a:b ://a@ ://a:b@• %3A%2F%2F %3A%2F%2Fa %3Aa Bearer• Bearer•a Bearer+ token+ token= token•token=
Basic•aaaaaaaa+ authorization:•Bearer• sk- -sk- .sk-a sk-proj- a 0 A . - _ / + = @ % \ \n \nsk- \u0041 %0Ask- • 'a'
AKIA •AKIA A3T •s. ya29. .ya29. glc_ /glc_ IQoJb3JpZ2lu /IQoJb3JpZ2lu whsec_ SG. .SG.a xoxb- .xoxb-a xoxe. .glpat-a
key- •key-a -us1 a-us1 0123456789abcdef0123456789abcdef-us1a :AA 1:AA 123456:AA .atlasv1. a.atlasv1.
abcdefghijklmn.atlasv1. Q~ 1Q~ aaa1Q~ pi_ -pi_ pi_a_secret -pi_a_secret_ sig= sig=%26 /sig=%26 .sig= &sig=a
X-Amz-Signature= X-Amz-Signature%3D%26 1//0 //1//0 hooks.slack.com/services/ hooks.slack.com/services/•
machine•a•login• machine•a•login•b•password• default•login•a•password•b• PASSWORD•' password•' password•'a reset/
reset-password/a1/ /reset/a1 AUTH•PLAIN• MTk4NjIyNDgzNDcxOTI1MjQ4. MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ. •MTk4
role•a•password•' discord.com/api/webhooks/ access_token$production$ access_token$ Private-Lines:
Private-Lines:Private-MAC: secret_
•secret_a v1.local. .v1.local. dp.pt. .dp.pt. github_pat_ pypi-AgE
-u• -u•' -u•"-u•' --password• --password•" --password•\"a --token•aaaaaaa• --token•aaaaaaaa --a --a-a•- -- ~ ~~
--token•$a --token•",• --token",•"-- Digest•aa= Digest•aa=" Digest•aa='Digest•bb=" OAuth•aa="b",•mac= Digest•mac=
config•set• config•set•--a• configure•set•token• jdbc:oracle:thin: jdbc:oracle:thin:a/ jdbc:oracle:a:a/b@
ghs_ .ghs_ .ghs_a .ghs_A1a EAAA •EAAA- AKIAIOSFODNN7EXAMPLE: :AKIAIOSFODNN7EXAMPLE:a
""".split()
ADVERSARIES = [part.replace("•", " ") for part in ADVERSARIES]


def spent(text):
    """Return the CPU time that reading *text* takes, the least of two."""
    times = []
    for _ in range(2):
        began = time.process_time_ns()
        tokens.find_tokens(text, [], len(text))
        times.append(time.process_time_ns() - began)
    return min(times)


@pytest.mark.parametrize("part", ADVERSARIES)
def test_sixteen_times_the_text_takes_far_less_than_a_hundred_times_as_long(part):
    """A quadratic reader would take 256 times as long; a busy machine gets five trials."""
    short, long = (part * (size // len(part)) for size in (1_500, 24_000))

    assert any(spent(long) < 64 * spent(short) for _ in range(5))


@pytest.mark.parametrize("part", ["Bearer ", "://", "sk-", "--password x ", "Q~ "])
def test_after_the_most_candidates_the_rest_of_the_text_is_secret(part):
    text = "An order was paid by nobody we know of. " + part * 10
    few, many = [], []

    tokens.find_tokens(text, few, most=3)
    tokens.find_tokens(text, many, most=30)

    assert [(len(text), classes.SECRET)] == [(end, name) for _, end, name in few]
    assert 0 <= few[0][0] <= 40 + 3 * len(part)
    assert [] == many


def test_every_repeat_of_every_pattern_is_bounded_or_possessive(monkeypatch):
    patterns = {tokens.PLACE.pattern}
    monkeypatch.setattr(tokens, "_compiled", lambda pattern: patterns.add(pattern) or re.compile(pattern))
    for text in [*TOKENS.values(), *LOOK_ALIKES, "Digest a=1", "Bearer abc123", "-u a:b", "config set a b", "?sig=1"]:
        tokens.find_tokens(f"%20 {text}", [])
    patterns.update(value for name, value in vars(tokens).items() if type(value) is str and re.match("_[A-Z]+", name))

    for pattern in patterns:
        plain = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "c", pattern)
        possessive = re.sub(r"(?:[*+?]|\{[0-9,]+\})\+", "", plain)
        assert [] == re.findall(r"[*+]|\{[0-9]*,\}", possessive), pattern
    assert len(patterns) > 25
