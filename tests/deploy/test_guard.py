"""Guard rules: all that obskit renders keeps them, and each sees the one thing broken that it is there for."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from obskit.cli.commands import obskit
from obskit.deploy import definitions, documents, guard, project, render
from obskit.deploy.iam.everything import EVERYTHING
from obskit.errors import ConfigError
from tests.deploy.conftest import ALARM, DASHBOARD, TOML
from tests.deploy.mutants import GONE, mutant
from tests.deploy.test_delivery import COMPOSITE
from tests.deploy.test_probes import PROBES
from tests.parts import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from obskit.deploy.rules import Problem

    Found = Callable[..., list[Problem]]

Json = dict[str, Any]

LOGS = '[logs]\nfunctions = ["checkout"]\nservices = ["search"]\n\n'
WHOLE = (
    TOML.replace("[tags]", LOGS + PROBES)
    .replace('"abc"', '"abc", database_host = "db.internal"')
    .replace("log_retention_days = 30", 'log_retention_days = 30\nkms_key = "alias/data"\nlogs_key = "alias/logs"')
    .replace("log_retention_days = 90", 'log_retention_days = 90\nlogs_key = "alias/logs"')
)
"""A project that renders every type of resource that obskit knows."""


@pytest.fixture(scope="module")
def found() -> Found:
    """Check a document; the rules are read once."""
    rules = guard.Guard()
    return lambda document, name="template.json": rules.check(name, document)


def committed() -> dict[str, Json]:
    files = [*ROOT.glob("alarms/rendered/*/*/*.json"), ROOT / "layer" / "template.yaml"]
    read: dict[str, Any] = {str(file.relative_to(ROOT)): documents.read(file)[1] for file in files}
    return read


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> project.Project:
    root = tmp_path_factory.mktemp("shop")
    for name, text in (
        ("obskit.toml", WHOLE),
        ("dashboards/checkout.py", DASHBOARD),
        ("alarms/checkout.py", ALARM + COMPOSITE),
    ):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return project.load(root)


def templates(of: project.Project, name: str, **changes: Any) -> dict[str, Json]:
    """Return the templates of an environment of *of* by path, with *changes* to its settings."""
    changed = project.with_environment(of, replace(of.environments[name], **changes))
    environment = changed.environments[name]
    stacks = render.render(changed, definitions.load(changed), environment).stacks()
    return {f"{stack.region} {stack.name}": stack.template for stack in stacks}


@pytest.fixture(scope="module")
def sound(whole: project.Project) -> dict[str, Json]:
    """One template of each kind: obskit's own, the layer's, and what a platform has beside."""
    prod = templates(whole, "prod")
    return {
        "alarms": prod["us-east-1 shop"],
        "forwarder": prod["us-east-1 shop-forwarder"],
        "logs": prod["us-east-1 shop-logs"],
        "probes": prod["us-east-1 shop-probes"],
        "dev": templates(whole, "dev")["us-east-1 shop-logs"],
        "stage": templates(project.with_environment(whole, stage(whole)), "stage")["us-east-1 shop-logs"],
        "layer": committed()["layer/template.yaml"],
        "platform": json.loads((Path(__file__).parent / "platform.json").read_text()),
    }


def stage(of: project.Project) -> project.Environment:
    return replace(of.environments["dev"], name="stage", log_retention_days=60)


# --- what is rendered keeps them ---


def test_what_is_committed_keeps_every_rule(found: Found):
    assert [] == [str(problem) for name, one in committed().items() for problem in found(one, name)]


def test_what_the_definitions_render_now_keeps_every_rule(found: Found):
    """With the platform's own project: all environments and regions, split as they are deployed."""
    loaded = project.load(ROOT)
    known = list(committed().values())

    rendered = {(env, path): one for env in loaded.environments for path, one in templates(loaded, env).items()}

    assert {env for env, _ in rendered} == {"dev", "stage", "prod"}
    new = {where: one for where, one in rendered.items() if one not in known}  # the others are checked above
    assert [] == [str(problem) for (_, path), one in new.items() for problem in found(one, path)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"route": "forwarder"},
        {"fallback": "https://hooks.example.com/page"},
        {"fallback": "arn:aws:sns:{region}:444444444444:elsewhere"},
        {"kms_key": "arn:aws:kms:us-east-1:333333333333:key/11111111-2222-3333-4444-555555555555"},
        {"paging_secret_version": "11111111-2222-3333-4444-555555555555"},
        {"paging_secret": "arn:aws:secretsmanager:us-east-1:333333333333:secret:page-AbCdEf"},
        {"parameters": {"graphql_api": "GraphqlApi"}, "ids": {"graphql_api": "${GraphqlApi}", "database_host": "db"}},
    ],
)
def test_whatever_an_environment_says_is_rendered_within_them(found: Found, whole: project.Project, changes: Json):
    if changes.get("kms_key"):
        changes = {**changes, "regions": ("us-east-1",)}
    rendered = templates(whole, "prod", **changes)

    assert [] == [str(problem) for path, one in rendered.items() for problem in found(one, path)]


