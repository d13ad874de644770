"""A change set where CloudFormation does not do what it always does; the rest is in tests/demo/test_deploy.py."""

from unittest.mock import ANY

import boto3
import pytest
from botocore.stub import Stubber

from obskit.deploy.publish.change_sets import POLL_S, SETTLES_S, ChangeSet, DeployError, Wanted

STACK = "arn:aws:cloudformation:eu-central-1:123456789012:stack/shop-dev/1"
MADE = "arn:aws:cloudformation:eu-central-1:123456789012:changeSet/obskit-1/1"


@pytest.fixture
def aws():
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    client = boto3.client("cloudformation", region_name="eu-central-1", **keys)
    with Stubber(client) as stub:
        stub.add_client_error("describe_stacks", "ValidationError", "Stack with id shop-dev does not exist")
        stub.add_client_error("delete_change_set", "ValidationError", "Stack [shop-dev] does not exist")
        stub.add_response("create_change_set", {"Id": MADE, "StackId": STACK})
        yield client, stub


def made(client, pauses):
    ChangeSet(Wanted("shop-dev", "eu-central-1", '{"Resources":{}}'), client, pause=pauses.append).make()


def test_a_change_set_that_never_settles_is_given_up_and_says_what_to_do(aws):
    client, stub = aws
    looks = round(SETTLES_S / POLL_S)
    for _ in range(looks):
        stub.add_response("describe_change_set", {"Status": "CREATE_IN_PROGRESS", "StatusReason": "macros"}, ANY_NAME)
    pauses = []

    with pytest.raises(DeployError) as caught:
        made(client, pauses)

    assert [POLL_S] * looks == pauses
    name = "obskit-ff1f86057e3b2b2a"
    told, look = caught.value.problems
    assert (
        f"stack shop-dev in eu-central-1: CloudFormation has been making its change set {name} for 10 minutes and is"
        " not done (CREATE_IN_PROGRESS: macros); nothing was changed, run obskit deploy again"
    ) == told
    command = "aws cloudformation describe-change-set --region eu-central-1 --stack-name shop-dev"
    assert f"how it stands: {command} --change-set-name {name}" == look


def test_a_change_set_that_somebody_deletes_in_the_making_is_not_taken_for_no_change(aws):
    client, stub = aws
    stub.add_response("describe_change_set", {"Status": "DELETE_COMPLETE"}, ANY_NAME)

    with pytest.raises(DeployError) as caught:
        made(client, [])

    says = "its change set is gone: somebody has deleted it, or deployed in between; nothing was changed, run obskit"
    assert (f"stack shop-dev in eu-central-1: {says} deploy again",) == caught.value.problems


ANY_NAME = {"ChangeSetName": ANY}
