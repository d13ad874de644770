"""Secrets in templates: told by their form, or by where they stand, however the text around them is written."""

import pytest

from obskit.deploy.rules import leaks

TOKENS = {
    "AK" + "IA" + "Z" * 16: "an access key of AWS",
    "AS" + "IA" + "7" * 16: "an access key of AWS",
    "sk_" + "live_" + "1a" * 12: "a key of Stripe",
    "rk_" + "test_" + "1a" * 12: "a key of Stripe",
    **{f"gh{kind}_" + "1a" * 18: "a token of GitHub" for kind in "pousr"},
    "github" + "_pat_" + "1a" * 25: "a token of GitHub",
    **{f"xox{kind}-" + "1a" * 5: "a token of Slack" for kind in "abeprs"},
    "https://hooks." + "slack.com/services/T01/B01/" + "1a" * 12: "a token of Slack",
    "https://events." + f"pagerduty.com/integration/{'0a' * 16}/enqueue": "an integration key of PagerDuty",
    "https://events.eu." + f"pagerduty.com/x-ere/{'0a' * 16}": "an integration key of PagerDuty",
    "-----BEGIN PRIVATE" + " KEY-----": "a private key",
    "-----BEGIN RSA PRIVATE" + " KEY-----": "a private key",
}

PROPERTIES = """
    MasterUserPassword MasterPassword Password AuthToken OauthToken OAuthToken SecretString SecretAccessKey ClientSecret
    ApiKeyValue PrivateKey PreSharedKey AccountPassword AdminPassword SafeModeAdministratorPassword
    """.split()


def told(value):
    return [(fault.path, fault.message) for fault in leaks.secrets(value)]


@pytest.mark.parametrize("around", ["{}", "it's {}", 'a "quoted"\n{}\n', "\x00{}", "Grüße: {}", "\\{}"])
def test_a_token_is_told_by_its_form(around):
    """Quotes, line ends and letters of other alphabets beside it hide nothing."""
    expected = {token: [("/Some/0/Text", f"{whose} stands here in plain text")] for token, whose in TOKENS.items()}

    assert expected == {token: told({"Some": [{"Text": around.format(token)}]}) for token in TOKENS}


def test_a_property_that_holds_nothing_else_is_told_whatever_it_holds():
    expected = {name: [(f"/Inside/{name}", f"'{name}' stands here in plain text")] for name in PROPERTIES}

    assert expected == {name: told({"Inside": {name: "hunter2"}}) for name in PROPERTIES}


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"Environment": {"Variables": {"DB_PASSWORD": "hunter2"}}}, "/Environment/Variables/DB_PASSWORD"),
        ({"EnvironmentVariables": {"API_KEY": "hunter2"}}, "/EnvironmentVariables/API_KEY"),
        ({"C": [{"Environment": [{"Name": "APP_SECRET", "Value": "hunter2"}]}]}, "/C/0/Environment/0/Value"),
    ],
)
def test_a_variable_whose_name_says_so_is_told(value, path):
    assert [path] == [place for place, _ in told(value)]


def test_what_only_looks_like_one_is_left_alone():
    harmless = {
        "Example": "AK" + "IAIOSFODNN7EXAMPLE",
        "Text": "xoxo from the kiosk_live_stream, a PRIVATE KEY is kept elsewhere",
        "Password": "{{resolve:secretsmanager:shop/db:SecretString:password}}",
        "Environment": {"Variables": {"PAGING_SECRET": "shop/paging", "TABLE": "hunter2"}},
    }

    assert [] == told(harmless)
