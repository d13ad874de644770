"""
The words that keys are read by: names whose values are secret or personal, and those that only look like such.

Tables alone; `keys` reads keys by them. Every name stands in its normal form, lower-case words joined by `_`, of which
digits are some, too (`line_1`): `customerEmail` is `customer_email`.
"""

from __future__ import annotations

from obskit.masking import classes

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

SENSITIVE = frozenset((*classes.CLASSES, *OF_TEXT))

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

PERSONS = """
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

ONLY_ALONE = {
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

ONLY_LAST = frozenset(
    """
    session sessions auth authorization authorisation cookie cookies secrets mobile ip ips geo pan
    """.split()
)
"""Words that name a value only at the end of a key: `mobile_app`, `auth_mode` and `session_start` are about others."""

NOT_IN_PROSE = frozenset(
    "rfc spi nie sin cif nir tin ein sig swift mbi handy rue cell mfa portable address nik cpr patente".split()
)
"""Names that are also words, in one language or another."""

SUBJECTS = frozenset(
    """
    my our your his her their old new current previous x client billing shipping delivery home work creator author
    admin assignee reporter reviewer from to
    """.split()
    + PERSONS
)
"""Words before a name that say whose it is, and change nothing."""

HARMLESS_NAMES = """
    primary_key foreign_key public_key partition_key sort_key idempotency_key cache_key bucket_key object_key
    next_token continuation_token pagination_token page_token start_token client_request_token client_token
    idempotency_token starting_token sequence_token creation_token function_signature method_signature lock_token
    change_token sync_token
    task_token_id token_use token_type kms_key_id session_duration cookie_consent auth_time token_count expires_in
    author authors authority authenticated keyspace keyword in_reply_to aws_account_number i_phone pre_auth
    placeholder_name voicemail voicemails
""".split()

HARMLESS_STARTS = ("access_control_", "sec_ch_", "sec_fetch_")
"""Families of headers that speak of permissions and of browsers."""

HARMLESS_SPELLINGS = frozenset(("ServiceToken", "OLDPWD"))
"""Spelt just so they are something else: the ARN behind a CloudFormation custom resource, a shell's last folder."""

HARMLESS_ENDINGS = frozenset(
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

HARMLESS_BEGINNINGS = frozenset(
    """
    is has have can should must may was were did does no num n count max min total avg sum enable enabled
    disable disabled require required requires allow allowed show hide use uses used with without skip invalid
    missing unknown
    """.split()
)

PASSES = frozenset(
    """
    boarding season ski lift bus train rail metro travel transit day daily week weekly month monthly annual year hall
    event gate parking lounge visitor free fast track wallet apple digital all any first second third next last initial
    final single multi one two high low band test tests check checks did will must can could should by quality lint
    build render forward backward post pre optional is has to max min num number
    """.split()
)
"""Words before `pass` that make a ticket, a filter or a verdict of it; behind any other it is a password."""

STRONG_ENDS = {
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

WEAK_ENDS = (
    *"""
    phone number name key id url uri card code mail pass address birth no session signature ip num string licence
    license insurance security holder hash header value verifier assertion data location for exp expiry word phrase
    answer line auth
    """.split(),
)
"""Ends that other words have too (`microphone`, `monkey`): what is before them has to be known words."""

NAME_ENDS = (
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

GLUED = frozenset(
    """
    my user usr customer client admin root login account member guest buyer seller billing shipping contact home work
    office db database mysql postgres postgresql pg redis mongo mongodb smtp imap pop ftp sftp ssh ldap proxy http mail
    email api app web server service key of card credit debit ip id
    """.split()
)
"""Words that come glued before a name, beside those that names are made of."""

ABBREVIATIONS = frozenset(("str", "fname", "lname"))
"""Words of names that are no part of a glued word: `strip` is not an `ip`."""

OPEN = frozenset(("pass", "key", "keys"))
"""Last words of names that begin with anything, a vendor's name most often."""

KEY_ENDS = ("apikey", "apikeys", "secretkey", "accesskey", "privatekey")

BELOW_PERSON = {
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

BELOW_CARD = {
    "number": classes.CARD,
    "no": classes.CARD,
    "holder": classes.NAME,
    **dict.fromkeys(_EXPIRIES, classes.CARD),
}


def by_name() -> dict[str, str]:
    """Return name -> class, or PLACE, of all that is sensitive at any place of a key, families of names among them."""
    names: dict[str, str] = {}
    for kind, listed in _NAMES.items():
        names.update(dict.fromkeys(listed.split(), kind))
    names.update(dict.fromkeys([f"{what}_code" for what in _CODES], SECRET))
    names.update(dict.fromkeys([f"{card}_{expiry}" for card in _CARDS for expiry in _EXPIRIES], classes.CARD))
    names.update(dict.fromkeys([f"{person}_name" for person in PERSONS], classes.NAME))
    names.update(dict.fromkeys([f"{place}_address" for place in (*_PLACES, *PERSONS)], PLACE))
    return names


def _whole() -> dict[str, str]:
    """Return what each known name says as a whole key. A name may stand in several tables: the last one holds."""
    whole = dict.fromkeys((*_CARDS, *[f"{card}s" for card in _CARDS]), PAYMENT_CARD)
    whole.update(dict.fromkeys((*PERSONS, *_ABOUT_PERSONS), PERSON))
    whole.update(by_name())
    whole.update(dict.fromkeys(HARMLESS_NAMES, ""))
    whole.update(ONLY_ALONE)
    return whole


WHOLE = _whole()
"""Name -> what it says as a whole key: a class, a structural mark, "" where it is harmless."""
