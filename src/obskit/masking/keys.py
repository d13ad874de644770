"""
Names of keys whose values are secret or personal: matched as whole words, never as parts of words.

A name is looked up in its normal form, lower-case words joined by `_`: `customerEmail` is `customer_email`. One word
that is glued from several (`oauthtoken`, `homephone`) is matched by its end, or if it splits wholly into known words.
"""

from __future__ import annotations

import re

from obskit.masking import classes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container

SECRET = classes.SECRET

NAMED_PAIR = "a value beside its name"
"""Structural, no class: `value` in `{"name": "Authorization", "value": …}`."""
PERSON = "a person's fields"
"""Structural: below it `name` is somebody's name."""
PAYMENT_CARD = "a card's fields"
"""Structural: below it `number` is a card's."""
PLACE = "a place's fields"
"""Structural: a text is an address; in a mapping the street is told from the country."""
SESSION = "a session's fields"
"""Structural: a text is secret; a number, a mapping and a list are not."""
MAIL = "a mail's fields"
"""Structural: a text is an e-mail address; a mapping is a message, as in SES."""
CODE = "a code"
"""Structural: secret only where the value looks like what OAuth gives."""
VERSION = "a version"
"""Structural: four numbers with dots are no address of a network."""
OTHER = "a key that is data itself"
"""The key is not a name: it is masked as text."""

OF_TEXT = {PLACE: classes.ADDRESS, SESSION: SECRET, MAIL: classes.EMAIL}
"""The class of a text under a structural mark."""

_SENSITIVE = frozenset((*classes.CLASSES, *OF_TEXT))

# In the tables every name stands in its normal form: digits are words too (`line_1`).

