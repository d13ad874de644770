"""Names of keys whose values are secret or personal: matched as whole words, never as parts of words."""

from __future__ import annotations

import re

from obskit.masking import classes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = classes.SECRET

NAMED_PAIR = "a value beside its name"
"""Structural, no class: `value` in `{"name": "Authorization", "value": …}`."""
PERSON = "a person's fields"
"""Structural: below it `name` is somebody's name."""
PAYMENT_CARD = "a card's fields"
"""Structural: below it `number` is a card's."""
OTHER = "a key that is data itself"
"""The key is not a name: it is masked as text."""

_NAMES = {
    classes.SECRET: """
        password passwords passwd pwd pass_word pass_phrase passphrase passcode pw userpass user_pass password_hash
        passwort kennwort mot_de_passe contrasena clave_secreta senha wachtwoord
        secret secrets client_secret shared_secret secret_string token access_token refresh_token id_token session_token
        auth_token bearer_token api_token csrf_token xsrf_token security_token device_token push_token access_tokens
        refresh_tokens auth_tokens api_tokens session_tokens id_tokens token_hash
        api_key api_keys apikey x_api_key access_key secret_key private_key secret_access_key signing_key signing_secret
        encryption_key hmac_key master_key license_key account_key shared_key shared_access_key service_account_key
        private_key_pem ssh_key pgp_key webhook_secret webhook_key integration_key routing_key
        credential credentials creds authorization authorisation proxy_authorization auth basic_auth auth_header
        cookie cookies set_cookie session session_id sessionid session_key phpsessid jsessionid asp_net_session_id
        connect_sid sid jwt csrf xsrf x_csrf_token csrftoken csrfmiddlewaretoken
        signature stripe_signature x_hub_signature x_amz_signature x_amz_security_token x_amz_credential
        x_goog_signature
        otp otps totp totp_secret one_time_password one_time_code mfa mfa_code mfa_token two_factor two_factor_code
        two_fa verification_code recovery_code recovery_codes backup_codes sms_code login_code auth_code
        authorization_code device_code user_code pin pin_code card_pin cvv cvv2 cvc cvc2 cvn csc card_code
        card_verification card_verification_code card_verification_value security_code security_answer secret_answer
        secret_question_answer
        connection_string conn_str connstr dsn database_url db_url database_uri mongo_uri mongodb_uri redis_url
        amqp_url jdbc_url mysql_pwd pgpassword
        code_verifier client_assertion saml_response saml_assertion nonce_secret seed_phrase mnemonic
    """,
    classes.EMAIL: """
        email emails e_mail e_mails mail email_address email_addresses mail_address receipt_email contact_email
        user_email customer_email e_mail_adresse correo correo_electronico courriel recipient_email from_email to_email
        reply_to
    """,
    classes.PHONE: """
        phone phones phone_number phone_numbers mobile mobile_number mobile_phone cell cell_phone cellphone tel
        telephone telephone_number fax fax_number msisdn whatsapp whatsapp_number contact_number phone_no tel_no
        telefon telefonnummer handy handynummer telefono telefoon portable_number caller_id
    """,
    classes.NAME: """
        first_name last_name given_name given_names family_name full_name middle_name maiden_name surname display_name
        real_name legal_name nick_name cardholder_name cardholder card_holder card_holder_name account_holder
        account_holder_name holder_name customer_name user_name username contact_name recipient_name sender_name
        buyer_name seller_name shipping_name billing_name recipient_full_name person_name patient_name
        employee_name guest_name passenger_name traveler_name owner_name mothers_maiden_name
        first_names last_names fname lname forename vorname nachname familienname prenom nom_de_famille apellido
        apellidos nombre_completo cognome achternaam voornaam name_on_card
    """,
    classes.BIRTH: """
        dob date_of_birth birth_date birthdate birthday birth_day birth_year year_of_birth place_of_birth birth_place
        geburtsdatum date_de_naissance naissance fecha_de_nacimiento fecha_nacimiento data_di_nascita
        geboortedatum born_on
    """,
    classes.ADDRESS: """
        street streets line1 line2 line3 address_line address_line1 address_line2 address_line3 postal_address
        street_address street_name street_line1 street1 street2 address1 address2 house_number home_address
        shipping_address billing_address delivery_address mailing_address residential_address customer_address
        physical_address address_lines adresse strasse anschrift direccion indirizzo adres rue domicilio
    """,
    classes.CARD: """
        card_number card_no card_num credit_card credit_card_number creditcardnumber cc_number cc_num ccnum pan
        primary_account_number debit_card debit_card_number payment_card_number card_expiry card_exp card_expiration
        cc_exp exp_month exp_year expiration_month expiration_year expiry_month expiry_year track1 track2 track_data
        kreditkartennummer kartennummer numero_de_carte
    """,
    classes.BANK: """
        account_number account_no acct_number acct_no bank_account bank_account_number iban ibans bic bic_swift
        swift_code swift_bic sort_code routing_number routing_no aba_number bank_code konto kontonummer
        numero_de_compte numero_de_cuenta
    """,
    classes.NATIONAL_ID: """
        ssn ssns itin sin social_security social_security_number social_security_no social_insurance_number
        tax_id tax_ids tax_number tax_file_number tax_identifier taxpayer_id tin vat_id vat_number ein nino
        national_insurance national_insurance_number nhs nhs_number nhs_no passport passport_number passport_no
        passport_id driving_licence driving_license driving_licence_number drivers_license driver_license
        drivers_license_number driver_license_number drivers_licence license_number licence_number national_id
        national_identity national_identifier national_id_number identity_number identity_card identity_card_number
        id_card id_card_number personal_id personal_number personal_identity_number medicare_number
        health_insurance_number insurance_number steuer_id steueridentifikationsnummer steuernummer idnr
        sozialversicherungsnummer rentenversicherungsnummer rvnr ausweisnummer personalausweis
        personalausweisnummer reisepass reisepassnummer fuehrerschein nir insee numero_securite_sociale
        numero_de_securite_sociale securite_sociale numero_fiscal spi nif nie dni cif codice_fiscale
        bsn burgerservicenummer rijksregisternummer numero_national niss pesel personnummer hetu
        henkilotunnus cpf cnpj rg_number aadhaar aadhar aadhaar_number pan_number tfn curp rfc emirates_id
        voter_id government_id
    """,
    classes.IP: """
        ip ips ip_address ip_addresses ip_addr ipaddress source_ip source_ip_address src_ip client_ip client_ip_address
        remote_ip remote_addr remote_address user_ip user_ip_address peer_ip x_forwarded_for x_real_ip
        x_client_ip true_client_ip cf_connecting_ip x_cluster_client_ip forwarded_for client_address viewer_address
        cloudfront_viewer_address fastly_client_ip last_login_ip login_ip registration_ip signup_ip net_peer_ip
    """,
    classes.MAC: "mac mac_address mac_addr hardware_address wifi_mac bssid",
    classes.GEO: """
        geo geolocation geo_location geo_point lat lon lng latitude longitude gps gps_coordinates coordinates
        home_location
    """,
}
"""Names by class. A name matches as whole words at any place of a key, the last words first."""

