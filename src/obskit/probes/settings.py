"""What `obskit settings` made of `[probes]`: plain values, checked there, read here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from obskit.errors import ConfigError
from obskit.probes.model import ProbeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MODULE = "obskit_settings"
NAMES = ("outbox", "dsar", "staleness", "typesense", "sqs", "ses")
TIMEOUT_S = 5.0


class Database(NamedTuple):
    """Where SQL goes: *via* the `driver` (host, port, tls, ca) or the `data-api` (cluster); *secret* is an ARN."""

    via: str
    secret: str
    database: str
    host: str = ""
    port: int = 5432
    tls: bool = True
    ca: str = ""
    cluster: str = ""


class Table:
    """One table of plain values. What is missing or of another type is a `ProbeError` that names it."""

    def __init__(self, name: str, values: object, timeout: float) -> None:
        self._name = name
        self._values: Mapping[str, Any] = values if isinstance(values, dict) else {}
        self._timeout = timeout

    def text(self, key: str, default: str | None = None) -> str:
        found = self._values.get(key, default)
        if not isinstance(found, str):
            raise ProbeError("settings", f"{self._name}.{key} is missing, or no text")
        return found

    def texts(self, key: str) -> Iterator[tuple[str, str]]:
        """Yield (name, text) of the table *key*."""
        inner = Table(f"{self._name}.{key}", self._values.get(key), self._timeout)
        for name in inner._values:
            yield name, inner.text(name)

    def tables(self, key: str) -> Iterator[tuple[str, Table]]:
        """Yield (name, table) of the tables below *key*."""
        found = self._values.get(key)
        for name, values in found.items() if isinstance(found, dict) else ():
            yield str(name), Table(f"{self._name}.{key}.{name}", values, self._timeout)

    def first_node(self) -> str:
        return next((url for _, url in self.texts("nodes")), "") or self.text("nodes")

    def timeout(self) -> float:
        found = self._values.get("timeout_s", self._timeout)
        return float(found) if isinstance(found, (int, float)) and 0 < found <= 60 else TIMEOUT_S


class Settings:
    """
    The probes of one environment.

    *every* is the interval in seconds, 0 where there is no schedule; *names* are the probes that are configured.
    """

    def __init__(self, plain: Mapping[str, Any]) -> None:
        self._plain = plain
        every = plain.get("every_s", 0)
        self.every: float = every if isinstance(every, (int, float)) and every > 0 else 0
        self.names = tuple(name for name in NAMES if isinstance(plain.get(name), dict))
        whole = Table("probes", plain, TIMEOUT_S)
        self._timeout = whole.timeout()

    def table(self, name: str) -> Table:
        return Table(f"probes.{name}", self._plain.get(name), self._timeout)

    def database(self) -> Database:
        """
        Return where SQL goes.

        Raises:
            ProbeError: `settings`: there is no database, or a part of it is missing.
        """
        table = self.table("database")
        via, port = table.text("via", "driver"), self._plain.get("database", {}).get("port", 5432)
        common = (via, table.text("secret"), table.text("database"))
        if via == "data-api":
            return Database(*common, cluster=table.text("cluster"))
        tls = self._plain["database"].get("tls", True) is not False
        return Database(*common, host=table.text("host"), port=int(port), tls=tls, ca=table.text("ca", ""))


def load(env: str) -> Settings:
    """
    Return the probes of *env* from `obskit_settings`, which lies beside the function's code.

    Raises:
        ConfigError: there is no such module, or it knows no probes of this environment.
    """
    import importlib

    try:
        module: Any = importlib.import_module(MODULE)
    except ModuleNotFoundError:
        raise ConfigError(f"{MODULE} cannot be imported; `obskit settings` makes it: ship it beside the code") from None
    return of(getattr(module, "PROBES", None), env)


def of(plain: object, env: str) -> Settings:
    """
    Return the probes of *env* in *plain*, which is environment -> values.

    Raises:
        ConfigError: there are none.
    """
    known = [*plain] if isinstance(plain, dict) else []
    found = plain.get(env) if isinstance(plain, dict) else None
    if not isinstance(found, dict):
        where = f"probes are set for: {', '.join(known)}" if known else "no environment has [environments.NAME.probes]"
        raise ConfigError(
            f"no probes are set for environment '{env}' ({where}); --env or OBSKIT_ENV says which one this is"
        )
    return Settings(found)