_NAMES = {
    classes.SECRET: """
        password passwords passwd pwd pass_word pass_phrase passphrase passcode pw userpass password_check
        passwort kennwort mot_de_passe contrasena clave_secreta senha wachtwoord parola
        haslo losenord adgangskode passord salasana heslo jelszo sifre
        secret secrets client_secret shared_secret secret_string token access_token refresh_token id_token session_token
        auth_token bearer_token api_token csrf_token xsrf_token security_token device_token push_token access_tokens
        refresh_tokens auth_tokens api_tokens session_tokens id_tokens oauth_token oauth_tokens token_hash token_key
        api_key apikey x_api_key api_secret access_key secret_key private_key secret_access_key signing_key
        signing_secret encryption_key decryption_key hmac_key master_key license_key account_key shared_key
        shared_access_key service_account_key private_key_pem ssh_key pgp_key gpg_key webhook_secret webhook_key
        integration_key routing_key app_key application_key deploy_key auth_key
        credential credentials creds authorization authorisation proxy_authorization auth basic_auth auth_header
        auth_data auth_value auth_string authorization_header
        cookie cookies set_cookie cookie_header cookie_value cookie_string cookie_jar
        session_id sessionid session_key session_cookie phpsessid jsessionid asp_net_session_id connect_sid
        jwt csrf xsrf x_csrf_token csrftoken csrfmiddlewaretoken
        sig signature stripe_signature x_hub_signature x_amz_signature x_amz_security_token x_amz_credential
        x_goog_signature
        otp otps totp totp_secret one_time_password mfa mfa_token two_factor two_fa 2_fa
        api_keys backup_codes recovery_codes
        user_code pin card_pin cvv cvv_2 cvc cvc_2 cvn csc card_code
        card_verification card_verification_code card_verification_value security_answer secret_answer
        secret_question_answer
        connection_string conn_str connstr dsn database_url db_url database_uri db_uri mongo_url mongo_uri mongodb_url
        mongodb_uri postgres_url postgresql_url mysql_url redis_url redis_uri amqp_url jdbc_url mysql_pwd pgpassword
        bearer psk pre_shared_key preshared_key subscription_key consumer_key functions_key server_key recovery_key
        unseal_key rsa_key tls_key ssl_key client_key_data
        code_verifier client_assertion saml_response saml_assertion nonce_secret seed_phrase mnemonic
    """,
    SESSION: "session sessions",
    classes.EMAIL: """
        email_addresses
        email emails e_mail e_mails mail email_address mail_address receipt_email contact_email
        user_email customer_email e_mail_adresse correo correo_electronico courriel recipient_email from_email to_email
        reply_to
    """,
    classes.PHONE: """
        phone_numbers
        phone phones phone_number mobile mobile_number mobile_phone cell cell_phone cell_number cellphone tel
        telephone telephone_number fax fax_number msisdn whatsapp whatsapp_number contact_number phone_no tel_no
        mobile_no mobile_num contact_no caller_number landline mobilnummer
        cellulare celular movil telefoonnummer puhelinnumero
        telefon telefonnummer handy handynummer telefono telefoon portable_number home_phone work_phone
    """,
    classes.NAME: """
        first_name last_name given_name given_names family_name full_name middle_name maiden_name surname display_name
        real_name legal_name nick_name nickname cardholder_name cardholder card_holder card_holder_name
        account_holder account_holder_name holder_name username contact_name shipping_name billing_name
        billing_details_name shipping_details_name customer_details_name
        preferred_name birth_name recipient_full_name person_name mothers_maiden_name
        first_names last_names fname lname forename vorname nachname familienname prenom nom_de_famille apellido
        apellidos nombre_completo cognome achternaam voornaam name_on_card
    """,
    classes.BIRTH: """
        dob date_of_birth birth_date birthdate birthday birth_day birth_year year_of_birth place_of_birth birth_place
        geburtsdatum date_de_naissance naissance fecha_de_nacimiento fecha_nacimiento data_di_nascita
        data_de_nascimento data_nascimento data_urodzenia fodelsedatum fodselsdato geboortedatum born_on birthplace
    """,
    classes.ADDRESS: """
        street streets line_1 line_2 line_3 address_line address_line_1 address_line_2 address_line_3
        street_address street_name street_number street_line_1 street_line_2 street_1 street_2 address_1 address_2
        house_number house_no house_name apartment_number address_lines
        adresse strasse strase hausnummer anschrift direccion indirizzo adres endereco rue domicilio
    """,
    classes.CARD: """
        card_number card_no card_num credit_card creditcard debit_card credit_card_number creditcardnumber cc_number
        cc_num ccnum pan pan_hash primary_account_number debit_card_number payment_card_number track_1 track_2
        track_data kreditkartennummer kartennummer numero_de_carte
    """,
    classes.BANK: """
        account_number account_no acct_number acct_no bank_account bank_account_number iban ibans bic bic_swift bic_code
        swift swift_code swift_bic sort_code routing_number routing_no aba_number bank_code konto kontonummer
        numero_de_compte numero_de_cuenta bban ifsc ifsc_code clabe bsb bsb_number routing_transit_number aba
        aba_routing rekeningnummer
    """,
    classes.NATIONAL_ID: """
        tax_ids
        ssn ssns itin sin social_security social_security_number social_security_no social_insurance_number
        tax_id tax_number tax_file_number tax_identifier taxpayer_id tin vat_id vat_number ein nino
        national_insurance national_insurance_number nhs nhs_number nhs_no passport passport_number passport_no
        passport_id driving_licence driving_license driving_licence_number driving_license_number drivers_license
        driver_license driver_licence drivers_license_number driver_license_number drivers_licence
        license_number licence_number national_id
        national_identity national_identifier national_id_number identity_number identity_card identity_card_number
        id_card id_card_number personal_id personal_number personal_identity_number medicare_number mbi
        health_insurance_number insurance_number steuer_id steueridentifikationsnummer steuernummer idnr
        sozialversicherungsnummer rentenversicherungsnummer rvnr ausweisnummer personalausweis
        personalausweisnummer reisepass reisepassnummer fuehrerschein nir insee numero_securite_sociale
        numero_de_securite_sociale securite_sociale numero_fiscal spi nif nie dni cif codice_fiscale
        bsn burgerservicenummer rijksregisternummer numero_national niss pesel personnummer hetu
        henkilotunnus cpf cnpj rg_number aadhaar aadhar aadhaar_number pan_number pan_no tfn curp rfc emirates_id
        voter_id government_id ni_number nric hkid gstin cedula cuit cuil licence_no license_no pan_card
        rut egn oib emso jmbg cnp amka tckn tc_kimlik tc_kimlik_no kimlik_no rrn resident_registration_number
        foreigner_registration_number kennitala isikukood asmens_kodas personas_kods cnic utr nip nik cpr cpr_number
        cpr_nummer fodselsnummer rodne_cislo partita_iva national_number pasaporte passaporto passeport
        numero_passeport patente carta_identita carta_d_identita carte_identite carte_d_identite cartao_cidadao
        cartao_de_cidadao versichertennummer krankenversichertennummer krankenversicherungsnummer ahv_nummer
        ahv_number npwp tax_identification_number
        taxpayer_identification_number identification_number national_identification_number permis_de_conduire
        fuhrerscheinnummer carnet_de_conducir rijbewijs health_card health_card_number
        medicare_beneficiary_number medicare_beneficiary_id
        medicare_beneficiary_identifier
    """,
    classes.IP: """
        ip_addresses
        ip ips ip_address ip_addr ipaddress ipv_4 ipv_6 ip_v_4 ip_v_6 ipv_4_address ipv_6_address source_ip src_ip
        client_ip remote_ip remote_addr remote_address user_ip peer_ip x_forwarded_for x_real_ip
        x_client_ip true_client_ip cf_connecting_ip x_cluster_client_ip forwarded_for client_address viewer_address
        cloudfront_viewer_address fastly_client_ip last_login_ip login_ip registration_ip signup_ip net_peer_ip
    """,
    classes.MAC: "mac mac_address mac_addr hardware_address wifi_mac bssid",
    classes.GEO: """
        geo geohash geolocation geo_location geo_point geo_coordinates lat lon lng lat_long lat_lng lat_lon latlong
        latlng
        latlon latitude longitude gps gps_coordinates gps_location coordinates home_location
    """,
}
"""Names by class. A name matches as whole words at any place of a key, the last words first."""

