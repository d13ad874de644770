"""A sound template in the forms that people write: nothing is found in it, and each fault where it is."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obskit.deploy import documents
from obskit.deploy.bounds import UnreadableError
from obskit.deploy.rules import alarm_rule, dashboard_body, filter_pattern, metric_math, search_expression, template
from obskit.deploy.rules.problem import Problem
from obskit.deploy.rules.rulebook import RULEBOOK
from tests.deploy.mutants import GONE, mutant

TEXT = Path(__file__).with_name("sound.yaml").read_text(encoding="utf-8")
SOUND: Any = documents.parse(TEXT)
IDENTIFIER = "arn:aws:dataprotection::aws:data-identifier/"


def found(document: object) -> list[tuple[str, str, str, str]]:
    problems = template.check("t", document, house=False)
    return [(one.resource, one.path, one.rule, one.severity) for one in problems]


def test_a_sound_template_has_no_problem():
    assert [] == template.check("t", SOUND, house=False)


def metrics(count: int) -> list[dict[str, Any]]:
    stat = {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 60, "Stat": "Sum"}
    expression: dict[str, Any] = {"Id": "e", "Expression": "SUM(METRICS())"}
    return [expression, *({"Id": f"m{i}", "MetricStat": stat, "ReturnData": False} for i in range(count))]


MADE = {"MetricName": "Slow", "MetricNamespace": "Shop", "MetricValue": "1"}
E, S, M = "Errors/Properties", "Strange/Properties", "Filter/Properties/MetricTransformations/0"


@pytest.mark.parametrize(
    ("path", "value", "where", "rule"),
    [
        (f"{E}/DatapointsToAlarm", 4, f"{E}/DatapointsToAlarm", "m-of-n"),
        (f"{E}/EvaluationPeriods", 1441, f"{E}/EvaluationPeriods", "window"),
        (f"{E}/Threshold", GONE, E, "threshold"),
        (f"{E}/AlarmActions", ["arn:aws:sns:us-east-1:111111111111:a"] * 6, f"{E}/AlarmActions", "count"),
        (f"{E}/InsufficientDataActions", ["page"], f"{E}/InsufficientDataActions/0", "form"),
        (f"{E}/Tags", [{"Key": "aws:mine", "Value": "v"}], f"{E}/Tags/0/Key", "form"),
        (
            f"{E}/WarmUpConfiguration",
            {"WarmUpPeriodDurationInMinutes": "2881"},
            f"{E}/WarmUpConfiguration/WarmUpPeriodDurationInMinutes",
            "range",
        ),
        (f"{E}/AlarmDescription", "x" * 1025, f"{E}/AlarmDescription", "length"),
        (f"{E}/TreatMissingData", "breach", f"{E}/TreatMissingData", "enum"),
        (f"{E}/ComparisonOperator", "GreaterThanUpperThreshold", f"{E}/ComparisonOperator", "band"),
        (f"{E}/Metrics", metrics(11), f"{E}/Metrics", "metrics-count"),
        (f"{E}/Metrics/0/ReturnData", False, f"{E}/Metrics", "return-data"),
        (f"{E}/Metrics/1/ReturnData", True, f"{E}/Metrics", "return-data"),
        (f"{E}/Metrics/0/Expression", "100*errors/cals", f"{E}/Metrics/0/Expression", "math-id"),
        (f"{E}/Metrics/0/Expression", "100*(errors/calls", f"{E}/Metrics/0/Expression", "math-syntax"),
        (f"{E}/Metrics/0/Expression", "FIL(errors, 0)", f"{E}/Metrics/0/Expression", "math-function"),
        (f"{E}/Metrics/0/Expression", "FILL(errors)", f"{E}/Metrics/0/Expression", "math-arity"),
        (f"{E}/Metrics/0/Expression", "RATE(100)", f"{E}/Metrics/0/Expression", "math-type"),
        (f"{E}/Metrics/0/Expression", "rate/calls", f"{E}/Metrics/0/Expression", "math-cycle"),
        (f"{E}/Metrics/0/Expression", "METRICS()", f"{E}/Metrics/0/Expression", "alarm-result"),
        (f"{E}/Metrics/0/Expression", "SUM(errors)", f"{E}/Metrics/0/Expression", "alarm-result"),
        (f"{E}/Metrics/0/Expression", "SUM(SEARCH('x', 'Sum'))", f"{E}/Metrics/0/Expression", "alarm-search"),
        (f"{E}/Metrics/0/Id", "errors", f"{E}/Metrics/1", "metric-id"),
        (f"{E}/Metrics/0/Id", "Rate", f"{E}/Metrics/0/Id", "form"),
        ("Latency/Properties/Period", "30", "Latency/Properties/Period", "high-resolution"),
        (f"{E}/Metrics/1/Expression", "calls", f"{E}/Metrics/1", "query-source"),
        (f"{E}/Namespace", "AWS/Lambda", f"{E}/Namespace", "metrics-alone"),
        (f"{E}/AlarmName", "shop-latency", "Latency/Properties/AlarmName", "name-twice"),
        ("Latency/Properties/ExtendedStatistic", "95", "Latency/Properties/ExtendedStatistic", "form"),
        *(
            ("Latency/Properties/ExtendedStatistic", statistic, "Latency/Properties/ExtendedStatistic", rule)
            for statistic, rule in (
                ("TM(90%:10%)", "statistic-range"),
                ("WM(:)", "statistic-range"),
                ("PR(10%:90%)", "statistic-range"),
                ("iqm", "form"),
            )
        ),
        ("Latency/Properties/Period", "45", "Latency/Properties/Period", "period"),
        ("Latency/Properties/Statistic", "Sum", "Latency/Properties", "one-statistic"),
        ("Latency/Properties/OKActions", GONE, "Latency/Properties/OKActions", "ok-actions"),
        (f"{S}/ThresholdMetricId", "m1", f"{S}/ThresholdMetricId", "band"),
        ("Both/Properties/AlarmRule", 'ALARM("a") AND', "Both/Properties/AlarmRule", "alarm-rule"),
        ("Both/Properties/AlarmRule", 'ALRM("a")', "Both/Properties/AlarmRule", "alarm-rule"),
        ("Both/Properties/ActionsSuppressorWaitPeriod", GONE, "Both/Properties", "suppressor"),
        ("Both/Properties/AlarmRule", "TRUE OR " * 501 + "TRUE", "Both/Properties/AlarmRule", "alarm-rule-size"),
        ("Both/Properties/ActionsSuppressor", {"Ref": "Both"}, "Both/Properties/ActionsSuppressor", "suppressor"),
        (
            "Both/Properties/ActionsSuppressor",
            {"Fn::GetAtt": ["Both", "Arn"]},
            "Both/Properties/ActionsSuppressor",
            "suppressor",
        ),
        ("All/Properties/AlarmRule", 'OK("shop-all")', "All/Properties/AlarmRule", "composite-cycle"),
        ("Both/Properties/AlarmRule", "AT_LEAST(3, ALARM, (a, b))", "Both/Properties/AlarmRule", "alarm-rule"),
        ("Group/Properties/LogGroupName", "a name", "Group/Properties/LogGroupName", "form"),
        ("Group/Properties/KmsKeyId", "alias/logs", "Group/Properties/KmsKeyId", "form"),
        ("Group/Properties/LogGroupClass", "CHEAP", "Group/Properties/LogGroupClass", "enum"),
        ("Pager/Properties/Endpoint", "http://events.example/", "Pager/Properties/Endpoint", "form"),
        ("Pager/Properties/Protocol", "htps", "Pager/Properties/Protocol", "enum"),
        (
            "Pager/Properties/DeliveryPolicy",
            {"healthyRetryPolicy": {"numRetries": 101}},
            "Pager/Properties/DeliveryPolicy/healthyRetryPolicy/numRetries",
            "range",
        ),
        (
            "Pager/Properties/DeliveryPolicy",
            '{"healthyRetryPolicy": {"minDelayTarget": 60, "maxDelayTarget": 20}}',
            "Pager/Properties/DeliveryPolicy/healthyRetryPolicy/minDelayTarget",
            "range",
        ),
        (
            "Pager/Properties/DeliveryPolicy",
            {"healthyRetryPolicy": {"numRetries": 50, "numMaxDelayRetries": 40, "maxDelayTarget": 120}},
            "Pager/Properties/DeliveryPolicy/healthyRetryPolicy",
            "retry-time",
        ),
        ("Group/Properties/RetentionInDays", 45, "Group/Properties/RetentionInDays", "retention"),
        (
            "Group/Properties/DataProtectionPolicy/Statement/1/DataIdentifier",
            [f"{IDENTIFIER}EmailAddress"],
            "Group/Properties/DataProtectionPolicy/Statement",
            "data-protection",
        ),
        (
            "Group/Properties/DataProtectionPolicy/Version",
            "2012-10-17",
            "Group/Properties/DataProtectionPolicy/Version",
            "data-protection",
        ),
        ("Filter/Properties/FilterPattern", "{ $.level = }", "Filter/Properties/FilterPattern", "filter-pattern"),
        (f"{M}/MetricNamespace", "Shop:Logs", f"{M}/MetricNamespace", "form"),
        (f"{M}/MetricNamespace", "n" * 256, f"{M}/MetricNamespace", "length"),
        (f"{M}/MetricName", "bytes*", f"{M}/MetricName", "form"),
        (f"{M}/MetricValue", "bytes", f"{M}/MetricValue", "metric-value"),
        (f"{M}/Dimensions", [{"Key": "k", "Value": "$.k"}], f"{M}/DefaultValue", "filter-default"),
        (M, {**MADE, "Dimensions": [{"Key": "k", "Value": "k"}]}, f"{M}/Dimensions/0/Value", "form"),
        ("Topic/Properties/KmsMasterKeyId", "alias/aws/sns", "Topic/Properties/KmsMasterKeyId", "topic-key"),
        (
            "Pager/Properties/Endpoint",
            "https://x/{{resolve:ssm-secure:k:1}}",
            "Pager/Properties/Endpoint",
            "dynamic-reference",
        ),
        ("Pager/Properties/Endpoint", f"https://events.pagerduty.com/integration/{'0a' * 16}/enqueue", "", "secret"),
        ("Function/Properties/Environment/Variables/TABLE_TOKEN", "AKIA" + "Z" * 16, "", "secret"),
        ("Function/Properties/Environment/Variables/STRIPE_SECRET", "sk_" + "live_" + "1a" * 12, "", "secret"),
        ("Function/Properties/Environment/Variables/DB_PASSWORD", "hunter2", "", "secret"),
        (
            "GraphQl/Properties/LogConfig/ExcludeVerboseContent",
            GONE,
            "GraphQl/Properties/LogConfig",
            "appsync-verbose",
        ),
        ("Postgres/Properties/Parameters/log_statement", "all", "", "postgres-log"),
        ("Postgres/Properties/Parameters/log_min_duration_statement", 500, "", "postgres-log"),
    ],
)
def test_one_fault_is_found_where_it_is(path: str, value: object, where: str, rule: str):
    resource, _, place = (where or path).partition("/")

    assert [(resource, f"/{place}", rule, "error")] == found(mutant(SOUND, f"/Resources/{path}", value))


W = "/widgets/0/properties"


@pytest.mark.parametrize(
    ("old", "new", "where", "rule", "severity"),
    [
        ("${!LAST}", "${LAST}", "/Properties/DashboardBody/Fn::Sub", "sub-label", "error"),
        ("${!LAST}", "${!LAST_TIM}", f"{W}/metrics/0/4/label", "label", "warning"),
        ("last ${!LAST}", "${!LABEL} ${!LABEL}", f"{W}/metrics/0/4/label", "label-count", "error"),
        ('"x": 12, "y": 0', '"x": 13, "y": 0', "/widgets/1", "grid", "error"),
        ('"x": 12, "y": 6', '"x": 12, "y": 5', "/widgets/3", "overlap", "error"),
        (
            '"annotations": {',
            '"annotations": {"vertical": [{"value": "noon"}], ',
            f"{W}/annotations/vertical/0/value",
            "form",
            "error",
        ),
        ("#d13212", "red", f"{W}/annotations/horizontal/0/color", "form", "error"),
        ('"period": 60', '"period": 90', f"{W}/period", "period", "error"),
        ("100*errors/calls", "100*errors/", f"{W}/metrics/2/0/expression", "math-syntax", "error"),
        ("100*errors/calls", "AVG(errors)", f"{W}/metrics/2/0/expression", "math-result", "warning"),
        ("{AWS/SQS,QueueName}", "{AWS/SQS,QueueName", f"{W}/metrics/3/0/expression", "search", "error"),
        ("'Sum', 300", "'Sum', 90", f"{W}/metrics/3/0/expression", "search", "error"),
        ('"Errors", "FunctionName"', '"Erors", "FunctionName"', f"{W}/metrics/0/1", "unknown-metric", "warning"),
        ('"AWS/Lambda"', '"AWS/Lamda"', f"{W}/metrics/0/0", "unknown-namespace", "warning"),
        ('"Errors", "FunctionName"', '"Errors", "Function"', f"{W}/metrics/0", "unknown-dimensions", "warning"),
        (
            '["...", "search"]',
            '[".", "x", ".", ".", ".", "y"]',
            "/widgets/1/properties/metrics/1",
            "shorthand",
            "error",
        ),
        ('"max": 10}', '"max": 0}', "/widgets/1/properties/yAxis/left", "axis", "error"),
        ("SOURCE '${Group}' |", "", "/widgets/2/properties/query", "log-source", "warning"),
        (', "values": [', ', "valuez": [', "/variables/0", "variable", "error"),
        ('"widgets": [', '"widgets": [[', "/Properties/DashboardBody", "json", "error"),
    ],
)
def test_one_fault_of_a_body_in_fn_sub_is_found(old: str, new: str, where: str, rule: str, severity: str):
    path = "/Resources/Board/Properties/DashboardBody/Fn::Sub"
    body = SOUND["Resources"]["Board"]["Properties"]["DashboardBody"]["Fn::Sub"]
    if old.startswith(', "values"'):
        body, old = body.replace('"id": "region",\n', '"id": "region", \n'), '"values": ['
        new = '"valuez": ['
    assert old in body

    problems = found(mutant(SOUND, path, body.replace(old, new, 1)))

    assert ("Board", where, rule, severity) in problems
    assert {one[1:] for one in problems} <= {
        (where, rule, severity),
        ("/variables/0", "unknown-key", "warning"),
        (f"{W}/metrics/1/0", "unknown-namespace", "warning"),
        (f"{W}/metrics/1", "unknown-dimensions", "warning"),
    }


def test_both_branches_of_a_choice_are_read():
    document = mutant(SOUND, f"/Resources/{E}/EvaluationPeriods/Fn::If/2", 1)

    assert [("Errors", "/Properties/DatapointsToAlarm", "m-of-n", "error")] == found(document)


def test_two_composites_in_a_circle_are_both_told():
    document = mutant(SOUND, "/Resources/Both/Properties/AlarmRule", {"Fn::Sub": 'ALARM("${All}")'})

    assert [("Both", "composite-cycle"), ("All", "composite-cycle")] == [(one[0], one[2]) for one in found(document)]


def test_the_branch_of_cdk_that_joins_a_body_is_read():
    """aws-cdk writes bodies as Fn::Join over pieces of text and references."""
    pieces = ['{"widgets":[{"type":"metric","properties":{"region":"', {"Ref": "AWS::Region"}, '","metrics":', "[],"]
    body = {"Fn::Join": ["", [*pieces, '"period":', {"Ref": "P"}, ',"view":"line"}}]}']]}

    document = {"Resources": {"D": {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": body}}}}

    assert [("D", "/widgets/0/properties/view", "enum", "error")] == found(document)


PUBLIC = [
    # The forms of AWS's page, of aws-cdk-lib's widgets, and of what `terraform show -json` has as dashboard_body.
    {"widgets": [{"type": "metric", "properties": {"annotations": {"alarms": [f"arn:aws:cloudwatch:us-east-1:{'1' * 12}:alarm:a"]}}}]},
    {"widgets": [{"type": "metric", "width": 24, "height": 1000, "properties": {"region": "us-east-1", "view": "pie", "metrics": [["AWS/EC2", "CPUUtilization", "InstanceId", "i-1", {"stat": "p99"}], ["...", "i-2"], [".", "NetworkIn", ".", "."]]}}]},
    {"widgets": [{"type": "metric", "properties": {"region": "us-east-1", "metrics": [[{"expression": "SORT(SEARCH('{AWS/EC2,InstanceId} CPUUtilization', 'Average', 300), MAX, DESC, 10)"}]]}}]},
    {"widgets": [{"type": "metric", "properties": {"region": "us-east-1", "metrics": [[{"expression": 'SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId', "id": "q1"}]]}}]},
    {"widgets": [{"type": "explorer", "properties": {"metrics": [{"metricName": "CPUUtilization", "resourceType": "AWS::EC2::Instance", "stat": "Average"}], "labels": [{"key": "env", "value": "prod"}], "widgetOptions": {"widgetsPerRow": 2, "view": "timeSeries"}}}]},
    {"widgets": [{"type": "custom", "properties": {"endpoint": "arn:aws:lambda:us-east-1:1:function:f", "updateOn": {"refresh": True}}}]},
    {"widgets": [{"type": "text", "properties": {"markdown": "# hi", "background": "transparent"}}, {"type": "log", "properties": {"region": "us-east-1", "query": "SOURCE 'a' | SOURCE 'b' | stats count() by bin(5m)", "view": "bar"}}]},
    {"widgets": [{"type": "metric", "properties": {"region": "us-east-1", "stat": "Average", "metrics": [["AWS/Lambda", "Duration", {"id": "m1"}], [{"expression": "ANOMALY_DETECTION_BAND(m1, 2)", "id": "ad1"}], [{"expression": "IF(m1 > 100 AND HOUR(m1) < 5, m1)", "label": "[max: ${MAX}] ${PROP('Region')}"}]]}}]},
    {"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z", "widgets": [], "variables": [{"type": "pattern", "pattern": "my-fn", "inputType": "select", "id": "fn", "search": '{AWS/Lambda,FunctionName} MetricName="Errors"', "populateFrom": "FunctionName", "defaultValue": "__FIRST"}]},
]  # fmt: skip


@pytest.mark.parametrize("body", PUBLIC)
def test_sound_public_forms_have_no_problem(body: object):
    assert [] == dashboard_body.check("b", body)


SAM = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Timeout: 3}}
Resources:
  Fn::ForEach::Alarms: [Name, [a, b], {"Alarm${Name}": {Type: AWS::CloudWatch::Alarm, Properties: {}}}]
  Function:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.handler, Environment: {Variables: {SECRET_ARN: !Ref Secret}}}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/Lambda
      MetricName: Errors
      Dimensions: [{Name: FunctionName, Value: !Ref Function}, !If [Aliased, {Name: Resource, Value: !Sub "${Function}:live"}, !Ref AWS::NoValue]]
      Statistic: Sum
      Period: '60'
      EvaluationPeriods: '1'
      Threshold: '0'
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
  Board:
    Type: AWS::CloudWatch::Dashboard
    Properties: {DashboardBody: {Fn::ToJsonString: {widgets: [{type: text, properties: {markdown: !Ref Function}}]}}}
"""


