"""Requests to CloudWatch's OTLP endpoint are signed: the signature is computed again from what arrived."""

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import obskit
from obskit.integrations import otlp, sigv4
from obskit.testing import LambdaContext, OtlpSink

URL = "https://xray.us-east-1.amazonaws.com/v1/traces"
KEY, SECRET, TOKEN = "AKIAIOSFODNN7" + "EXAMPLE", "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY", "example-token"


class ToSink(requests.adapters.HTTPAdapter):
    """Take what is sent to CloudWatch to the sink, under the host that it was meant for."""

    def __init__(self, endpoint):
        super().__init__()
        self.endpoint = endpoint

    def send(self, request, **options):
        request.headers["Host"] = "xray.us-east-1.amazonaws.com"
        request.url = request.url.replace("https://xray.us-east-1.amazonaws.com", self.endpoint)
        return super().send(request, **options)


@pytest.fixture
def sink(monkeypatch):
    with OtlpSink() as sink:
        session = sigv4.session

        def to_sink(region):
            made = session(region)
            made.mount("https://xray.us-east-1.amazonaws.com", ToSink(sink.endpoint))
            return made

        monkeypatch.setattr(sigv4, "session", to_sink)
        yield sink


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_what_leaves_for_cloudwatch_is_signed_with_the_roles_credentials(
    sink, obskit_env, obskit_captured, compression
):
    obskit_env(
        OBSKIT_TRACES="otlp",
        OBSKIT_OTLP_WAIT_MS="10000",
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=URL,
        OTEL_EXPORTER_OTLP_COMPRESSION=compression,
        AWS_ACCESS_KEY_ID=KEY,
        AWS_SECRET_ACCESS_KEY=SECRET,
        AWS_SESSION_TOKEN=TOKEN,
    )
    otlp.reset()

    @obskit.instrument
    def handler(event, context):
        pass

    handler({}, LambdaContext())

    assert [span.name for span in sink.spans] == ["handler"]
    (request,) = sink.requests
    assert request.headers["x-amz-security-token"] == TOKEN
    authorization = request.headers["authorization"]
    assert authorization.startswith(f"AWS4-HMAC-SHA256 Credential={KEY}/")
    assert "/us-east-1/xray/aws4_request" in authorization
    assert authorization.endswith(f"Signature={signature(request)}")


def signature(request):
    """Return the signature of what arrived, as AWS computes it."""
    names = authorised(request.headers["authorization"])
    assert {"content-type", "host", "x-amz-date", "x-amz-security-token"} <= set(names)
    again = AWSRequest("POST", URL, data=request.body, headers={name: request.headers[name] for name in names})
    again.context["timestamp"] = request.headers["x-amz-date"]
    auth = SigV4Auth(Credentials(KEY, SECRET, TOKEN), "xray", "us-east-1")
    return auth.signature(auth.string_to_sign(again, auth.canonical_request(again)), again)


def authorised(header):
    return header.partition("SignedHeaders=")[2].partition(",")[0].split(";")


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        (URL, "us-east-1"),
        ("https://xray.cn-north-1.amazonaws.com.cn/v1/traces", "cn-north-1"),
        ("http://xray.us-east-1.amazonaws.com/v1/traces", ""),
        ("https://xray.us-east-1.amazonaws.com.example.com/v1/traces", ""),
        ("https://example.com/xray.us-east-1.amazonaws.com", ""),
        ("http://127.0.0.1:4318", ""),
        ("", ""),
    ],
)
def test_nobody_else_gets_a_signature(endpoint, region):
    assert sigv4.region_of(endpoint) == region