_CODES = """
    otp totp mfa 2_fa two_fa two_factor two_step tfa verification verify security sms auth oauth authentication
    authorization authorisation activation recovery backup reset login signin sign_in pin pass passcode access
    cvv cvv_2 cvc cvc_2 cvn csc password token secret confirmation one_time onetime single_use device unlock pairing
""".split()
"""What makes a secret of the `_code` behind it; any other code is a word of a program."""

_CARDS = "card credit_card creditcard payment_card paymentcard debit_card cc".split()
_EXPIRIES = """
    exp expiry expire expires expiration exp_date expiry_date expire_date expiration_date valid_thru valid_until
""".split()

_PERSONS = """
    customer user buyer seller requester person contact recipient sender account_holder owner employee patient
    cardholder guest member subscriber passenger traveler driver applicant payer payee beneficiary debtor creditor
    individual participant attendee student
""".split()

_ABOUT_PERSONS = """
    customers users buyers sellers billing_details billing shipping identity claims persons people contacts recipients
    senders profile employees patients guests members subscribers passengers travelers drivers applicants
    shipping_details delivery client_info kunde cliente participants attendees students author_details
""".split()

_PLACES = """
    home work office shipping billing delivery mailing postal residential default residence physical legal registered
    permanent
    invoice return pickup dropoff ship_to bill_to
""".split()
"""What makes a person's of the `_address` behind it; others are a machine's."""

_ONLY_ALONE = {
    "code": CODE,
    "mail": MAIL,
    "value": NAMED_PAIR,
    "string_value": NAMED_PAIR,
    "address": PLACE,
    "sig": SECRET,
    "otps": SECRET,
    "mac": classes.MAC,
    "swift": classes.BANK,
    "enduser_id": classes.NAME,
    "rue": classes.ADDRESS,
    **dict.fromkeys("line_1 line_2 line_3".split(), classes.ADDRESS),
    **dict.fromkeys("display_name legal_name real_name".split(), classes.NAME),
    **dict.fromkeys("nie nir tin ein mbi passport nik cpr patente".split(), classes.NATIONAL_ID),
    **dict.fromkeys("rfc spi sin cif handy cell mfa portable".split(), ""),
}
"""Keys that mean something only when they are the whole key, or stand behind whose it is: too common otherwise."""

_ONLY_LAST = frozenset(
    """
    session sessions auth authorization authorisation cookie cookies secrets mobile ip ips geo pan
    """.split()
)
"""Words that name a value only at the end of a key: `mobile_app`, `auth_mode` and `session_start` are about others."""

_NOT_IN_PROSE = frozenset(
    "rfc spi nie sin cif nir tin ein sig swift mbi handy rue cell mfa portable address nik cpr patente".split()
)
"""Names that are also words, in one language or another."""

