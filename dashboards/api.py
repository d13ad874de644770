"""What buyers meet: the checkout, GraphQL, the functions that resolve it, the edge, sign-in, and the database."""

from obskit import kpis
from obskit.catalog import own
from obskit.deploy import aws
from obskit.deploy.specs import AlarmList, Dashboard, Each, Graph, Level, Logs, Math, Number, Section, Series
from obskit.deploy.specs.alarms import share
from obskit.deploy.specs.objectives import budget

RESOLVERS = ("checkout", "search")
ASYNCHRONOUS = ("dsar", "email")  # called by EventBridge: their events wait inside Lambda
API = aws.appsync("{graphql_api}")
EDGE = aws.cloudfront("{distribution}")
USERS = aws.cognito("{user_pool}", "{user_pool_client}")
DATABASE = aws.aurora("{database_cluster}")
FUNCTION = {name: aws.lambda_(f"{{project}}-{{env}}-{name}") for name in (*RESOLVERS, *ASYNCHRONOUS)}

ALLOWED = budget(kpis.CHECKOUT_FAILURE)  # percent of checkouts that may fail
CHECKOUTS = {"failed": kpis.CHECKOUT_FAILURE.sum, "all": kpis.CHECKOUT_FAILURE.samples}  # a success records 0
SUCCESS = Math("100 - 100 * failed / all", CHECKOUTS, f"at least {100 - ALLOWED:g}", "Percent")
LEFT = Math(f"100 - 100 * (100 * failed / all) / {ALLOWED:g}", CHECKOUTS, "below 0: overspent", "Percent")

API_BOARD = Dashboard(
    "api",
    "API and checkout",
    (
        Section(
            "Can buyers buy?",
            (
                (
                    AlarmList("Alarms", width=12, height=5),
                    Number("Checkouts that succeed, %", (SUCCESS,), whole_range=True, height=5),
                    Number("Error budget left, %", (LEFT,), whole_range=True, height=5),
                    Number("Orders in all", (Series(kpis.CHECKOUT_SUCCESS.sum, "orders"),), whole_range=True, height=5),
                ),
                (
                    Graph("Orders accepted", (Series(kpis.CHECKOUT_SUCCESS.sum, "orders"),)),
                    Graph("Checkouts that fail", (Series(kpis.CHECKOUT_FAILURE.sum, "failed"),)),
                    Graph(
                        "Time to an answer of the checkout",
                        (
                            Series(kpis.CHECKOUT_LATENCY.p50, "half are faster (p50)"),
                            Series(kpis.CHECKOUT_LATENCY.p95, "1 in 20 is slower (p95)"),
                        ),
                    ),
                ),
            ),
        ),
        Section(
            "Newest errors of the checkout",
            (
                (
                    Logs(
                        "Errors, newest first",
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
        Section(
            "GraphQL (AppSync)",
            (
                (
                    Graph(
                        "Time to an answer of the API",
                        (
                            Series(API.latency.p50, "half are faster (p50)"),
                            Series(API.latency.p95, "1 in 20 is slower (p95)"),
                        ),
                        period=60,
                    ),
                    Graph(
                        "Requests refused or failed, of all",
                        (
                            Series(API.error_4xx.sum, "4XX: the caller's", color="#ff9900"),
                            Series(API.error_5xx.sum, "5XX: ours", color="#d13212"),
                            Series(API.latency.samples, "requests", color="#7f7f7f", axis="right"),
                        ),
                    ),
                    Graph(
                        "GraphQL errors inside HTTP 200",
                        tuple(Series(own.RESOLVER_ERRORS.sum, name, service=name) for name in RESOLVERS),
                    ),
                ),
            ),
        ),
        Section(
            "Functions (Lambda)",
            (
                (
                    Graph(
                        "Duration: p50 and p95 of each resolver",
                        tuple(
                            Series(statistic, f"{name} {statistic.stat}")
                            for name in RESOLVERS
                            for statistic in (FUNCTION[name].duration.p50, FUNCTION[name].duration.p95)
                        ),
                        period=60,
                    ),
                    *(
                        Graph(
                            f"Invocations of {name} that fail",
                            (share(FUNCTION[name].errors.sum, FUNCTION[name].invocations.sum, 10, f"{name}, %"),),
                        )
                        for name in RESOLVERS
                    ),
                ),
                (
                    Graph(
                        "Throttled: no concurrency left",
                        tuple(Series(FUNCTION[name].throttles.sum, name) for name in FUNCTION),
                    ),
                    Graph(
                        "Running at the same time",
                        (
                            *(Series(FUNCTION[name].concurrent_executions.maximum, name) for name in RESOLVERS),
                            Series(aws.lambda_().concurrent_executions.maximum, "whole account", color="#7f7f7f"),
                        ),
                        period=60,
                    ),
                    Graph(
                        "Cold starts, as buyers wait for them",
                        tuple(Series(own.COLD_STARTS.sum, name, service=name) for name in RESOLVERS),
                        stacked=True,
                    ),
                ),
                (
                    Graph(
                        "Age of the oldest event for a function",
                        tuple(
                            Series(FUNCTION[name].async_event_age.maximum, name, divided_by=60_000, unit="Minutes")
                            for name in ASYNCHRONOUS
                        ),
                    ),
                    Graph(
                        "Events dropped: a mail or a request is lost",
                        tuple(Series(FUNCTION[name].async_events_dropped.sum, name) for name in ASYNCHRONOUS),
                    ),
                ),
            ),
        ),
        Section(
            "Edge and sign-in (CloudFront, WAF, Cognito)",
            (
                (
                    Graph(
                        "Pages that CloudFront answers with 5XX",
                        (
                            Series(EDGE.error_rate_5xx.average, "5XX, %", color="#d13212"),
                            Series(EDGE.requests.sum, "requests", color="#7f7f7f", axis="right"),
                        ),
                    ),
                    Graph(
                        "Requests that the WAF blocks, by rule (ALL: together)",
                        (Each(aws.waf("{web_acl}").blocked_requests.sum, "Rule"),),
                    ),
                    Graph(
                        "Turned away at sign-in (throttled)",
                        (
                            Series(USERS.sign_in_throttles.sum, "sign-ins"),
                            Series(USERS.sign_up_throttles.sum, "new accounts"),
                            Series(USERS.token_refresh_throttles.sum, "sessions that go on"),
                        ),
                    ),
                ),
            ),
        ),
        Section(
            "Database (Aurora)",
            (
                (
                    Graph(
                        "Capacity and CPU in use",
                        (
                            Series(DATABASE.acu_utilization.maximum, "capacity, %"),
                            Series(DATABASE.cpu_utilization.maximum, "CPU, %"),
                        ),
                        period=60,
                        most=100,
                    ),
                    Graph(
                        "Open connections; 1,000 are refused",
                        (Series(DATABASE.database_connections.maximum, "connections"),),
                        period=60,
                        levels=(Level(1000, "refused", "#d13212"),),
                    ),
                ),
            ),
        ),
    ),
)
