"""CPU, memory and requests of each Typesense node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit import kpis
from obskit.probes import typesense_http
from obskit.probes.model import Check, ProbeError, measured, number

if TYPE_CHECKING:
    from obskit.probes.model import Deadline, Measured
    from obskit.probes.settings import Settings

NAME = "typesense"


def checks(settings: Settings) -> list[Check]:
    table = settings.table(NAME)
    secret, ca = table.text("secret"), table.text("ca", "")

    def of_node(node: str, url: str) -> Check:
        def measure(deadline: Deadline) -> Measured:
            machine = typesense_http.get(url, "/metrics.json", secret, ca, deadline)
            return of(machine, typesense_http.get(url, "/stats.json", secret, ca, deadline), node)

        return Check(NAME, node, table.timeout(), measure)

    return [of_node(node, url) for node, url in table.texts("nodes")]


def of(machine: dict[str, object], traffic: dict[str, object], node: str) -> Measured:
    """
    Return what `/metrics.json` (*machine*, values are texts) and `/stats.json` (*traffic*, numbers) say of *node*.

    Any key may be missing, by version and by what the node did in the last ten seconds; its metric has no value then.

    >>> found = of({"system_cpu_active_percentage": "3.50"}, {"total_requests_per_second": 2}, "n1")
    >>> [(one.metric.name, one.value) for one in found.measurements], found.without
    ([('TypesenseCpu', 3.5), ('TypesenseRequests', 2.0)], ('TypesenseHeap',))

    Raises:
        ProbeError: nothing of it is there.
    """
    found = measured(
        (kpis.TYPESENSE_CPU, number(machine.get("system_cpu_active_percentage"))),
        (kpis.TYPESENSE_HEAP, number(machine.get("typesense_memory_allocated_bytes"))),
        (kpis.TYPESENSE_REQUESTS, number(traffic.get("total_requests_per_second"))),
        node=node,
    )
    if not found.measurements:
        raise ProbeError("no-answer", "neither /metrics.json nor /stats.json has a key that is known")
    return found
