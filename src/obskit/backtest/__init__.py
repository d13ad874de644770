"""
What CloudWatch's alarms would have done: an evaluator of their documented rules, over recorded or invented data.

It reads alarms as CloudFormation properties, so that any template will do. docs/backtest.md says which rules are
documented, and what is assumed where they are not.
"""
