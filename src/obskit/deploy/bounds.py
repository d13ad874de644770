"""What is read of hand-written files at most, so that none of them takes for ever; and the error of one that is not."""

from __future__ import annotations

BYTES = 5_000_000
"""Of one file; CloudFormation takes 1 MB."""
DEPTH = 100
"""Objects inside one another."""
NODES = 1_000_000
"""Values of one YAML file, with what its aliases repeat."""
FILES = 10_000
"""Files looked at below one folder."""


class UnreadableError(Exception):
    """A file cannot be read: *rule* is `file`, `syntax` or `duplicate-key`; *resources*: it looks like a template."""

    def __init__(self, rule: str, words: str) -> None:
        super().__init__(words)
        self.rule = rule
        self.resources = False
