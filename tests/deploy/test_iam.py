"""`obskit policy`: whoever works with obskit may call what is called, on what bears the environment's names."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.session import get_session
from click.testing import CliRunner

from obskit.cli.commands import obskit
from obskit.cli.policy import WHO
from obskit.deploy import definitions, guard, project, render
from obskit.deploy.iam import deploy_job, layer_job, page_test_job, reader, rights, roles
from obskit.deploy.iam.everything import EVERYTHING, NO_TYPE
from obskit.deploy.iam.place import Place
from obskit.deploy.page_test import rights as page_test
from tests.deploy.test_guard import whole
from tests.parts import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["whole"]

Json = dict[str, Any]

TYPES: dict[str, list[str]] = json.loads((ROOT / "tests/deploy/service_authorization.json").read_text())["actions"]
HANDLERS: dict[str, list[str]] = json.loads((ROOT / "tests/deploy/cloudformation_handlers.json").read_text())["types"]
GIVEN = {"CodeBucket": "shop-code", "CodeKey": "obskit.zip"}


def place(of: project.Project, env: str = "prod", bucket: str = "shop-deploy", **changes: Any) -> Place:
    changed = project.with_environment(of, replace(of.environments[env], **changes))
    rendered = render.render(changed, definitions.load(changed), changed.environments[env])
    return Place(rendered, bucket, GIVEN)


@pytest.fixture(scope="module")
def prod(whole: project.Project) -> Place:
    """An environment with two regions, pages, a forwarder, log groups, and probes of every kind in a VPC."""
    return place(whole)


@pytest.fixture(scope="module")
def guards() -> guard.Guard:
    return guard.Guard()


def allowed(policy: Json) -> set[str]:
    return {action for one in policy["Statement"] if one["Effect"] == "Allow" for action in one["Action"]}


# --- nothing is broad ---


UNLISTED = dict.fromkeys(
    ("cloudwatch:ListTagsForResource", "cloudwatch:TagResource", "cloudwatch:UntagResource"),
    ("arn:aws:cloudwatch::${Account}:dashboard/${DashboardName}",),
)
"""CloudFormation's handlers call them on dashboards, which the reference does not name there: docs/unverified.md."""


def faults(policy: Json, at: Place) -> list[str]:
    """Return what is wider in *policy* than it must be."""
    return [words for one in policy["Statement"] if one["Effect"] == "Allow" for words in _faults(one, at)]


def _faults(one: Json, at: Place) -> Iterable[str]:
    if not {"NotAction", "NotResource", "Principal", "NotPrincipal"}.isdisjoint(one):
        yield f"{one['Action'][0]} …: says what is not meant"
    for action in one["Action"]:
        if "*" in action or action not in TYPES:
            yield f"{action} is no single action"
            continue
        for arn in one["Resource"]:
            if arn == "*":
                if action not in EVERYTHING:
                    yield f"{action} on everything"
            elif action in EVERYTHING:
                yield f"{action} does not work on {arn}"
            elif not any(_is_of(arn, kind) for kind in (*TYPES[action], *UNLISTED.get(action, ()))):
                yield f"{action} knows no {arn}"
            else:
                yield from _names(arn, one, at)


def _is_of(arn: str, kind: str) -> bool:
    """Say whether *arn* is of the resource type whose ARN is *kind*; logs know groups with and without `:*`, too."""
    parts = kind.split(":")
    fixed = [re.escape(part) if "$" not in part else "" for part in parts[:5]]
    head = ":".join(part or "[^:]*" for part in fixed)
    if "log-stream" in kind and arn.endswith(":*"):
        kind = kind.partition(":log-stream")[0]  # all streams of a group
        parts = kind.split(":")
    tail = "".join(
        ".+" if part.startswith("$") else re.escape(part) for part in re.split(r"(\$\{\w+\})", ":".join(parts[5:]))
    )
    return re.fullmatch(f"{head}:{tail}(:\\*)?", arn) is not None


