"""
Pages from a topic to PagerDuty's Events API v2: what its CloudWatch integration may not understand, or all of them.

`events` makes an event of an alarm's notification, `endpoint` hands it over, `secret` reads the key, `handler` is the
Lambda function. It needs Python, boto3 (which Lambda has) and Powertools' `parameters`.
"""
