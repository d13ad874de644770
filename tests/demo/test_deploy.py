"""`obskit deploy` on the emulator's CloudFormation: change sets, progress, rollback, log groups that are there."""

import io
import json
import shutil
import threading
from types import SimpleNamespace

import pytest
from botocore.exceptions import EndpointConnectionError

from obskit.cli import deploy as deploy_command
from obskit.demo.emulator import Emulator
from obskit.demo.left_out import without_unsupported
from obskit.demo.processes import Processes
from obskit.deploy import definitions, project
from obskit.deploy.publish import account, change_sets
from obskit.deploy.publish.change_sets import ChangeSet, DeployError, Wanted
from obskit.deploy.render import render
from obskit.errors import ObskitError
from tests.command import obskit
from tests.parts import ROOT

GROUP = {
    "Type": "AWS::Logs::LogGroup",
    "DeletionPolicy": "Retain",
    "UpdateReplacePolicy": "Retain",
    "Properties": {"LogGroupName": "/aws/lambda/shop-dev-checkout", "RetentionInDays": 30},
}
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "shop-dev-page"}}
BROKEN = {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": "arn:aws:sns:us-east-1:1:no", "Protocol": "no"}}


@pytest.fixture(scope="module")
def emulator(ministack):
    with Processes() as running:
        yield Emulator(running, python=ministack, account="111111111111")


@pytest.fixture
def aws(emulator):
    return emulator.client("cloudformation")


def change_set(aws, name, resources, upload=None, **more):
    template = json.dumps({"Resources": resources, **more})
    wanted = Wanted(name, "us-east-1", template, [{"Key": "env", "Value": "dev"}])
    return ChangeSet(wanted, aws, upload=upload, pause=lambda _: threading.Event().wait(0.02))


def deploy(*given, **more):
    one = change_set(*given, **more)
    told = one.make()
    events = []
    one.execute(events.append)
    return told, events


def status(aws, name):
    return aws.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]


def test_a_stack_is_made_told_about_changed_and_left_alone(aws):
    told, events = deploy(aws, "whole", {"Topic": TOPIC})
    again = change_set(aws, "whole", {"Topic": TOPIC}).make()
    more, _ = deploy(aws, "whole", {"Topic": TOPIC, "Group": {**GROUP, "Properties": {"LogGroupName": "/new"}}})

    assert ["add SNS::Topic Topic"] == told
    assert "us-east-1 Topic CREATE_COMPLETE" in events
    assert [] == again
    assert ["add Logs::LogGroup Group"] == more
    assert "UPDATE_COMPLETE" == status(aws, "whole")


def test_a_log_group_that_is_there_becomes_part_of_the_stack_and_outlives_it(aws, emulator):
    logs = emulator.client("logs")
    logs.create_log_group(logGroupName="/aws/lambda/shop-dev-checkout")

    told, _ = deploy(aws, "logs", {"Group": GROUP})
    aws.delete_stack(StackName="logs")

    assert ["import Logs::LogGroup Group"] == told
    (group,) = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/shop-dev-checkout")["logGroups"]
    assert "/aws/lambda/shop-dev-checkout" == group["logGroupName"]


def test_what_is_declined_leaves_nothing_behind(aws):
    one = change_set(aws, "declined", {"Topic": TOPIC})

    one.make()
    one.discard()

    with pytest.raises(aws.exceptions.ClientError, match="does not exist"):
        status(aws, "declined")


def test_a_failed_update_is_rolled_back_and_says_why(aws):
    group = {**GROUP, "Properties": {"LogGroupName": "/kept"}}
    deploy(aws, "failing", {"Group": group})
    secret = {**TOPIC, "Properties": {"TopicName": "{{resolve:secretsmanager:nobody/knows:SecretString:key}}"}}
    one = change_set(aws, "failing", {"Group": group, "Topic": secret})
    one.make()

    with pytest.raises(DeployError, match="stack failing in us-east-1: UPDATE_ROLLBACK_COMPLETE") as caught:
        one.execute(lambda _: None)

    assert "nobody/knows not found" in caught.value.problems[1]
    assert "UPDATE_ROLLBACK_COMPLETE" == status(aws, "failing")


SWITCH = {"ActionsEnabled": {"Type": "String", "Default": "false", "AllowedValues": ["true", "false"]}}


def with_switch(aws, name, default="false", given=None, topic="shop-dev-page"):
    """A stack whose topic has the switch in its tags; it is told to *given*."""
    declared = {"ActionsEnabled": {**SWITCH["ActionsEnabled"], "Default": default}}
    tags = [{"Key": "on", "Value": {"Ref": "ActionsEnabled"}}]
    resources = {"Topic": {**TOPIC, "Properties": {"TopicName": topic, "Tags": tags}}}
    template = json.dumps({"Parameters": declared, "Resources": resources})
    wanted = Wanted(name, "us-east-1", template, [], given or {})
    return ChangeSet(wanted, aws, pause=lambda _: threading.Event().wait(0.02))