def test_the_sound_ones_are_sound(found: Found, sound: dict[str, Json]):
    assert [] == [str(problem) for name, one in sound.items() for problem in found(one, name)]


# --- each rule sees what it is there for ---

R = "/Resources"
TAGS = "Properties/Tags"
FORWARDER_ROLE = f"{R}/ForwarderRole/Properties/Policies/0/PolicyDocument/Statement"
PROBES_ROLE = f"{R}/ProbesRole/Properties/Policies/0/PolicyDocument/Statement"
OWN = f"{R}/DeployPolicy/Properties/PolicyDocument/Statement/0"
KEY = f"{R}/Key/Properties"
TOPIC = f"{R}/TopicPagePolicy/Properties/PolicyDocument/Statement/0"
QUEUE = f"{R}/PagingDeadLettersPolicy/Properties/PolicyDocument/Statement/0"
ALARM_ = f"{R}/AlarmFailures/Properties"
VARIABLES = f"{R}/ForwarderFunction/Properties/Environment/Variables"
LIVE_KEY = "R0UT1NG" + "KEY0" * 5
KMS_ALL = "arn:aws:kms:us-east-1:333333333333:key/*"

Mutant = tuple[str, str, object, str]
"""Template, path, what is put there, the rule that sees it."""

MUTANTS: list[Mutant] = [
    ("alarms", f"{R}/TopicPage/Properties/KmsMasterKeyId", GONE, "topic_encrypted"),
    ("alarms", f"{R}/TopicPage/Properties/KmsMasterKeyId", "alias/aws/sns", "topic_customer_key"),
    (
        "alarms",
        f"{R}/TopicPage/Properties/KmsMasterKeyId",
        "arn:aws:kms:us-east-1:333333333333:alias/aws/sns",
        "topic_customer_key",
    ),
    ("alarms", f"{R}/PagingDeadLetters/Properties/KmsMasterKeyId", GONE, "queue_encrypted"),
    ("forwarder", f"{R}/ForwarderDeadLetters/Properties/KmsMasterKeyId", "alias/aws/sqs", "queue_customer_key"),
    ("logs", f"{R}/LogsCheckout/Properties/KmsKeyId", GONE, "log_group_encrypted"),
    ("platform", f"{KEY}/EnableKeyRotation", False, "key_rotated"),
    ("platform", f"{KEY}/EnableKeyRotation", GONE, "key_rotated"),
    ("platform", f"{KEY}/KeyPolicy/Statement/0/Principal", "*", "key_not_public"),
    ("platform", f"{KEY}/KeyPolicy/Statement/0/Principal", {"AWS": "*"}, "key_not_public"),
    ("platform", f"{KEY}/KeyPolicy/Statement/0/Principal", {"AWS": ["*"]}, "key_not_public"),
    ("alarms", "/Metadata/obskit/KeyPolicy/0/Condition", GONE, "key_policy_bounded"),
    ("alarms", "/Metadata/obskit/KeyPolicy/1/Principal", "*", "key_policy_bounded"),
    # --- logs
    ("logs", f"{R}/LogsCheckout/Properties/RetentionInDays", GONE, "log_group_retention"),
    ("logs", f"{R}/LogsCheckout/Properties/RetentionInDays", 365, "log_group_retention"),
    ("logs", f"{R}/LogsCheckout/Properties/RetentionInDays", 60, "log_group_retention_by_environment"),
    ("stage", f"{R}/LogsCheckout/Properties/RetentionInDays", 30, "log_group_retention_by_environment"),
    ("dev", f"{R}/LogsCheckout/Properties/RetentionInDays", 90, "log_group_retention_by_environment"),
    ("forwarder", f"{R}/ForwarderLogs/DeletionPolicy", GONE, "log_group_kept"),
    ("logs", f"{R}/LogsCheckout/DeletionPolicy", "Delete", "log_group_kept"),
    ("probes", f"{R}/ProbesLogs/UpdateReplacePolicy", GONE, "log_group_kept"),
    ("logs", f"{R}/LogsCheckout/Properties/DataProtectionPolicy", GONE, "log_group_data_protection"),
    # --- secrets
    (
        "forwarder",
        f"{VARIABLES}/PAGING_SECRET",
        "{{resolve:secretsmanager:obskit/pagerduty/prod:SecretString:key}}",
        "function_secret_not_resolved",
    ),
    ("forwarder", f"{VARIABLES}/PAGING_SECRET", LIVE_KEY, "function_secret_by_name"),
    ("forwarder", f"{VARIABLES}/PAGING_ROUTING_KEY", LIVE_KEY, "function_holds_no_secret"),
    ("probes", f"{R}/ProbesFunction/Properties/Environment/Variables/DB_PASSWORD", "x", "function_holds_no_secret"),
    (
        "alarms",
        f"{R}/TopicPageSubscription/Properties/Endpoint",
        f"https://events.pagerduty.com/integration/{LIVE_KEY}/enqueue",
        "subscription_key_by_reference",
    ),
    ("alarms", f"{R}/TopicPageSubscription/Properties/Protocol", "http", "subscription_by_tls"),
    ("platform", "/Parameters/DatabasePassword/Default", "hunter2", "secret_parameter_without_default"),
    ("platform", "/Parameters/DatabasePassword/NoEcho", GONE, "secret_parameter_hidden"),
    ("platform", "/Parameters/DatabasePassword/NoEcho", False, "secret_parameter_hidden"),
    ("platform", f"{R}/Secret/Properties/SecretString", "hunter2", "secret_not_in_template"),
    # --- tags
    *(("alarms", f"{R}/TopicPage/{TAGS}/{place}", {"Key": "x", "Value": "y"}, "tags") for place in range(5)),
    *(
        (name, f"{R}/{logical}/{TAGS}", GONE, "tags")
        for name, logical in (
            ("alarms", "AlarmFailures"),
            ("alarms", "CompositeBoth"),
            ("alarms", "DashboardCheckout"),
            ("alarms", "PagingDeadLetters"),
            ("forwarder", "ForwarderRole"),
            ("forwarder", "ForwarderFunction"),
            ("logs", "LogsCheckout"),
            ("probes", "ProbesSchedule"),
            ("platform", "Key"),
            ("platform", "Secret"),
        )
    ),
    ("layer", f"{R}/Parameter/{TAGS}", GONE, "parameter_tags"),
    *(
        ("layer", f"{R}/Parameter/{TAGS}/{name}", GONE, "parameter_tags")
        for name in ("env", "service", "owner", "cost_center", "data_class")
    ),
    # --- access
    ("forwarder", f"{FORWARDER_ROLE}/0/Action", "*", "role_actions_named"),
    ("forwarder", f"{FORWARDER_ROLE}/0/Action", ["logs:PutLogEvents", "logs:*"], "role_actions_named"),
    ("probes", f"{PROBES_ROLE}/1/Action", ["secretsmanager:Get*"], "role_actions_named"),
    ("probes", f"{PROBES_ROLE}/1/NotAction", "iam:CreateUser", "role_actions_named"),
    ("platform", f"{OWN}/Action", "secretsmanager:*", "policy_actions_named"),
    ("platform", f"{OWN}/NotAction", ["iam:CreateUser"], "policy_actions_named"),
    ("forwarder", f"{FORWARDER_ROLE}/1/Resource", "*", "role_resources_named"),
    ("forwarder", f"{FORWARDER_ROLE}/1/Resource", ["*"], "role_resources_named"),
    ("forwarder", f"{FORWARDER_ROLE}/0/Resource", ["arn:aws:logs:us-east-1:3:log-group:*"], "role_resources_named"),
    ("forwarder", f"{FORWARDER_ROLE}/4/Condition", GONE, "role_resources_named"),
    ("probes", f"{PROBES_ROLE}/1/NotResource", "x", "role_resources_named"),
    ("platform", f"{OWN}/Resource", "*", "policy_resources_named"),
    ("platform", f"{OWN}/Resource", "arn:aws:secretsmanager:us-east-1:3:secret:*", "policy_resources_named"),
    ("platform", f"{OWN}/Resource", KMS_ALL, "policy_resources_named"),
    ("probes", f"{PROBES_ROLE}/-1", GONE, "network_for_lambda_alone"),
    (
        "forwarder",
        f"{R}/ForwarderRole/Properties/ManagedPolicyArns",
        ["arn:aws:iam::aws:policy/AdministratorAccess"],
        "role_without_managed_policies",
    ),
    (
        "forwarder",
        f"{R}/ForwarderRole/Properties/AssumeRolePolicyDocument/Statement/0/Principal",
        {"AWS": "arn:aws:iam::444444444444:root"},
        "role_for_one_service",
    ),
    (
        "forwarder",
        f"{R}/ForwarderRole/Properties/AssumeRolePolicyDocument/Statement/0/Principal/AWS",
        "444444444444",
        "role_for_one_service",
    ),
    ("alarms", f"{TOPIC}/Principal", "*", "topic_for_one_account"),
    ("alarms", f"{TOPIC}/Principal", {"AWS": "*"}, "topic_for_one_account"),
    ("alarms", f"{TOPIC}/Condition", GONE, "topic_for_one_account"),
    ("alarms", f"{TOPIC}/Condition/StringEquals", GONE, "topic_for_one_account"),
    ("alarms", f"{TOPIC}/Action", "sns:*", "topic_for_one_account"),
    ("alarms", f"{QUEUE}/Principal", "*", "queue_for_one_topic"),
    ("alarms", f"{QUEUE}/Condition", GONE, "queue_for_one_topic"),
    ("alarms", f"{QUEUE}/Action", ["sqs:SendMessage", "sqs:PurgeQueue"], "queue_for_one_topic"),
    ("forwarder", f"{R}/ForwarderPermission/Properties/SourceArn", GONE, "function_for_one_source"),
    ("forwarder", f"{R}/ForwarderPermission/Properties/Principal", "*", "function_for_one_source"),
    ("layer", f"{R}/Permission/Properties/OrganizationId", GONE, "layer_not_public"),
    # --- functions
    ("forwarder", f"{R}/ForwarderFunction/Properties/Timeout", GONE, "function_bounded"),
    ("probes", f"{R}/ProbesFunction/Properties/MemorySize", GONE, "function_bounded"),
    ("forwarder", f"{R}/ForwarderFunction/Properties/LoggingConfig", GONE, "function_logs_in_our_group"),
    ("forwarder", f"{R}/ForwarderFunction/Properties/LoggingConfig/LogGroup", GONE, "function_logs_in_our_group"),
    ("forwarder", f"{R}/ForwarderFunction/Properties/LoggingConfig/LogFormat", "Text", "function_logs_in_our_group"),
    ("probes", f"{R}/ProbesFunction/Properties/LoggingConfig/ApplicationLogLevel", "WARN", "function_logs_metrics"),
    ("forwarder", f"{R}/ForwarderInvocation", GONE, "function_says_what_fails"),
    ("forwarder", f"{R}/ForwarderInvocation/Properties/DestinationConfig", GONE, "lost_events_kept"),
    ("probes", f"{R}/ProbesInvocation/Properties/MaximumRetryAttempts", 2, "lost_events_kept"),
    ("probes", f"{R}/ProbesInvocation/Properties/MaximumEventAgeInSeconds", GONE, "lost_events_kept"),
    # --- alarms
    ("alarms", f"{ALARM_}/OKActions", GONE, "alarm_closes_what_it_opens"),
    ("alarms", f"{ALARM_}/OKActions", [], "alarm_closes_what_it_opens"),
    ("alarms", f"{ALARM_}/OKActions", [{"Ref": "TopicFallback"}], "alarm_closes_what_it_opens"),
    ("alarms", f"{R}/CompositeBoth/Properties/OKActions", GONE, "alarm_closes_what_it_opens"),
    ("platform", f"{R}/Failures/Properties/AlarmActions", ["arn:x"], "alarm_closes_what_it_opens"),
    ("alarms", f"{ALARM_}/ActionsEnabled", False, "alarm_not_silent"),
    ("alarms", f"{ALARM_}/AlarmDescription", GONE, "alarm_says_enough"),
    ("alarms", f"{ALARM_}/AlarmDescription", "severity: page\nowner: me", "alarm_says_enough"),
    (
        "alarms",
        f"{ALARM_}/AlarmDescription",
        "owner: me\nseverity: urgent\nrunbook: https://example.com/x",
        "alarm_says_enough",
    ),
    ("alarms", f"{ALARM_}/TreatMissingData", GONE, "alarm_missing_data_decided"),
    ("alarms", f"{R}/PagingDeadLetters/DeletionPolicy", GONE, "queue_kept"),
    ("alarms", f"{R}/PagingDeadLetters/Properties/MessageRetentionPeriod", 345600, "queue_kept"),
    ("alarms", f"{R}/PagingDeadLetters/Properties/MessageRetentionPeriod", GONE, "queue_kept"),
    ("alarms", f"{R}/TopicPageSubscription/Properties/RedrivePolicy", GONE, "subscription_keeps_lost_pages"),
    ("forwarder", f"{R}/ForwarderSubscription/Properties/RedrivePolicy", GONE, "subscription_keeps_lost_pages"),
]


