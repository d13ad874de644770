"""What is found in text, one table for each class: what is masked, whole, and what only looks like it and stays."""

from __future__ import annotations

import html
import json
from urllib.parse import quote, quote_plus

import pytest

from obskit.masking import mask_text


def table(text):
    """Return the lines of *text* as (input, output); `=>` divides them, and a look-alike has only the one."""
    rows = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return [pytest.param(*map(str.strip, (row.split(" => ") * 2)[:2]), id=row.split(" => ")[0]) for row in rows]


EMAILS = r"""
ann.lee+shop@mail.example.com => [EMAIL]
Ann <ann@example.com>, bob@example.org. => Ann <[EMAIL]>, [EMAIL].
ann%40example.com => [EMAIL]
/user?email=ann@example.com&page=2 => /user?email=[EMAIL]&page=2
input_value='ann@example.com' => input_value='[EMAIL]'
bounce+ann=gmail.com@lists.example.com => [EMAIL]
grüße@bücher.example => [EMAIL]
ann@xn--bcher-kva.example => [EMAIL]
"ann lee"@example.com => [EMAIL]
ann@[192.0.2.1] => [EMAIL]
mailto:ann@example.com => mailto:[EMAIL]
ann＠example.com => [EMAIL]
ann\u0040example.com => [EMAIL]
ann\x40example.com => [EMAIL]
ann&#64;example.com => [EMAIL]
ann&commat;example&period;com => [EMAIL]
Meine E-Mail ist ann@example.com. => Meine E-Mail ist [EMAIL].
Key (email)=(ann@example.com) already exists. => Key (email)=([EMAIL]) already exists.
ANN@EXAMPLE.COM => [EMAIL]
"""
NO_EMAILS = """
@instrument decorates a handler
npm i @scope/package
image@sha256:0123
icon@2x.png
git@github.com:example/repository.git
user@host
a @ b.com
checkout@
"""

PHONES = """
+44 20 7946 0958 => [PHONE]
+442079460958 => [PHONE]
%2B442079460958 => [PHONE]
+49 30 23125 000 => [PHONE]
+33 1 99 00 12 34 => [PHONE]
call (212) 555-0123 now => call [PHONE] now
212-555-0123 => [PHONE]
212.555.0123 => [PHONE]
+1-212-555-0123 => [PHONE]
1-212-555-0123 => [PHONE]
(212) 555-0123 ext. 45 => [PHONE]
tel: 020 7946 0958 => tel: [PHONE]
my phone number is 2125550123 => my phone number is [PHONE]
Telefon: 030/23125000 => Telefon: [PHONE]
mein Handy: 0151 23456789 => mein Handy: [PHONE]
appelez le 01 99 00 12 34 => appelez le [PHONE]
llame al 91 555 0123 => llame al [PHONE]
Mi teléfono es 612 345 678 => Mi teléfono es [PHONE]
chiamare 06 5550 1234 => chiamare [PHONE]
telefoon: 020 794 6095 => telefoon: [PHONE]
+٤٤ ٢٠ ٧٩٤٦ ٠٩٥٨ => [PHONE]
+44\u00a020\u00a07946\u00a00958 => [PHONE]
"""
NO_PHONES = """
1795492303
offset 1795492303
order 113-4567890-1234567
order 2125550123 by phone
took 12.345 ms of 3000.000
40.712776, -74.005974
7c9e6679-7425-40de-944b-e07fc1f90ae7
2026-11-24 03:51:43
300-200-1000 rows
212-555-01234
id-212-555-0123-x
+1.5 percent
"""

CARDS = """
4242424242424242 => [CARD]
card 4242-4242-4242-4242. => card [CARD].
378282246310005 => [CARD]
3782 822463 10005 => [CARD]
5555555555554444 and 2223003122003222 => [CARD] and [CARD]
6011111111111117 => [CARD]
3530111333300000 => [CARD]
3056 9300 0902 0004 => [CARD]
paid 1234 4242 4242 4242 4242 on 24 11 => paid 1234 [CARD] on 24 11
4242424242424242 378282246310005 => [CARD] [CARD]
4242\u20114242\u20114242\u20114242 => [CARD]
4242424242424242.Thanks => [CARD].Thanks
card=378282246310005&exp=12 => card=[CARD]&exp=12
４２４２４２４２４２４２４２４２ => [CARD]
٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢ => [CARD]
4242%204242%204242%204242 => [CARD]
Ihre Karte 5555 5555 5555 4444 => Ihre Karte [CARD]
"""
NO_CARDS = """
4242424242424241
1700000000000
1795492303535
4006381333931
9783161484100
id-4242424242424242
42424242424242424242
x4242424242424242
4242424242424242.5
00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
1-5759e988-bd862e3fe1be46a994272793
49590338271490256608559692538361571095921575989136588898
1Z999AA10123456784
"""