def value(aws, name):
    (stack,) = aws.describe_stacks(StackName=name)["Stacks"]
    return {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}["ActionsEnabled"]


def test_what_was_switched_on_at_failover_stays_on_until_somebody_switches_it_off(aws):
    """Else the next deploy job silences the region that serves."""
    for one in (
        with_switch(aws, "standby"),
        with_switch(aws, "standby", given={"ActionsEnabled": "true"}),
        with_switch(aws, "standby", topic="another"),
    ):
        one.make()
        kept = one.kept
        one.execute(lambda _: None)

    assert {"ActionsEnabled": "true"} == kept
    assert "true" == value(aws, "standby")


def test_a_default_that_nobody_replaced_follows_the_template(aws):
    """A region that becomes the primary one is not kept silent by the default that it had."""
    for default in ("false", "true"):
        one = with_switch(aws, "promoted", default)
        one.make()
        one.execute(lambda _: None)

    assert {} == one.kept
    assert "true" == value(aws, "promoted")


class Refusing:
    """A client that answers until *call* is made."""

    def __init__(self, aws, call, error):
        self._aws, self._call, self._error = aws, call, error

    def __getattr__(self, name):
        if name == self._call:
            raise self._error
        return getattr(self._aws, name)


def test_a_network_that_is_gone_is_told_with_the_stack(aws):
    one = change_set(aws, "cut", {"Topic": TOPIC})
    one.make()
    one._aws = Refusing(aws, "execute_change_set", EndpointConnectionError(endpoint_url="https://aws.example/"))

    with pytest.raises(DeployError, match=r"stack cut in us-east-1: Could not connect to the endpoint URL"):
        one.execute(lambda _: None)


def test_a_stack_that_cannot_be_watched_goes_on_and_that_is_told(aws):
    one = change_set(aws, "unwatched", {"Topic": {**TOPIC, "Properties": {"TopicName": "unwatched"}}})
    one.make()
    gone = EndpointConnectionError(endpoint_url="https://aws.example/")
    execute = aws.execute_change_set

    def executed(**given):
        execute(**given)
        one._aws = Refusing(aws, "describe_stacks", gone)

    one._aws = SimpleNamespace(execute_change_set=executed, exceptions=aws.exceptions, get_paginator=aws.get_paginator)
    with pytest.raises(DeployError) as caught:
        one.execute(lambda _: None)

    stack = "stack unwatched in us-east-1"
    assert (f"{stack}: {gone}", f"{stack}: {change_sets.GOES_ON}") == caught.value.problems


def test_a_change_set_that_vanishes_changes_nothing_and_is_told(aws):
    one = change_set(aws, "vanished", {"Topic": {**TOPIC, "Properties": {"TopicName": "vanished"}}})
    one.make()
    aws.delete_change_set(StackName="vanished", ChangeSetName=one._name)

    with pytest.raises(DeployError, match="stack vanished in us-east-1: its change set is gone: somebody has deleted"):
        one.execute(lambda _: None)


def test_a_change_set_that_stays_hides_neither_the_others_nor_the_reason(capsys):
    thrown = []

    class Kept:
        def __init__(self, name, *problems):
            self.name, self.problems = name, problems

        def discard(self):
            thrown.append(self.name)
            if self.problems:
                raise DeployError(*self.problems)

    sets = [Kept("a", "stack a: no answer"), Kept("b"), Kept("c", "stack c: no answer")]
    told = ("a change set is left: stack a: no answer", "a change set is left: stack c: no answer")

    with pytest.raises(ObskitError) as caught:
        deploy_command._discard(sets)
    deploy_command._give_up(sets)

    assert told == caught.value.problems
    assert "".join(f"{line}\n" for line in told) == capsys.readouterr().err
    assert ["a", "b", "c"] * 2 == thrown


def test_a_large_template_goes_through_the_bucket(aws, emulator):
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="shop-deploy")
    large = {"Topic": TOPIC | {"Metadata": {"why": "x" * change_sets.INLINE_BYTES}}}

    def upload(wanted):
        s3.put_object(Bucket="shop-deploy", Key=wanted.name, Body=wanted.template)
        return f"{emulator.url}/shop-deploy/{wanted.name}"

    with pytest.raises(DeployError, match="above 51200 it goes through a bucket: --bucket"):
        change_set(aws, "large", large).make()
    told, _ = deploy(aws, "large", large, upload)

    assert ["add SNS::Topic Topic"] == told


def test_a_template_that_is_refused_says_why_in_cloudformations_words(aws):
    with pytest.raises(DeployError, match="stack refused in us-east-1: "):
        change_set(aws, "refused", {"Thing": {"Type": "AWS::No::Thing"}}).make()


