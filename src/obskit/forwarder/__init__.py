"""
Pages from a topic to PagerDuty's Events API v2: what its CloudWatch integration may not understand, or all of them.

`alarms` reads a notification, `states` asks CloudWatch what is so now, `events` makes an event of it, `endpoint` hands
it over, `secret` reads the key, `dead_letters` keeps what is refused, `handler` is the Lambda function. It needs
Python, boto3 (which Lambda has) and Powertools' `parameters`.
"""
