"""The way of a page: the small project has a sound one, and each thing that breaks it is told by `obskit check`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from obskit.deploy import definitions, project, render
from obskit.deploy.check import rendered_problems
from tests.deploy.mutants import GONE, mutant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from obskit.deploy.render import Rendered

    Spoil = Callable[[str, str, str], Path]

COMPOSITE = """
from obskit.deploy.specs import Composite
BOTH = Composite(
    "both",
    FAILURES,
    severity="page",
    owner="payments",
    summary="Both.",
    impact="Buyers see an error.",
    runbook="checkout-failures.md",
    dashboard="checkout",
)
"""


def rendered(root: Path, **changes: Any) -> Rendered:
    loaded = project.load(root)
    changed = project.with_environment(loaded, replace(loaded.environments["prod"], **changes))
    return render.render(changed, definitions.load(changed), changed.environments["prod"])


@pytest.fixture
def sound(shop: Path) -> Rendered:
    """A metric alarm and a composite that page: one by the integration, one by the forwarder."""
    file = shop / "alarms/checkout.py"
    file.write_text(file.read_text() + COMPOSITE)
    return rendered(shop)


def spoilt(sound: Rendered, path: str, value: object, region: str = "us-east-1") -> list[tuple[str, str, str]]:
    templates = {**sound.templates, region: mutant(sound.templates[region], path, value)}
    found = rendered_problems(replace(sound, templates=templates))
    return [(f"/Resources/{one.resource}{one.path}", one.rule, one.severity) for one in found]


A, T, S = "/Resources/AlarmFailures", "/Resources/TopicPage", "/Resources/TopicPageSubscription"
C, D, P = "/Resources/CompositeBoth", "/Resources/PagingDeadLetters", "/Resources/TopicPagePolicy"
G = "/Resources/AlarmPagingDeadLetters"
OTHER_SECRET = "https://events.pagerduty.com/integration/{{resolve:secretsmanager:other:SecretString:x}}/enqueue"
STATEMENT = f"{P}/Properties/PolicyDocument/Statement/0"


def test_it_is_sound(sound: Rendered):
    assert [] == rendered_problems(sound)


@pytest.mark.parametrize(
    ("path", "value", "where", "rule"),
    [
        # the alarm
        (f"{A}/Properties/OKActions", GONE, f"{A}/Properties/OKActions", "ok-actions"),
        (f"{C}/Properties/OKActions", GONE, f"{C}/Properties/OKActions", "ok-actions"),
        (f"{A}/Properties/ActionsEnabled", False, f"{A}/Properties/ActionsEnabled", "page-silent"),
        (f"{A}/Properties/AlarmDescription", "x" * 1025, f"{A}/Properties/AlarmDescription", "length"),
        (f"{C}/Properties/AlarmDescription", "x" * 1025, f"{C}/Properties/AlarmDescription", "description"),
        (f"{A}/Properties/AlarmName", "shop-failures", f"{A}/Properties/AlarmName", "page-name"),
        (
            f"{A}/Properties/AlarmActions",
            ["arn:aws:sns:us-west-2:333333333333:shop-prod-page"],
            f"{A}/Properties/AlarmActions",
            "page-region",
        ),
        (f"{A}/Properties/AlarmActions", [{"Ref": "TopicPge"}], f"{A}/Properties/AlarmActions", "page-topic"),
        (f"{A}/Properties/AlarmActions", GONE, f"{A}/Properties/AlarmActions", "page-topic"),
        (f"{C}/Properties/AlarmActions", GONE, f"{C}/Properties/AlarmActions", "page-topic"),
        (f"{A}/Properties/AlarmActions", [{"Ref": "TopicFallback"}], f"{A}/Properties/AlarmActions", "page-topic"),
        # the topic
        (f"{T}/Properties/KmsMasterKeyId", "alias/aws/sns", f"{T}/Properties/KmsMasterKeyId", "topic-key"),
        (f"{T}/Properties/KmsMasterKeyId", GONE, f"{T}/Properties/KmsMasterKeyId", "topic-key"),
        (P, GONE, f"{T}/Properties", "topic-policy"),
        (f"{STATEMENT}/Principal", "*", f"{T}/Properties", "topic-policy"),
        (f"{STATEMENT}/Condition", GONE, f"{T}/Properties", "topic-policy"),
        (
            f"{STATEMENT}/Condition/StringEquals/aws:SourceAccount",
            "111111111111",
            f"{T}/Properties",
            "topic-policy",
        ),
        # the subscription
        (S, GONE, f"{T}/Properties", "page-once"),
        (f"{S}/Properties/FilterPolicy", GONE, f"{T}/Properties", "page-once"),
        (f"{S}/Properties/FilterPolicyScope", GONE, f"{S}/Properties/FilterPolicyScope", "page-once"),
        (f"{S}/Properties/RedrivePolicy", GONE, f"{S}/Properties/RedrivePolicy", "page-lost"),
        (f"{S}/Properties/DeliveryPolicy", GONE, f"{S}/Properties/DeliveryPolicy", "page-lost"),
        (f"{S}/Properties/Endpoint", "https://events.pagerduty.com/x", f"{S}/Properties/Endpoint", "page-key"),
        (f"{S}/Properties/Endpoint", OTHER_SECRET, f"{S}/Properties/Endpoint", "page-key"),
        (D, GONE, f"{S}/Properties/RedrivePolicy", "page-lost"),
        (f"{D}Policy", GONE, f"{S}/Properties/RedrivePolicy", "page-lost"),
        (
            f"{D}Policy/Properties/PolicyDocument/Statement/0/Condition/ArnEquals",
            {"aws:SourceArn": "arn:aws:sns:us-east-1:333333333333:shop-prod-ticket"},
            f"{S}/Properties/RedrivePolicy",
            "page-lost",
        ),
        (f"{D}/Properties/KmsMasterKeyId", GONE, f"{D}/Properties/KmsMasterKeyId", "page-lost"),
        # the second channel
        ("/Resources/AlarmPagingFailed", GONE, f"{T}/Properties", "page-missed"),
        ("/Resources/AlarmPagingLost", GONE, f"{T}/Properties", "page-missed"),
        ("/Resources/AlarmPagingDeadLetters", GONE, f"{T}/Properties", "page-missed"),
        ("/Resources/AlarmPagingForwarderDeadLetters", GONE, f"{T}/Properties", "page-missed"),
        ("/Resources/AlarmPagingForwarderErrors", GONE, f"{T}/Properties", "page-missed"),
        ("/Resources/TopicFallbackSubscription", GONE, f"{G}/Properties/AlarmActions", "page-missed"),
        (f"{G}/Properties/AlarmActions", [{"Ref": "TopicPage"}], f"{G}/Properties/AlarmActions", "page-missed"),
        (f"{G}/Properties/AlarmActions", GONE, f"{G}/Properties/AlarmActions", "page-missed"),
        (
            "/Resources/AlarmPagingRedriven/Properties/AlarmActions",
            [{"Ref": "TopicPage"}],
            "/Resources/AlarmPagingRedriven/Properties/AlarmActions",
            "page-missed",
        ),
    ],
)
def test_what_breaks_the_way_is_told(sound: Rendered, path: str, value: object, where: str, rule: str):
    assert (where, rule, "error") in spoilt(sound, path, value)


F, FS = "/Resources/ForwarderFunction", "/Resources/ForwarderSubscription"
VARIABLES = f"{F}/Properties/Environment/Variables"


@pytest.mark.parametrize(
    ("path", "value", "where", "rule"),
    [
        (F, GONE, f"{FS}/Properties/Endpoint", "forwarder"),
        (f"{FS}/Properties/Endpoint", "arn:aws:lambda:x", f"{FS}/Properties/Endpoint", "forwarder"),
        (f"{FS}/Properties/TopicArn", "arn:aws:sns:x", f"{T}/Properties", "page-once"),
        (FS, GONE, f"{T}/Properties", "page-once"),
        ("/Resources/ForwarderPermission", GONE, f"{F}/Properties", "forwarder"),
        ("/Resources/ForwarderPermission/Properties/SourceArn", "arn:aws:sns:x", f"{F}/Properties", "forwarder"),
        ("/Resources/ForwarderInvocation", GONE, f"{F}/Properties", "page-lost"),
        ("/Resources/ForwarderInvocation/Properties/DestinationConfig", GONE, f"{F}/Properties", "page-lost"),
        ("/Resources/ForwarderDeadLetters", GONE, f"{FS}/Properties/RedrivePolicy", "page-lost"),
        ("/Resources/ForwarderDeadLettersPolicy", GONE, f"{FS}/Properties/RedrivePolicy", "page-lost"),
        (f"{VARIABLES}/PAGING_SECRET", GONE, f"{F}/Properties/Environment", "page-key"),
        (f"{VARIABLES}/PAGING_SECRET", "other", f"{F}/Properties/Environment", "page-key"),
        ("/Resources/ForwarderRole", GONE, f"{F}/Properties/Role", "page-key"),
        (
            "/Resources/ForwarderRole/Properties/Policies/0/PolicyDocument/Statement/1",
            GONE,
            f"{F}/Properties/Role",
            "page-key",
        ),
    ],
)
def test_what_breaks_the_way_through_the_forwarder_is_told(
    sound: Rendered, path: str, value: object, where: str, rule: str
):
    region = "us-west-2"
    forwarders = {**sound.forwarders, region: mutant(sound.forwarders[region], path, value)}

    found = rendered_problems(replace(sound, forwarders=forwarders))

    assert (where, rule, "error") in [(f"/Resources/{one.resource}{one.path}", one.rule, one.severity) for one in found]
    mine = [one for one in found if one.resource.startswith("Forwarder")]
    assert {f"alarms/rendered/prod/{region}/shop-forwarder.template.json"} >= {one.file for one in mine}


def test_an_alarm_that_tells_nobody_is_read_by_a_composite(shop: Path):
    file = shop / "alarms/checkout.py"
    sound = file.read_text()
    file.write_text(sound.replace('severity="page",', 'severity="page",\n    acts=False,'))
    alone = rendered_problems(rendered(shop))
    file.write_text(file.read_text() + COMPOSITE)

    words = "is not set, and no composite reads it: it tells nobody"
    assert [words] * 2 == [one.message for one in alone if one.rule == "page-topic"]
    assert [] == rendered_problems(rendered(shop))


@pytest.mark.parametrize("line", ["severity", "owner", "impact", "dashboard", "runbook"])
def test_a_page_without_a_line_is_told(sound: Rendered, line: str):
    text = sound.templates["us-east-1"]["Resources"]["CompositeBoth"]["Properties"]["AlarmDescription"]
    without = "\n".join(one for one in text.splitlines() if not one.startswith(line))

    found = spoilt(sound, f"{C}/Properties/AlarmDescription", without)

    assert [(f"{C}/Properties/AlarmDescription", "page-says", "error")] == found


@pytest.mark.parametrize(("characters", "good"), [(1024, True), (1025, False)])
def test_a_description_has_a_limit(sound: Rendered, characters: int, *, good: bool):
    text = sound.templates["us-east-1"]["Resources"]["CompositeBoth"]["Properties"]["AlarmDescription"]

    found = spoilt(sound, f"{C}/Properties/AlarmDescription", text.rjust(characters, "x"))

    assert good == (found == [])


@pytest.mark.parametrize(
    ("namespace", "metric", "dimensions", "good"),
    [
        ("AWS/CloudFront", "Requests", ["DistributionId", "Region"], False),
        ("AWS/WAFV2", "BlockedRequests", ["WebACL", "Rule"], False),
        ("AWS/WAFV2", "BlockedRequests", ["WebACL", "Rule", "Region"], True),  # a regional web ACL
        ("AWS/Lambda", "Errors", ["FunctionName"], True),
    ],
)
def test_a_metric_of_us_east_1_is_seen_from_nowhere_else(
    sound: Rendered, namespace: str, metric: str, dimensions: list[str], *, good: bool
):
    """An alarm in another region would be in OK for ever."""
    region = "us-west-2"
    moved = dict(sound.templates[region]["Resources"]["AlarmFailures"]["Properties"])
    moved |= {"Namespace": namespace, "MetricName": metric}
    moved |= {"Dimensions": [{"Name": name, "Value": "x"} for name in dimensions]}

    found = spoilt(sound, f"{A}/Properties", moved, region)

    assert ([] if good else [(f"{A}/Properties", "metric-region", "error")]) == found
    assert [] == spoilt(sound, f"{A}/Properties", {**moved, "AlarmName": "x-prod-us-east-1-x"})


def test_composites_page_by_the_forwarder_or_not_at_all(sound: Rendered):
    found = rendered_problems(replace(sound, forwarders={}))

    assert ["pages of composites: nobody is told"] * 2 == [one.message for one in found if one.rule == "page-once"]


def test_without_a_second_channel_a_warning_says_what_to_set(shop: Path):
    (first, second) = rendered_problems(rendered(shop, fallback=""))

    assert ("page-missed", "warning") == (first.rule, second.severity)
    assert 'fallback = "oncall@shop.example"' in first.message
