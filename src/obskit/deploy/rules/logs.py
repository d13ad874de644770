"""Log groups and what hangs on them: retention, data protection, metric filters."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from obskit import quotas
from obskit.deploy.rules import filter_pattern
from obskit.deploy.rules.placeholders import has_unknown, is_unknown, quoted
from obskit.deploy.rules.problem import Fault, short
from obskit.deploy.rules.shape import array, one_of, record, text
from obskit.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = "CloudWatch Logs API"

RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""Days. CloudWatch Logs API, `PutRetentionPolicy`, read 2026-11-24."""
POLICY = 30_720
"""Characters of a data protection policy. CloudWatch Logs API, `PutDataProtectionPolicy`, read 2026-11-24."""
FILTER_DIMENSIONS = 3
_ARN = re.compile(r"arn:aws[a-z-]*:dataprotection::aws:data-identifier/(.+)")

_COUNTRIES = {
    "BankAccountNumber": "DE ES FR GB IT US",
    "CepCode": "BR",
    "Cnpj": "BR",
    "CpfCode": "BR",
    "DriversLicense": "AT AU BE BG CA CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK US",
    "DrugEnforcementAgencyNumber": "US",
    "ElectoralRollNumber": "GB",
    "HealthInsuranceCardNumber": "EU",
    "HealthInsuranceClaimNumber": "US",
    "HealthInsuranceNumber": "FR",
    "HealthcareProcedureCode": "US",
    "IndividualTaxIdentificationNumber": "US",
    "InseeCode": "FR",
    "MedicareBeneficiaryNumber": "US",
    "NationalDrugCode": "US",
    "NationalIdentificationNumber": "DE ES IT",
    "NationalInsuranceNumber": "GB",
    "NationalProviderId": "US",
    "NhsNumber": "GB",
    "NieNumber": "ES",
    "NifNumber": "ES",
    "PassportNumber": "CA DE ES FR GB IT US",
    "PermanentResidenceNumber": "CA",
    "PersonalHealthNumber": "CA",
    "PhoneNumber": "BR DE ES FR GB IT US",
    "PostalCode": "CA",
    "RgNumber": "BR",
    "SocialInsuranceNumber": "CA",
    "Ssn": "ES US",
    "TaxId": "DE ES FR GB",
    "ZipCode": "US",
}
IDENTIFIERS = frozenset(
    """
    Address AwsSecretKey CreditCardExpiration CreditCardNumber CreditCardSecurityCode EmailAddress IpAddress LatLong
    Name OpenSshPrivateKey PgpPrivateKey PkcsPrivateKey PuttyPrivateKey VehicleIdentificationNumber
    """.split()
) | {f"{name}-{country}" for name, countries in _COUNTRIES.items() for country in countries.split()}
"""Managed data identifiers. CloudWatch Logs user guide, "Types of data that you can protect", read 2026-11-24."""


