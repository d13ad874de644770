"""`[probes]`: read for each environment, refused with a reason, compiled, rendered as a function of few rights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from obskit.deploy import definitions, logs, project, render, settings
from obskit.deploy.check import check
from obskit.deploy.probes import Schedule
from obskit.deploy.rules import template
from obskit.errors import ConfigError
from obskit.probes import run
from obskit.probes.model import REASONS
from obskit.probes.secrets import REFUSED
from obskit.probes.settings import NAMES, Settings
from tests.deploy.mutants import mutant, spoilt_everywhere
from tests.parts import ROOT

Spoil = Callable[[str, str, str], Path]

SECRET = "arn:aws:secretsmanager:us-east-1:333333333333:secret:shop/probes-AbCdEf"
SEARCH = "arn:aws:secretsmanager:us-east-1:333333333333:secret:shop/typesense-AbCdEf"
QUEUE = "arn:aws:sqs:us-east-1:333333333333:shop-orders"
PROBES = """\
[probes]
kms_key = "arn:aws:kms:{region}:{account}:key/11111111-2222-3333-4444-555555555555"

[probes.database]
host = "{database_host}"
database = "shop"
secret = "arn:aws:secretsmanager:{region}:{account}:secret:shop/probes-AbCdEf"
ca = "global-bundle.pem"

[probes.outbox]

[probes.dsar]
table = "privacy.requests"
timeout_s = 10

[probes.staleness.indexes.listings]
unit = "ms"

[probes.typesense]
secret = "arn:aws:secretsmanager:{region}:{account}:secret:shop/typesense-AbCdEf"
nodes = { n1 = "https://search-1.internal:8108" }

[probes.sqs.queues.orders]
arn = "arn:aws:sqs:{region}:{account}:shop-orders"

[probes.ses]

[environments.prod.probes]
every = "1 minute"
subnets = ["subnet-0123456789abcdef0"]
security_groups = ["sg-0123456789abcdef0"]