_SUBJECTS = frozenset(
    """
    my our your his her their old new current previous x client billing shipping delivery home work creator author
    admin assignee reporter reviewer from to
    """.split()
    + _PERSONS
)
"""Words before a name that say whose it is, and change nothing."""

_HARMLESS_NAMES = """
    primary_key foreign_key public_key partition_key sort_key idempotency_key cache_key bucket_key object_key
    next_token continuation_token pagination_token page_token start_token client_request_token client_token
    idempotency_token starting_token sequence_token creation_token function_signature method_signature lock_token
    change_token sync_token
    task_token_id token_use token_type kms_key_id session_duration cookie_consent auth_time token_count expires_in
    author authors authority authenticated keyspace keyword in_reply_to aws_account_number i_phone pre_auth
    placeholder_name voicemail voicemails
""".split()

_HARMLESS_STARTS = ("access_control_", "sec_ch_", "sec_fetch_")
"""Families of headers that speak of permissions and of browsers."""

_HARMLESS_SPELLINGS = frozenset(("ServiceToken", "OLDPWD"))
"""Spelt just so they are something else: the ARN behind a CloudFormation custom resource, a shell's last folder."""

_HARMLESS_ENDINGS = frozenset(
    """
    count counts counter length len size bytes type types kind policy verified enabled disabled required optional
    status state url uri href ttl timeout expiry expires expired expiration duration seconds minutes ms age index
    version template templates subject domain provider method methods mode modes flow format algorithm alg arn arns at
    on sent date time timestamp changed created updated deleted valid validity invalid exists present missing set unset
    matches match mismatch strength attempts attempt retries limit limits max min rate ratio quota usage used total
    sum avg percent percentage opt opted out consent preference preferences settings config
    configuration schema field fields column columns label placeholder hint id ids uuid name names prefix
    source country region city locale language lang currency network brand funding model os
    app apps platform manufacturer carrier host port path file filename folder endpoint client bucket service
    reason error errors code codes message protocol family block range cidr pool allocation whitelist allowlist
    blocklist denylist hits misses latency queue topic worker job event events handler rotation rotated issuer
    audience scope scopes grant grants parameter parameters param params strategy strategies scheme schemes result
    results channel channels check checks friendly restriction restrictions permissions manager store attributes
    context attribute claim claims exception exceptions units period days hours window versions collection ref refs
    domains providers vendor tags request requests response responses summary description
    metadata identifier identifiers standard selection spec option options support supported native association
    associations pools cidrs ranges prefixes zip zipcode postcode province county
    """.split()
)

_HARMLESS_BEGINNINGS = frozenset(
    """
    is has have can should must may was were did does no num n count max min total avg sum enable enabled
    disable disabled require required requires allow allowed show hide use uses used with without skip invalid
    missing unknown
    """.split()
)

_PASSES = frozenset(
    """
    boarding season ski lift bus train rail metro travel transit day daily week weekly month monthly annual year hall
    event gate parking lounge visitor free fast track wallet apple digital all any first second third next last initial
    final single multi one two high low band test tests check checks did will must can could should by quality lint
    build render forward backward post pre optional is has to max min num number
    """.split()
)
"""Words before `pass` that make a ticket, a filter or a verdict of it; behind any other it is a password."""

_STRONG_ENDS = {
    **dict.fromkeys(
        """
        password passwords passwd passphrase pwd token secret secrets apikey apikeys secretkey accesskey privatekey
        signingkey authkey credential credentials cookie connectionstring
        """.split(),
        SECRET,
    ),
    **dict.fromkeys("email emails emailaddress".split(), classes.EMAIL),
    **dict.fromkeys("phonenumber telephone mobilenumber cellphone".split(), classes.PHONE),
    **dict.fromkeys("firstname lastname surname fullname familyname username cardholder".split(), classes.NAME),
    **dict.fromkeys("dateofbirth birthdate birthday".split(), classes.BIRTH),
    **dict.fromkeys("accountnumber iban".split(), classes.BANK),
    "cardnumber": classes.CARD,
}
"""Ends of one long word that no other word of the language has, whatever is glued before them: `twiliotoken`."""

_WEAK_ENDS = (
    *"""
    phone number name key id url uri card code mail pass address birth no session signature ip num string licence
    license insurance security holder hash header value verifier assertion data location for exp expiry word phrase
    answer line auth
    """.split(),
)
"""Ends that other words have too (`microphone`, `monkey`): what is before them has to be known words."""

