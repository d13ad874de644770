"""With the tracer beside them, which brings the X-Ray SDK."""

import time

from aws_lambda_powertools import Logger, Metrics, Tracer

logger, metrics, tracer = Logger(), Metrics(), Tracer()


@logger.inject_lambda_context
@metrics.log_metrics(raise_on_empty_metrics=False)
@tracer.capture_lambda_handler
def handler(event, context):
    return [LOADED, time.process_time()]


LOADED = time.process_time()
