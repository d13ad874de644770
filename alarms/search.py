"""Buyers who look for something and wait, find nothing or do not ask, and the nodes that answer them."""

from obskit import kpis
from obskit.catalog import own
from obskit.deploy.specs import Alarm, AwsMetric, Composite, any_of

LATENCY = Alarm(
    "search-latency",
    kpis.SEARCH_LATENCY.p95,
    above=300,
    for_=(5, 5),
    severity="ticket",
    owner="search",
    summary="One search in twenty takes longer than 300 ms.",
    impact="Results come late on every page that lists something.",
    runbook="search-latency.md",
    dashboard="search",
)

GRAPHQL_ERRORS = Alarm(
    "search-graphql-errors",
    own.RESOLVER_ERRORS.sum,
    at_least=10,
    period=300,
    for_=(2, 3),
    missing="notBreaching",  # obskit records errors, never a zero
    service="search",
    thresholds={"dev": 50},
    severity="ticket",
    owner="search",
    summary="Search answers with GraphQL errors inside an HTTP 200.",
    impact="Lists of offers stay empty; Lambda and AppSync count it as success.",
    runbook="search-latency.md",
    dashboard="search",
)

HIT_RATIO = Alarm(
    "search-hits",
    kpis.SEARCH_HIT.average,
    below=0.9,
    period=300,
    for_=(3, 3),
    severity="ticket",
    owner="search",
    summary="More than one search in ten finds nothing.",
    impact="Buyers believe that we do not sell what they look for.",
    runbook="search-latency.md",
    dashboard="search",
)

NO_SEARCHES = Alarm.heartbeat(
    "search-silence",
    kpis.SEARCH_REQUESTS.sum,
    period=300,
    for_=(3, 3),
    severity="page",
    owner="search",
    summary="No search was answered for a quarter of an hour.",
    impact="Pages that list something are empty or do not load.",
    runbook="search-latency.md",
    dashboard="search",
)

NODES = Alarm(
    "typesense-nodes",
    AwsMetric(
        "ECS/ContainerInsights",
        "RunningTaskCount",
        {"ClusterName": "{project}-{env}", "ServiceName": "typesense"},
        "Minimum",
    ),
    below=3,
    for_=(5, 5),
    thresholds={"dev": 1},  # a single node
    missing="breaching",  # ECS counts every minute
    service="typesense",
    severity="ticket",
    owner="search",
    summary="Fewer than three Typesense nodes run.",
    impact="One more, and the cluster has no majority: the index can no longer be written.",
    runbook="typesense-capacity.md",
    dashboard="search",
)

UNHEALTHY = Alarm(
    "typesense-health",
    kpis.PROBE_FAILURE.sum,
    by={"probe": "typesense"},
    above=0,
    for_=(3, 3),
    acts=False,
    severity="ticket",
    owner="search",
    summary="A Typesense node does not answer the probe, or says that it is not well.",
    impact="Searches go to the other nodes.",
    runbook="typesense-capacity.md",
    dashboard="search",
)

TYPESENSE_CPU = Alarm(
    "typesense-cpu",
    kpis.TYPESENSE_CPU.maximum,
    above=80,
    for_=(10, 10),
    severity="ticket",
    owner="search",
    summary="A Typesense node has used more than 80 % of its CPU for ten minutes.",
    impact="Searches are about to become slow on every page.",
    runbook="typesense-capacity.md",
    dashboard="search",
)

TYPESENSE_HEAP = Alarm(
    "typesense-heap",
    kpis.TYPESENSE_HEAP.maximum,
    above=6 * 1024**3,
    for_=(3, 3),
    severity="ticket",
    owner="search",
    summary="A Typesense node holds more than 6 of its 8 GB.",
    impact="When it is full it refuses writes, and the index gets old.",
    runbook="typesense-capacity.md",
    dashboard="search",
)

TYPESENSE_REQUESTS = Alarm(
    "typesense-requests",
    kpis.TYPESENSE_REQUESTS.maximum,
    above=400,
    for_=(5, 5),
    severity="ticket",
    owner="search",
    summary="A Typesense node serves more than 400 requests a second.",
    impact="None yet: it is the load that a node is sized for.",
    runbook="typesense-capacity.md",
    dashboard="search",
)

AT_RISK = Composite(
    "typesense-at-risk",
    any_of(UNHEALTHY, TYPESENSE_HEAP),
    suppressor=NODES,  # a node that is gone says why
    severity="page",
    owner="search",
    service="typesense",
    summary="Typesense is not well: a node does not answer, or is nearly full.",
    impact="Searches fail soon, on every page that lists something.",
    runbook="typesense-capacity.md",
    dashboard="search",
)
