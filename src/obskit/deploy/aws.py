"""
AWS's own metrics by name: `aws.appsync("{graphql_api}").latency.p50`, `aws.sqs("jobs").number_of_messages_sent.sum`.

A service is a function that takes what its dimensions are called by; what it returns has a metric for each name. A
metric that the service does not publish, or not with these dimensions, is an error of the definition. Type checkers and
editors read `aws.pyi`, which `make aws-stub` writes from the same data.
"""

from __future__ import annotations

from obskit.deploy import aws_metrics
from obskit.deploy.specs.metrics import AwsMetric


class Resource:
    """One function, queue, API …: its metrics are its attributes, each read by the statistic that suits it."""

    def __init__(self, namespace: str, **dimensions: str) -> None:
        self._namespace = namespace
        self._dimensions = {name: value for name, value in dimensions.items() if value}

    def __getattr__(self, name: str) -> AwsMetric:
        metric = aws_metrics.attributes(self._namespace).get(name) if not name.startswith("_") else None
        if metric is None:
            raise AttributeError(f"{self._namespace} publishes no metric '{name}'", name=name, obj=self)
        stats = aws_metrics.published()[self._namespace][metric].get("stats") or ["Average"]
        return AwsMetric(self._namespace, metric, self._dimensions, stats[0])

    def __dir__(self) -> list[str]:
        return sorted(aws_metrics.attributes(self._namespace))


def appsync(api: str, *, resolver: str = "", data_source: str = "", operation: str = "") -> Resource:
    """One GraphQL API, by its id; a resolver, data source or operation of it needs AppSync's enhanced metrics."""
    finer = {"Resolver": resolver, "Datasource": data_source, "Operation": operation}
    return Resource("AWS/AppSync", **{"API_Id" if any(finer.values()) else "GraphQLAPIId": api}, **finer)


def lambda_(function: str = "", *, alias: str = "", version: str = "") -> Resource:
    """One function, an alias of it, or a version behind the alias; all functions of the account without a name."""
    resource = f"{function}:{alias}" if alias else ""
    return Resource("AWS/Lambda", FunctionName=function, Resource=resource, ExecutedVersion=version)


def lambda_insights(function: str, *, version: str = "") -> Resource:
    """One function that has the extension of Lambda Insights."""
    return Resource("LambdaInsights", function_name=function, version=version)


def sqs(queue: str) -> Resource:
    """One queue, by its name; a dead-letter queue, too."""
    return Resource("AWS/SQS", QueueName=queue)


def sns(topic: str = "") -> Resource:
    """One topic, by its name."""
    return Resource("AWS/SNS", TopicName=topic)


def events(rule: str = "") -> Resource:
    """One rule of EventBridge, or the service as a whole."""
    return Resource("AWS/Events", RuleName=rule)


def states(machine: str = "", *, activity: str = "") -> Resource:
    """One state machine or activity of Step Functions, by its ARN."""
    return Resource("AWS/States", StateMachineArn=machine, ActivityArn=activity)


def aurora(cluster: str = "", *, role: str = "", instance: str = "") -> Resource:
    """An Aurora cluster, its WRITER or READER, or one instance."""
    return Resource("AWS/RDS", DBClusterIdentifier=cluster, Role=role, DBInstanceIdentifier=instance)


def ecs(cluster: str, service: str = "") -> Resource:
    """A cluster or a service of it."""
    return Resource("AWS/ECS", ClusterName=cluster, ServiceName=service)


def container_insights(cluster: str, service: str = "", *, task: str = "") -> Resource:
    """A cluster with Container Insights, a service of it, or a family of tasks."""
    return Resource("ECS/ContainerInsights", ClusterName=cluster, ServiceName=service, TaskDefinitionFamily=task)


def cloudfront(distribution: str) -> Resource:
    """One distribution; its metrics are in us-east-1 only."""
    return Resource("AWS/CloudFront", DistributionId=distribution, Region="Global")


def waf(acl: str = "", rule: str = "ALL", *, region: str = "", rule_group: str = "", bot: str = "") -> Resource:
    """One rule of a web ACL, or all; with *region* of scope REGIONAL, without it in front of CloudFront."""
    return Resource(
        "AWS/WAFV2",
        WebACL=acl,
        Rule="" if bot else rule,
        Region=region,
        RuleGroup=rule_group,
        BotCategory=bot,
    )


def cognito(user_pool: str, client: str, *, identity_provider: str = "") -> Resource:
    """Sign-ins through one client of a user pool."""
    return Resource("AWS/Cognito", UserPool=user_pool, UserPoolClient=client, IdentityProvider=identity_provider)


def cognito_risk(user_pool: str, operation: str, *, risk_level: str = "") -> Resource:
    """What advanced security of a user pool finds."""
    return Resource("AWS/Cognito", UserPoolId=user_pool, Operation=operation, RiskLevel=risk_level)


def ses(configuration_set: str = "") -> Resource:
    """Mails of the account, or of one configuration set."""
    return Resource("AWS/SES", **{"ses:configuration-set": configuration_set})


def logs(group: str) -> Resource:
    """One log group."""
    return Resource("AWS/Logs", LogGroupName=group)


def synthetics(canary: str) -> Resource:
    """One canary of CloudWatch Synthetics."""
    return Resource("CloudWatchSynthetics", CanaryName=canary)
