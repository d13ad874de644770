"""What `obskit.toml` says of probes: read, checked, and put together for each environment that has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from obskit.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from obskit.deploy.table import Table

NAMES = ("outbox", "dsar", "staleness", "typesense", "sqs", "ses")
SQL = ("outbox", "dsar", "staleness")
"""The probes that connect to the database."""

WAYS = ("driver", "data-api")
"""To the database: a connection of one's own, or the RDS Data API."""

TIMEOUT_S = 5
LONGEST_S = 20
MOST_TARGETS = 20
LONGEST_SQL = 10_000

_AWS = r"arn:aws[a-z-]*"
_FORMS = {
    "secret": (
        re.compile(_AWS + r":secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+"),
        "is no ARN of a secret; credentials come from Secrets Manager, never from here or from a variable",
    ),
    "kms_key": (re.compile(_AWS + r":kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+"), "is no ARN of a KMS key"),
    "cluster": (re.compile(_AWS + r":rds:[a-z0-9-]+:[0-9]{12}:cluster:[a-z0-9-]+"), "is no ARN of an Aurora cluster"),
    "arn": (re.compile(_AWS + r":sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]{1,80}"), "is no ARN of a queue"),
    "host": (re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?"), "is no host name"),
    "database": (re.compile(r"[^\x00-\x1f\x7f]{1,63}"), "is no name of a database"),
    "region": (re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]"), "is not an AWS region such as 'us-east-1'"),
    "collection": (re.compile(r"[^\x00-\x1f\x7f]{1,255}"), "is no name of a collection"),
    "field": (re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}"), "is no name of a field"),
}
_URL = re.compile(r"(https?)://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?")
_TARGET = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_PART = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_EVERY = re.compile(r"off|1 minute|([2-9]|[1-9][0-9]+) minutes")
_SUBNET, _GROUP = re.compile(r"subnet-[0-9a-f]{8,17}"), re.compile(r"sg-[0-9a-f]{8,17}")
_CREDENTIALS = ("password", "user", "username", "key", "api_key", "token", "dsn", "url")
_LOOPBACK = ("localhost", "127.0.0.1")


class Schedule(NamedTuple):
    """
    `[environments.NAME.probes]`: minutes between two runs, 0 for none, and where in the network the function stands.

    *pauses* says whether the database may pause: a cluster whose least capacity is above 0 never does.
    """

    every: int = 0
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    pauses: bool = True


@dataclass(frozen=True, slots=True)
class Probes:
    """The probes of one environment: *plain* is what `obskit_settings` gets, *kms_key* that of the secrets."""

    schedule: Schedule
    plain: Mapping[str, object]
    kms_key: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in NAMES if name in self.plain)

    def keeps_awake(self) -> bool:
        """Say whether a database that pauses when nobody is connected would not."""
        return bool(self.schedule.every) and self.schedule.pauses and any(name in SQL for name in self.names)


def read_schedule(table: Table) -> Schedule:
    """Read `[environments.NAME.probes]`; what is wrong is noted in *table*."""
    every = table.text("every", "off")
    found = Schedule(
        every=0 if every == "off" or not _EVERY.fullmatch(every) else int(every.partition(" ")[0]),
        subnets=table.texts("subnets", ()),
        security_groups=table.texts("security_groups", ()),
        pauses=table.boolean("pauses", default=True),
    )
    table.report(_schedule_rules(every, found))
    table.finish()
    return found


def _schedule_rules(every: str, found: Schedule) -> Iterator[tuple[str, str]]:
    if not _EVERY.fullmatch(every) or found.every > 1440:
        yield "every", f"'{every}' is neither 'off' nor '1 minute', '2 minutes' … '1440 minutes'"
    if bool(found.subnets) != bool(found.security_groups):
        yield "subnets", "subnets and security_groups go together"
    for key, names, form in (("subnets", found.subnets, _SUBNET), ("security_groups", found.security_groups, _GROUP)):
        for name in names:
            if not form.fullmatch(name):
                yield key, f"'{name}' is no id such as {form.pattern.partition('[')[0]}0123456789abcdef0"


