"""What `obskit validate --format sarif` writes, against the objects of OASIS's schema of SARIF 2.1.0 that are used."""

from __future__ import annotations

import json
import re

import pytest

from obskit.cli import reports
from obskit.deploy.rules.problem import Fault
from obskit.deploy.rules.rulebook import RULEBOOK

TEXT = {"text!": str}
SCHEMA = {
    "$schema": "uri",
    "version!": ("2.1.0",),
    "runs!": [
        {
            "tool!": {
                "driver!": {
                    "name!": str,
                    "version": str,
                    "rules": [
                        {
                            "id!": str,
                            "shortDescription": TEXT,
                            "help": TEXT,
                            "defaultConfiguration": {"level": ("none", "note", "warning", "error")},
                            "properties": {"source": str},
                        }
                    ],
                }
            },
            "columnKind": ("utf16CodeUnits", "unicodeCodePoints"),
            "results": [
                {
                    "ruleId": str,
                    "ruleIndex": int,
                    "level": ("none", "note", "warning", "error"),
                    "message!": TEXT,
                    "locations": [
                        {
                            "physicalLocation": {"artifactLocation": {"uri": "uri"}, "region": {"startLine": int}},
                            "logicalLocations": [{"fullyQualifiedName": str}],
                        }
                    ],
                }
            ],
        }
    ],
}
"""Keys with `!` must be there, others may, none but these: `additionalProperties` is false. sarif-schema-2.1.0.json."""


def faults(value, schema, path=""):
    if isinstance(schema, dict):
        known = {key.rstrip("!"): (inner, key.endswith("!")) for key, inner in schema.items()}
        yield from (f"{path}/{key}" for key in value if key not in known)
        yield from (f"{path}/{key} is missing" for key, (_, needed) in known.items() if needed and key not in value)
        for key in known.keys() & value.keys():
            yield from faults(value[key], known[key][0], f"{path}/{key}")
    elif isinstance(schema, list):
        for place, one in enumerate(value):
            yield from faults(one, schema[0], f"{path}/{place}")
    elif schema == "uri":
        if not re.fullmatch(r"[!#$%&'()*+,\-./:;=?@\[\]_~A-Za-z0-9]*", value):
            yield f"{path}: {value}"
    elif value not in schema if isinstance(schema, tuple) else not isinstance(value, schema):
        yield f"{path}: {value!r}"


@pytest.mark.parametrize("file", ["t.json", "a folder/ä%#?.yaml", "half\ud800.json"])
def test_each_rule_and_any_name_is_valid_sarif(capsys, file):
    problems = [Fault("/a", rule, "says", one.severity).of("Thing", file=file) for rule, one in RULEBOOK.items()]

    reports.write("sarif", [*problems, Fault("", "syntax", "no").of("", file=file)], {file: '{"Thing": 1}'})

    document = json.loads(capsys.readouterr().out)
    (run,) = document["runs"]
    rules = [one["id"] for one in run["tool"]["driver"]["rules"]]
    assert [] == list(faults(document, SCHEMA))
    assert len(set(rules)) == len(rules)  # uniqueItems
    assert [*RULEBOOK, "syntax"] == [one["ruleId"] for one in run["results"]]
    assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in run["results"])
    assert all(one["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1 for one in run["results"])


def test_what_the_schema_does_not_allow_is_seen():
    """The check itself: a key too many, one too few, a word that is none."""
    run = {"tool": {"driver": {}}, "columnKind": "bytes", "mine": 1}

    assert {"/runs/0/mine", "/runs/0/tool/driver/name is missing", "/runs/0/columnKind: 'bytes'"} == set(
        faults({"version": "2.1.0", "runs": [run]}, SCHEMA)
    )