_ONLY_ALONE = {
    "mail": classes.EMAIL,
    "rfc": "",
    "spi": "",
    "nie": "",
    "sin": "",
    "cif": "",
    "nir": "",
    "tin": "",
    "ein": "",
    "sid": SECRET,
    "handy": "",
    "rue": "",
    "pan": classes.CARD,
    "cell": "",
    "mac": classes.MAC,
    "pw": SECRET,
    "mfa": "",
    "otps": SECRET,
    "client_address": classes.IP,
    "enduser_id": classes.NAME,
    "user_email": classes.EMAIL,
    "value": NAMED_PAIR,
    "string_value": NAMED_PAIR,
    "coordinates": classes.GEO,
    "portable": "",
    "passport": classes.NATIONAL_ID,
}
"""Keys that mean something only when they are the whole key: too common inside longer ones."""

_HARMLESS_NAMES = frozenset(
    """
    primary_key foreign_key public_key partition_key sort_key idempotency_key cache_key bucket_key object_key
    next_token continuation_token pagination_token page_token start_token client_request_token client_token
    task_token_id token_use token_type kms_key_id session_duration cookie_consent auth_time token_count expires_in
    author authors authority authenticated keyspace keyword
    """.split()
)

_HARMLESS_ENDINGS = frozenset(
    """
    count counts counter length len size bytes type types kind policy verified enabled disabled required optional
    status state url uri href ttl timeout expiry expires expired expiration duration seconds minutes ms age index
    version template templates subject domain provider method methods mode flow format algorithm alg arn at on sent
    date time timestamp changed created updated deleted valid validity invalid exists present missing set unset
    matches match mismatch strength attempts attempt retries limit limits max min rate ratio quota usage used total
    sum avg percent percentage number_of opt opted opt_in opt_out consent preference preferences settings config
    configuration schema field fields column columns label placeholder hint id ids uuid name names key_id prefix
    source country region city locale language lang currency network brand funding last4 last_four model os
    app apps platform manufacturer carrier host port path file filename folder endpoint client bucket service
    reason error errors code codes message protocol family block range cidr pool allocation whitelist allowlist
    blocklist denylist hits misses latency queue topic worker job event events handler rotation rotated issuer
    audience scope scopes grant grants
    """.split()
)