def test_a_sound_template_of_sam_has_no_problem():
    assert [] == found(documents.parse(SAM))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text()
            | st.sampled_from(["Type", "Properties", "Fn::Sub", "Ref", "Fn::If", "widgets", "metrics", "Metrics"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)
KINDS = st.sampled_from([*template.CHECKS, "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::SNS::Topic"])


@given(
    st.dictionaries(st.text(max_size=3), JSON | st.fixed_dictionaries({"Type": KINDS, "Properties": JSON}), max_size=4)
)
@settings(max_examples=150, deadline=None)
def test_whatever_a_template_holds_it_is_read(resources: object):
    assert all(isinstance(one, Problem) for one in template.check("t", {"Resources": resources}))


@given(JSON, JSON)
@settings(max_examples=150, deadline=None)
def test_whatever_a_body_holds_it_is_read(properties: object, metrics: object):
    widget = {"type": "metric", "properties": {"metrics": metrics}}
    body = {"widgets": [widget, {"type": "metric", "properties": properties}, properties], "variables": metrics}

    assert all(isinstance(one, Problem) for one in dashboard_body.check("b", body))


WORDS = st.lists(st.sampled_from([*"(){}[],='\"$.%&|<>!*+-/^ ", "m1", "SUM(", "ALARM(", "AND ", "NOT ", "AT_LEAST(", "5", "SEARCH("]), max_size=25).map("".join)  # fmt: skip


@given(WORDS | st.text())
@settings(max_examples=300, deadline=None)
def test_whatever_a_text_says_the_parsers_end(text: str):
    kind, faults = metric_math.check(text, "/e", {"m1": "TS"})
    list(search_expression.faults(f"'{text}', 'Sum'"))

    assert kind in {"S", "TS", "TS[]", "text", "word", "?"}
    assert all(fault.path == "/e" for fault in faults)
    assert isinstance(alarm_rule.read(text).wrong, str)
    assert isinstance(filter_pattern.wrong(text), str)


@pytest.mark.parametrize("opening", ["(", "SUM(", "[", "-(", "NOT ("])
def test_deep_nesting_has_an_end(opening: str):
    text = opening * 400

    assert metric_math.check(text, "", {})[1]
    assert alarm_rule.read(text).wrong


@given(st.text() | st.text(st.sampled_from([*"{}[]:-&*!| \n'\"#ab<"])))
@settings(max_examples=200, deadline=None)
def test_whatever_a_file_says_it_is_read_or_refused(text: str):
    for json_only in (True, False):
        with suppress(UnreadableError):
            documents.parse(text, json_only=json_only)


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("a: &a [*a]", "syntax", "the alias '*a' stands inside its own anchor"),
        ("a: 1\nb: 0x" + "f" * 6000, "syntax", "the number at line 2 has more than 4,300 digits"),
        (
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(f"{n}: &{n} [{','.join([f'*{p}'] * 10)}]\n" for p, n in zip("abcdef", "bcdefg", strict=True)),
            "syntax",
            "has more than 1000000 values, counting what aliases repeat",
        ),
        ("[" * 101 + "]" * 101, "syntax", "has more than 100 objects or arrays inside one another"),
        ("{" * 100_000, "syntax", "has more than 100 objects or arrays inside one another"),
        ("a: 1\na: 2", "duplicate-key", "the key 'a' stands twice in the object at line 1"),
        ('{"a": 1, "a": 2}', "duplicate-key", "the key 'a' stands twice in one object"),
        ("a: 1\n---\nb: 2", "syntax", "has more than one YAML document; line 2"),
        ("a: [", "syntax", "cannot be read as YAML: did not find expected node content at line 2, column 1"),
    ],
)  # fmt: skip
def test_a_file_without_end_is_refused(text: str, rule: str, words: str):
    with pytest.raises(UnreadableError) as raised:
        documents.parse(text)

    assert (rule, words) == (raised.value.rule, str(raised.value)) or "YAML" in words