def _names(arn: str, one: Json, at: Place) -> Iterable[str]:
    """An ARN is of this account and these regions, and has a name of this environment."""
    environment = at.rendered.environment
    _, _, service, region, account, rest = arn.split(":", 5)
    if service == "s3":
        bucket, _, key = rest.partition("/")
        if bucket not in (at.bucket, GIVEN["CodeBucket"]) or (key.endswith("*") and not key.startswith("obskit/")):
            yield f"{arn} is no bucket of ours"
        return
    if account != environment.account:
        yield f"{arn} is of another account"
    if region not in (*at.regions, "") or (not region and service not in ("iam", "cloudwatch")):
        yield f"{arn} is of another region"
    own = (
        f"shop-{environment.name}-",
        f"-{environment.name}-",
        f"-{environment.name}/",
        f"/obskit/{environment.name}/",
    )
    named = (
        "layer:obskit",
        "secret:",
        "cluster:",
        "log-group:/aws/appsync/",
        *(["shop-orders"] if service == "sqs" else []),
    )
    if service == "kms":
        if "key/*" in rest and "kms:ResourceAliases" not in json.dumps(one.get("Condition", {})):
            yield f"{arn} is every key"
        if one["Action"] != ["kms:DescribeKey", "kms:GetKeyPolicy"] and "kms:ViaService" not in json.dumps(
            one.get("Condition", {})
        ):
            yield f"{arn} may be used by itself"
    elif not any(part in arn for part in own) and not rest.startswith(named):
        yield f"{arn} is not bounded to {environment.name}"


@pytest.mark.parametrize("who", roles.NAMES)
def test_each_policy_names_what_it_allows(prod: Place, who: str):
    assert [] == faults(roles.policy(who, prod), prod)


@pytest.mark.parametrize("env", ["dev", "stage", "prod"])
def test_those_of_the_platforms_own_project_too(env: str):
    at = place(project.load(ROOT), env)

    for who in ("deploy", "page-test", "layer", "read", *(["forwarder"] if env == "prod" else [])):
        assert [] == faults(roles.policy(who, at), at)


@pytest.mark.parametrize("who", roles.NAMES)
def test_guard_agrees(guards: guard.Guard, prod: Place, who: str):
    """As a policy in a template, under the rules that an account's own reviewers read."""
    policy = roles.policy(who, prod)
    template = {"Resources": {"Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}}}}

    assert [] == guards.check(who, template)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"Action": ["sqs:*"]}, "sqs:* is no single action"),
        ({"Resource": ["*"]}, "sqs:CreateQueue on everything"),
        ({"NotAction": []}, "sqs:CreateQueue …: says what is not meant"),
        ({"Resource": ["arn:aws:sqs:us-east-1:333333333333:*"]}, "is not bounded to prod"),
        ({"Resource": ["arn:aws:sqs:us-east-1:333333333333:shop-dev-a"]}, "is not bounded to prod"),
        ({"Resource": ["arn:aws:sqs:us-east-1:*:shop-prod-a"]}, "is of another account"),
        ({"Resource": ["arn:aws:sqs:*:333333333333:shop-prod-a"]}, "is of another region"),
        ({"Resource": ["arn:aws:sns:us-east-1:333333333333:shop-prod-a"]}, "sqs:CreateQueue knows no arn:aws:sns"),
        ({"Action": ["sns:Unsubscribe"]}, "sns:Unsubscribe does not work on arn:aws:sqs"),
    ],
)
def test_what_is_broad_is_seen(prod: Place, change: Json, fault: str):
    policy = roles.policy("deploy", prod)
    (one,) = (one for one in policy["Statement"] if "sqs:CreateQueue" in one["Action"])
    one.update(change)

    assert any(fault in words for words in faults(policy, prod))


def test_each_exception_is_used_and_has_its_reason(prod: Place):
    """Without a resource type there is no other way; with one, the reason is another than that."""
    used = set()
    for who in roles.NAMES:
        used |= {line.partition(" on ")[0] for line in rights.explained(roles.policy(who, prod))}

    assert EVERYTHING.keys() == used
    assert {action for action, why in EVERYTHING.items() if why == NO_TYPE} == {
        action for action in EVERYTHING if not TYPES[action]
    }


def test_a_policy_that_is_larger_than_iam_takes_is_told():
    at = place(project.load(ROOT))

    assert {who: [] for who in roles.JOBS} == {who: rights.too_long(roles.policy(who, at)) for who in roles.JOBS}
    long = {"Version": "2012-10-17", "Statement": ["x" * 7000]}
    (told,) = rights.too_long(long)
    assert told.startswith("7041 characters: a managed policy holds 6144,")


# --- what is called is allowed, and what is allowed is called ---


