"""Search: what buyers wait for, and the nodes that answer."""

from obskit import kpis
from obskit.deploy.specs import AlarmList, Dashboard, Graph, Number, Section, Text

SEARCH = Dashboard(
    "search",
    "Search",
    (
        Section(
            "Search",
            (
                (
                    AlarmList("Alarms", width=12, height=4),
                    Number("Searches", (kpis.SEARCH_REQUESTS.sum,), whole_range=True),
                    Number("Hit ratio", (kpis.SEARCH_HIT.average,), whole_range=True),
                ),
                (
                    Graph("Time to an answer", (kpis.SEARCH_LATENCY.p50, kpis.SEARCH_LATENCY.p95)),
                    Graph("Searches", (kpis.SEARCH_REQUESTS.sum,)),
                    Graph("Hit ratio", (kpis.SEARCH_HIT.average,)),
                ),
            ),
        ),
        Section(
            "Typesense",
            (
                (
                    Text(
                        "All nodes together: **Maximum** is the busiest node. A node that serves nothing while the"
                        " others are busy has left the cluster.",
                        height=6,
                    ),
                    Graph("CPU of the busiest node", (kpis.TYPESENSE_CPU.maximum,)),
                    Graph("Memory of the fullest node", (kpis.TYPESENSE_HEAP.maximum,)),
                    Graph("Requests a second and node", (kpis.TYPESENSE_REQUESTS.average,)),
                ),
            ),
        ),
    ),
)
