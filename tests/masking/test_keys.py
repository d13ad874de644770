"""What a key's name says: the lists of the field, their styles, and the words that only look alike."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obskit.masking import classes, keys, names
from obskit.masking.keys import (
    CODE,
    LAST_WORDS,
    MAIL,
    NAMED_PAIR,
    OF_TEXT,
    OTHER,
    PAYMENT_CARD,
    PERSON,
    PLACE,
    SESSION,
    VERSION,
    KeyMemo,
    class_of,
    class_of_phrase,
    words_of,
)

SECRET = """
password passwd pwd pw passphrase passcode secret client_secret token access_token refresh_token id_token session_token
auth_token api_key apikey x_api_key access_key secret_key private_key credential credentials authorization
proxy_authorization auth cookie set_cookie session_id sessionid phpsessid connect_sid jwt csrf xsrf csrftoken signature
stripe_signature x_hub_signature otp totp mfa_code two_factor pin cvv cvc security_code connection_string dsn
database_url mysql_pwd code_verifier client_assertion
""".split()

PERSONAL = {
    classes.EMAIL: "email e_mail email_address receipt_email contact_email user.email",
    classes.PHONE: "phone phone_number mobile tel fax msisdn",
    classes.NAME: """
        first_name last_name given_name family_name full_name middle_name maiden_name surname display_name
        cardholder_name account_holder enduser.id user.name
    """,
    classes.BIRTH: "dob date_of_birth birth_date birthdate birthday",
    classes.ADDRESS: "street line1 line2 address_line1",
    classes.CARD: "card_number pan",
    classes.BANK: "account_number iban bic",
    classes.NATIONAL_ID: """
        ssn social_security tax_id vat_id nino nhs_number passport_number driving_licence license_number national_id
    """,
    classes.IP: "ip ip_address source_ip client_ip remote_addr x_forwarded_for x_real_ip client.address",
    classes.GEO: "geo lat lon",
}

HARMLESS = """
session_count token_length password_size token_type password_policy email_verified mfa_enabled card_status token_url
token_ttl expires_in author authors authority authenticated primary_key foreign_key public_key partition_key sort_key
idempotency_key cache_key bucket_key keyspace keyword next_token continuation_token token_use token_type kms_key_id
function_name service_name event_name metric_name table_name queue_name file_name host_name status_code error_code
exit_code country_code postal_code currency_code auth_time session_duration cookie_consent pass passed
""".split()


def wrong(names, expected):
    """The names that do not give *expected*, with what they give."""
    return {name: class_of(name) for name in names if class_of(name) != expected}


# --- the lists ------------------------------------------------------------------------------------------------------


def test_secret_names():
    assert wrong(SECRET, classes.SECRET) == {}


@pytest.mark.parametrize("name", PERSONAL)
def test_personal_names(name):
    assert wrong(PERSONAL[name].split(), name) == {}


def test_names_of_what_is_not_sensitive_although_a_trigger_word_is_in_them():
    assert wrong(HARMLESS, "") == {}


def test_names_that_depend_on_the_value_have_a_mark_of_their_own():
    marks = {
        CODE: "code Code",
        SESSION: "session Session sessions user_session currentSession",
        MAIL: "mail Mail",
        PLACE: """
            address billing_address shippingAddress delivery_address home_address mailing-address customer_address
            user.address postal_address residential_address billing_addresses invoiceAddress oldAddress
        """,
        PERSON: "customer users billing_details identity requester newCustomer",
        PAYMENT_CARD: "card cards payment_card customerCard",
        NAMED_PAIR: "value Value stringValue",
    }

    assert {mark: wrong(names.split(), mark) for mark, names in marks.items()} == {mark: {} for mark in marks}
    assert {PLACE: classes.ADDRESS, SESSION: classes.SECRET, MAIL: classes.EMAIL} == OF_TEXT


# --- rules: what they find and what only looks alike ----------------------------------------------------------------

FOUND = {
    "names of the field": (
        classes.SECRET,
        "sig app_key appKey deploy_key gpg_key token_key oauth_token api_secret x_amz_signature connect.sid signatures",
    ),
    "a password called pass": (classes.SECRET, "db_pass mysql_pass smtpPass REDIS_PASS acme_pass userpass dbpass"),
    "pw": (classes.SECRET, "user_pw pw_hash root_pw"),
    "codes that let in": (
        classes.SECRET,
        """
        otpCode otp_code mfa_code totpCode 2fa_code verificationCode smsCode securityCode authCode activation_code
        recovery_codes backupCodes reset_code loginCode pin_code passcode one_time_code authorization_code
        cvvCode TokenCode
        """,
    ),
    "a vendor before a key": (classes.SECRET, "stripeapi_key hapikey acmeapi_key twilioApiKey datadog_app_key"),
    "glued secrets": (
        classes.SECRET,
        """
        oauthtoken apisecret secrettoken twiliotoken xauthtoken dburl gpgkey dbpassword userpassword mypassword
        clientsecret sessiontoken accesstoken refreshtoken tokenkey privatekey sshkey otpcode smtppass myTwiliotoken
        """,
    ),
    "glued e-mail": (classes.EMAIL, "customeremail useremail emailaddress contactemail usermail"),
    "glued telephone": (classes.PHONE, "homephone workphone mobilenumber phonenumber customerphone"),
    "glued name": (classes.NAME, "firstname lastname customerfirstname userlastname fullname username"),
    "glued identity": (classes.NATIONAL_ID, "taxid vatid passportnumber nationalid"),
    "glued card": (classes.CARD, "creditcard creditcardnumber cardnumber cardexpiry"),
    "cards": (classes.CARD, "card_pan customer_pan pan cardExpire card_expiry_date cc_exp_date creditCardExpiry"),
    "banks": (classes.BANK, "swift swift_code bic_code bicCode customer_swift"),
    "identities": (classes.NATIONAL_ID, "nie nir tin mbi ein pan_number customer_tin user_nie userMbi"),
    "identities of other countries": (
        classes.NATIONAL_ID,
        """
        rut egn oib emso cnp amka tckn tcKimlikNo rrn kennitala isikukood asmens_kodas cnic utr nip cpr customer_cpr
        fodselsnummer rodneCislo partita_iva pasaporte carta_identita versichertennummer ahv_nummer customerRfc
        userSin buyer_cif fødselsnummer rijbewijs permisDeConduire tax_identification_number
        """,
    ),
    "places on earth": (classes.GEO, "latlong latlng lat_lng latLong geo_point"),
    "persons by name": (classes.NAME, "subscriberName payee_name driverName student_name creatorDisplayName"),
    "plurals": (classes.EMAIL, "email_addresses userEmails emails"),
    "plurals of addresses": (classes.IP, "ip_addresses clientIps publicIpAddresses"),
    "plurals of keys": (classes.SECRET, "api_keys accessKeys session_ids passwords client_secrets access_tokens"),
    "accents": (classes.SECRET, "contraseña CONTRASEÑA"),
    "sharp s": (classes.ADDRESS, "straße dirección"),
}

NOT_FOUND = {
    "words that end alike": """
        author keyboard tokenize tokenizer secretary secretariat broken passwordless emailer cookiecutter autocomplete
        monkey hockey turkey compass trespass discount account phoneme microphone headphone saxophone megaphone iphone
        iPhone xylophone smartphone trip ship zip script clip tip slip equip strip recipe pinpoint pushpin wildcard
        scorecard postcard barcode filename hostname membership ownership voicemail obsession possession
    """,
    "pass": """
        pass boarding_pass boardingPass passed bypass pass_count pass_rate test_pass first_pass high_pass season_pass
        user_boarding_pass
    """,
    "sig": "signal sigma sig_version",
    "pan": "pan_x pan_zoom panX",
    "session": """
        session_start session_attributes sessionAttributes session_context session_issuer session_number
        session_duration session_state session_config session_events
    """,
    "sid": "sid callSid account_sid",
    "code": "status_code error_code promo_code coupon_code country_code zip_code codes codeSource new_code old_value",
    "flags": """
        X-Is-Mobile-Viewer CloudFront-Is-Mobile-Viewer sec-ch-ua-mobile isMobileViewer has_phone hasEmail hasemail
        requires_password number_of_emails x_is_email viewer_has_phone email_opt_in token_key_id
    """,
    "auth": """
        defaultAuthStrategy auth_result auth_strategy auth_mode auth_scheme authorization_type authorizer
        authorization_endpoint SSH_AUTH_SOCK
    """,
    "tokens": """
        token_endpoint token_url token_family_type nextPageToken nextpagetoken nextForwardToken uploadSequenceToken
        ExpiredTokenException total_tokens max_tokens tokens
        promptTokens ServiceToken
    """,
    "checks": "cvc_check address_line1_check address_zip_check",
    "expiry": "exp_year exp_month expiry exp_date expires",
    "trades": "rfc rfc_2119 sin cif patent_id product_tax_code customer_mfa nipper",
    "calls": "callerId caller_id otp_channel phone_type mobile_friendly mobileApp email_count usernameParameter",
    "networks": "ip_permissions ip_rate_limit ip_protocol address_family geo_restriction name_servers bind_address",
    "stores": "secrets_manager cookie_size cookie_banner tokenSigningPublicKeys awsAccountNumber OLDPWD",
    "headers": """
        access-control-allow-credentials access-control-allow-origin access-control-expose-headers
        content-security-policy x-amzn-requestid cf-id
    """,
    "places": "postal_code postcode zip zip_code country country_code city state region shipping_address_city",
    "things": """
        pipelineDisplayName invoice_line_1 serviceName networkAddress memory_address server_address addresses
    """,
}


@pytest.mark.parametrize("rule", FOUND)
def test_rule_finds(rule):
    expected, names = FOUND[rule]

    assert wrong(names.split(), expected) == {}


@pytest.mark.parametrize("rule", NOT_FOUND)
def test_rule_leaves(rule):
    assert wrong(NOT_FOUND[rule].split(), "") == {}


def test_below_a_person_and_a_place():
    names = (
        "name first address addresses line1 street house_number postal_code postcode zip country_code city state region"
    )
    memo = KeyMemo(keys.below_person)

    assert {name: memo[name] for name in names.split()} == {
        "name": classes.NAME,
        "first": classes.NAME,
        "address": PLACE,
        "addresses": PLACE,
        "line1": classes.ADDRESS,
        "street": classes.ADDRESS,
        "house_number": classes.ADDRESS,
        "postal_code": "",
        "postcode": "",
        "zip": "",
        "country_code": "",
        "city": "",
        "state": "",
        "region": "",
    }


def test_below_a_card():
    names = "number expiry expDate valid_thru exp_month exp_year last4 brand cvc cvc_check holder"
    memo = KeyMemo(keys.below_card)

    assert {name: memo[name] for name in names.split()} == {
        "number": classes.CARD,
        "expiry": classes.CARD,
        "expDate": classes.CARD,
        "valid_thru": classes.CARD,
        "exp_month": "",
        "exp_year": "",
        "last4": "",
        "brand": "",
        "cvc": classes.SECRET,
        "cvc_check": "",
        "holder": classes.NAME,
    }


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("your date of birth", classes.BIRTH),
        ("the credit card number", classes.CARD),
        ("home address", classes.ADDRESS),
        ("the address", ""),
        ("session", classes.SECRET),
        ("work mail", classes.EMAIL),
        ("password policy", ""),
        ("next token", ""),
        ("idempotency key", ""),
        ("the code", ""),
        ("that nie", ""),
        ("your customer", ""),
        ("the phone numbers", classes.PHONE),
        ("new recovery codes", classes.SECRET),
    ],
)
def test_phrases(phrase, expected):
    assert class_of_phrase(phrase.split()) == expected


def test_a_phrase_without_words_says_nothing():
    assert class_of_phrase([]) == ""


def test_last_words():
    assert {"password", "birth", "number", "email", "token", "numbers", "codes"} <= LAST_WORDS
    assert LAST_WORDS.isdisjoint({"customer", "user", "count"})
    assert keys.LAST_WORDS is LAST_WORDS


def test_other_attributes_of_the_module_are_missing_as_usual():
    with pytest.raises(AttributeError):
        keys.NO_SUCH_TABLE  # noqa: B018  the access is what is tested


# --- the tables -----------------------------------------------------------------------------------------------------

TABLE = {name: found for name, found in names.WHOLE.items() if found in {*classes.CLASSES, PLACE, SESSION}}
COMMON = {name: found for name, found in TABLE.items() if name not in names.ONLY_ALONE}


def test_names_stand_in_their_normal_form():
    assert [name for name in names.WHOLE if "_".join(words_of(name)) != name] == []


def test_no_name_is_longer_than_what_is_looked_at():
    assert [name for name in names.WHOLE if name.count("_") >= keys._LONGEST_GRAM] == []


def test_every_name_is_found_without_its_joints():
    glued = [name for name in COMMON if name.replace("_", "").isalpha() and len(name.replace("_", "")) > 4]

    assert {name: class_of(name.replace("_", "")) for name in glued if not class_of(name.replace("_", ""))} == {}


STYLES = {
    "snake": "_".join,
    "kebab": "-".join,
    "dotted": ".".join,
    "path": "/".join,
    "loud": lambda words: "_".join(words).upper(),
    "header": lambda words: "-".join(map(str.capitalize, words)),
    "camel": lambda words: words[0] + "".join(map(str.capitalize, words[1:])),
    "pascal": lambda words: "".join(map(str.capitalize, words)),
    "spaced": " ".join,
}
PREFIXES = ["user", "customer", "billing", "my", "old", "new"]


@given(
    name=st.sampled_from(sorted(TABLE)),
    style=st.sampled_from(sorted(STYLES)),
    prefix=st.lists(st.sampled_from([*PREFIXES, "x"]), max_size=2),
)
def test_whose_it_is_and_how_it_is_spelt_change_nothing(name, style, prefix):
    if style in ("camel", "pascal"):  # capitals of one-letter words run together with the next
        prefix = [word for word in prefix if word != "x"]

    assert class_of(STYLES[style]([*prefix, *name.split("_")])) in names.SENSITIVE


@given(
    name=st.sampled_from(sorted(COMMON)),
    prefix=st.sampled_from(["stripe", "acme", "payment", "primary", "order"]),
    style=st.sampled_from(sorted(STYLES)),
    number=st.sampled_from(["", "1", "2"]),
)
def test_a_vendor_before_and_a_number_behind_change_nothing(name, prefix, style, number):
    words = [prefix, *name.split("_")]
    if number and not name[-1].isdigit():
        words.append(number)
    key = STYLES[style](words)

    assert class_of(key) in names.SENSITIVE


@given(name=st.sampled_from(sorted(COMMON)), style=st.sampled_from(sorted(STYLES)))
def test_plural_of_a_longer_name_says_the_same(name, style):
    words = name.split("_")
    if len(words) > 1 and words[-1][-1].isalpha() and not words[-1].endswith("s"):
        words[-1] += "s"

    assert class_of(STYLES[style](words)) in {*names.SENSITIVE, PAYMENT_CARD}


@given(
    name=st.sampled_from(sorted(COMMON)),
    ending=st.sampled_from(["count", "length", "type", "policy", "verified", "enabled", "status", "url", "ttl"]),
    style=st.sampled_from(sorted(STYLES)),
)
def test_what_is_about_a_name_is_not_its_value(name, ending, style):
    key = STYLES[style]([*name.split("_"), ending])

    assert class_of(key) == "" or "_".join(words_of(key)) in names.WHOLE


@given(st.text(max_size=120))
def test_any_key_has_an_answer(key):
    assert class_of(key) in {"", CODE, MAIL, NAMED_PAIR, PAYMENT_CARD, PERSON, *names.SENSITIVE}


def test_a_key_longer_than_a_name_says_nothing():
    assert class_of("password_" * 40) == ""


# --- the memo -------------------------------------------------------------------------------------------------------

spellings = st.text(string.ascii_letters + string.digits + "_-.@é ", min_size=1, max_size=30)


@given(st.lists(spellings, max_size=40))
def test_the_memo_gives_what_class_of_gives_and_keeps_no_data(looked_up):
    memo = KeyMemo()

    for key in looked_up:
        named = class_of(key) or (VERSION if key.lower().endswith(("version", "release", "build", "revision")) else "")
        assert memo[key] in {named, OTHER}
    assert [key for key in memo if "@" in key or sum(map(str.isdigit, key)) > 4 or not key.isascii()] == []


@pytest.mark.parametrize(
    "key",
    [
        "ann@example.com",
        "order 12345",
        "+442079460958",
        "naïve",
        "a" * 97,
        "line\nbreak",
        "\ud800",
        7,
        None,
        b"token",
        (1,),
    ],
)
def test_a_key_that_is_data_is_other_and_is_forgotten(key):
    memo = KeyMemo()

    assert memo[key] is OTHER
    assert memo == {}


def test_the_memo_is_bounded():
    memo = KeyMemo()
    letters = string.ascii_letters
    for first in letters:
        for second in letters:
            memo[first + second], memo[first + second + "x"]

    assert len(memo) == min(keys._REMEMBERED, 2 * len(letters) ** 2)
    assert memo["password"] == classes.SECRET
