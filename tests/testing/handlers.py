"""Handlers as users write them, for `run_under_runtime`."""

import json
import os
import socket
import sys
import time

import obskit
from obskit import kpis

print("loaded")  # noqa: T201  what a function writes while it is loaded


class CardDeclinedError(Exception):
    """What a provider says."""


@obskit.instrument
def checkout(event, context):
    obskit.logger.debug("looking closely", cart_id="c-1")
    obskit.logger.info("checkout started", email=event["email"])
    with obskit.span("authorise", provider="stripe"):
        if event.get("fail"):
            raise CardDeclinedError(f"card {event['card']} of {event['email']}")
    obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
    return {"email": event["email"]}


def leaking(event, context):
    print("mail to", event["email"])  # noqa: T201
    host, port = os.environ["AWS_XRAY_DAEMON_ADDRESS"].split(":")
    span = {"id": "1" * 16, "name": "mail", "start_time": 1.0, "annotations": {"to": event["email"]}}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.sendto(b'{"format":"json","version":1}\n' + json.dumps(span).encode(), (host, int(port)))
    raise CardDeclinedError(f"card of {event['email']}")


def facts(event, context):
    return {
        "name": context.function_name,
        "version": context.function_version,
        "memory": context.memory_limit_in_mb,
        "arn": context.invoked_function_arn,
        "request_id": context.aws_request_id,
        "tenant": context.tenant_id,
        "identity": context.identity.cognito_identity_id,
        "custom": context.client_context.custom,
        "app": context.client_context.client.app_title,
        "group": context.log_group_name,
        "left": context.get_remaining_time_in_millis(),
        "trace": os.environ.get("_X_AMZN_TRACE_ID"),
        "format": os.environ.get("AWS_LAMBDA_LOG_FORMAT"),
        "own": os.environ.get("OWN"),
        "event": event,
    }


def hang(event, context):
    print("hanging")  # noqa: T201
    time.sleep(60)  # longer than the time limit that ends it


def imports_what_the_test_can(event, context):
    import only_in_the_test  # type: ignore[import-not-found]  # made by the test

    return only_in_the_test.VALUE


class Handlers:
    def method(self, event, context):
        return None


def _renamed(event, context):
    return sys.version_info


other_name = _renamed
other_name.__qualname__ = other_name.__name__ = "gone"


def decorated_inside():
    def inner(event, context):
        return None

    return inner