def read(table: Table, schedule: Schedule, known: Mapping[str, str]) -> Probes:
    """
    Read `[probes]` for one environment; what is wrong is noted in *table*.

    *known* are the values that `{name}` stands for in texts: ids of the environment, `env`, `region`, `account`.
    """
    reader = _Reader(known)
    plain: dict[str, object] = {"every_s": 60 * schedule.every, "timeout_s": _timeout(table, TIMEOUT_S)}
    kms_key = reader.text(table, "kms_key", "")
    inner = {name: table.table(name, optional=True) for name in ("database", *NAMES)}
    wanted = [name for name in NAMES if table.holds(name, dict)]
    if any(name in SQL for name in wanted):
        plain["database"] = _database(reader, table.table("database"))
    for name in wanted:
        found = _READERS[name](reader, inner[name])
        if name == "staleness" and not table.holds("typesense", dict):
            table.report([("staleness", "needs [probes.typesense], whose first node is asked for documents")])
        timeout = _timeout(inner[name], TIMEOUT_S)
        if inner[name].holds("timeout_s", int):
            found["timeout_s"] = timeout
        inner[name].finish()
        plain[name] = found
    if not wanted:
        table.report([("", f"name at least one probe, e.g. [probes.outbox]; there are {', '.join(NAMES)}")])
    table.finish()
    return Probes(schedule, plain, kms_key)


def _timeout(table: Table, default: int) -> int:
    found = table.integer("timeout_s", default)
    if not 1 <= found <= LONGEST_S:
        table.report([("timeout_s", f"{found} is not 1 to {LONGEST_S} seconds")])
    return found