def test_short_tags_are_their_long_forms():
    text = "{a: !Ref X, b: !GetAtt A.B.C, c: !Sub '${X}', d: !If [C, 1, !Ref 'AWS::NoValue'], e: 2012-10-17, 5: y}"

    assert {
        "a": {"Ref": "X"},
        "b": {"Fn::GetAtt": ["A", "B.C"]},
        "c": {"Fn::Sub": "${X}"},
        "d": {"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]},
        "e": "2012-10-17",
        "5": "y",
    } == documents.parse(f"# yaml\n{text}")


def test_each_rule_says_what_it_is_and_is_told_somewhere():
    folder = Path(dashboard_body.__file__).parent
    sources = [*folder.glob("*.py"), *folder.parent.glob("*.py"), *Path(folder).parents[1].glob("cli/validate.py")]
    text = "".join(path.read_text() for path in sources if path.name != "rulebook.py")

    assert [] == [name for name in RULEBOOK if f'"{name}"' not in text]
    assert all(rule.says and rule.fix and rule.severity in {"error", "warning"} for rule in RULEBOOK.values())


def test_the_page_has_every_rule():
    """docs/validate.md: name, severity, what it says, source."""
    page = (Path(__file__).parents[2] / "docs/validate.md").read_text(encoding="utf-8")
    rows = [f"| `{name}` | {rule.severity} | {rule.says} | {rule.source or 'the page of the document'} |" for name, rule in RULEBOOK.items()]  # fmt: skip

    assert rows == [line for line in page.splitlines() if line.startswith("| `")]


def test_the_catalog_of_a_project_is_looked_up():
    from obskit.deploy import own_metrics

    own = own_metrics.load(Path(__file__).parents[2])
    entries = [["Shop", "CheckoutFailures", "service", "x", "env", "y"], ["Shop", "CheckoutFailure", "srvice", "x"]]
    body = {"widgets": [{"type": "metric", "properties": {"region": "r", "metrics": entries}}]}

    assert [("/widgets/0/properties/metrics/0/1", "unknown-metric"), ("/widgets/0/properties/metrics/1", "unknown-dimensions")] == [
        (one.path, one.rule) for one in dashboard_body.check("b", body, own=own)
    ]  # fmt: skip
    assert "Did you mean 'CheckoutFailure'?" in dashboard_body.check("b", body, own=own)[0].message


def test_the_data_names_enhanced_metrics_of_appsync():
    entry = ["AWS/AppSync", "Latency", "GraphQLAPIId", "x", "Resolver", "Query.search"]
    body = {"widgets": [{"type": "metric", "properties": {"region": "r", "metrics": [entry]}}]}

    assert [] == dashboard_body.check("b", body)
    assert json.loads(json.dumps(body)) == body
