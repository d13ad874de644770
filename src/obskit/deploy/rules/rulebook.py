"""Every rule by name: what it says, where it is from, and what to do when it is broken. `docs/validate.md` shows it."""

from __future__ import annotations

from typing import NamedTuple

BODY = "AWS, Dashboard Body Structure and Syntax"
ALARM = "CloudWatch API, PutMetricAlarm"
MATH = "CloudWatch user guide, Using math expressions with CloudWatch metrics"
USER = "CloudWatch user guide"


class Rule(NamedTuple):
    """*severity* is the usual one; *source* is empty for a rule of shape, whose page is that of the document."""

    severity: str
    says: str
    source: str
    fix: str


RULEBOOK: dict[str, Rule] = {
    # --- shape: of bodies and of properties ----------------------------------------------------------------------
    "type": Rule("error", "A value has the JSON type that its key takes", "", "Give a value of that type."),
    "required": Rule("error", "What must be there is there", "", "Add the property."),
    "unknown-key": Rule(
        "warning", "A key is one that AWS's page names", "", "Correct the spelling, or remove the key."
    ),
    "enum": Rule("error", "A value is one of those allowed", "", "Use one of the values in the message."),
    "form": Rule(
        "error", "A text has its form: colour, id, statistic, time, ARN", "", "Write it in the form in the message."
    ),
    "length": Rule("error", "A text is as long as AWS takes", "", "Shorten it, or fill it in."),
    "range": Rule("error", "A number is in its range", "", "Use a number in the range."),
    "count": Rule(
        "error",
        "A list is as long as AWS takes: 500 widgets, 500 metrics, 5 actions, 30 dimensions",
        "",
        "Take items away, or split.",
    ),
    "json": Rule(
        "error", "A dashboard body is JSON", BODY, "Mend the JSON; in a template, Fn::Sub over a text in quotes."
    ),
    # --- dashboards ------------------------------------------------------------------------------------------------
    "position": Rule("error", "x and y come together", BODY, "Give both, or leave both out."),
    "grid": Rule("error", "x + width is at most 24", BODY, "Move the widget, or make it narrower."),
    "overlap": Rule(
        "error",
        "No widget lies on another",
        "CloudWatch stores overlaps and moves a widget; a rule of ours",
        "Change x, y, width or height of one of them.",
    ),
    "metrics-in-all": Rule(
        "error",
        "At most 2,500 metrics over all widgets, hidden ones counted",
        f"{USER}, CloudWatch service quotas",
        "Split the dashboard.",
    ),
    "time-range": Rule("error", "`end` comes with `start`", "aws/aws-cdk#27124", "Add start, or remove end."),
    "variable": Rule(
        "error",
        "A variable names what it replaces and one place to choose from",
        BODY,
        "Give property or pattern, and values or search with populateFrom.",
    ),
    "period": Rule(
        "error",
        "A period is a multiple of 60 seconds; 1, 5, 10, 20, 30 for high resolution",
        BODY,
        "Use 60, 300, 3600 or another multiple of 60.",
    ),
    "metric-array": Rule(
        "error",
        "An entry is namespace, name, pairs of dimensions, and at most one object, last",
        BODY,
        "Write [namespace, name, dimension, value, …, {rendering}].",
    ),
    "shorthand": Rule("error", "`.` and `...` repeat what the entry above has", BODY, "Write the entry in full."),
    "data-source": Rule(
        "error", "A metric widget shows metrics or the graph of an alarm", BODY, "Add metrics, or annotations.alarms."
    ),
    "annotation-alarm": Rule(
        "error", "The graph of an alarm stands alone", BODY, "Use a horizontal annotation for a threshold."
    ),
    "gauge": Rule("error", "A gauge has both ends of its axis", BODY, "Give yAxis.left.min and yAxis.left.max."),
    "axis": Rule("error", "An axis has its min below its max", BODY, "Swap or change the two."),
    "sparkline": Rule(
        "error",
        "A value for the whole range has no sparkline",
        "aws-cdk-lib 2.276, SingleValueWidget",
        "Remove sparkline or setPeriodToTimeRange.",
    ),
    "insights": Rule(
        "error",
        "One Metrics Insights query in a widget",
        f"{USER}, Metrics Insights quotas",
        "Give the second query a widget of its own.",
    ),
    "label": Rule(
        "warning",
        "A dynamic label is one that CloudWatch knows",
        f"{USER}, Use dynamic labels",
        "Use ${LAST}, ${MAX}, ${PROP('Dim.X')} or another of the page.",
    ),
    "label-count": Rule(
        "error",
        "At most six dynamic values in a label, ${LABEL} once",
        f"{USER}, Use dynamic labels",
        "Take some away.",
    ),
    "sub-label": Rule(
        "error",
        "A dynamic label inside Fn::Sub is escaped",
        "CloudFormation user guide, Fn::Sub",
        "Write ${!LAST}: Fn::Sub leaves ${LAST}.",
    ),
    "log-source": Rule(
        "warning", "A query of logs begins with its log groups", BODY, "Begin with SOURCE 'log group' |."
    ),
    "metric-region": Rule(
        "warning",
        "A metric is looked for where its service publishes it",
        "Guides of CloudFront, Route 53 and Billing",
        "Set region to us-east-1.",
    ),
    # --- expressions -----------------------------------------------------------------------------------------------
    "math-syntax": Rule(
        "error",
        "An expression follows the grammar of metric math",
        MATH,
        "Mend the expression at the character in the message.",
    ),
    "math-id": Rule(
        "error",
        "An expression uses ids of the same widget or alarm",
        MATH,
        "Give the metric that id, or correct the name.",
    ),
    "math-cycle": Rule("error", "No expression needs its own result", MATH, "Break the circle."),
    "math-function": Rule("error", "A function is one of metric math", MATH, "Use the function in the message."),
    "math-arity": Rule("error", "A function has as many arguments as it takes", MATH, "Add or remove arguments."),
    "math-type": Rule(
        "error",
        "An argument is a number, a series or an array, as the function takes it",
        MATH,
        "Wrap it: METRICS(), [m1, m2], TIME_SERIES(…).",
    ),
    "math-result": Rule(
        "warning", "What is drawn is a series", MATH, "Wrap the number: TIME_SERIES(…); or hide it: visible false."
    ),
    "metric-id": Rule("error", "An id is used once", BODY, "Rename one of them."),
    "search": Rule(
        "error",
        "SEARCH has a readable query of at most 1,024 characters, a statistic and a period",
        f"{USER}, CloudWatch search expression syntax",
        "SEARCH('{Namespace,Dimension} MetricName=\"X\"', 'Sum', 300).",
    ),
    "search-count": Rule(
        "error", "At most 100 SEARCH expressions in a graph", f"{USER}, Search expressions quotas", "Split the widget."
    ),
    # --- what is published -----------------------------------------------------------------------------------------
    "unknown-namespace": Rule(
        "warning",
        "A namespace that begins with AWS/ is one of AWS's",
        f"{USER}, AWS services that publish CloudWatch metrics",
        "Correct the name; if it is new, ignore this.",
    ),
    "unknown-metric": Rule(
        "warning",
        "A metric of AWS or of the project's catalog is one that is published",
        "The service's guide; the project's catalog",
        "Correct the name; if it is new, ignore this.",
    ),
    "unknown-dimensions": Rule(
        "warning",
        "A metric is published with these dimensions",
        "The service's guide; the project's catalog",
        "Use a set of dimensions that the service publishes: any other graph is empty.",
    ),
    # --- alarms ----------------------------------------------------------------------------------------------------
    "one-source": Rule("error", "One of MetricName, Metrics, EvaluationCriteria", ALARM, "Remove the others."),
    "threshold": Rule("error", "One of Threshold, ThresholdMetricId", ALARM, "Give one of them."),
    "one-statistic": Rule(
        "error", "One of Statistic, ExtendedStatistic", ALARM, "Give one of them; percentiles are ExtendedStatistic."
    ),
    "statistic-range": Rule(
        "error",
        "The bounds of a statistic are numbers or percentages, the lower one below the upper one",
        f"{USER}, CloudWatch statistics definitions",
        "Write e.g. TM(10%:90%), TM(:95%), PR(100:2000).",
    ),
    "m-of-n": Rule("error", "DatapointsToAlarm is at most EvaluationPeriods", ALARM, "Lower M or raise N."),
    "window": Rule(
        "error",
        "Period * EvaluationPeriods is at most a day, with periods from an hour on a week",
        ALARM,
        "Use fewer or shorter periods.",
    ),
    "long-period": Rule("warning", "A period is at most a day", "docs/unverified.md", "Use a day or less."),
    "one-period": Rule(
        "warning",
        "The metrics of an alarm have one period",
        f"{USER}, Creating an alarm based on a metric math expression",
        "Give all MetricStat the same Period.",
    ),
    "high-resolution": Rule("error", "Metrics of AWS have no periods below a minute", ALARM, "Use 60 or more."),
    "metrics-alone": Rule(
        "error", "Metrics stands alone", "CloudFormation schema of 2026-10-20", "Move the property into a MetricStat."
    ),
    "query-source": Rule("error", "One of MetricStat, Expression in each of Metrics", ALARM, "Remove one of them."),
    "metrics-count": Rule(
        "error",
        "At most 10 metrics and 10 expressions in an alarm",
        "CloudWatch API, MetricDataQuery",
        "Split the alarm, or join them by a composite.",
    ),
    "return-data": Rule(
        "error",
        "One of Metrics has ReturnData true, beside a band",
        "CloudWatch API, MetricDataQuery",
        "Set ReturnData to false on the others.",
    ),
    "alarm-search": Rule(
        "error",
        "An alarm is not on SEARCH",
        f"{USER}, Using search expressions in graphs",
        "Name the metrics, or use a Metrics Insights query.",
    ),
    "alarm-result": Rule(
        "error",
        "An alarm watches one series",
        "CloudWatch API, MetricDataQuery",
        "Reduce the array: SUM(…), MAX(…), FIRST(…).",
    ),
    "band": Rule(
        "error",
        "An anomaly alarm has a band and an operator for it",
        f"{USER}, Creating an alarm based on anomaly detection",
        "ThresholdMetricId is the id of ANOMALY_DETECTION_BAND(m1, 2).",
    ),
    "dimension-twice": Rule("error", "A dimension is given once", "CloudWatch API, Dimension", "Remove one of them."),
    "ascii": Rule(
        "error", "The name of an alarm is ASCII", f"{USER}, Amazon SNS topic policies for alarms", "Use ASCII only."
    ),
    "missing-data": Rule(
        "warning",
        "What missing data mean is decided (a note outside a project of obskit)",
        f"{USER}, Configuring how alarms treat missing data",
        "notBreaching for error counts, breaching for heartbeats.",
    ),
    "ok-actions": Rule(
        "error",
        "What opens an incident closes it: OKActions equal AlarmActions (projects of obskit, PagerDuty)",
        "PagerDuty, in justeattakeaway/AwsWatchman#3",
        "Set OKActions to AlarmActions.",
    ),
    "runbook": Rule(
        "error",
        "Who is paged finds a runbook (projects of obskit)",
        "A rule of ours",
        "Add a line 'runbook: https://…'.",
    ),
    "alarm-rule": Rule(
        "error",
        "The rule of a composite can be read",
        "CloudWatch API, PutCompositeAlarm",
        'ALARM("a") AND (OK("b") OR NOT ALARM("c")).',
    ),
    "alarm-rule-size": Rule(
        "error",
        "A rule has at most 100 children and 500 elements",
        f"{USER}, Composite alarms",
        "Split into composites of composites.",
    ),
    "composite-cycle": Rule(
        "error",
        "No composite depends on itself",
        "CloudWatch API, PutCompositeAlarm",
        "Take one of them out of a rule.",
    ),
    "suppressor": Rule(
        "error",
        "ActionsSuppressor comes with both waits, and is another alarm than the one it silences",
        "CloudWatch API, PutCompositeAlarm",
        "Give all three, with 60 seconds as usual; have another alarm suppress it.",
    ),
    "name-twice": Rule("error", "A name is used once", ALARM, "Rename one of them."),
    # --- paging ----------------------------------------------------------------------------------------------------
    "retry-time": Rule(
        "error",
        "The retries of a subscription end within 3,600 seconds",
        "SNS developer guide, Message delivery retries",
        "Use fewer retries or a shorter maxDelayTarget.",
    ),
    "topic-key": Rule(
        "error",
        "A topic of alarms has no key that AWS manages (a warning where no alarm of the template uses the topic)",
        "re:Post, CloudWatch alarm does not send SNS notification",
        "Use a customer key that lets cloudwatch.amazonaws.com use it.",
    ),
    "dynamic-reference": Rule(
        "error",
        "ssm-secure stands only where CloudFormation resolves it",
        "CloudFormation user guide, Dynamic references",
        "Use {{resolve:secretsmanager:…}}.",
    ),
    # --- logs ------------------------------------------------------------------------------------------------------
    "retention": Rule(
        "error",
        "Days of retention are ones that CloudWatch Logs takes",
        "CloudWatch Logs API, PutRetentionPolicy",
        "Use the next of 30, 60, 90, ….",
    ),
    "data-protection": Rule(
        "error",
        "A data protection policy audits and masks the same identifiers",
        "CloudWatch Logs user guide, Syntax for data protection policy",
        "Two statements, Audit and Deidentify with MaskConfig {}, over one list.",
    ),
    "data-identifier": Rule(
        "error",
        "A data identifier is one that AWS has or the policy makes (a warning where none is near)",
        "CloudWatch Logs user guide, Types of data that you can protect",
        "Correct the name.",
    ),
    "filter-pattern": Rule(
        "error",
        "The pattern of a filter can be read",
        "CloudWatch Logs user guide, Filter pattern syntax",
        '{ $.level = "ERROR" }, "a phrase", [a, b, c = 5*].',
    ),
    "filter-namespace": Rule(
        "warning",
        "A metric filter publishes into a namespace of one's own, not into one of AWS/",
        "CloudWatch Logs API, MetricTransformation",
        "Use a namespace without AWS/ before it.",
    ),
    "filter-default": Rule(
        "error", "No default value beside dimensions", "docs/unverified.md", "Remove DefaultValue or Dimensions."
    ),
    "filter-count": Rule(
        "error",
        "At most five patterns with regular expressions for a log group",
        "CloudWatch Logs user guide, Filter pattern syntax",
        "Write some without a regular expression.",
    ),
    "metric-value": Rule(
        "error",
        "The value of a metric filter is a number or a field",
        "CloudWatch Logs API, MetricTransformation",
        "Use 1, or $.field.",
    ),
    # --- personal data and secrets ---------------------------------------------------------------------------------
    "appsync-verbose": Rule(
        "error",
        "AppSync's log leaves out headers, arguments and answers",
        "AppSync API, LogConfig",
        "Set ExcludeVerboseContent to true.",
    ),
    "postgres-log": Rule(
        "error",
        "PostgreSQL does not log statements or their parameters",
        "PostgreSQL manual, Error Reporting and Logging; pgaudit",
        "Use none, -1 or 0; measure with pg_stat_statements.",
    ),
    "secret": Rule(
        "error",
        "No secret stands in a template (a warning for the default of a NoEcho parameter)",
        "AWS Security Hub; CloudFormation security best practices",
        "Use {{resolve:secretsmanager:…}} or a parameter without default, and replace the secret.",
    ),
    # --- templates ---------------------------------------------------------------------------------------------------
    "resources": Rule("error", "At most 500 resources", "AWS CloudFormation quotas", "Split the stack."),
    "template-size": Rule(
        "error",
        "At most 1 MB; above 51,200 bytes by way of S3 (a note)",
        "AWS CloudFormation quotas",
        "Split the stack, or upload it.",
    ),
    "dynamic-references": Rule(
        "error", "At most 60 dynamic references", "CloudFormation user guide, Dynamic references", "Split the stack."
    ),
    "policy-effect": Rule(
        "error",
        "The effect of a statement is Allow or Deny (projects of obskit)",
        "IAM user guide, Policy element reference",
        "Use Allow or Deny.",
    ),
    "policy-action": Rule(
        "error", "A role names each action (projects of obskit)", "A rule of ours", "Name the actions."
    ),
    "policy-resource": Rule(
        "error", "A role names what it may touch (projects of obskit)", "A rule of ours", "Name the resources."
    ),
    # --- files -------------------------------------------------------------------------------------------------------
    "file": Rule(
        "error", "A file can be read: a regular file of at most 5 MB, UTF-8", "A bound of ours", "Name another file."
    ),
    "syntax": Rule(
        "error",
        "A file is JSON or YAML, without circles, bombs or deep nesting",
        "RFC 8259; YAML 1.1",
        "Mend the file at the line in the message.",
    ),
    "duplicate-key": Rule(
        "error",
        "A key stands once in an object",
        "RFC 8259, 4; CloudFormation refuses it",
        "Remove one of them: only the last would count.",
    ),
    "kind": Rule(
        "error",
        "A named file is a dashboard body or a template",
        "A rule of ours",
        "Name a file with widgets or Resources.",
    ),
    "files": Rule(
        "error",
        "A folder has something to check and leads nowhere else",
        "A bound of ours",
        "Name the folder with the files.",
    ),
    "more": Rule("error", "A file has at most 1,000 problems that are told", "A bound of ours", "Mend those first."),
}