_GROUP = {
    "LogGroupName": text(1, 512, r"[A-Za-z0-9_/.#-]+", "letters, digits and _ / . # -"),
    "KmsKeyId": text(1, 256, r"arn:[a-z0-9-]+:kms:.+|\{\{resolve:.+", "the ARN of a key or an alias"),
    "LogGroupClass": one_of("STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
}
"""Of `AWS::Logs::LogGroup`, as far as it is looked into. CloudWatch Logs API, `CreateLogGroup`, read 2026-11-24."""


def log_group(properties: dict[str, object]) -> Iterator[Fault]:
    for key, shape in _GROUP.items():
        if key in properties:
            yield from shape(properties[key], f"/{key}")
    days = properties.get("RetentionInDays")
    if isinstance(days, str) and days.isascii() and days.isdigit() and len(days) < 6:
        days = int(days)
    if days is not None and not has_unknown(days) and (isinstance(days, bool) or days not in RETENTION):
        known = ", ".join(str(day) for day in RETENTION)
        words = f"Should be equal to one of the allowed values: {known} (it is {short(days)})"
        yield Fault("/RetentionInDays", "retention", words)
    if "DataProtectionPolicy" in properties:
        yield from data_protection(properties["DataProtectionPolicy"], "/DataProtectionPolicy")


def account_policy(properties: dict[str, object]) -> Iterator[Fault]:
    if properties.get("PolicyType") == "DATA_PROTECTION_POLICY":
        yield from data_protection(properties.get("PolicyDocument"), "/PolicyDocument")


def data_protection(policy: object, path: str) -> Iterator[Fault]:
    """An audit and a masking statement over the same identifiers. User guide, "Syntax for data protection policy"."""
    if isinstance(policy, str) and not is_unknown(policy):
        try:
            policy = json.loads(quoted(policy))
        except (ValueError, RecursionError):
            yield Fault(path, "data-protection", "is not JSON")
            return
    yield from _policy(policy, path)


def _policy(policy: object, path: str) -> Iterator[Fault]:
    if is_unknown(policy):
        return
    if not isinstance(policy, dict):
        yield Fault(path, "type", "Should be object")
        return
    size = len(json.dumps(policy, separators=(",", ":")))
    if size > POLICY:
        yield Fault(path, "data-protection", f"Should NOT be longer than {POLICY} characters (it has {size})")
    for key in ("Name", "Version", "Statement"):
        if key not in policy:
            yield Fault(path, "required", f"Should have required property '{key}'")
    version = policy.get("Version", "2021-06-01")
    if version != "2021-06-01" and not has_unknown(version):
        words = f"Should be equal to one of the allowed values: 2021-06-01 (it is {short(version)})"
        yield Fault(f"{path}/Version", "data-protection", words)
    statements = policy.get("Statement")
    if isinstance(statements, list):
        yield from _statements(policy, statements, f"{path}/Statement")
    elif "Statement" in policy and not is_unknown(statements):
        yield Fault(f"{path}/Statement", "type", "Should be array")


def _statements(policy: dict[str, object], statements: list[object], path: str) -> Iterator[Fault]:
    own = _own_identifiers(policy)
    kinds, identifiers = [], []
    for index, statement in enumerate(statements):
        if is_unknown(statement):
            return
        if not isinstance(statement, dict):
            yield Fault(f"{path}/{index}", "type", "Should be object")
            continue
        given = statement.get("DataIdentifier")
        identifiers.append(given)
        operation = statement.get("Operation")
        kinds.append(next(iter(operation), "") if isinstance(operation, dict) else "")
        if not isinstance(given, list) or not given:
            if not is_unknown(given):
                yield Fault(f"{path}/{index}", "required", "Should have required property 'DataIdentifier', not empty")
        else:
            for number, one in enumerate(given):
                yield from _identifier(one, own, f"{path}/{index}/DataIdentifier/{number}")
        mask = operation.get("Deidentify") if isinstance(operation, dict) else None
        if isinstance(mask, dict) and mask != {"MaskConfig": {}} and not is_unknown(mask.get("MaskConfig")):
            words = "Should be an object with an empty 'MaskConfig'"
            yield Fault(f"{path}/{index}/Operation/Deidentify", "data-protection", words)
    if sorted(map(str, kinds)) != ["Audit", "Deidentify"]:
        words = "Should have two statements: one with Operation.Audit, one with Operation.Deidentify"
        yield Fault(path, "data-protection", words)
    elif identifiers[0] != identifiers[1]:
        words = "the DataIdentifier of both statements must be the same; what only one names is not masked"
        yield Fault(path, "data-protection", words)


def _own_identifiers(policy: dict[str, object]) -> set[str]:
    configuration = policy.get("Configuration")
    custom = configuration.get("CustomDataIdentifier") if isinstance(configuration, dict) else None
    return {str(one.get("Name")) for one in custom if isinstance(one, dict)} if isinstance(custom, list) else set()


def _identifier(value: object, own: set[str], path: str) -> Iterator[Fault]:
    if has_unknown(value):
        # `arn:${AWS::Partition}:…/EmailAddress`: the name is known where the partition is not.
        value = str(value).rpartition("data-identifier/")[2]
        if has_unknown(value) or not value:
            return
    elif not isinstance(value, str):
        yield Fault(path, "type", "Should be string")
        return
    name = found[1] if (found := _ARN.fullmatch(str(value))) else str(value)
    if name not in IDENTIFIERS and name not in own:
        hint = did_you_mean(short(name), [*IDENTIFIERS, *own])
        words = f"no data identifier '{short(name)}' is known; an unknown one fails the whole policy.{hint}"
        yield Fault(path, "data-identifier", words, "error" if hint else "warning")


_DIMENSION = record({"Key": text(1, 255), "Value": text(1, 255, r"\$.+", "a field such as $.code")})
_PLAIN = r"[^:*$]+", "a name without : * $"
"""Of a filter's metric and its namespace. CloudWatch Logs API, `MetricTransformation`, read 2026-11-24."""
_TRANSFORMATION = record(
    {
        "MetricName": text(1, quotas.METRIC_NAME, *_PLAIN),
        "MetricNamespace": text(1, 255, *_PLAIN),
        "MetricValue": text(1, 100),
    },
    {
        "DefaultValue": lambda _value, _path: iter(()),
        "Unit": text(1),
        "Dimensions": array(_DIMENSION, 1, FILTER_DIMENSIONS),
    },
)


def metric_filter(properties: dict[str, object]) -> Iterator[Fault]:
    yield from pattern(properties)
    for key in ("FilterPattern", "LogGroupName", "MetricTransformations"):
        if key not in properties:
            yield Fault("", "required", f"Should have required property '{key}'")
    given = properties.get("MetricTransformations", [None])
    yield from array(lambda _value, _path: iter(()), 1, 1)(given, "/MetricTransformations")
    for index, one in enumerate(given if isinstance(given, list) else []):
        path = f"/MetricTransformations/{index}"
        if isinstance(one, dict):
            value = one.get("MetricValue")
            as_text = {**one, "MetricValue": str(value)} if isinstance(value, int) else one
            yield from _TRANSFORMATION(as_text, path)
            if str(one.get("MetricNamespace")).startswith("AWS/"):
                words = "a namespace that begins with AWS/ is AWS's own: its metrics and these would be mixed"
                yield Fault(f"{path}/MetricNamespace", "filter-namespace", words, "warning")
            if isinstance(value, str) and not _metric_value(value):
                words = f'Should match a number or a field such as $.bytes: "{short(value)}" does not'
                yield Fault(f"{path}/MetricValue", "metric-value", words)
            if "DefaultValue" in one and one.get("Dimensions"):
                words = "a default value cannot stand beside dimensions"
                yield Fault(f"{path}/DefaultValue", "filter-default", words)


def _metric_value(value: str) -> bool:
    return has_unknown(value) or re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|\$\S+", value) is not None


def pattern(properties: dict[str, object]) -> Iterator[Fault]:
    """Of a metric filter or a subscription filter."""
    given = properties.get("FilterPattern")
    if given is None or is_unknown(given):
        return
    if not isinstance(given, str):
        yield Fault("/FilterPattern", "type", "Should be string")
    elif words := filter_pattern.wrong(given):
        yield Fault("/FilterPattern", "filter-pattern", f'pattern "{short(given)}": {words}')