_NAME_ENDS = (
    *"""
    names tokens numbers addresses ids keys codes pin mac addr date thru until expire expires expiration account
    identifier identity coordinates point
    lines year check jar verification authorization factor pem response fa to on str swift bic national adresse passe
    conduire conducir urodzenia routing kimlik kodas kods nummer cislo iva passeport identita identite cidadao
    secreta electronico famille completo naissance nacimiento nascita nascimento carte compte cuenta sociale fiscal
    fiscale
    """.split(),
)
"""The other ends of names: only the whole name is found there."""

_GLUED = frozenset(
    """
    my user usr customer client admin root login account member guest buyer seller billing shipping contact home work
    office db database mysql postgres postgresql pg redis mongo mongodb smtp imap pop ftp sftp ssh ldap proxy http mail
    email api app web server service key of card credit debit ip id
    """.split()
)
"""Words that come glued before a name, beside those that names are made of."""

_ABBREVIATIONS = frozenset(("str", "fname", "lname"))
"""Words of names that are no part of a glued word: `strip` is not an `ip`."""

_OPEN = frozenset(("pass", "key", "keys"))
"""Last words of names that begin with anything, a vendor's name most often."""

_KEY_ENDS = ("apikey", "apikeys", "secretkey", "accesskey", "privatekey")

_BELOW_PERSON = {
    **dict.fromkeys("name first last middle given family nickname".split(), classes.NAME),
    **dict.fromkeys("house apartment apt suite".split(), classes.ADDRESS),
    "addresses": PLACE,
    "birth": classes.BIRTH,
    "id_number": classes.NATIONAL_ID,
    **dict.fromkeys("rfc spi sin cif".split(), classes.NATIONAL_ID),
    "cell": classes.PHONE,
    "handy": classes.PHONE,
}
"""Keys that tell of a person where a person, or the place where one lives, is the subject."""

_BELOW_CARD = {
    "number": classes.CARD,
    "no": classes.CARD,
    "holder": classes.NAME,
    **dict.fromkeys(_EXPIRIES, classes.CARD),
}

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_UNACCENTED = str.maketrans(
    "àáâãäåçèéêëìíîïñòóôõöùúûüýøłđÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝØŁĐ",
    "aaaaaaceeeeiiiinooooouuuuyoldAAAAAACEEEEIIIINOOOOOUUUUYOLD",
)

_REMEMBERED = 4096
"""Keys kept in a memo: those of one platform's log lines are a few hundred."""

_LONGEST_NAME = 96
"""Characters of a key that is looked at by name; a longer one is data, not a name."""

_LONGEST_NAME_OF_DATA = 48
"""Characters of a key that may be data and is looked at by name all the same, where only its value is in question."""

_MOST_DIGITS = 4
"""Digits in a key that may be remembered: fewer than any telephone number has."""

_MOST_WORDS = 8
"""Words of such a key."""

_DIGITS = b"0123456789"
_NAME_CHARACTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-.$:#/ []"

_LONGEST_GRAM = 4
_SHORTEST_GLUED = 5
_LONGEST_GLUED = 32
_SHORTEST_PART = 3
_TAIL = 2
"""Letters of the end of a word that are looked at first: most words have none of the ends."""
_MOST_GLUED = 4
_SHORTEST_PLURAL = 6
"""Letters of a single word from which an `s` is a plural: `tokens` are counted, `signatures` are secret."""


def _names() -> dict[str, str]:
    """Return classes by name, those of the families among them."""
    names: dict[str, str] = {}
    for kind, listed in _NAMES.items():
        names.update(dict.fromkeys(listed.split(), kind))
    names.update(dict.fromkeys([f"{what}_code" for what in _CODES], SECRET))
    names.update(dict.fromkeys([f"{card}_{expiry}" for card in _CARDS for expiry in _EXPIRIES], classes.CARD))
    names.update(dict.fromkeys([f"{person}_name" for person in _PERSONS], classes.NAME))
    names.update(dict.fromkeys([f"{place}_address" for place in (*_PLACES, *_PERSONS)], PLACE))
    return names