_HARMLESS_BEGINNINGS = frozenset(
    """
    is has have can should must may was were did does no num number_of n count max min total avg sum enable enabled
    disable disabled require required requires allow allowed show hide use uses used with without skip invalid
    missing unknown
    """.split()
)

_PERSONS = frozenset(
    """
    customer customers user users buyer seller billing_details billing shipping requester identity person persons
    people contact contacts recipient recipients sender profile account_holder owner employee patient cardholder
    guest member subscriber subscribers passenger passengers traveler driver applicant shipping_details
    billing_address shipping_address delivery client_info payer payee beneficiary debtor creditor kunde cliente
    individual participant participants attendee attendees student author_details
    """.split()
)

_CARDS = frozenset("card cards credit_card creditcard payment_card paymentcard debit_card cc".split())

_BELOW_PERSON = {
    "name": classes.NAME,
    "first": classes.NAME,
    "last": classes.NAME,
    "middle": classes.NAME,
    "nickname": classes.NAME,
    "address": classes.ADDRESS,
    "addresses": classes.ADDRESS,
    "birth": classes.BIRTH,
    "cell": classes.PHONE,
    "handy": classes.PHONE,
    "postal_code": classes.ADDRESS,
    "postcode": classes.ADDRESS,
    "zip": classes.ADDRESS,
    "zip_code": classes.ADDRESS,
}
"""Keys that tell of a person where a person is the subject."""

_BELOW_CARD = {"number": classes.CARD, "no": classes.CARD, "expiry": classes.CARD, "exp": classes.CARD}

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_REMEMBERED = 4096
"""Keys kept in a memo: those of one platform's log lines are a few hundred."""

_LONGEST_NAME = 96
"""Characters of a key that is looked at by name; a longer one is data, not a name."""

_MOST_DIGITS = 4
"""Digits in a key that may be remembered: fewer than any telephone number has."""

_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.$:#/ []")

_LONGEST_GRAM = 4


def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """Return classes by name, and by name without the joints (`firstname`), for keys that are one word."""
    by_name: dict[str, str] = {}
    by_run: dict[str, str] = {}
    for name, listed in _NAMES.items():
        for entry in listed.split():
            words = words_of(entry)
            by_name["_".join(words)] = name
            run = "".join(words)
            if len(run) > 5:
                by_run[run] = name
    return by_name, by_run