BESIDES = {
    "log_group_retention": {"log_group_retention_by_environment"},
    "function_secret_not_resolved": {"function_secret_by_name"},
    "function_logs_in_our_group": {"function_logs_metrics"},
    "alarm_closes_what_it_opens": {"alarm_says_enough"},
}
"""What the same mutant breaks, too."""


@pytest.mark.parametrize("one", MUTANTS, ids=lambda one: f"{one[3]}-{one[0]}{one[1]}")
def test_one_thing_broken_is_seen_by_its_rule(found: Found, sound: dict[str, Json], one: Mutant):
    name, path, value, rule = one
    problems = found(mutant(sound[name], path, value), name)

    assert {rule} == {problem.rule for problem in problems} - BESIDES.get(rule, set()), problems
    for problem in (problem for problem in problems if problem.rule == rule):
        assert name == problem.file
        assert path.split("/")[2] in (problem.resource or problem.path) or path == f"{R}/ForwarderInvocation"
        assert problem.message[0].islower() or problem.message.startswith("Lambda")
        assert re.fullmatch(r"[a-z]+\.guard", problem.source)
        assert problem.fix


BROAD: Json = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
OF_ONE: Json = {**BROAD, "Resource": "arn:aws:s3:::shop/a"}


@pytest.mark.parametrize(
    ("statement", "rules"),
    [
        ({**OF_ONE, "Action": "*"}, {"policy_actions_named"}),
        ({**OF_ONE, "Action": ["s3:Ge?Object"]}, {"policy_actions_named"}),
        ([OF_ONE, {**OF_ONE, "Action": "s3:*"}], {"policy_actions_named"}),
        (BROAD, {"policy_resources_named"}),
        ([OF_ONE, BROAD], {"policy_resources_named"}),
        ({**BROAD, "Resource": ["*", "arn:aws:s3:::shop/a"]}, {"policy_resources_named"}),
        ({**BROAD, "Resource": {"Fn::Sub": "*"}}, {"policy_resources_named"}),
        ({**BROAD, "Resource": {"Fn::If": ["Open", "*", {"Ref": "Bucket"}]}}, {"policy_resources_named"}),
        ({**BROAD, "Resource": "arn:aws:s3:::*"}, {"policy_resources_named"}),
        ({**BROAD, "Resource": "arn:aws:s3:::*/*"}, {"policy_resources_named"}),
        ({**BROAD, "Action": ["ses:GetSendQuota", "s3:GetObject"]}, {"policy_resources_named"}),
        ({**BROAD, "Action": ["ses:GetSendQuota"]}, set()),
        ({**BROAD, "Resource": "arn:aws:s3:::shop/*"}, set()),
        ({**BROAD, "Effect": "Deny"}, set()),
        ({**OF_ONE, "Resource": [{"Fn::GetAtt": ["Bucket", "Arn"]}, {"Ref": "Bucket"}]}, set()),
    ],
)
def test_however_a_statement_is_written(found: Found, statement: object, rules: set[str]):
    for kind in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy"):
        policy = {"Type": kind, "Properties": {"PolicyDocument": {"Statement": statement}}}
        assert rules == {one.rule for one in found({"Resources": {"Policy": policy}})}


