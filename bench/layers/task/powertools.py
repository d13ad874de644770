"""As its documentation begins: a logger and metrics for the whole module."""

import time

from aws_lambda_powertools import Logger, Metrics

logger, metrics = Logger(), Metrics()


@logger.inject_lambda_context
@metrics.log_metrics(raise_on_empty_metrics=False)
def handler(event, context):
    return [LOADED, time.process_time()]


LOADED = time.process_time()
