"""
What no request handler can measure: backlogs, staleness, the state of servers. One file a probe.

`run` asks each in a thread of its own with a timeout of its own; `handler` is a scheduled Lambda function, and
`obskit probe` does the same at a terminal or in a container. Needs the extra `probes`.
"""