def _whole() -> dict[str, str]:
    """Return what each known name says as a whole key; later tables are stronger."""
    whole = dict.fromkeys((*_CARDS, *[f"{card}s" for card in _CARDS]), PAYMENT_CARD)
    whole.update(dict.fromkeys((*_PERSONS, *_ABOUT_PERSONS), PERSON))
    whole.update(_names())
    whole.update(dict.fromkeys(_HARMLESS_NAMES, ""))
    whole.update(_ONLY_ALONE)
    return whole


def words_of(key: str) -> list[str]:
    """
    Return the words of *key* in lower case: camel case and every other character divide them.

    >>> words_of("X-Amz-userID2"), words_of("customerEmail")
    (['x', 'amz', 'user', 'id', '2'], ['customer', 'email'])
    """
    return [word.lower() for word in _WORDS.findall(key)]


_WHOLE = _whole()
_STRONG = tuple(_STRONG_ENDS)
_ENDS = (*_STRONG, *_WEAK_ENDS, *_NAME_ENDS)
_TAILS = frozenset([end[-_TAIL:] for end in _ENDS])
_HARMLESS_RUNS = (*" ".join(_HARMLESS_NAMES).replace("_", "").split(),)

_RUNS: dict[str, str] = {}
"""Classes by name without joints (`firstname`); filled by the first word that could be glued."""
_KNOWN: set[str] = set()
"""The words that a glued word may consist of; filled together with the runs."""

if TYPE_CHECKING:
    LAST_WORDS: frozenset[str]
    """Words that a sensitive name can end with: only behind one of them is a phrase looked at."""


def __getattr__(name: str) -> object:
    """Make `LAST_WORDS` when it is first asked for: a cold start that reads no prose does without."""
    if name != "LAST_WORDS":
        raise AttributeError(name)
    last = globals()[name] = last_words(_SENSITIVE)
    return last


def last_words(kinds: Container[str]) -> frozenset[str]:
    """Return the words that a name of one of *kinds* can end with."""
    return frozenset([key.rpartition("_")[2] for key, found in _WHOLE.items() if found in kinds])


def _learn_runs() -> None:
    """Fill the tables for glued words."""
    names = _names()
    words = set(" ".join(names).replace("_", " ").split()) - _ABBREVIATIONS
    _KNOWN.update([word for word in words if len(word) >= _SHORTEST_PART], _GLUED)
    names.update(dict.fromkeys(_HARMLESS_NAMES, ""))
    for name in _ONLY_ALONE:
        names.pop(name, None)
    _RUNS.update(zip(" ".join(names).replace("_", "").split(), names.values(), strict=True))


def class_of(key: str) -> str:
    """
    Return the class of what *key* names, a structural mark, or an empty string.

    >>> class_of("customerEmail"), class_of("session_count"), class_of("author"), class_of("twiliotoken")
    ('EMAIL', '', '', 'SECRET')
    >>> class_of("shippingAddress") is PLACE, class_of("shippingAddressId")
    (True, '')
    """
    if len(key) > _LONGEST_NAME or key in _HARMLESS_SPELLINGS:
        return ""
    if not key.isascii():
        key = key.translate(_UNACCENTED).replace("ß", "ss")
    if "[" in key:
        key = _without_tokens(key)
    words = words_of(key)
    name = "_".join(words)
    found = _WHOLE.get(name)
    if found is not None:
        return found
    if name.startswith(_HARMLESS_STARTS):
        return ""
    return _behind_subject(words) or _by_words(words)


def _without_tokens(key: str) -> str:
    """Return *key* without what obskit has put there: a key that was masked itself does not name what it holds."""
    from obskit.masking.forms import is_token  # keys in brackets are few

    kept, rest = "", key
    while "[" in rest:
        before, _, rest = rest.partition("[")
        inside, bracket, after = rest.partition("]")
        if bracket and is_token(f"[{inside}]"):
            kept, rest = kept + before, after
        else:
            kept += before + "["
    return kept + rest


def _behind_subject(words: list[str]) -> str:
    """Return what a name says that means something only alone, behind words that say whose it is: `user_nie`."""
    count = len(words)
    start = 0
    while start < count - 1 and words[start] in _SUBJECTS:
        start += 1
    if not start:
        return ""
    rest = "_".join(words[start:])
    if rest in _ONLY_ALONE:
        found = _ONLY_ALONE[rest]
        if not found and words[start - 1] in _PERSONS:
            return _BELOW_PERSON.get(rest, "")
        return OF_TEXT.get(found, "") if found is MAIL else "" if found in (CODE, NAMED_PAIR) else found
    found = _WHOLE.get(rest, "")
    return found if found in (PERSON, PAYMENT_CARD) else ""


