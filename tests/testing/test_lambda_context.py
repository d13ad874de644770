"""The context object, beside the one that the real client makes."""

import re

import pytest

from obskit import clock
from obskit.testing import Client, ClientContext, CognitoIdentity, LambdaContext


def names(thing):
    return {name for name in dir(thing) if not name.startswith("_")}


@pytest.mark.usefixtures("awslambdaric")
def test_it_has_all_that_the_real_one_has():
    from awslambdaric.lambda_context import LambdaContext as RealContext

    parts = {"client": {}, "custom": {}, "env": {}}
    real = RealContext("r-1", parts, {"cognitoIdentityId": "a"}, 0)
    ours = LambdaContext(client_context=ClientContext(client=Client()))

    assert names(real) <= names(ours)
    assert names(real.identity) <= names(ours.identity)
    assert names(real.client_context) <= names(ours.client_context)
    assert names(real.client_context.client) <= names(ours.client_context.client)
    assert ours.w3c() == real.w3c() == {}


def test_what_is_left_empty_follows_from_the_name():
    context = LambdaContext(function_name="search")

    assert context.invoked_function_arn == "arn:aws:lambda:us-east-1:111111111111:function:search"
    assert context.log_group_name == "/aws/lambda/search"
    assert (context.function_version, context.memory_limit_in_mb) == ("$LATEST", "128")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", context.aws_request_id)
    assert (context.tenant_id, context.client_context, context.identity) == (None, None, CognitoIdentity())


def test_two_contexts_are_two_invocations():
    assert LambdaContext().aws_request_id != LambdaContext().aws_request_id


def test_the_time_that_is_left():
    now = [0]
    clock.set(monotonic_ns=lambda: now[0])
    context = LambdaContext(timeout_s=1.5)

    now[0] = 1_400_000_000
    assert context.get_remaining_time_in_millis() == 100
    now[0] = 9_000_000_000
    assert context.get_remaining_time_in_millis() == 0


def test_it_logs_as_lambda_does(capsys):
    LambdaContext().log("a line\n")

    assert capsys.readouterr().out == "a line\n"
