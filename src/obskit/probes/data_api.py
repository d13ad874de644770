"""PostgreSQL by the RDS Data API: HTTPS calls, no connection to hold and no way into the VPC."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from obskit.probes import aws, secrets, sqlstate
from obskit.probes.model import ProbeError

if TYPE_CHECKING:
    from obskit.probes.model import Deadline
    from obskit.probes.settings import Database

_VALUES = ("longValue", "doubleValue", "stringValue", "booleanValue")


def rows(database: Database, sql: str, deadline: Deadline) -> list[list[Any]]:
    """
    Return the rows of *sql*, run in a transaction that cannot write and that the server itself ends in time.

    RDS reads the secret; its answer has at most 1 MB.

    Raises:
        ProbeError: there are none to be had.
        MissingExtraError: boto3 is not installed.
    """
    if not secrets.ARN.fullmatch(database.secret):
        raise ProbeError("credentials", "`secret` is the ARN of a secret in Secrets Manager, and nothing else")
    client = aws.client("rds-data", database.cluster.split(":")[3])
    where = {"resourceArn": database.cluster, "secretArn": database.secret}
    try:
        began = client.begin_transaction(**where, database=database.database)
        transaction = {**where, "transactionId": began["transactionId"]}
        try:
            return _rows(client, transaction, database.database, sql, deadline)
        finally:
            with suppress(Exception):  # RDS ends it by itself after three minutes without a call
                client.rollback_transaction(**transaction)
    except ProbeError:
        raise
    except Exception as error:  # noqa: BLE001  botocore makes its types at run time
        code = sqlstate.last_in(str(error))
        raise (sqlstate.failure(code) if code else aws.failure(error)) from None


def _rows(client: Any, transaction: dict[str, str], name: str, sql: str, deadline: Deadline) -> list[list[Any]]:
    from obskit.probes.sql import milliseconds

    limit = milliseconds(deadline)
    for setting in (
        "SET TRANSACTION READ ONLY",
        f"SET LOCAL statement_timeout = {limit}",
        f"SET LOCAL lock_timeout = {limit}",
        "SET LOCAL TIME ZONE 'UTC'",
    ):
        client.execute_statement(**transaction, database=name, sql=setting)
        deadline.left()
    answer = client.execute_statement(**transaction, database=name, sql=sql)
    return [[_value(field) for field in record] for record in answer.get("records", [])]


def _value(field: dict[str, Any]) -> Any:
    return next((field[key] for key in _VALUES if key in field), None)