def called(services: str, *modules: str) -> set[str]:
    """Return the actions of *services* whose boto3 methods the sources of *modules* name: as methods or paginators."""
    words: set[str] = set()
    for module in modules:
        for file in sorted(ROOT.glob(f"src/obskit/{module}.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Attribute):
                    words.add(node.attr)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    words.add(node.value)
    return {action for service in services.split() for method, action in _methods(service).items() if method in words}


@cache
def _methods(service: str) -> dict[str, str]:
    names = get_session().get_service_model(service).operation_names
    return {xform_name(name): f"{service}:{name}" for name in names}


READS = ("deploy/diff/deployed", "preview/metric_data", "lookup/aws")
DEPLOYS = ("deploy/publish/account", "deploy/publish/change_sets", "deploy/diff/deployed", "cli/deploy")


def test_whoever_reads_may_call_what_is_called_and_nothing_else(prod: Place):
    assert called("cloudwatch logs xray", *READS) == allowed(rights.document(reader.find(prod)))


def test_a_deploy_job_may_call_what_is_called(prod: Place):
    """sts:GetCallerIdentity needs no right; CloudFormation reads the template from the bucket by the same role."""
    calls = called("cloudformation cloudwatch s3 sts", *DEPLOYS) - {"sts:GetCallerIdentity"}
    by_cloudformation = {call for text in deploy_job.TYPES.values() for call in _calls(text)}

    found = allowed(rights.document(deploy_job.find(prod)))

    assert calls <= found
    in_its_name = {"s3:GetObject", "iam:PassRole", "secretsmanager:GetSecretValue", "kms:Decrypt"}
    network = {f"ec2:{call}" for call in deploy_job.NETWORK.split()}
    assert found == calls | by_cloudformation | in_its_name | network


def _calls(text: str) -> set[str]:
    service, *names = text.split()
    return {f"{service}:{name}" for name in names}


LEFT_OUT: dict[str, str] = {
    "never: log groups outlive their stack": "logs:DeleteLogGroup logs:DeleteDataProtectionPolicy",
    "no topic of ours logs its deliveries, holds subscriptions or looks for data": """
        iam:GetRole iam:PassRole sns:PutDataProtectionPolicy sns:Subscribe sns:Unsubscribe
        """,
    "no log group of ours has indexes, a resource policy, tokens, or a place for findings": """
        logs:PutIndexPolicy logs:DeleteIndexPolicy logs:PutResourcePolicy logs:DeleteResourcePolicy
        logs:PutBearerTokenAuthentication logs:PutLogGroupDeletionProtection logs:CreateLogDelivery
        firehose:TagDeliveryStream s3:REST.PUT.OBJECT
        """,
    "no function of ours has signed code, layers, file systems, versions, reserved concurrency, or a key": """
        elasticfilesystem:DescribeMountTargets s3files:ListMountTargets kms:CreateGrant kms:Decrypt kms:DescribeKey
        kms:Encrypt kms:GenerateDataKey lambda:DeleteFunctionCodeSigningConfig lambda:DeleteFunctionConcurrency
        lambda:GetCodeSigningConfig lambda:GetLayerVersion lambda:PassCapacityProvider lambda:PublishVersion
        lambda:PutFunctionCodeSigningConfig lambda:PutFunctionConcurrency lambda:PutFunctionRecursionConfig
        lambda:PutFunctionScalingConfig lambda:PutRuntimeManagementConfig s3:GetObjectVersion
        """,
    "allowed beside the table, bounded by what is rendered": """
        iam:PassRole s3:GetObject ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups ec2:DescribeSubnets
        ec2:DescribeVpcs
        """,
    "no rule of ours has a target with a role": "iam:PassRole",
    "no role of ours has a policy of AWS's or a boundary": """
        iam:AttachRolePolicy iam:DetachRolePolicy iam:PutRolePermissionsBoundary iam:DeleteRolePermissionsBoundary
        """,
}
"""Why a job has no right that a handler of CloudFormation may call."""


def test_cloudformation_may_call_what_its_handlers_do():
    """Each right is one that a handler calls; each that a handler calls is given, or left out with a reason."""
    left_out = {action for text in LEFT_OUT.values() for action in text.split()}
    missing: dict[str, set[str]] = {}
    for kind, text in deploy_job.TYPES.items():
        assert set() == _calls(text) - set(HANDLERS[kind]), kind
        missing[kind] = set(HANDLERS[kind]) - _calls(text)

    assert HANDLERS.keys() == deploy_job.TYPES.keys()
    assert left_out == set().union(*missing.values())


def test_every_type_that_is_rendered_has_its_rights(prod: Place):
    assert [] == deploy_job.unknown(prod)
    assert [] == deploy_job.notes(prod)
    kinds = {one["Type"] for stack in prod.rendered.stacks() for one in stack.template["Resources"].values()}
    assert deploy_job.TYPES.keys() == kinds


def test_the_layers_job_may_call_what_is_called(prod: Place):
    calls = called("lambda ssm s3", "layers/publish")

    assert allowed(rights.document(layer_job.find(prod))) == calls | {"s3:GetObject"}  # by which Lambda reads the zip


def test_the_page_test_may_call_what_is_called(prod: Place):
    """Its own table is all that it can call; that all of it is called, its own tests say."""
    table = {one.action: one for one in (*page_test.RIGHTS, *page_test.UNCALLED)}
    token = {"secretsmanager:GetSecretValue"}

    whole = allowed(rights.document(page_test_job.find(replace(prod, token_secret="obskit/pagerduty/rest"))))
    assert table.keys() == whole
    assert whole - token == allowed(rights.document(page_test_job.find(prod)))
    look = allowed(rights.document(page_test_job.find(replace(prod, dry_run=True, token_secret="x"))))
    assert {action for action, one in table.items() if one.part == "look"} == look
    assert {
        action for action, one in table.items() if one.resource == page_test.ANY
    } == table.keys() & EVERYTHING.keys()


def test_the_token_is_the_one_secret_whose_value_is_read(prod: Place):
    policy = roles.policy("page-test", replace(prod, token_secret="obskit/pagerduty/rest"))

    (token,) = (one for one in policy["Statement"] if "secretsmanager:GetSecretValue" in one["Action"])
    assert [
        f"arn:aws:secretsmanager:{region}:333333333333:secret:obskit/pagerduty/rest-??????"
        for region in ("us-east-1", "us-west-2")
    ] == token["Resource"]


BY_LAMBDA = {"logs:CreateLogStream", "logs:PutLogEvents"}
"""What Lambda does by a function's role."""


def test_the_probes_may_call_what_is_called(whole: project.Project, prod: Place):
    powertools = {"secretsmanager:GetSecretValue", "kms:Decrypt"}  # credentials, by its SecretsProvider
    network = {
        f"ec2:{name}" for name in ("AssignPrivateIpAddresses", "CreateNetworkInterface", "DeleteNetworkInterface")
    }
    network |= {
        f"ec2:{name}" for name in ("DescribeNetworkInterfaces", "DescribeSubnets", "UnassignPrivateIpAddresses")
    }
    policy = roles.policy("probes", prod)

    calls = called("sqs cloudwatch ses", "probes/*")
    assert allowed(policy) == calls | powertools | BY_LAMBDA | network
    (denied,) = (one for one in policy["Statement"] if one["Effect"] == "Deny")
    assert network == set(denied["Action"])


def test_the_probes_by_the_data_api(whole: project.Project):
    from obskit.deploy import probe_function

    environment = whole.environments["prod"]
    plain = {**whole.probes["prod"].plain, "database": {"via": "data-api", "cluster": "arn:aws:rds:x", "secret": "s"}}
    statements = probe_function.render(whole, environment, replace(whole.probes["prod"], plain=plain))["Resources"]
    (policy,) = statements["ProbesRole"]["Properties"]["Policies"]

    (by_api,) = (one for one in policy["PolicyDocument"]["Statement"] if one["Sid"] == "DataApi")
    assert called("rds-data", "probes/data_api") == set(by_api["Action"])


def test_the_forwarder_may_call_what_is_called(prod: Place):
    powertools = {"secretsmanager:GetSecretValue"}
    by_key = {"kms:GenerateDataKey", "kms:Decrypt"}  # of the secret and of its own dead-letter queue

    calls = called("sns sqs cloudwatch lambda", "forwarder/*")
    assert allowed(roles.policy("forwarder", prod)) == calls | powertools | by_key | BY_LAMBDA


def test_functions_with_pseudonyms_may_read_the_keys(whole: project.Project):
    arn = "arn:aws:secretsmanager:us-east-1:333333333333:secret:obskit/pseudonyms/prod-AbCdEf"
    at = place(whole, variables={"OBSKIT_PSEUDONYM_SECRET_ARN": arn})

    for who in roles.FUNCTIONS:
        policy = roles.policy(who, at)
        (secrets,) = (one for one in policy["Statement"] if "secretsmanager:GetSecretValue" in one["Action"])
        assert arn in secrets["Resource"]
        assert [] == faults(policy, at)


# --- the command ---


def run(*arguments: str, root: str = str(ROOT)) -> tuple[Json, list[str], int]:
    found = CliRunner().invoke(obskit, ["-C", root, "policy", *arguments], standalone_mode=False)
    return json.loads(found.stdout or "{}"), found.stderr.splitlines(), found.return_value


def test_it_prints_the_policy_and_says_why_something_is_broad():
    policy, said, code = run("deploy", "--env", "prod", "--bucket", "shop-deploy")

    assert 0 == code
    assert {"Version", "Statement"} == policy.keys()
    assert "logs:DeleteLogGroup" not in allowed(policy)
    assert "sns:Unsubscribe on *: has no resource type in the Service Authorization Reference" in said
    assert "give --parameter CodeBucket=NAME: CloudFormation reads the functions' code by this role" == said[-1]
    assert said[:-1] == rights.explained(policy)

    policy, said, _ = run("deploy", "--env", "prod", "--parameter", "CodeBucket=code", "--parameter", "CodeKey=a.zip")
    assert "arn:aws:s3:::code/a.zip" in json.dumps(policy)
    assert rights.explained(policy) == said


def test_a_statement_holds_all_calls_of_a_service_on_the_same_things():
    condition = (("StringEquals", "kms:ViaService", ("sns.us-east-1.amazonaws.com",)),)
    found = [
        rights.Right("sns:Unsubscribe", ("*",)),
        rights.Right("sns:Publish", ("b",)),
        rights.Right("sns:Publish", ("a",)),
        rights.Right("sns:GetTopicAttributes", ("a", "b")),
        rights.Right("kms:Decrypt", ("k",), condition),
    ]

    assert {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["kms:Decrypt"],
                "Resource": ["k"],
                "Condition": {"StringEquals": {"kms:ViaService": ["sns.us-east-1.amazonaws.com"]}},
            },
            {"Effect": "Allow", "Action": ["sns:GetTopicAttributes", "sns:Publish"], "Resource": ["a", "b"]},
            {"Sid": "SnsEverything", "Effect": "Allow", "Action": ["sns:Unsubscribe"], "Resource": ["*"]},
        ],
    } == rights.document(found)


