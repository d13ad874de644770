"""Aurora: near its limits before it refuses."""

from obskit.deploy.specs import Alarm, AwsMetric, Composite, all_of

CLUSTER = {"DBClusterIdentifier": "{database_cluster}"}

CAPACITY = Alarm(
    "database-capacity",
    AwsMetric("AWS/RDS", "ACUUtilization", CLUSTER, "Maximum"),
    above=90,
    for_=(10, 10),
    service="database",
    severity="ticket",
    owner="platform",
    summary="Aurora has used more than 90 % of its largest capacity for ten minutes.",
    impact="Queries are about to become slow everywhere.",
    runbook="database.md",
    dashboard="api",
)

CPU = Alarm(
    "database-cpu",
    AwsMetric("AWS/RDS", "CPUUtilization", CLUSTER, "Maximum"),
    above=90,
    for_=(10, 10),
    service="database",
    severity="ticket",
    owner="platform",
    summary="Aurora's CPU has been above 90 % for ten minutes.",
    impact="Queries are slow; checkout and search results wait for them.",
    runbook="database.md",
    dashboard="api",
)

CONNECTIONS = Alarm(
    "database-connections",
    AwsMetric("AWS/RDS", "DatabaseConnections", CLUSTER, "Maximum"),
    above=800,
    for_=(3, 3),
    thresholds={"dev": 80, "stage": 80},  # smaller clusters
    service="database",
    severity="ticket",
    owner="platform",
    summary="More than 800 connections to Aurora are open; it refuses new ones at 1,000.",
    impact="None yet; after that, every function that needs the database fails.",
    runbook="database.md",
    dashboard="api",
)

SATURATED = Composite(
    "database-saturated",
    all_of(CAPACITY, CPU),
    severity="page",
    owner="platform",
    summary="Aurora is at the end of its capacity and of its CPU.",
    impact="Everything that reads or writes orders is slow or fails.",
    runbook="database.md",
    dashboard="api",
)