@pytest.mark.parametrize(
    "principal", ["*", {"AWS": "*"}, {"AWS": ["*"]}, {"Service": "sns.amazonaws.com", "AWS": "444444444444"}]
)
@pytest.mark.parametrize(
    ("kind", "action", "rule"),
    [
        ("AWS::SNS::TopicPolicy", "sns:Publish", "topic_for_one_account"),
        ("AWS::SQS::QueuePolicy", "sqs:SendMessage", "queue_for_one_topic"),
    ],
)
def test_whoever_may_use_a_thing(found: Found, kind: str, action: str, rule: str, principal: object):
    condition = {"StringEquals": {"aws:SourceAccount": "333333333333"}}
    statement = {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition}
    for written in ({**statement, "Principal": principal}, [{**statement, "Principal": principal}]):
        policy = {"Type": kind, "Properties": {"PolicyDocument": {"Statement": written}}}
        assert {rule} == {one.rule for one in found({"Resources": {"Policy": policy}})}


def test_a_parameter_is_hidden_by_text_too(found: Found):
    parameters = {"Token": {"Type": "String", "NoEcho": "true"}, "GraphqlApi": {"Type": "String", "Default": "x"}}

    assert [] == found({"Parameters": parameters, "Resources": {}})


def test_each_rule_has_a_mutant():
    assert {rule for file in guard.files() for rule in named(file)} == {rule for *_, rule in MUTANTS}


