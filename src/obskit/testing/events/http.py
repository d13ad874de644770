"""
Events of HTTP: API Gateway (REST and HTTP APIs), function URLs, load balancers.

Sources, 2026-11-24: API Gateway developer guide, "Input format of a Lambda function for proxy integration", "AWS Lambda
proxy integrations for HTTP APIs"; Lambda developer guide, "Invoking Lambda function URLs"; Elastic Load Balancing
guide, "Lambda functions as targets".
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from obskit.testing.events.common import (
    ACCOUNT,
    EPOCH_MS,
    REGION,
    SOURCE_IP,
    Event,
    an_id,
    as_base64,
    as_text,
    fresh,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Query = Mapping[str, str | Sequence[str]]

_AGENT = "example-agent/1.0"
_DATE = "02/Jan/2026:03:04:05 +0000"


def apigateway_event(  # noqa: PLR0913  what a request has
    body: object = None,
    *,
    method: str = "POST",
    path: str = "/orders",
    headers: Mapping[str, str] | None = None,
    query: Query | None = None,
    path_parameters: Mapping[str, str] | None = None,
    resource: str = "",
    authorizer: Mapping[str, object] | None = None,
    stage: str = "prod",
) -> Event:
    """
    Return what a REST API of API Gateway sends a function (payload format 1.0).

    Args:
        body: text, anything JSON can hold, or bytes, which come in base64; None: no body.
        method: of the request.
        path: without the stage.
        headers: beside those of every request, in any case.
        query: values are text, or several texts.
        path_parameters: of *resource*, such as `{"id": "7"}` for `/orders/{id}`.
        resource: the path as the API declares it; default: *path*.
        authorizer: what the authorizer found out, such as `{"claims": {…}}`.
        stage: of the deployment.
    """
    sent = {"Host": f"example.execute-api.{REGION}.amazonaws.com", **_usual(), **_capitals(headers)}
    several = _several(query)
    event: Event = fresh(
        {
            "resource": resource or path,
            "path": path,
            "httpMethod": method,
            "headers": sent,
            "multiValueHeaders": {name: [value] for name, value in sent.items()},
            "queryStringParameters": {name: values[-1] for name, values in several.items()} or None,
            "multiValueQueryStringParameters": several or None,
            "pathParameters": path_parameters,
            "stageVariables": None,
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": "example",
                "authorizer": authorizer,
                "domainName": f"example.execute-api.{REGION}.amazonaws.com",
                "domainPrefix": "example",
                "extendedRequestId": "JKJaXmPLvHcESHA=",
                "httpMethod": method,
                "identity": {
                    "accessKey": None,
                    "accountId": None,
                    "apiKey": None,
                    "apiKeyId": None,
                    "caller": None,
                    "clientCert": None,
                    "cognitoAuthenticationProvider": None,
                    "cognitoAuthenticationType": None,
                    "cognitoIdentityId": None,
                    "cognitoIdentityPoolId": None,
                    "principalOrgId": None,
                    "sourceIp": SOURCE_IP,
                    "user": None,
                    "userAgent": _AGENT,
                    "userArn": None,
                },
                "path": f"/{stage}{path}",
                "protocol": "HTTP/1.1",
                "requestId": an_id("request"),
                "requestTime": _DATE,
                "requestTimeEpoch": EPOCH_MS,
                "resourceId": "123456",
                "resourcePath": resource or path,
                "stage": stage,
            },
            **_body(body),
        }
    )
    return event


def apigateway_v2_event(  # noqa: PLR0913  what a request has
    body: object = None,
    *,
    method: str = "POST",
    path: str = "/orders",
    headers: Mapping[str, str] | None = None,
    query: Query | None = None,
    path_parameters: Mapping[str, str] | None = None,
    cookies: Sequence[str] = (),
    authorizer: Mapping[str, object] | None = None,
) -> Event:
    """
    Return what an HTTP API of API Gateway sends a function (payload format 2.0); arguments as for `apigateway_event`.

    *authorizer* is such as `{"jwt": {"claims": {…}, "scopes": None}}`; *cookies* are `name=value`.
    """
    event = _version_2(method, path, headers, query, body, cookies)
    event["routeKey"] = event["requestContext"]["routeKey"] = f"{method} {path}"
    if authorizer is not None:
        event["requestContext"]["authorizer"] = fresh(authorizer)
    if path_parameters is not None:
        event["pathParameters"] = fresh(path_parameters)
    return event


def function_url_event(  # noqa: PLR0913  what a request has
    body: object = None,
    *,
    method: str = "POST",
    path: str = "/orders",
    headers: Mapping[str, str] | None = None,
    query: Query | None = None,
    cookies: Sequence[str] = (),
    authorizer: Mapping[str, object] | None = None,
) -> Event:
    """
    Return what a function URL sends its function; arguments as for `apigateway_event`.

    *authorizer* is such as `{"iam": {"userArn": …}}` where the URL wants IAM; *cookies* are `name=value`.
    """
    event = _version_2(method, path, headers, query, body, cookies)
    host = f"example.lambda-url.{REGION}.on.aws"
    event["requestContext"].update(domainName=host, apiId="example")
    event["headers"]["host"] = host
    if authorizer is not None:
        event["requestContext"]["authorizer"] = fresh(authorizer)
    return event


def alb_event(  # noqa: PLR0913  what a request has
    body: object = "",
    *,
    method: str = "POST",
    path: str = "/orders",
    headers: Mapping[str, str] | None = None,
    query: Query | None = None,
    multi_value_headers: bool = False,
    target_group: str = "orders",
) -> Event:
    """
    Return what an Application Load Balancer sends a function; arguments as for `apigateway_event`.

    With *multi_value_headers*, an attribute of the target group, headers and query come as lists, and only so.
    """
    sent = {"host": "shop.example", **_usual(), **(headers or {})}
    sent = {name.lower(): value for name, value in sent.items()}
    # A load balancer hands the query on as it came: encoded.
    several = {quote(name): [quote(value) for value in values] for name, values in _several(query).items()}
    arn = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/{target_group}/49e9d65c45c6791a"
    event: Event = {"requestContext": {"elb": {"targetGroupArn": arn}}, "httpMethod": method, "path": path}
    if multi_value_headers:
        event["multiValueQueryStringParameters"] = several
        event["multiValueHeaders"] = {name: [value] for name, value in sent.items()}
    else:
        event["queryStringParameters"] = {name: values[-1] for name, values in several.items()}
        event["headers"] = sent
    event.update(_body("" if body is None else body))
    return event


def _version_2(  # noqa: PLR0913, PLR0917  one call for each of its two users
    method: str,
    path: str,
    headers: Mapping[str, str] | None,
    query: Query | None,
    body: object,
    cookies: Sequence[str],
) -> Event:
    host = f"example.execute-api.{REGION}.amazonaws.com"
    sent = {"host": host, **_usual(), **(headers or {})}
    several = _several(query)
    event: Event = fresh(
        {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": urlencode(several, doseq=True),
            "headers": {name.lower(): value for name, value in sent.items()},
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": "example",
                "domainName": host,
                "domainPrefix": "example",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": SOURCE_IP,
                    "userAgent": _AGENT,
                },
                "requestId": an_id("request"),
                "routeKey": "$default",
                "stage": "$default",
                "time": _DATE,
                "timeEpoch": EPOCH_MS,
            },
            "isBase64Encoded": False,
        }
    )
    # Version 2.0 leaves out what is empty.
    if several:
        event["queryStringParameters"] = {name: ",".join(values) for name, values in several.items()}
    if cookies:
        event["cookies"] = list(cookies)
    if body is not None:
        event.update(_body(body))
    return event


def _usual() -> dict[str, str]:
    return {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": _AGENT,
        "X-Forwarded-For": SOURCE_IP,
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }


def _capitals(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Return *headers* as given, those of every request in their usual case: a later one replaces an earlier."""
    usual = {name.lower(): name for name in [*_usual(), "Host"]}
    return {usual.get(name.lower(), name): value for name, value in (headers or {}).items()}


def _several(query: Query | None) -> dict[str, list[str]]:
    return {name: [value] if isinstance(value, str) else list(value) for name, value in (query or {}).items()}


def _body(body: object) -> Event:
    if body is None:
        return {"body": None, "isBase64Encoded": False}
    if isinstance(body, bytes):
        return {"body": as_base64(body), "isBase64Encoded": True}
    return {"body": as_text(body), "isBase64Encoded": False}
