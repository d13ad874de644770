"""
Events as Lambda hands them to a function, in the shapes that AWS documents. Each call returns fresh data.

Values are those of documentation: reserved domains and addresses, one account, times of 2 January 2026.
"""

from obskit.testing.events.appsync import (
    appsync_authorizer_event,
    appsync_batch_event,
    appsync_channel_event,
    appsync_event,
    appsync_pipeline_event,
    cognito_identity,
)
from obskit.testing.events.http import alb_event, apigateway_event, apigateway_v2_event, function_url_event
from obskit.testing.events.messages import (
    eventbridge_event,
    eventbridge_in_sqs_event,
    schedule_event,
    sns_event,
    sns_in_sqs_event,
    sqs_event,
)
from obskit.testing.events.streams import dynamodb_event, kinesis_event, s3_event

__all__ = [
    "alb_event",
    "apigateway_event",
    "apigateway_v2_event",
    "appsync_authorizer_event",
    "appsync_batch_event",
    "appsync_channel_event",
    "appsync_event",
    "appsync_pipeline_event",
    "cognito_identity",
    "dynamodb_event",
    "eventbridge_event",
    "eventbridge_in_sqs_event",
    "function_url_event",
    "kinesis_event",
    "s3_event",
    "schedule_event",
    "sns_event",
    "sns_in_sqs_event",
    "sqs_event",
]