def test_the_page_has_each_rule_and_its_file():
    """docs/policy.md shows what there is, in order."""
    shown = re.findall(r"^\| `(\w+)` \| (\w+) \|", (ROOT / "docs" / "policy.md").read_text(), re.MULTILINE)

    assert sorted(shown) == sorted((rule, file.stem) for file in guard.files() for rule in named(file))


def named(file: Path) -> list[str]:
    return re.findall(r"^rule (\w+)[^(\n]*\{", file.read_text(), re.MULTILINE)


def test_the_exceptions_are_those_of_the_policies_that_obskit_prints():
    listed = (guard.FOLDER / "access.guard").read_text().partition("let on_everything")[2].partition("]")[0]

    assert sorted(EVERYTHING) == sorted(re.findall(r"'([a-z0-9-]+:\w+)'", listed))


def test_whatever_can_carry_tags_must(sound: dict[str, Json]):
    """AWS's schema says which types have Tags: of all types that are rendered, the rules name exactly those."""
    import cloudformation_validate as engine

    kinds = {one["Type"] for template in sound.values() for one in template["Resources"].values()}
    schema, can = engine.CelEngine(), set()
    for kind in kinds:
        text = json.dumps({"Resources": {"One": {"Type": kind, "Properties": {"Tags": []}}}})
        said = schema.validate_template(engine.TemplateContent(text)).diagnostics
        if not any("'Tags' was unexpected" in one.message for one in said):
            can.add(kind)

    text = (guard.FOLDER / "tags.guard").read_text()
    assert can == {kind for kind in kinds if f"'{kind}'" in text}
    assert {"AWS::Events::Rule", "AWS::CloudWatch::Dashboard", "AWS::SSM::Parameter"} <= can


