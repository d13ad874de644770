"""The rules that CloudWatch enforces late, with unclear words, or never; one small function or shape each."""

from obskit.deploy.rules.problem import Problem

__all__ = ["Problem"]
