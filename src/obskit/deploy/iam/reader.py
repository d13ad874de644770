"""What commands call that change nothing: `diff --against deployed`, `preview --live`, `trace`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.deploy.iam.rights import rights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.deploy.iam.place import Place
    from obskit.deploy.iam.rights import Right


def find(place: Place) -> Iterator[Right]:
    yield from rights("cloudwatch", "ListDashboards DescribeAlarms GetMetricData")
    yield from rights("cloudwatch", "GetDashboard", place.dashboards())
    yield from rights("xray", "BatchGetTraces GetTraceSummaries")
    yield from rights("logs", "DescribeLogGroups")
    for region in place.regions:
        yield from rights("logs", "FilterLogEvents", *place.log_groups(region))