@pytest.fixture
def session(emulator, monkeypatch):
    """What `boto3.session.Session` would be with credentials of the account: clients of the emulator."""

    class Session:
        def client(self, service, region_name):
            return emulator.client(service)

    def supported(rendered, parameters):
        """What of the rendered templates the emulator can hold."""
        found = []
        for one in rendered_stacks(rendered, parameters):
            body, _ = without_unsupported(one.document, emulator.region, emulator.account)
            held = body["Resources"].items()
            body["Resources"] = {name: it for name, it in held if it["Type"] != "AWS::Logs::QueryDefinition"}
            found.append(Wanted(one.name, one.region, json.dumps(body), one.tags, one.parameters))
        return found

    def uploader(session, bucket):
        """The emulator reads templates from its own address only."""
        upload = real_uploader(session, bucket)

        def here(wanted):
            return upload(wanted).replace(
                f"https://{bucket}.s3.{wanted.region}.amazonaws.com", f"{emulator.url}/{bucket}"
            )

        return here if upload else None

    real_uploader = account.uploader
    monkeypatch.setattr(account, "uploader", uploader)
    rendered_stacks = change_sets.wanted
    monkeypatch.setattr(account, "session", Session)
    monkeypatch.setattr(change_sets, "wanted", supported)
    monkeypatch.setattr(change_sets, "POLL_S", 0.02)


def job(*argv):
    return obskit("-C", ROOT, "deploy", *argv)


@pytest.mark.usefixtures("session")
def test_ctrl_c_at_the_question_leaves_no_change_set(aws, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    asked = io.StringIO()
    asked.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", asked)
    monkeypatch.setattr("click.confirm", interrupt)

    code, _, _ = job("--env", "dev", "--bucket", "shop-deploy")

    assert 130 == code
    assert not [one for one in aws.describe_stacks()["Stacks"] if one["StackName"].endswith("-dev")]


def test_the_command_shows_changes_nothing_then_deploys_then_has_nothing_to_do(session, aws):
    """The platform's own dev environment, as far as the emulator can hold it."""
    dry = job("--env", "dev", "--bucket", "shop-deploy", "--dry-run")
    done = job("--env", "dev", "--bucket", "shop-deploy", "--yes")
    again = job("--env", "dev", "--bucket", "shop-deploy", "--yes")

    assert (0, True) == (dry[0], dry[1].endswith("nothing was changed\n")), dry
    assert "add CloudWatch::Dashboard " in dry[1]
    assert 0 == done[0], done
    assert "dashboard 'search' added" in done[1]
    assert "brought up to date" in done[1]
    assert (0, True) == (again[0], again[1].endswith("dev is as rendered: nothing to do\n")), again


@pytest.mark.usefixtures("session")
def test_credentials_of_another_account_are_refused():
    code, _, said = job("--env", "prod", "--yes")

    assert 1 == code
    assert "these credentials are of account 111111111111; prod is 333333333333" in said


@pytest.mark.usefixtures("session")
def test_a_parameter_that_no_template_has_is_refused():
    code, _, said = job("--env", "dev", "--yes", "--parameter", "ActionEnabled=true")

    assert 2 == code
    assert "no template has the parameter 'ActionEnabled'" in said
    assert "Did you mean 'ActionsEnabled'?" in said


@pytest.mark.usefixtures("session")
def test_without_a_person_or_a_yes_nothing_happens(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())

    code, _, said = job("--env", "dev")

    assert 2 == code
    assert "give --yes or --dry-run" in said


def test_the_bucket_of_obskit_toml_is_one_for_each_region(tmp_path):
    for folder in ("dashboards", "alarms"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("rendered"))
    text = (ROOT / "obskit.toml").read_text().replace("pages = true", 'pages = true\nbucket = "shop-{region}"')
    (tmp_path / "obskit.toml").write_text(text)

    done = obskit("-C", tmp_path, "policy", "deploy", "--env", "prod")
    assert 0 == done.code

    places = [one["Resource"] for one in json.loads(done.stdout)["Statement"] if "s3:PutObject" in one["Action"]]
    assert [["arn:aws:s3:::shop-us-east-1/obskit/*", "arn:aws:s3:::shop-us-west-2/obskit/*"]] == places


def test_every_rendered_template_is_a_stack_of_its_own():
    loaded = project.load(ROOT)
    rendered = render(loaded, definitions.load(loaded), loaded.environment("prod"))

    stacks = change_sets.wanted(rendered)

    assert {(one.region, one.name.removesuffix("-prod")) for one in stacks} == {
        (path.split("/")[-2], path.split("/")[-1].removesuffix(".template.json")) for path in rendered.alarm_files()
    }
    assert all(
        {"env", "service", "owner", "cost_center", "data_class"} == {tag["Key"] for tag in one.tags} for one in stacks
    )
