"""Requests to CloudWatch's OTLP endpoint, signed with the credentials of the function's role."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SERVICE = "xray"
"""The name that traces are signed for: `https://xray.<region>.amazonaws.com/v1/traces`."""


def region_of(endpoint: str) -> str:
    """
    Return the region of CloudWatch's *endpoint* for traces, or nothing where it is somebody else's.

    >>> region_of("https://xray.eu-west-1.amazonaws.com/v1/traces")
    'eu-west-1'
    >>> region_of("https://collector.example.com/v1/traces")
    ''
    """
    scheme, _, rest = endpoint.partition("://")
    service, _, host = rest.partition("/")[0].partition(".")
    region, _, domain = host.partition(".")
    ours = scheme == "https" and service == SERVICE and domain in ("amazonaws.com", "amazonaws.com.cn")
    return region if ours else ""


def session(region: str) -> Any:
    """Return a session of `requests` that signs what it sends; botocore finds the credentials, and renews them."""
    import botocore.session
    import requests

    credentials = botocore.session.Session().get_credentials()
    made = requests.Session()
    made.auth = lambda request: sign(request, credentials, region)
    return made


def sign(request: Any, credentials: Any, region: str) -> Any:
    """Add the headers of Signature Version 4 to *request*, whose body is ready."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    kind = {"content-type": request.headers["content-type"]} if "content-type" in request.headers else {}
    signed = AWSRequest(request.method, request.url, data=request.body, headers=kind)
    SigV4Auth(credentials, SERVICE, region).add_auth(signed)
    request.headers.update(dict(signed.headers.items()))
    return request
