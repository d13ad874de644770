"""The rendered template becomes a stack in the emulator's CloudFormation."""

from __future__ import annotations

from obskit.demo import cloudformation
from obskit.deploy import definitions, project, render
from tests.deploy.conftest import shop, spoil
from tests.deploy.test_probes import probed

__all__ = ["probed", "shop", "spoil"]


def test_the_stack_is_made(emulator, probed):
    loaded = project.load(probed)
    template = render.render(loaded, definitions.load(loaded), loaded.environment("prod")).probes
    assert template is not None
    emulator.client("s3").create_bucket(Bucket="code")
    emulator.client("s3").put_object(Bucket="code", Key="probes.zip", Body=b"PK\5\6" + bytes(18))

    stack = cloudformation.load(emulator, template, "probes", {"CodeBucket": "code", "CodeKey": "probes.zip"})

    assert set(template["Resources"]) == set(stack.resources)
    rule = emulator.client("events").describe_rule(Name="shop-prod-probes")
    assert ("rate(1 minute)", "ENABLED") == (rule["ScheduleExpression"], rule["State"])
    function = emulator.client("lambda").get_function_configuration(FunctionName="shop-prod-probes")
    assert ("obskit.probes.handler.handler", 20) == (function["Handler"], function["Timeout"])