BANKS = """
GB29 NWBK 6016 1331 9268 19 => [BANK]
iban: DE89370400440532013000 => iban: [BANK]
FR1420041010050500013M02606 => [BANK]
es9121000418450200051332 => [BANK]
NL91ABNA0417164300 => [BANK]
IT60X0542811101000000123456 => [BANK]
BIC: DEUTDEFF => BIC: [BANK]
account number 12345678 => account number [BANK]
Kontonummer 12345678 => Kontonummer [BANK]
"""
NO_BANKS = """
GB29NWBK60161331926818
DE8937040044053201300
RE2026112400017
INV-2026-000123
arn:aws:lambda:us-east-1:123456789012:function:checkout
account 123456789012
DEUTDEFF
SKU AB12345678
"""

NATIONAL_IDS = """
078-05-1120 => [NATIONAL_ID]
ssn: 219-09-9999 => ssn: [NATIONAL_ID]
AB123456C => [NATIONAL_ID]
AB 12 34 56 C => [NATIONAL_ID]
RSSMRA85T10A562S => [NATIONAL_ID]
DNI 12345678Z => DNI [NATIONAL_ID]
Steuer-ID 86095742719 => Steuer-ID [NATIONAL_ID]
NIR 1 84 12 76 451 089 46 => NIR [NATIONAL_ID]
BSN 111222333 => BSN [NATIONAL_ID]
PESEL 44051401359 => PESEL [NATIONAL_ID]
passport number 123456789 => passport number [NATIONAL_ID]
Personalausweis T220001293 => Personalausweis [NATIONAL_ID]
131052-308T => [NATIONAL_ID]
"""
NO_NATIONAL_IDS = """
000-12-3456
666-12-3456
QQ123456C
12345678Z
111222333
44051401359
86095742719
RSSMRA85T10A562T
"""

NETWORKS = """
client 192.0.2.44 refused => client [IP] refused
203.0.113.7:8080 => [IP]:8080
from 2001:db8::8a2e:370:7334 => from [IP]
2001:0db8:85a3:0000:0000:8a2e:0370:7334 => [IP]
[2001:db8::1]:443 => [[IP]]:443
::ffff:192.0.2.128 => [IP]
mac 00:1B:44:11:3A:B7 => mac [MAC]
00-1B-44-11-3A-B7 => [MAC]
001b.4411.3ab7 => [MAC]
"""
NO_NETWORKS = """
Mozilla/5.0 Chrome/126.0.0.0 Safari/537.36
version 1.2.3.4
v10.0.19045.1
Linux 5.10.0.1
build 192.0.2.44
192.0.2.256
192.0.2
1.2.3.4.5
03:51:43
2026-11-24T03:51:43+01:00
std::vector
dead::beef
ff:ff:ff:ff:ff:ff
00:00:00:00:00:00
a1:b2:c3
"""

BIRTHS = """
born 1990-03-14 => born [BIRTH]
DOB: March 14, 1990 => DOB: [BIRTH]
date of birth 14/03/1990 => date of birth [BIRTH]
geboren am 14.03.1990 => geboren am [BIRTH]
né le 14/03/1990 => né le [BIRTH]
nacido el 14 de marzo de 1990 => nacido el [BIRTH]
nata il 14/03/1990 => nata il [BIRTH]
geboortedatum: 14-03-1990 => geboortedatum: [BIRTH]
"""
NO_BIRTHS = """
1990-03-14
due 14/03/1990
on March 14, 1990
2026-11-24T03:51:43.535Z
born to run
"""

CODES = """
Your verification code is 493817 => Your verification code is [SECRET]
OTP: 493 817 => OTP: [SECRET]
PIN is 4938 => PIN is [SECRET]
cvv: 123 => cvv: [SECRET]
login code: 493817 => login code: [SECRET]
"""
NO_CODES = """
status code 404
error code 1205
exit code: 137
code 500
zip code 90210
"""

PAIRS = r"""
password=hunter2 => password=[SECRET]
password: hunter2 => password: [SECRET]
passwort="geheim" => passwort="[SECRET]"
mot_de_passe=abricot7 => mot_de_passe=[SECRET]
contraseña=abricot7 => contraseña=[SECRET]
wachtwoord: geheim12 => wachtwoord: [SECRET]
{'password': 'hunter2'} => {'password': '[SECRET]'}
{"password": "hunter2"} => {"password": "[SECRET]"}
{\"password\": \"hunter2\"} => {\"password\": \"[SECRET]\"}
password%3Dhunter2%26page%3D2 => password%3D[SECRET]%26page%3D2
first_name: Ann => first_name: [NAME]
lastName=Lee => lastName=[NAME]
lat=51.5, lon=-0.12 => lat=[GEO], lon=[GEO]
PGPASSWORD=hunter2 psql => PGPASSWORD=[SECRET] psql
postgres://ann:hunter2@db.example.com/shop => postgres://[SECRET]@db.example.com/shop
X-Amz-Signature=abcdef0123456789 => X-Amz-Signature=[SECRET]
<password>hunter2</password> => <password>[SECRET]</password>
<ns:password lang="en">hunter2</ns:password> => <ns:password lang="en">[SECRET]</ns:password>
<add key="password" value="hunter2"/> => <add key="password" value="[SECRET]"/>
run --password=hunter2 => run --password=[SECRET]
run --password hunter2 now => run --password [SECRET] now
curl -u ann:hunter2 https://example.com => curl -u [SECRET] https://example.com
setParameter("password", "hunter2") => setParameter("password", "[SECRET]")
"""
NO_PAIRS = """
password policy check passed
password: wrong
password=${DB_PASSWORD}
password: {{ secret }}
token=<token>
password=********
token: None
bearer of news
session started
session_count=12
status: ok
https://example.com/orders?page=2
primary_key=17
sort_key: order
<title>hunter2</title>
kms_key_id=7c9e6679-7425-40de-944b-e07fc1f90ae7
next_token=abc
"""