# --- what else there is in the world ---

TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}}]}
FIVE = [{"Key": key, "Value": "x"} for key in ("env", "service", "owner", "cost_center", "data_class")]


@pytest.mark.parametrize(
    "document",
    [
        {"Resources": {}},
        {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}},
        {
            "Resources": {
                "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, "Tags": FIVE}}
            }
        },
        {"Parameters": {"Api": {"Type": "String", "Default": "x"}}, "Resources": {}},
    ],
)
def test_what_is_none_of_ours_is_passed_over(found: Found, document: Json):
    assert [] == found(document)


def test_a_condition_is_not_a_hole(found: Found, sound: dict[str, Json]):
    """What only CloudFormation will know is not called plain: a key by reference or by condition."""
    for value in ({"Ref": "Key"}, {"Fn::GetAtt": ["Key", "Arn"]}, {"Fn::If": ["A", "alias/x", {"Ref": "Key"}]}):
        assert [] == found(mutant(sound["alarms"], f"{R}/TopicPage/Properties/KmsMasterKeyId", value))


def test_rules_of_ones_own_hold_besides(tmp_path: Path):
    own = tmp_path / "own.guard"
    own.write_text("rule named {\n  Resources.*[ Type == 'AWS::SNS::Topic' ].Properties.TopicName == /^shop-/\n}\n")
    template = {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "x"}}}}

    assert {"named", "topic_encrypted", "tags"} == {one.rule for one in guard.Guard([own]).check("x", template)}
    own.write_text("rule {")
    with pytest.raises(ConfigError, match=r"own\.guard at line 1"):
        guard.Guard([tmp_path])


def test_validate_tells_them_where_they_are(sound: dict[str, Json], tmp_path: Path):
    file = tmp_path / "shop.template.json"
    file.write_text(json.dumps(mutant(sound["alarms"], f"{R}/TopicPage/Properties/KmsMasterKeyId", GONE)))
    run = CliRunner().invoke(obskit, ["validate", str(file), "--guard", "--format", "sarif"], standalone_mode=False)

    (result,) = (one for one in json.loads(run.stdout)["runs"][0]["results"] if one["ruleId"] == "topic_encrypted")
    assert 1 == run.return_value
    assert "TopicPage/Properties" == result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]
    assert "the topic has no key: what alarms say lies in it unencrypted" in result["message"]["text"]