def test_log_groups_are_allowed_by_prefix_or_by_name_with_their_streams(prod):
    names = ("/aws/lambda/shop-prod-a", "/ecs/search", {"Fn::Sub": "/aws/appsync/apis/${Api}"})
    groups = {
        name: {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": one}}
        for name, one in zip("abc", names, strict=True)
    }
    at = replace(prod, rendered=replace(prod.rendered, logs={"us-east-1": {"Resources": groups}}))

    assert [
        "/aws/lambda/shop-prod-*",
        "/ecs/shop-prod-*",
        "/ecs/search",
        "/ecs/search:*",
        "/aws/appsync/apis/*",
        "/aws/appsync/apis/*:*",
    ] == [one.removeprefix("arn:aws:logs:us-east-1:333333333333:log-group:") for one in at.log_groups("us-east-1")]
    assert ("arn:aws:logs:us-west-2:333333333333:log-group:/aws/lambda/shop-prod-*",) == at.log_groups("us-west-2")


@pytest.mark.parametrize(
    ("key", "on", "condition"),
    [
        ("arn:aws:kms:us-east-1:333333333333:key/k", "arn:aws:kms:us-east-1:333333333333:key/k", ()),
        (
            "alias/shop",
            "arn:aws:kms:us-east-1:333333333333:key/*",
            (("ForAnyValue:StringEquals", "kms:ResourceAliases", ("alias/shop",)),),
        ),
    ],
)
def test_a_key_is_allowed_by_its_arn_or_by_its_alias(whole, key, on, condition):
    at = place(whole, kms_key=key, regions=("us-east-1",))
    via = ("StringEquals", "kms:ViaService", ("sns.us-east-1.amazonaws.com",))

    assert [rights.Right("kms:Decrypt", (on,), condition)] == list(at.key("us-east-1", "kms:Decrypt"))
    assert [rights.Right("kms:Decrypt", (on,), (via, *condition))] == list(at.key("us-east-1", "kms:Decrypt", "sns"))
    assert [] == list(place(whole, kms_key="", pages=False).key("us-east-1", "kms:Decrypt"))


def test_it_knows_whom_there_are_policies_for():
    assert set(WHO) == set(roles.NAMES)


def test_the_page_has_each_exception():
    page = (ROOT / "docs" / "policy.md").read_text().partition("### On everything")[2]

    assert sorted(EVERYTHING) == sorted(re.findall(r"`([a-z0-9]+:\w+)`", page))


def test_what_is_not_there_has_no_role():
    found = CliRunner().invoke(obskit, ["-C", str(ROOT), "policy", "probes", "--env", "prod"])

    assert "prod has no probes, so there is no role" in str(found.exception or found.output)


def test_a_type_that_nobody_knows_is_named(prod: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(deploy_job.TYPES, "AWS::SQS::Queue")

    assert ["no rights are known for AWS::SQS::Queue: add them by hand"] == roles.notes("deploy", prod)
