"""Checkout: from the API that buyers call to the function behind it."""

from obskit import kpis
from obskit.deploy.specs import AlarmList, AwsMetric, Dashboard, Graph, Logs, Number, Section

API = {"GraphQLAPIId": "{graphql_api}"}
FUNCTION = {"FunctionName": "{project}-{env}-checkout"}

API_BOARD = Dashboard(
    "api",
    "API",
    (
        Section(
            "Checkout",
            (
                (
                    AlarmList("Alarms", width=12, height=4),
                    Number("Orders accepted", (kpis.CHECKOUT_SUCCESS.sum,), whole_range=True),
                    Number("Checkouts failed", (kpis.CHECKOUT_FAILURE.sum,), whole_range=True),
                ),
                (
                    Graph("Accepted", (kpis.CHECKOUT_SUCCESS.sum,), period=60),
                    Graph("Failed", (kpis.CHECKOUT_FAILURE.sum,)),
                    Graph("Time to an answer", (kpis.CHECKOUT_LATENCY.p50, kpis.CHECKOUT_LATENCY.p95)),
                ),
            ),
        ),
        Section(
            "API (AppSync)",
            (
                (
                    Graph(
                        "Errors",
                        (
                            AwsMetric("AWS/AppSync", "4XXError", API, "Sum", "4XX: the caller's"),
                            AwsMetric("AWS/AppSync", "5XXError", API, "Sum", "5XX: ours"),
                        ),
                        period=60,
                    ),
                    Graph("Latency", (AwsMetric("AWS/AppSync", "Latency", API, "p95"),), period=60),
                ),
            ),
        ),
        Section(
            "Function (Lambda)",
            (
                (
                    Graph(
                        "Invocations and errors",
                        (
                            AwsMetric("AWS/Lambda", "Invocations", FUNCTION, "Sum"),
                            AwsMetric("AWS/Lambda", "Errors", FUNCTION, "Sum"),
                            AwsMetric("AWS/Lambda", "Throttles", FUNCTION, "Sum"),
                        ),
                        period=60,
                    ),
                    Graph(
                        "Duration",
                        (
                            AwsMetric("AWS/Lambda", "Duration", FUNCTION, "p50"),
                            AwsMetric("AWS/Lambda", "Duration", FUNCTION, "p95"),
                        ),
                        period=60,
                    ),
                ),
                (
                    Logs(
                        "Newest errors",
                        ("/aws/lambda/{project}-{env}-checkout",),
                        """
                        fields timestamp, message, exception_name, correlation_id, xray_trace_id, function_request_id
                        filter service = "checkout" and level in ["ERROR", "FATAL"]
                        sort timestamp desc
                        limit 20
                        """,
                    ),
                ),
            ),
        ),
    ),
)