def _by_words(words: list[str]) -> str:
    """Return the class of the words that name something sensitive, the longest and last first."""
    for end in range(len(words), 0, -1):
        last = words[end - 1]
        open_ended = last[-1] == "s" or last in _OPEN
        for start in range(max(0, end - _LONGEST_GRAM), end - 1):
            gram = "_".join(words[start:end])
            found = _WHOLE.get(gram)
            if found and gram in _ONLY_ALONE:
                continue
            if found is None and open_ended:
                found = _family(words, start, end) or _WHOLE.get(_singular(gram))
            if found == "":
                return ""
            if found in _SENSITIVE and not _is_about(words, start, end):
                return found
        found = _word(last, words[end:])
        if found is not None and not _is_about(words, end - 1, end):
            return found
    return ""


def _word(word: str, behind: list[str]) -> str | None:
    """Return the class that one *word* names before those *behind*, "" for a harmless name, None if it is no name."""
    if word in _ONLY_ALONE or (word in _ONLY_LAST and not all(map(str.isdigit, behind))):
        return None
    found = _WHOLE.get(word)
    if found is not None:
        return found if not found or found in _SENSITIVE else None
    if word[-1] == "s" and len(word) > _SHORTEST_PLURAL:
        found = _WHOLE.get(_singular(word))
        if found in _SENSITIVE and _singular(word) not in _ONLY_ALONE:
            return found
    return _glued(word)


def _singular(name: str) -> str:
    return name[:-2] if name.endswith("resses") else name[:-1]


def _family(words: list[str], start: int, end: int) -> str | None:
    """Return SECRET where two words say so by their kind: `redis_pass`, `stripeapi_key`."""
    first, last = words[start], words[end - 1]
    if end - start == 2:
        if last == "pass" and end == len(words) and first not in _PASSES and not first.isdigit():
            return SECRET
        if last in _OPEN and (first + last).endswith(_KEY_ENDS):
            return SECRET
    return None


def _glued(word: str) -> str | None:
    """Return the class of a *word* that is glued from several, "" if it is harmless, None if it is no name."""
    if word[-_TAIL:] not in _TAILS or not _SHORTEST_GLUED <= len(word) <= _LONGEST_GLUED or not word.endswith(_ENDS):
        return None
    if not _RUNS:
        _learn_runs()
    found = _RUNS.get(word)
    if found is not None:
        return found
    if word.endswith(_STRONG):
        return _behind_strong_end(word)
    words = _split(word, _MOST_GLUED) if word.endswith(_WEAK_ENDS) else []
    return _behind_subject(words) or _by_words(words) or None


def _behind_strong_end(word: str) -> str:
    """Return the class that the end of *word* names; "" where what is glued before it makes it harmless."""
    for end, name in _STRONG_ENDS.items():
        if word.endswith(end):
            harmless = word.removesuffix(end) in _HARMLESS_BEGINNINGS or word.endswith(_HARMLESS_RUNS)
            return "" if harmless else name
    return ""


def _split(word: str, most: int) -> list[str]:
    """Return the known words, *most* of them, that *word* is wholly glued from; none if it is not."""
    for at in range(2, len(word) - 1):
        if word[:at] in _KNOWN:
            rest = word[at:]
            if rest in _KNOWN:
                return [word[:at], rest]
            words = _split(rest, most - 1) if most > 2 else []
            if words:
                return [word[:at], *words]
    return []


def _is_about(words: list[str], start: int, end: int) -> bool:
    """Say whether the other words make of a name something about it: `password_length`, `has_phone`."""
    before = words[:start]
    if before and (before[0] in _HARMLESS_BEGINNINGS or "is" in before or "has" in before):
        return True
    if before[:2] == ["number", "of"] or (before[:1] == ["next"] and words[-1] == "token"):
        return True
    if end == len(words):
        return False
    return words[-1] in _HARMLESS_ENDINGS or words[-2:] in (["opt", "in"], ["key", "id"])


