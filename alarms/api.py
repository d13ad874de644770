"""What stands before the functions: CloudFront and its WAF, sign-in, AppSync."""

from obskit.deploy.specs import Alarm, AwsMetric

API = {"GraphQLAPIId": "{graphql_api}"}
REQUESTS = AwsMetric("AWS/AppSync", "Latency", API, "SampleCount", "requests")  # one latency each
USERS = {"UserPool": "{user_pool}", "UserPoolClient": "{user_pool_client}"}
EDGE = "us-east-1"  # CloudFront's metrics and those of its WAF are there, wherever a request comes from

SERVER_ERRORS = Alarm.ratio(
    "api-server-errors",
    AwsMetric("AWS/AppSync", "5XXError", API, "Sum", "5XX"),
    REQUESTS,
    above=2,
    minimum=50,
    label="5XX, %",
    period=300,
    for_=(2, 2),
    service="api",
    severity="page",
    owner="platform",
    summary="More than 2 % of the API's answers are 5XX.",
    impact="Pages load in part or not at all, for everybody.",
    runbook="api-errors.md",
    dashboard="api",
)

CALLER_ERRORS = Alarm.anomaly(
    "api-caller-errors",
    AwsMetric("AWS/AppSync", "4XXError", API, "Sum", "4XX"),
    band=4,
    period=300,
    for_=(3, 3),
    service="api",
    severity="ticket",
    owner="platform",
    summary="The API refuses far more requests than usual at this hour.",
    impact="A client sends what the schema does not know, or sign-in is broken.",
    runbook="api-errors.md",
    dashboard="api",
)

LATENCY = Alarm(
    "api-latency",
    AwsMetric("AWS/AppSync", "Latency", API, "p95"),
    above=2000,
    for_=(5, 5),
    service="api",
    severity="ticket",
    owner="platform",
    summary="One answer of the API in twenty takes longer than 2 s.",
    impact="Every page is slow.",
    runbook="api-errors.md",
    dashboard="api",
)

EDGE_ERRORS = Alarm(
    "edge-errors",
    AwsMetric(
        "AWS/CloudFront", "5xxErrorRate", {"DistributionId": "{distribution}", "Region": "Global"}, "Average", "5XX, %"
    ),
    above=2,
    period=300,
    for_=(2, 3),
    only_in=EDGE,
    service="edge",
    severity="page",
    owner="platform",
    summary="CloudFront answers more than 2 % of the requests with 5XX.",
    impact="Buyers see an error page; the API may not even hear of their requests.",
    runbook="edge.md",
    dashboard="api",
)

BLOCKED = AwsMetric("AWS/WAFV2", "BlockedRequests", {"WebACL": "{web_acl}", "Rule": "ALL"}, "Sum", "blocked")

WAF_SURGE = Alarm.anomaly(
    "waf-surge",
    BLOCKED,
    band=5,
    period=300,
    for_=(3, 3),
    only_in=EDGE,
    service="edge",
    severity="ticket",
    owner="platform",
    summary="The WAF blocks far more requests than usual at this hour.",
    impact="An attack, or a rule that has begun to block buyers.",
    runbook="edge.md",
    dashboard="api",
)

WAF_JUMP = Alarm.rate_of_change(
    "waf-jump",
    BLOCKED,
    above=5000,
    period=300,
    only_in=EDGE,
    service="edge",
    severity="ticket",
    owner="platform",
    summary="The WAF blocks 5,000 requests more than five minutes before.",
    impact="None yet, if the rules are right.",
    runbook="edge.md",
    dashboard="api",
)

SIGN_IN_THROTTLES = tuple(
    Alarm(
        f"{what}-throttles",
        AwsMetric("AWS/Cognito", metric, USERS, "Sum"),
        above=5,
        period=300,
        for_=(2, 3),
        service="accounts",
        severity="ticket",
        owner="platform",
        summary=f"Cognito throttles: {words}.",
        impact="Buyers who want to sign in, or stay so, are turned away.",
        runbook="sign-in.md",
        dashboard="api",
    )
    for what, metric, words in (
        ("sign-in", "SignInThrottles", "sign-ins"),
        ("sign-up", "SignUpThrottles", "new accounts"),
        ("token-refresh", "TokenRefreshThrottles", "sessions that go on"),
    )
)
