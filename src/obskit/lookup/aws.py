"""X-Ray and CloudWatch Logs as a source, within bounds of time and pages."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from obskit.errors import MissingExtraError, ObskitError, is_signed_out
from obskit.lookup.source import matching
from obskit.tracing import xray

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from obskit.lookup.source import Window

    Document = dict[str, Any]

BATCH = 5
"""Traces of one BatchGetTraces. X-Ray API reference, read 2026-11-24."""

SUMMARY_HOURS = 6
"""Hours that one GetTraceSummaries may span; a longer range is asked for in pieces."""

XRAY_DAYS = 30
"""Days that X-Ray keeps a trace. X-Ray developer guide, read 2026-11-24."""

MOST_GROUPS = 50
MOST_PAGES = 20
"""Log groups that are searched, and pages of each: a page ends after 1 MB that matches or about 15 s of search."""

MOST_CONSUMERS = 100
"""Traces that link to one trace and are looked at."""

AT_ONCE = 8
_PATTERN_TERMS = 6
"""Ids that one filter pattern asks for; it has 1,024 characters, an id up to 128."""


class Aws:
    """
    X-Ray and CloudWatch Logs of one account and region, by the caller's credentials.

    Args:
        region: None for the one that the environment or the profile names.
        groups: log groups to search; none for all whose names begin with *prefix*.
        prefix: of log groups.
        window: where in time lines and linked traces are looked for; traces by id are found at any age.
        left_s: says how many seconds are left; below zero nothing more is asked.

    Raises:
        MissingExtraError: boto3 is not installed.
        ObskitError: no region, no credentials.
    """

    def __init__(
        self, region: str | None, groups: Collection[str], prefix: str, window: Window, left_s: Callable[[], float]
    ) -> None:
        self.notes: list[str] = []
        self.places: list[str] = []
        self._window = window
        self._left_s = left_s
        self._prefix = prefix
        try:
            import boto3
            import botocore.config
            import botocore.exceptions
        except ImportError:
            raise MissingExtraError("aws", "obskit trace (without --logs and --spans)") from None
        self._errors = (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError)
        config = botocore.config.Config(
            connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 3}, max_pool_connections=AT_ONCE
        )
        try:
            session = boto3.session.Session(region_name=region)
            self.region: str = session.region_name or ""
            if not self.region:
                raise ObskitError("no region: give --region, or --env with an obskit.toml, or set AWS_REGION")
            self._xray = session.client("xray", config=config)
            self._logs = session.client("logs", config=config)
        except self._errors as error:
            raise _told(error) from None
        self.places.append(f"X-Ray in {self.region}: traces by id, {XRAY_DAYS} days back at the most")
        self.groups = list(groups)
        self._searched: set[str] = set()
        self._texts: list[str] = []

    def documents(self, trace_ids: Collection[str]) -> dict[str, list[Document]]:
        found: dict[str, list[Document]] = {}
        ids = [xray.root(trace_id) for trace_id in trace_ids]
        for at in range(0, len(ids), BATCH):
            for page in self._pages("X-Ray", self._xray, "batch_get_traces", TraceIds=ids[at : at + BATCH]):
                for trace in page.get("Traces", []):
                    documents = (json.loads(segment["Document"]) for segment in trace["Segments"])
                    found.setdefault(trace["Id"].replace("-", "")[1:], []).extend(documents)
        return found

    def consumers(self, trace_id: str) -> list[str]:
        found: list[str] = []
        end = self._window.end
        expression = f'annotation.linked_trace_ids CONTAINS "{xray.root(trace_id)}"'
        while end > self._window.start:
            start = max(self._window.start, end - SUMMARY_HOURS * 3600)
            for page in self._pages(
                "linked traces in X-Ray",
                self._xray,
                "get_trace_summaries",
                StartTime=start,
                EndTime=end,
                TimeRangeType="TraceId",
                FilterExpression=expression,
            ):
                found += [summary["Id"].replace("-", "")[1:] for summary in page.get("TraceSummaries", [])]
            end = start
        if len(found) > MOST_CONSUMERS:
            self._note(f"{len(found)} traces link to {xray.root(trace_id)}; {MOST_CONSUMERS} were looked at")
        return found[:MOST_CONSUMERS]

    def lines(self, trace_ids: Collection[str], correlation_ids: Collection[str]) -> list[Document]:
        new = [term for term in _terms(trace_ids, correlation_ids) if term not in self._searched]
        self._searched.update(new)
        groups = self._known() if new else []
        for at in range(0, len(new), _PATTERN_TERMS):
            pattern = f"{{ {' || '.join(new[at : at + _PATTERN_TERMS])} }}"
            with ThreadPoolExecutor(AT_ONCE) as pool:
                for texts in pool.map(lambda group: self._search(group, pattern), groups):  # noqa: B023  used at once
                    self._texts += texts
        return list(matching(self._texts, trace_ids, correlation_ids))

    def _known(self) -> list[str]:
        """Return the log groups that are searched."""
        if not self.groups:
            for page in self._pages("log groups", self._logs, "describe_log_groups", logGroupNamePrefix=self._prefix):
                self.groups += [group["logGroupName"] for group in page["logGroups"]]
            if not self.groups:
                raise ObskitError(f"no log group in {self.region} begins with '{self._prefix}': give --log-group NAME")
        if len(self.groups) > MOST_GROUPS:
            self._note(
                f"{len(self.groups)} log groups begin with '{self._prefix}'; {MOST_GROUPS} were searched: "
                "give --log-group NAME for those you mean"
            )
            self.groups = self.groups[:MOST_GROUPS]
        place = f"CloudWatch Logs in {self.region}: {', '.join(self.groups)}"
        if place not in self.places:
            self.places.append(place)
        return self.groups

    def _search(self, group: str, pattern: str) -> list[str]:
        pages = self._pages(
            f"log group {group}",
            self._logs,
            "filter_log_events",
            logGroupName=group,
            startTime=int(self._window.start * 1000),
            endTime=int(self._window.end * 1000),
            filterPattern=pattern,
        )
        return [event["message"] for page in pages for event in page.get("events", [])]

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _pages(self, what: str, client: Any, operation: str, **parameters: Any) -> Iterator[Document]:
        """Yield pages of an *operation* while there is time."""
        if self._left_s() < 0:
            self._note(f"{what}: the time was up; not asked")
            return
        try:
            for number, page in enumerate(client.get_paginator(operation).paginate(**parameters), 1):
                yield page
                if self._left_s() < 0 or number == MOST_PAGES:
                    words = "the time was up" if self._left_s() < 0 else f"{MOST_PAGES} pages were read"
                    self._note(f"{what}: {words} before the end")
                    return
        except self._errors as error:
            if _is_missing(error):
                self._note(f"{what}: it does not exist")
                return
            raise _told(error) from None


def _terms(trace_ids: Collection[str], correlation_ids: Collection[str]) -> list[str]:
    terms = [f'$.correlation_id = "{correlation}"' for correlation in sorted(correlation_ids)]
    for trace_id in sorted(trace_ids):
        terms += [f'$.xray_trace_id = "{xray.root(trace_id)}"', f'$.trace_id = "{trace_id}"']
    return terms


def _is_missing(error: Exception) -> bool:
    return _code(error) == "ResourceNotFoundException"


def _code(error: Exception) -> str:
    response = getattr(error, "response", None)
    return str(response["Error"]["Code"]) if isinstance(response, dict) and "Error" in response else ""


_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId"}


def _told(error: Exception) -> ObskitError:
    """Return what to do about an *error* of boto3's."""
    name, code = type(error).__name__, _code(error)
    if is_signed_out(error):
        return ObskitError(f"no AWS credentials: sign in (aws sso login), or set AWS_PROFILE. boto3 says: {error}")
    if code in _EXPIRED:
        return ObskitError(f"the AWS credentials are not valid any more: sign in again. AWS says: {code}")
    if code.startswith("AccessDenied"):
        rights = "xray:BatchGetTraces, xray:GetTraceSummaries, logs:DescribeLogGroups, logs:FilterLogEvents"
        return ObskitError(f"AWS refuses: {error}. `obskit trace` needs {rights}")
    return ObskitError(f"{name}: {error}")