[tags]"""
PLAIN = {
    "every_s": 60,
    "timeout_s": 5,
    "database": {
        "via": "driver",
        "secret": SECRET,
        "database": "shop",
        "host": "db.internal",
        "port": 5432,
        "tls": True,
        "ca": "global-bundle.pem",
    },
    "outbox": {
        "sql": (
            'SELECT count(*), extract(epoch FROM now() - min("created_at")) FROM "outbox" WHERE "published_at" IS NULL'
        )
    },
    "dsar": {
        "sql": (
            'SELECT count(*), extract(epoch FROM now() - min("created_at")) FROM "privacy"."requests"'
            ' WHERE "finished_at" IS NULL'
        ),
        "timeout_s": 10,
    },
    "staleness": {
        "indexes": {
            "listings": {
                "sql": 'SELECT extract(epoch FROM max("updated_at")) FROM "listings"',
                "collection": "listings",
                "field": "updated_at",
                "unit": "ms",
            }
        }
    },
    "typesense": {"secret": SEARCH, "ca": "", "nodes": {"n1": "https://search-1.internal:8108"}},
    "sqs": {"queues": {"orders": {"arn": QUEUE}}},
    "ses": {"region": "us-east-1", "counts": "yes"},
}

NOTHING = "stands for nothing in environment 'prod'; known: account, database_host, env, graphql_api, region"
PLAIN_NAME = "is no plain name: letters, digits and '_', a schema before a dot; else use sql"
NO_CREDENTIAL = 'no credential stands here; name its secret: secret = "arn:aws:secretsmanager:…"'
NO_SECRET = "is no ARN of a secret; credentials come from Secrets Manager, never from here or from a variable"
NO_EVERY = "is neither 'off' nor '1 minute', '2 minutes' … '1440 minutes'"


@pytest.fixture
def probed(shop: Path, spoil: Spoil) -> Path:
    spoil("obskit.toml", "[tags]", PROBES)
    return spoil("obskit.toml", 'graphql_api = "abc"', 'graphql_api = "abc", database_host = "db.internal"')


def rendered(root: Path, name: str = "prod") -> dict[str, Any] | None:
    loaded = project.load(root)
    found: dict[str, Any] | None = render.render(loaded, definitions.load(loaded), loaded.environment(name)).probes
    return found


def role(root: Path) -> dict[str, Any]:
    document = rendered(root)
    assert document is not None
    (policy,) = document["Resources"]["ProbesRole"]["Properties"]["Policies"]
    return {statement["Sid"]: statement for statement in policy["PolicyDocument"]["Statement"]}


def problems(root: Path) -> list[str]:
    with pytest.raises(ConfigError) as error:
        project.load(root)
    return [text.removeprefix("obskit.toml: ") for text in error.value.problems]


def test_each_environment_has_its_own(probed: Path):
    found = project.load(probed).probes

    assert ["prod"] == list(found)
    assert PLAIN == found["prod"].plain
    assert Schedule(1, ("subnet-0123456789abcdef0",), ("sg-0123456789abcdef0",)) == found["prod"].schedule


def test_they_are_compiled_and_the_runtime_reads_them(probed: Path):
    names: dict[str, Any] = {}
    text = settings.module(project.load(probed))
    exec(text, names)

    assert {"prod": PLAIN} == names["PROBES"]
    assert text == settings.module(project.load(probed))
    assert "PROBES" not in settings.module(project.load(probed), "dev")
    found = Settings(names["PROBES"]["prod"])
    assert [
        ("outbox", 5.0),
        ("dsar", 10.0),
        ("staleness:listings", 5.0),
        ("typesense:n1", 5.0),
        ("sqs:orders", 5.0),
        ("ses", 5.0),
    ] == [(one.name, one.timeout) for one in run.checks(found)]
    assert ("db.internal", SECRET) == (found.database().host, found.database().secret)


def test_both_sides_know_the_same_probes():
    from obskit.deploy import probes

    assert NAMES == probes.NAMES


def test_sql_of_ones_own_takes_the_place_of_table_and_columns(probed: Path, spoil: Spoil):
    spoil("obskit.toml", "[probes.outbox]", "[probes.outbox]\nsql = '''\nSELECT count(*), max(age) FROM waiting;\n'''")

    assert {"sql": "SELECT count(*), max(age) FROM waiting"} == project.load(probed).probes["prod"].plain["outbox"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('database = "shop"', 'database = "shop"\npassword = "x"', f"probes.database.password: {NO_CREDENTIAL}"),
        ("nodes = {", 'api_key = "x"\nnodes = {', f"probes.typesense.api_key: {NO_CREDENTIAL}"),
        (
            '"arn:aws:secretsmanager:{region}:{account}:secret:shop/probes-AbCdEf"',
            '"${PGPASSWORD}"',
            f"probes.database.secret: '{{PGPASSWORD}}' {NOTHING}.",
        ),
        (
            '"arn:aws:secretsmanager:{region}:{account}:secret:shop/probes-AbCdEf"',
            '"hunter2"',
            f"probes.database.secret: it {NO_SECRET}",
        ),
        (
            '"{database_host}"',
            '"{databse_host}"',
            f"probes.database.host: '{{databse_host}}' {NOTHING}. Did you mean 'database_host'?",
        ),
        ('"{database_host}"', '"a b"', "probes.database.host: 'a b' is no host name"),
        (
            'ca = "global-bundle.pem"',
            "tls = false",
            "probes.database.tls: only a database on this machine may do without",
        ),
        ('ca = "global-bundle.pem"', 'via = "jdbc"', "probes.database.via: 'jdbc' is neither 'driver' nor 'data-api'."),
        (
            "[probes.outbox]",
            '[probes.outbox]\ntable = "a; DROP TABLE b"',
            f"probes.outbox.table: 'a; DROP TABLE b' {PLAIN_NAME}",
        ),
        ("[probes.outbox]", '[probes.outbox]\ncreated = "a.b"', f"probes.outbox.created: 'a.b' {PLAIN_NAME}"),
        (
            "[probes.outbox]",
            "[probes.outbox]\nsql = 'DELETE FROM a'",
            "probes.outbox.sql: one statement, SELECT or WITH, without ';' inside",
        ),
        (
            "[probes.outbox]",
            "[probes.outbox]\nsql = 'SELECT 1, 2; SELECT 3'",
            "probes.outbox.sql: one statement, SELECT or WITH, without ';' inside",
        ),
        (
            "[probes.outbox]",
            "[probes.outbox]\nsql = 'SELECT 1, 2'\ntable = 'b'",
            "probes.outbox.table: stands beside sql, which says it already",
        ),
        ("timeout_s = 10", "timeout_s = 21", "probes.dsar.timeout_s: 21 is not 1 to 20 seconds"),
        ("timeout_s = 10", "timeout = 10", "probes.dsar.timeout: unknown key. Did you mean 'timeout_s'?"),
        (
            'unit = "ms"',
            'unit = "us"',
            "probes.staleness.indexes.listings.unit: 'us' is neither 's' nor 'ms': what the field counts since 1970",
        ),
        (
            '"https://search-1.internal:8108"',
            '"http://search-1.internal:8108"',
            "probes.typesense.nodes.n1: the key would cross the network in plain text; tls = false says that it may",
        ),
        (
            '"https://search-1.internal:8108"',
            '"https://u:p@x"',
            "probes.typesense.nodes.n1: 'https://u:p@x' is no URL such as https://search.internal:8108",
        ),
        (
            '{ n1 = "https',
            '{ "n 1" = "https',
            "probes.typesense.nodes.n 1: a name has 1 to 63 of a-z, 0-9, '.', '_', '-', the first a letter or digit",
        ),
        (
            '"arn:aws:sqs:{region}:{account}:shop-orders"',
            '"shop-orders"',
            "probes.sqs.queues.orders.arn: 'shop-orders' is no ARN of a queue",
        ),
        (
            "[probes.ses]",
            "[probes.ses]\nregion = 'mars'",
            "probes.ses.region: 'mars' is not an AWS region such as 'us-east-1'",
        ),
        ("[probes.ses]", "[probes.sess]", "probes.sess: unknown key. Did you mean 'ses'?"),
        ('every = "1 minute"', 'every = "60 s"', f"environments.prod.probes.every: '60 s' {NO_EVERY}"),
        ('every = "1 minute"', 'every = "1441 minutes"', f"environments.prod.probes.every: '1441 minutes' {NO_EVERY}"),
        (
            'security_groups = ["sg-0123456789abcdef0"]',
            "",
            "environments.prod.probes.subnets: subnets and security_groups go together",
        ),
        (
            '["sg-0123456789abcdef0"]',
            '["default"]',
            "environments.prod.probes.security_groups: 'default' is no id such as sg-0123456789abcdef0",
        ),
    ],
)
def test_what_is_wrong_is_told(probed: Path, spoil: Spoil, old: str, new: str, problem: str):
    spoil("obskit.toml", old, new)

    assert [problem] == problems(probed)
    assert "hunter2" not in problem


def test_probes_that_no_environment_has(probed: Path, spoil: Spoil):
    text = PROBES.partition("[environments.prod.probes]")[2].removesuffix("[tags]")
    spoil("obskit.toml", f"[environments.prod.probes]{text}", "")

    assert [
        'probes: no environment has them; add [environments.NAME.probes] with every = "1 minute" or "off"'
    ] == problems(probed)


def test_an_environment_whose_probes_nobody_names(shop: Path, spoil: Spoil):
    spoil("obskit.toml", "[tags]", "[environments.dev.probes]\n[tags]")

    assert ["probes: missing; add a table [probes]"] == problems(shop)


def test_staleness_asks_a_node(probed: Path, spoil: Spoil):
    old = PROBES[PROBES.index("[probes.typesense]") : PROBES.index("[probes.sqs")]
    spoil("obskit.toml", old, "")

    assert ["probes.staleness: needs [probes.typesense], whose first node is asked for documents"] == problems(probed)


# --- the schedule


def test_off_is_the_default_and_renders_nothing(probed: Path, spoil: Spoil):
    spoil("obskit.toml", 'every = "1 minute"', "")

    assert rendered(probed) is None
    assert 0 == project.load(probed).probes["prod"].plain["every_s"]


@pytest.mark.parametrize(
    ("every", "rate"),
    [("1 minute", "rate(1 minute)"), ("5 minutes", "rate(5 minutes)"), ("1440 minutes", "rate(1440 minutes)")],
)
def test_the_schedule_is_the_environments(probed: Path, spoil: Spoil, every: str, rate: str):
    spoil("obskit.toml", 'every = "1 minute"', f'every = "{every}"')

    document = rendered(probed)

    assert document is not None
    assert rate == document["Resources"]["ProbesSchedule"]["Properties"]["ScheduleExpression"]


def notes(root: Path) -> list[tuple[str, str]]:
    return [(problem.severity, problem.message) for problem in check(root) if problem.rule == "database-awake"]


def test_check_notes_that_the_database_will_not_pause(probed: Path, spoil: Spoil):
    ((severity, message),) = notes(probed)
    assert "note" == severity
    assert "environments.prod.probes: probes connect to the database every 1 minute: Aurora Serverless v2" in message

    spoil("obskit.toml", 'every = "1 minute"', 'every = "1 minute"\npauses = false')
    assert [] == notes(probed)


def test_without_a_schedule_or_sql_there_is_no_such_note(probed: Path, spoil: Spoil):
    spoil("obskit.toml", 'every = "1 minute"', 'every = "off"')

    assert [] == notes(probed)


# --- the function


def test_the_function_and_its_schedule(probed: Path):
    document = rendered(probed)
    assert document is not None
    tags = [
        {"Key": "cost_center", "Value": "1234"},
        {"Key": "data_class", "Value": "internal"},
        {"Key": "env", "Value": "prod"},
        {"Key": "owner", "Value": "platform"},
        {"Key": "service", "Value": "probes"},
    ]

    assert {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Probes of shop, prod, us-east-1; rendered by obskit",
        "Metadata": {
            "obskit": {
                "VpcEndpoints": [
                    f"com.amazonaws.us-east-1.{service}" for service in ("secretsmanager", "sqs", "monitoring", "email")
                ]
            }
        },
        "Parameters": {
            "CodeBucket": {"Type": "String", "Description": "S3 bucket of the function's zip"},
            "CodeKey": {"Type": "String", "Description": "Its key: obskit[probes] and obskit_settings.py"},
        },
        "Resources": {
            "ProbesLogs": {
                "Type": "AWS::Logs::LogGroup",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {
                    "LogGroupName": "/aws/lambda/shop-prod-probes",
                    "RetentionInDays": 90,
                    "DataProtectionPolicy": logs.protection(project.IDENTIFIERS),
                    "Tags": tags,
                },
            },
            "ProbesRole": document["Resources"]["ProbesRole"],
            "ProbesFunction": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": "shop-prod-probes",
                    "Description": "Measures outbox, dsar, staleness, typesense, sqs, ses",
                    "Runtime": "python3.13",
                    "Architectures": ["arm64"],
                    "Handler": "obskit.probes.handler.handler",
                    "Code": {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": {"Ref": "CodeKey"}},
                    "Role": {"Fn::GetAtt": ["ProbesRole", "Arn"]},
                    "MemorySize": 256,
                    "Timeout": 20,
                    "LoggingConfig": {
                        "LogFormat": "JSON",
                        "ApplicationLogLevel": "INFO",
                        "LogGroup": {"Ref": "ProbesLogs"},
                    },
                    "Environment": {
                        "Variables": {
                            "OBSKIT_ENV": "prod",
                            "OBSKIT_SERVICE": "probes",
                            "OBSKIT_METRICS_NAMESPACE": "Shop",
                        }
                    },
                    "VpcConfig": {
                        "SubnetIds": ["subnet-0123456789abcdef0"],
                        "SecurityGroupIds": ["sg-0123456789abcdef0"],
                    },
                    "Tags": tags,
                },
            },
            "ProbesInvocation": {
                "Type": "AWS::Lambda::EventInvokeConfig",
                "Properties": {
                    "FunctionName": {"Ref": "ProbesFunction"},
                    "Qualifier": "$LATEST",
                    "MaximumRetryAttempts": 0,
                    "MaximumEventAgeInSeconds": 60,
                },
            },
            "ProbesSchedule": {
                "Type": "AWS::Events::Rule",
                "Properties": {
                    "Name": "shop-prod-probes",
                    "Description": "Runs the probes of shop, prod",
                    "ScheduleExpression": "rate(1 minute)",
                    "State": "ENABLED",
                    "Targets": [{"Id": "probes", "Arn": {"Fn::GetAtt": ["ProbesFunction", "Arn"]}}],
                    "Tags": tags,
                },
            },
            "ProbesPermission": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "Action": "lambda:InvokeFunction",
                    "FunctionName": {"Ref": "ProbesFunction"},
                    "Principal": "events.amazonaws.com",
                    "SourceArn": {"Fn::GetAtt": ["ProbesSchedule", "Arn"]},
                },
            },
        },
    } == document


def test_the_role_may_do_what_the_probes_do_and_nothing_else(probed: Path):
    found = role(probed)

    assert {
        "Logs": (
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            ["arn:aws:logs:us-east-1:333333333333:log-group:/aws/lambda/shop-prod-probes:*"],
        ),
        "Secrets": (["secretsmanager:GetSecretValue"], [SECRET, SEARCH]),
        "SecretsKey": (
            ["kms:Decrypt"],
            ["arn:aws:kms:us-east-1:333333333333:key/11111111-2222-3333-4444-555555555555"],
        ),
        "Queues": (["sqs:GetQueueAttributes", "sqs:GetQueueUrl"], [QUEUE]),
        "QueueAges": (["cloudwatch:GetMetricData"], ["*"]),
        "SendingStatistics": (["ses:GetSendQuota", "ses:GetSendStatistics"], ["*"]),
    } == {
        sid: (statement["Action"], statement["Resource"])
        for sid, statement in found.items()
        if sid not in ("Network", "NetworkNotForTheCode")
    }
    assert found["Network"]["Action"] == found["NetworkNotForTheCode"]["Action"]
    assert (
        "Deny",
        {"ArnEquals": {"lambda:SourceFunctionArn": "arn:aws:lambda:us-east-1:333333333333:function:shop-prod-probes"}},
    ) == (
        found["NetworkNotForTheCode"]["Effect"],
        found["NetworkNotForTheCode"]["Condition"],
    )


def test_by_the_data_api_it_needs_no_network(probed: Path, spoil: Spoil):
    cluster = "arn:aws:rds:us-east-1:333333333333:cluster:shop"
    spoil("obskit.toml", 'host = "{database_host}"', f'via = "data-api"\ncluster = "{cluster}"')
    spoil("obskit.toml", 'ca = "global-bundle.pem"\n', "")
    for line in ('subnets = ["subnet-0123456789abcdef0"]\n', 'security_groups = ["sg-0123456789abcdef0"]\n'):
        spoil("obskit.toml", line, "")

    found = role(probed)

    assert ["Logs", "Secrets", "SecretsKey", "DataApi", "Queues", "QueueAges", "SendingStatistics"] == list(found)
    assert [cluster] == found["DataApi"]["Resource"]
    document = rendered(probed)
    assert document is not None
    assert "VpcConfig" not in document["Resources"]["ProbesFunction"]["Properties"]
    assert "com.amazonaws.us-east-1.rds-data" in document["Metadata"]["obskit"]["VpcEndpoints"]


def test_it_is_rendered_once_in_the_primary_region(probed: Path):
    loaded = project.load(probed)
    found = render.render(loaded, definitions.load(loaded), loaded.environment("prod"))
    text = found.alarm_files()["alarms/rendered/prod/us-east-1/shop-probes.template.json"]

    assert rendered(probed) == json.loads(text)
    assert [
        "alarms/rendered/prod/us-east-1/shop-probes.template.json",
        "alarms/rendered/prod/us-east-1/shop.template.json",
        "alarms/rendered/prod/us-west-2/shop.template.json",
    ] == sorted(found.alarm_files())


STATEMENT = "/Resources/ProbesRole/Properties/Policies/0/PolicyDocument/Statement"


@pytest.mark.parametrize(
    ("path", "value", "where", "rule"),
    [
        ("1/Action", ["secretsmanager:*"], "1/Action", "policy-action"),
        ("1/Action", "*", "1/Action", "policy-action"),
        ("1/Resource", ["*"], "1/Resource", "policy-resource"),
        ("1/Resource", "*", "1/Resource", "policy-resource"),
        ("1/Effect", "allow", "1/Effect", "policy-effect"),
    ],
)
def test_a_role_that_may_more_is_found(probed: Path, path: str, value: object, where: str, rule: str):
    document = rendered(probed)
    assert document is not None
    assert [] == template.check("t", document)

    found = template.check("t", mutant(document, f"{STATEMENT}/{path}", value))

    assert [(f"{STATEMENT}/{where}", rule, "error")] == [
        (f"/Resources/{one.resource}{one.path}", one.rule, one.severity) for one in found
    ]


def test_whatever_a_role_holds_it_is_read(probed: Path):
    document = rendered(probed)
    assert document is not None
    small = {"Resources": {"ProbesRole": document["Resources"]["ProbesRole"]}}
    for spoilt in spoilt_everywhere(small):
        template.check("t", spoilt)


def test_the_settings_in_the_papers_are_sound(shop: Path, spoil: Spoil):
    """All of docs/probes.md's example, and what it renders."""
    example = (ROOT / "docs/probes.md").read_text().partition("```toml\n")[2].partition("```")[0]
    spoil("obskit.toml", "[tags]", f"{example}\n[tags]")
    spoil("obskit.toml", 'graphql_api = "abc"', 'graphql_api = "abc", database_host = "db.internal"')
    spoil("obskit.toml", "log_retention_days = 30", 'log_retention_days = 30\nids = { database_host = "dev.internal" }')

    found = project.load(shop).probes

    assert {"dev": (0, NAMES), "prod": (1, NAMES)} == {
        name: (one.schedule.every, one.names) for name, one in found.items()
    }
    assert [] == template.check("t", rendered(shop))


def test_every_reason_and_setting_is_in_the_papers():
    paper = (ROOT / "docs/probes.md").read_text()

    assert [] == [reason for reason in REASONS if f"| `{reason}` |" not in paper]
    assert [] == [name for name in REFUSED if f"`{name}`" not in paper]