FOUND = table(
    "".join(
        (EMAILS, PHONES, CARDS, BANKS, NATIONAL_IDS, NETWORKS, BIRTHS, CODES, PAIRS),
    )
)
LOOK_ALIKES = table(
    "".join(
        (
            NO_EMAILS,
            NO_PHONES,
            NO_CARDS,
            NO_BANKS,
            NO_NATIONAL_IDS,
            NO_NETWORKS,
            NO_BIRTHS,
            NO_CODES,
            NO_PAIRS,
        )
    )
)


@pytest.mark.parametrize(("text", "masked"), FOUND)
def test_what_is_personal_or_secret_in_text_is_replaced_and_nothing_else(text, masked):
    assert masked == mask_text(text)


@pytest.mark.parametrize(("text", "same"), LOOK_ALIKES)
def test_what_only_looks_like_it_stays_byte_for_byte(text, same):
    assert same == mask_text(text)


@pytest.mark.parametrize(("text", "masked"), FOUND)
def test_it_is_found_in_the_middle_of_a_log_line(text, masked):
    assert f"INFO handler | {masked} | done" == mask_text(f"INFO handler | {text} | done")


@pytest.mark.parametrize(
    ("text", "masked"),
    table(
        """
        Authorization: Bearer abc123def456 => Authorization: [SECRET]
        Authorization: Basic YW5uOmh1bnRlcjI= => Authorization: [SECRET]
        Cookie: session=abc123; theme=dark => Cookie: [SECRET]
        Set-Cookie: id=abc123; Path=/; HttpOnly => Set-Cookie: [SECRET]
        """
    ),
)
def test_headers_are_secret_to_the_end_of_their_line(text, masked):
    assert f"GET /orders\n{masked}\nHost: example.com" == mask_text(f"GET /orders\n{text}\nHost: example.com")


LEAKS = table(
    r"""
    %25224242424242424242%2522 => %2522[CARD]%2522
    %28212%29%20555-0123 => %28[PHONE]
    GB29%20NWBK%206016%201331%209268%2019 => [BANK]
    2001%3Adb8%3A%3A8a2e%3A370%3A7334 => [IP]
    00%3A1B%3A44%3A11%3A3A%3AB7 => [MAC]
    id:2001:db8::8a2e:370:7334 => id:[IP]
    id:00:1B:44:11:3A:B7 => id:[MAC]
    --password hunter2 => --password [SECRET]
    mysql -u ann -phunter2 => mysql -u ann -p[SECRET]
    Ihr Sicherheitscode lautet 493817 => Ihr Sicherheitscode lautet [SECRET]
    votre code de vérification est 493817 => votre code de vérification est [SECRET]
    &quot;password&quot;: &quot;hunter2&quot; => &quot;password&quot;: &quot;[SECRET]&quot;
    NHS number 943 476 5919 => NHS number [NATIONAL_ID]
    """
)


@pytest.mark.xfail(reason="known faults of the engine, to be mended", raises=AssertionError)
@pytest.mark.parametrize(("text", "masked"), LEAKS)
def test_what_is_not_found_yet(text, masked):
    assert masked == mask_text(text)


SIMPLE = (
    ("ann@example.com", "[EMAIL]"),
    ("4242 4242 4242 4242", "[CARD]"),
    ("+44 20 7946 0958", "[PHONE]"),
    ("DE89370400440532013000", "[BANK]"),
    ("078-05-1120", "[NATIONAL_ID]"),
    ("192.0.2.44", "[IP]"),
)
FORMS = {
    "JSON text": json.dumps,
    "JSON field": lambda text: json.dumps({"note": text}),
    "JSON in JSON": lambda text: json.dumps({"note": json.dumps({"note": text})}),
    "repr": repr,
    "URL": quote,
    "form": quote_plus,
    "HTML": html.escape,
    "colour": lambda text: f"\x1b[1;31m{text}\x1b[0m",
    "bold": lambda text: f"**{text}**",
    "brackets": lambda text: f"<{text}>",
    "list": lambda text: f"a,{text},b",
    "bytes": lambda text: repr(text.encode()),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("text", "marker"), SIMPLE)
def test_it_is_found_in_every_form_that_logs_have(form, text, marker):
    masked = mask_text(FORMS[form](text))

    assert marker in masked
    assert text not in masked