class _Reader:
    """Texts with their names filled in, held against their forms."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known

    def text(self, table: Table, key: str, default: str | None = None) -> str:
        raw = table.text(key, default)
        for name in re.findall(r"\{(\w*)\}", raw):
            if name not in self._known:
                words = f"'{{{name}}}' stands for nothing in environment '{self._known['env']}'; known:"
                hint = did_you_mean(name, self._known)
                table.report([(key, f"{words} {', '.join(sorted(self._known))}.{hint}")])
                return ""
        found = re.sub(r"\{(\w*)\}", lambda match: self._known[match[1]], raw)
        if found and key in _FORMS and not _FORMS[key][0].fullmatch(found):
            shown = "it" if key == "secret" else f"'{found}'"  # it may be a password
            table.report([(key, f"{shown} {_FORMS[key][1]}")])
        return found


def _no_credentials(table: Table) -> None:
    words = 'no credential stands here; name its secret: secret = "arn:aws:secretsmanager:…"'
    table.report((key, words) for key in _CREDENTIALS if key in table.names())


def _database(reader: _Reader, table: Table) -> dict[str, object]:
    _no_credentials(table)
    via = table.text("via", "driver")
    if via not in WAYS:
        table.report([("via", f"'{via}' is neither 'driver' nor 'data-api'.{did_you_mean(via, WAYS)}")])
    found: dict[str, object] = {"via": via}
    found |= {key: reader.text(table, key) for key in ("secret", "database")}
    if via == "data-api":
        found["cluster"] = reader.text(table, "cluster")
    else:
        found |= {"host": reader.text(table, "host"), "port": table.integer("port", 5432)}
        found |= {"tls": table.boolean("tls", default=True), "ca": reader.text(table, "ca", "")}
        if not found["tls"] and found["host"] not in _LOOPBACK:
            table.report([("tls", "only a database on this machine may do without")])
    table.finish()
    return found


def _backlog(table_name: str, done: str) -> Callable[[_Reader, Table], dict[str, object]]:
    def read_one(_reader: _Reader, table: Table) -> dict[str, object]:
        name = _identifier(table, "table", table_name)
        created, ended = _identifier(table, "created", "created_at"), _identifier(table, "done", done)
        sql = f"SELECT count(*), extract(epoch FROM now() - min({created})) FROM {name} WHERE {ended} IS NULL"  # noqa: S608
        return {"sql": _own_sql(table, ("table", "created", "done")) or sql}

    return read_one


def _staleness(reader: _Reader, table: Table) -> dict[str, object]:
    indexes = table.table("indexes")
    found: dict[str, object] = {}
    for name in _targets(indexes):
        one = indexes.table(name)
        sql = _own_sql(one, ("table", "column"))
        if not sql:
            column, rows = _identifier(one, "column", "updated_at"), _identifier(one, "table", name)
            sql = f"SELECT extract(epoch FROM max({column})) FROM {rows}"  # noqa: S608
        unit = one.text("unit", "s")
        if unit not in ("s", "ms"):
            one.report([("unit", f"'{unit}' is neither 's' nor 'ms': what the field counts since 1970")])
        found[name] = {
            "sql": sql,
            "collection": reader.text(one, "collection", name),
            "field": reader.text(one, "field", "updated_at"),
            "unit": unit,
        }
        one.finish()
    return {"indexes": found}


def _typesense(reader: _Reader, table: Table) -> dict[str, object]:
    _no_credentials(table)
    tls, nodes = table.boolean("tls", default=True), table.table("nodes")
    found: dict[str, object] = {"secret": reader.text(table, "secret"), "ca": reader.text(table, "ca", "")}
    urls = {name: reader.text(nodes, name) for name in _targets(nodes)}
    for name, url in urls.items():
        parts = _URL.fullmatch(url)
        if not parts:
            nodes.report([(name, f"'{url}' is no URL such as https://search.internal:8108")])
        elif tls and parts[1] == "http":
            nodes.report([(name, "the key would cross the network in plain text; tls = false says that it may")])
    found["nodes"] = urls
    return found


def _sqs(reader: _Reader, table: Table) -> dict[str, object]:
    queues = table.table("queues")
    found: dict[str, object] = {}
    for name in _targets(queues):
        one = queues.table(name)
        found[name] = {"arn": reader.text(one, "arn")} | ({"index": index} if (index := one.text("index", "")) else {})
        one.finish()
    return {"queues": found}


def _ses(reader: _Reader, table: Table) -> dict[str, object]:
    counts = table.boolean("counts", default=True)
    return {"region": reader.text(table, "region", "{region}"), "counts": "yes" if counts else "no"}


_READERS: dict[str, Callable[[_Reader, Table], dict[str, object]]] = {
    "outbox": _backlog("outbox", "published_at"),
    "dsar": _backlog("dsar_requests", "finished_at"),
    "staleness": _staleness,
    "typesense": _typesense,
    "sqs": _sqs,
    "ses": _ses,
}


def _targets(table: Table) -> tuple[str, ...]:
    """Return the names in *table*, which are values of a dimension."""
    names = table.names()
    table.report(
        (name, "a name has 1 to 63 of a-z, 0-9, '.', '_', '-', the first a letter or digit")
        for name in names
        if not _TARGET.fullmatch(name)
    )
    if not 1 <= len(names) <= MOST_TARGETS:
        table.report([("", f"{len(names)} are too {'many' if names else 'few'}: 1 to {MOST_TARGETS}")])
    return names


def _identifier(table: Table, key: str, default: str) -> str:
    """Return the name that *key* gives, in quotes for SQL: exactly as the database has it, capitals too."""
    found = table.text(key, default)
    parts = found.split(".") if key == "table" else [found]
    if len(parts) > 2 or not all(_PART.fullmatch(part) for part in parts):
        table.report(
            [(key, f"'{found}' is no plain name: letters, digits and '_', a schema before a dot; else use sql")]
        )
    return ".".join(f'"{part}"' for part in parts)


def _own_sql(table: Table, instead_of: tuple[str, ...]) -> str:
    """Return the user's SQL without its last `;`, "" without any."""
    sql = table.text("sql", "").strip().rstrip(";").rstrip()
    if not sql:
        return ""
    if not re.match(r"(?i)(select|with)\b", sql) or ";" in sql:
        table.report([("sql", "one statement, SELECT or WITH, without ';' inside")])
    if len(sql) > LONGEST_SQL:
        table.report([("sql", f"{len(sql)} characters; at most {LONGEST_SQL}")])
    table.report((key, "stands beside sql, which says it already") for key in instead_of if key in table.names())
    for key in instead_of:
        table.text(key, "")
    return sql
