"""A handler that does nothing: what the others are measured over."""

import time


def handler(event, context):
    return {"init": READY, "now": time.process_time()}


READY = time.process_time()
