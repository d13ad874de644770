"""Search: what buyers wait for, and the nodes that answer."""

from obskit import kpis
from obskit.deploy import aws
from obskit.deploy.specs import AlarmList, Dashboard, Each, Graph, Number, Section, Series

GIGABYTE = 1024**3
CLUSTER = aws.container_insights("{project}-{env}", "typesense")

SEARCH = Dashboard(
    "search",
    "Search",
    (
        Section(
            "Do buyers find what we sell?",
            (
                (
                    AlarmList("Alarms", width=12, height=4),
                    Number("Searches", (Series(kpis.SEARCH_REQUESTS.sum, "answered"),), whole_range=True),
                    Number("Hit ratio", (kpis.SEARCH_HIT.ratio,), whole_range=True, objective=True),
                ),
                (
                    Graph(
                        "Time to an answer of a search",
                        (
                            Series(kpis.SEARCH_LATENCY.p50, "half are faster (p50)"),
                            Series(kpis.SEARCH_LATENCY.p95, "1 in 20 is slower (p95)"),
                        ),
                    ),
                    Graph(
                        "Searches that find something, of all",
                        (Series(kpis.SEARCH_HIT.ratio, "hit ratio", unit="Ratio"),),
                        most=1,
                    ),
                    Graph("Searches answered", (Series(kpis.SEARCH_REQUESTS.sum, "searches"),)),
                ),
                (
                    Graph(
                        "How far the index lies behind the database",
                        (Series(kpis.INDEX_STALENESS.maximum, "behind"),),
                        period=60,
                    ),
                    Graph("Hit ratio, by index", (Each(kpis.SEARCH_HIT.ratio, "index", unit="Ratio"),), most=1),
                ),
            ),
        ),
        Section(
            "Typesense",
            (
                (
                    Graph(
                        "CPU, by node",
                        (
                            Series(kpis.TYPESENSE_CPU.maximum, "busiest", color="#7f7f7f"),
                            Each(kpis.TYPESENSE_CPU.maximum, "node"),
                        ),
                        most=100,
                    ),
                    Graph(
                        "Memory of the fullest node, of 8 GB",
                        (Series(kpis.TYPESENSE_HEAP.maximum, "allocated, GB", divided_by=GIGABYTE, unit="GB"),),
                        most=8,
                    ),
                ),
                (
                    Graph(
                        "Requests a second, by node; one at 0 has left the cluster",
                        (
                            Series(kpis.TYPESENSE_REQUESTS.maximum, "busiest", color="#7f7f7f"),
                            Each(kpis.TYPESENSE_REQUESTS.maximum, "node"),
                        ),
                    ),
                    Graph(
                        "Nodes that run; fewer than 2 of 3 cannot write",
                        (Series(CLUSTER.running_task_count.minimum, "running"),),
                        period=60,
                    ),
                ),
            ),
        ),
    ),
)