def words_of(key: str) -> list[str]:
    """
    Return the words of *key* in lower case: camel case and every other character divide them.

    >>> words_of("X-Amz-userID2"), words_of("customerEmail")
    (['x', 'amz', 'user', 'id', '2'], ['customer', 'email'])
    """
    return [word.lower() for word in _WORDS.findall(key)]


_BY_NAME, _BY_RUN = _tables()


LAST_WORDS = frozenset(name.rpartition("_")[2] for name in _BY_NAME)
"""Words that a sensitive name can end with: only behind one of them is a phrase looked at."""


def class_of(key: str) -> str:
    """
    Return the class of what *key* names, a structural mark, or an empty string.

    >>> class_of("customerEmail"), class_of("session_count"), class_of("author"), class_of("accesstoken")
    ('EMAIL', '', '', 'SECRET')
    """
    if len(key) > _LONGEST_NAME:
        return ""
    words = words_of(key)
    name = "_".join(words)
    if name in _ONLY_ALONE:
        return _ONLY_ALONE[name]
    if name in _HARMLESS_NAMES:
        return ""
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name in _PERSONS:
        return PERSON
    if name in _CARDS:
        return PAYMENT_CARD
    return _by_words(words)


def _by_words(words: list[str]) -> str:
    """Return the class of the words that name something sensitive, the longest and last first."""
    count = len(words)
    for end in range(count, 0, -1):
        for start in range(max(0, end - _LONGEST_GRAM - 1), end):
            gram = "_".join(words[start:end])
            found = _BY_NAME.get(gram, "")
            if not found and end - start == 1:
                found = _BY_RUN.get(gram, "")
            if found and (gram in _ONLY_ALONE or gram in _HARMLESS_NAMES):
                found = ""
            if found and not _is_about(words, start, end):
                return found
            if gram in _HARMLESS_NAMES:
                return ""
    return ""


def class_of_phrase(words: list[str]) -> str:
    """
    Return the class that the last of *words* name, an empty string if they name nothing sensitive.

    >>> class_of_phrase(["your", "date", "of", "birth"]), class_of_phrase(["password", "policy"])
    ('BIRTH', '')
    """
    count = len(words)
    for start in range(max(0, count - _LONGEST_GRAM), count):
        found = _BY_NAME.get("_".join(words[start:]), "")
        if found:
            return "" if start + 1 == count and words[start] in _ONLY_ALONE and not _ONLY_ALONE[words[start]] else found
    return _BY_RUN.get(words[-1], "") if words else ""


def _is_about(words: list[str], start: int, end: int) -> bool:
    """Say whether the other words make of a name something about it: `password_length`, `has_phone`."""
    if start and words[0] in _HARMLESS_BEGINNINGS:
        return True
    return end < len(words) and words[-1] in _HARMLESS_ENDINGS


def below_person(key: str) -> str:
    """Return the class of *key* where a person is the subject, or an empty string."""
    return _BELOW_PERSON.get("_".join(words_of(key)), "")


def below_card(key: str) -> str:
    """Return the class of *key* where a payment card is the subject, or an empty string."""
    return _BELOW_CARD.get("_".join(words_of(key)), "")


class KeyMemo(dict[str, str]):
    """
    Classes by key.

    Bounded, and it keeps only what reads as a name, so that no personal data stays in memory. A key that does not is
    `OTHER`: it may be personal data itself.

    Args:
        below: what gives the class of a key that only its subject makes sensitive.
    """

    __slots__ = ("_below",)

    def __init__(self, below: Callable[[str], str] | None = None) -> None:
        super().__init__()
        self._below = below

    def __missing__(self, key: object) -> str:
        if type(key) is not str or len(key) > _LONGEST_NAME or not _NAME_CHARACTERS.issuperset(key):
            return OTHER
        if sum(map(key.count, "0123456789")) > _MOST_DIGITS:
            return OTHER
        name = class_of(key)
        if self._below is not None and name not in classes.CLASSES:
            name = self._below(key) or name
        if len(self) < _REMEMBERED:
            self[key] = name
        return name
