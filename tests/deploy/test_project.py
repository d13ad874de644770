"""`obskit.toml`: what is read, and how everything that is wrong is told at once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from obskit.deploy import project
from obskit.deploy.model import Environment, Project
from obskit.errors import ConfigError

Spoil = Callable[[str, str, str], Path]


def test_a_project_is_read_whole(shop: Path):
    """Every key of the file has one place, and what it leaves out has a default."""
    dev = Environment("dev", "111111111111", ("us-east-1",), 30)
    prod = Environment(
        name="prod",
        account="333333333333",
        regions=("us-east-1", "us-west-2"),
        log_retention_days=90,
        pages=True,
        paging_secret="obskit/pagerduty/prod",
        kms_key="alias/shop-data",
        fallback="oncall@shop.example",
        paging_endpoint="https://events.pagerduty.com",
        alarm_period=None,
        ids={"graphql_api": "abc"},
    )

    assert project.load(shop) == Project(
        root=shop,
        name="shop",
        namespace="Shop",
        catalogs=("obskit.kpis",),
        dashboards="dashboards",
        alarms="alarms",
        runbooks="https://runbooks.shop.example/",
        tags={"owner": "platform", "cost_center": "1234", "data_class": "internal"},
        environments={"dev": dev, "prod": prod},
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('account = "111111111111"', "account = 111111111111", "environments.dev.account: must be text in quotes"),
        (
            'account = "111111111111"',
            'account = "11111111111"',
            "environments.dev.account: '11111111111' is not an AWS account: 12 digits, in quotes",
        ),
        ('account = "111111111111"\n', "", "environments.dev.account: missing; it is text in quotes"),
        (
            'regions = ["us-east-1"]',
            "regions = []",
            'environments.dev.regions: name at least one, the primary first, e.g. ["us-east-1"]',
        ),
        ('regions = ["us-east-1"]', "regions = [1]", "environments.dev.regions: must be a list of texts"),
        (
            'regions = ["us-east-1"]',
            'regions = ["useast1"]',
            "environments.dev.regions: 'useast1' is not an AWS region. Did you mean 'us-east-1'?",
        ),
        (
            'regions = ["us-east-1"]',
            'regions = ["us-east-1", "us-east-1"]',
            "environments.dev.regions: a region is named twice",
        ),
        (
            "log_retention_days = 30",
            "log_retention_days = 45",
            "environments.dev.log_retention_days: 45 is not one of 30, 60, 90; nearest: 30",
        ),
        (
            "log_retention_days = 30",
            "retention_days = 30\nlog_retention_days = 30",
            "environments.dev.retention_days: unknown key. Did you mean 'log_retention_days'?",
        ),
        (
            "log_retention_days = 30",
            'log_retention_days = 30\nvariables = { AWS_LAMBDA_LOG_FORMAT = "JSON", AWS_LAMBDA_LOG_LEVEL = "WARN" }',
            (
                "environments.dev.variables: AWS_LAMBDA_LOG_LEVEL is WARN. Lambda drops metrics then: they count as"
                " INFO. Set it to INFO or DEBUG; OBSKIT_LOG_LEVEL decides what obskit writes."
            ),
        ),
        (
            "log_retention_days = 30",
            'log_retention_days = 30\nvariables = { AWS_LAMBDA_LOG_FORMAT = "JSON", OBSKIT_BUFFER_DEBUG = "on" }',
            "environments.dev.variables: AWS_LAMBDA_LOG_LEVEL is INFO. Lambda drops debug lines then. Set it to DEBUG.",
        ),
        (
            "log_retention_days = 30",
            'log_retention_days = 30\nvariables = { OBSKIT_ENV = "dev", OBSKIT_METRICS_NAMESPACE = "Shopp" }',
            "environments.dev.variables.OBSKIT_METRICS_NAMESPACE: 'Shopp': dashboards and alarms look for 'Shop'",
        ),
        (
            "log_retention_days = 30",
            'log_retention_days = 30\nvariables = { OBSKIT_ENV = "prod", OBSKIT_METRICS_NAMESPACE = "Shop" }',
            "environments.dev.variables.OBSKIT_ENV: 'prod': dashboards and alarms look for 'dev'",
        ),
        (
            "log_retention_days = 30",
            'log_retention_days = 30\nvariables = { OBSKIT_LOG_LEVEL = "LOUD" }',
            (
                "environments.dev.variables.OBSKIT_LOG_LEVEL: 'LOUD' is not a level; it is one of TRACE, DEBUG, INFO,"
                " WARN, ERROR, FATAL"
            ),
        ),
        ("pages = true", 'pages = "yes"', "environments.prod.pages: must be true or false"),
        (
            'paging_secret = "obskit/pagerduty/prod"\n',
            "",
            (
                "environments.prod.paging_secret: required with pages = true: a Secrets Manager id that holds"
                ' {"integration_key": "…"}'
            ),
        ),
        (
            'kms_key = "alias/shop-data"\n',
            "",
            (
                "environments.prod.kms_key: required with pages = true: a customer key that lets"
                " cloudwatch.amazonaws.com publish"
            ),
        ),
        (
            "alias/shop-data",
            "alias/aws/sns",
            (
                "environments.prod.kms_key: CloudWatch cannot publish through 'alias/aws/sns', nobody would be paged;"
                " use a customer key"
            ),
        ),
        (
            "alias/shop-data",
            "arn:aws:kms:us-east-1:333333333333:key/1",
            (
                "environments.prod.kms_key: a key of us-east-1 alone, but a topic needs a key of its own region;"
                " use an alias that each has"
            ),
        ),
        (
            "pages = true",
            'pages = true\npaging_endpoint = "http://example.com"',
            (
                "environments.prod.paging_endpoint: 'http://example.com' must be an https URL (http only for a loopback"
                " host)"
            ),
        ),
        (
            "pages = true",
            "pages = true\nalarm_period = 45",
            "environments.prod.alarm_period: 45 is not 10, 20, 30 or a multiple of 60 up to 86400 seconds",
        ),
        ("pages = true", "pages = true\nalarm_period = true", "environments.prod.alarm_period: must be a whole number"),
        ('data_class = "internal"\n', "", "tags.data_class: missing; it is text in quotes"),
        ('owner = "platform"', 'owner = ""', "tags.owner: a tag value has 1 to 256 characters"),
        (
            'name = "shop"',
            'name = "Shop"',
            "project.name: 'Shop' must be lower-case words joined by '-', each beginning with a letter",
        ),
        (
            'namespace = "Shop"',
            'namespace = "AWS/Shop"',
            "project.namespace: 1 to 255 letters, digits and . - _ / # : and spaces, not starting with ':' or 'AWS/'",
        ),
        (
            "https://runbooks.shop.example/",
            "https://runbooks.shop.example",
            "project.runbooks: 'https://runbooks.shop.example' must be an https URL that ends in '/'",
        ),
        ("[tags]", "[tag]", "tags: missing; add a table [tags]"),
    ],
)
def test_one_fault_is_one_line(spoil: Spoil, old: str, new: str, problem: str):
    """A problem names the file, the key, the rule and the nearest right answer."""
    with pytest.raises(ConfigError) as caught:
        project.load(spoil("obskit.toml", old, new))

    assert f"obskit.toml: {problem}" == caught.value.problems[0]
    assert 1 == len(caught.value.problems) or "[tag]" == new


def test_all_faults_are_told_at_once(shop: Path, spoil: Spoil):
    spoil("obskit.toml", 'name = "shop"', "name = 1")
    spoil("obskit.toml", 'account = "111111111111"', 'acount = "111111111111"')
    spoil("obskit.toml", "log_retention_days = 90", "log_retention_days = 91")

    with pytest.raises(ConfigError) as caught:
        project.load(shop)

    assert (
        "obskit.toml: environments.dev.account: missing; it is text in quotes",
        "obskit.toml: environments.dev.acount: unknown key. Did you mean 'account'?",
        "obskit.toml: environments.prod.log_retention_days: 91 is not one of 30, 60, 90; nearest: 90",
        "obskit.toml: project.name: must be text in quotes",
    ) == tuple(sorted(caught.value.problems))


def test_a_syntax_error_has_a_line(spoil: Spoil):
    with pytest.raises(ConfigError, match=r"^obskit\.toml:2:8: not TOML: Invalid value$"):
        project.load(spoil("obskit.toml", 'name = "shop"', "name = shop"))


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"obskit\.toml: no such file"):
        project.load(tmp_path)


@pytest.mark.parametrize("period", [10, 20, 30, 60, 120, 86_400])
def test_periods_of_cloudwatch_are_taken(shop: Path, period: int):
    loaded = project.load(shop)
    changed = replace(loaded.environments["dev"], alarm_period=period)

    assert changed == project.with_environment(loaded, changed).environments["dev"]


@pytest.mark.parametrize("period", [1, 9, 11, 40, 61, 86_460, -60])
def test_other_periods_are_not(shop: Path, period: int):
    loaded = project.load(shop)

    with pytest.raises(ConfigError, match="alarm_period"):
        project.with_environment(loaded, replace(loaded.environments["dev"], alarm_period=period))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9999", "http://localhost:1", "http://[::1]:80", "https://events.eu.pagerduty.com"]
)
def test_endpoints_that_are_safe(shop: Path, url: str):
    loaded = project.load(shop)

    changed = project.with_environment(loaded, replace(loaded.environments["prod"], paging_endpoint=url))

    assert url == changed.environments["prod"].paging_endpoint


@pytest.mark.parametrize("url", ["http://127.0.0.1.example.com", "http://localhost@example.com", "ftp://localhost", ""])
def test_endpoints_that_are_not(shop: Path, url: str):
    loaded = project.load(shop)

    with pytest.raises(ConfigError, match="paging_endpoint"):
        project.with_environment(loaded, replace(loaded.environments["prod"], paging_endpoint=url))


def test_an_unknown_environment_has_a_nearest(shop: Path):
    with pytest.raises(ConfigError, match=r"no environment 'prdo' \(known: dev, prod\)\. Did you mean 'prod'\?"):
        project.load(shop).environment("prdo")


def test_the_file_is_found_upwards(shop: Path):
    assert shop == project.find(shop / "dashboards")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("[" * 50_000, "obskit.toml: not TOML that can be read: nested too deeply"),
        ("1" * 5_000, "obskit.toml: not TOML that can be read: "),
        (f"0x{'f' * 5_000}", "obskit.toml: environments.dev.log_retention_days: a whole number of TOML has 64 bits"),
    ],
)
def test_toml_beyond_what_python_reads_is_a_problem(spoil: Spoil, value: str, words: str):
    root = spoil("obskit.toml", "log_retention_days = 30", f"log_retention_days = {value}")

    with pytest.raises(ConfigError) as caught:
        project.load(root)

    assert [True] == [problem.startswith(words) for problem in caught.value.problems]


@pytest.mark.parametrize("key", ["dashboards", "alarms"])
@pytest.mark.parametrize(
    "folder", ["../victim", "/tmp/victim", "a/../../victim", "", ".", "./a", "a/", "a//b", "a\\u0000"]
)
def test_a_folder_is_below_the_project_and_written_plainly(spoil: Spoil, key: str, folder: str):
    root = spoil("obskit.toml", "[tags]", f'{key} = "{folder}"\n\n[tags]')

    with pytest.raises(ConfigError, match=f"obskit.toml: project.{key}: .* must be a folder below this file's own"):
        project.load(root)


def test_a_folder_that_is_a_link_out_of_the_project_is_refused(
    shop: Path, spoil: Spoil, tmp_path_factory: pytest.TempPathFactory
):
    (shop / "boards").symlink_to(tmp_path_factory.mktemp("victim"))
    root = spoil("obskit.toml", "[tags]", 'dashboards = "boards"\n\n[tags]')

    with pytest.raises(ConfigError, match=r"project\.dashboards: 'boards' is a link that leads out of the project"):
        project.load(root)