def class_of_phrase(words: list[str]) -> str:
    """
    Return the class that the last of *words* name, an empty string if they name nothing sensitive.

    >>> class_of_phrase(["your", "date", "of", "birth"]), class_of_phrase(["password", "policy"])
    ('BIRTH', '')
    """
    count = len(words)
    for start in range(max(0, count - _LONGEST_GRAM), count):
        name = words[start] if start + 1 == count else "_".join(words[start:])
        found = _WHOLE.get(name)
        if found == "" or name in _NOT_IN_PROSE:
            return ""
        if found in OF_TEXT:
            return OF_TEXT[found]
        if found in classes.CLASSES:
            return found
    return _RUNS.get(words[-1], "") if words else ""


def below_person(key: str) -> str:
    """Return the class of *key* where a person is the subject, or an empty string."""
    return _BELOW_PERSON.get("_".join(words_of(key)), "")


def below_card(key: str) -> str:
    """Return the class of *key* where a payment card is the subject, or an empty string."""
    return _BELOW_CARD.get("_".join(words_of(key)), "")


_SHORTEST_CODE = 10
_LONG_CODE = 20


def is_authorisation_code(text: str) -> bool:
    """
    Say whether *text* under `code` looks like OAuth's and not like an error's.

    >>> is_authorisation_code("SplxlOBeZQQYbYS6WxSbIA"), is_authorisation_code("card_declined")
    (True, False)
    """
    if len(text) < _SHORTEST_CODE or not text.replace("-", "").replace("_", "").replace("/", "").isalnum():
        return False
    if text.isalpha() or text.isdigit():
        return False
    return (text.lower() != text != text.upper()) or (len(text) >= _LONG_CODE and "_" not in text)


def is_option(option: object, value: str) -> bool:
    """
    Say whether *value* is the secret that an *option* of a command before it names.

    >>> is_option("--password", "hunter2"), is_option("-u", "ann:tiger"), is_option("--password", "--verbose")
    (True, True, False)
    """
    if type(option) is not str or not option.startswith("-") or not value or value.startswith("-"):
        return False
    if " " in option or "=" in option:  # has its value with it
        return False
    if option in ("-u", "-U", "--user", "--proxy-user"):
        return ":" in value
    return option.startswith("--") and class_of(option) == SECRET


_VERSIONS = ("version", "release", "build", "revision")
_SHORTEST_TOKEN = 16


def _may_be_data(key: str, digits: int) -> bool:
    """Say whether a *key* of name characters is rather a token or an address than a name."""
    if key.islower() and not digits and "::" not in key:
        return False
    if not any(map(str.isalpha, key)) or "::" in key:
        return True
    if len(key) < _SHORTEST_TOKEN:
        return False
    return any(
        len(word) >= _SHORTEST_TOKEN and (digits > 0 or word.isupper()) and "_" not in word[4:]
        for word in key.replace(":", " ").split()
    )


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

    def says(self, key: str) -> str:
        """
        Return the class of *key* where only its value is in question, of one that may be data itself, too.

        >>> KeyMemo().says("X-TYPESENSE-API-KEY"), KeyMemo()["X-TYPESENSE-API-KEY"] is OTHER
        ('SECRET', True)
        """
        name = self[key]
        if name is not OTHER:
            return name
        # A body of base64 has more digits and words: to read it as a name takes as long as to mask a line.
        if len(key) > _LONGEST_NAME_OF_DATA or sum(map(str.isdigit, key)) > _MOST_DIGITS:
            return ""
        return class_of(key) if len(words_of(key)) <= _MOST_WORDS else ""

    def __missing__(self, key: object) -> str:
        if type(key) is not str or len(key) > _LONGEST_NAME or not key.isascii():
            return OTHER
        if key.startswith("[") and key[1:].partition("]")[0] in classes.CLASSES:  # was masked itself
            return ""
        # Keys that are data come by the thousand and are not remembered: bytes tell them apart fastest.
        letters = key.encode().translate(None, _DIGITS)
        if len(key) - len(letters) > _MOST_DIGITS or letters.translate(None, _NAME_CHARACTERS):
            return OTHER
        if _may_be_data(key, len(key) - len(letters)):
            return OTHER
        name = class_of(key)
        if not name and key.lower().endswith(_VERSIONS):
            name = VERSION
        if self._below is not None and name not in classes.CLASSES:
            name = self._below(key) or name
        if len(self) < _REMEMBERED:
            self[key] = name
        return name
