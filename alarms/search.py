"""Buyers who look for something and wait."""

from obskit import kpis
from obskit.deploy.specs import Alarm

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
