"""What users' own tests need: what was written, as parsed documents; events; time and ids; the real Lambda client."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from obskit.testing import events as events
    from obskit.testing.captured import Captured as Captured
    from obskit.testing.captured import capture as capture
    from obskit.testing.emf import assert_valid_emf as assert_valid_emf
    from obskit.testing.events import alb_event as alb_event
    from obskit.testing.events import apigateway_event as apigateway_event
    from obskit.testing.events import apigateway_v2_event as apigateway_v2_event
    from obskit.testing.events import appsync_authorizer_event as appsync_authorizer_event
    from obskit.testing.events import appsync_batch_event as appsync_batch_event
    from obskit.testing.events import appsync_channel_event as appsync_channel_event
    from obskit.testing.events import appsync_event as appsync_event
    from obskit.testing.events import appsync_pipeline_event as appsync_pipeline_event
    from obskit.testing.events import cognito_identity as cognito_identity
    from obskit.testing.events import dynamodb_event as dynamodb_event
    from obskit.testing.events import eventbridge_event as eventbridge_event
    from obskit.testing.events import eventbridge_in_sqs_event as eventbridge_in_sqs_event
    from obskit.testing.events import function_url_event as function_url_event
    from obskit.testing.events import kinesis_event as kinesis_event
    from obskit.testing.events import s3_event as s3_event
    from obskit.testing.events import schedule_event as schedule_event
    from obskit.testing.events import sns_event as sns_event
    from obskit.testing.events import sns_in_sqs_event as sns_in_sqs_event
    from obskit.testing.events import sqs_event as sqs_event
    from obskit.testing.fake_clock import FakeClock as FakeClock
    from obskit.testing.fake_ids import FakeIds as FakeIds
    from obskit.testing.lambda_context import Client as Client
    from obskit.testing.lambda_context import ClientContext as ClientContext
    from obskit.testing.lambda_context import CognitoIdentity as CognitoIdentity
    from obskit.testing.lambda_context import LambdaContext as LambdaContext
    from obskit.testing.leaks import assert_no_pii as assert_no_pii
    from obskit.testing.lines import Lines as Lines
    from obskit.testing.measurements import Measurements as Measurements
    from obskit.testing.otlp_sink import OtlpSink as OtlpSink
    from obskit.testing.otlp_sink import OtlpSpan as OtlpSpan
    from obskit.testing.record import Harmless as Harmless
    from obskit.testing.record import Planted as Planted
    from obskit.testing.record import Record as Record
    from obskit.testing.record import records as records
    from obskit.testing.run import NotImportableError as NotImportableError
    from obskit.testing.run import Outcome as Outcome
    from obskit.testing.run import run_under_runtime as run_under_runtime
    from obskit.testing.spans import Span as Span
    from obskit.testing.spans import Spans as Spans
    from obskit.testing.xray_sink import XraySink as XraySink

_MODULES = {
    "captured": "Captured capture",
    "emf": "assert_valid_emf",
    "events": (
        "alb_event apigateway_event apigateway_v2_event appsync_authorizer_event appsync_batch_event"
        " appsync_channel_event appsync_event appsync_pipeline_event cognito_identity dynamodb_event eventbridge_event"
        " eventbridge_in_sqs_event function_url_event kinesis_event s3_event schedule_event sns_event sns_in_sqs_event"
        " sqs_event"
    ),
    "fake_clock": "FakeClock",
    "fake_ids": "FakeIds",
    "lambda_context": "Client ClientContext CognitoIdentity LambdaContext",
    "leaks": "assert_no_pii",
    "lines": "Lines",
    "measurements": "Measurements",
    "otlp_sink": "OtlpSink OtlpSpan",
    "record": "Harmless Planted Record records",
    "run": "NotImportableError Outcome run_under_runtime",
    "spans": "Span Spans",
    "xray_sink": "XraySink",
}
"""Modules with the names they give: pytest loads this package in every project that has obskit, so nothing is imported
before it is used."""

_EXPORTS = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = sorted(_EXPORTS)

if not TYPE_CHECKING:  # hidden from type checkers, so that a misspelt name stays an error
    import importlib
    import sys

    def __getattr__(name):
        module = _EXPORTS.get(name)
        if module is None:
            raise AttributeError(
                f"module 'obskit.testing' has no attribute '{name}'", name=name, obj=sys.modules[__name__]
            )
        value = getattr(importlib.import_module(f"obskit.testing.{module}"), name)
        globals()[name] = value
        return value

    def __dir__():
        return sorted({*globals(), *_EXPORTS})
