"""What became of a test's messages at the other end: PagerDuty's incidents, or those of the embedded stack."""

from __future__ import annotations

import http.client
import ipaddress
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from obskit.deploy.page_test.alarms import TestAlarm

Json = dict[str, Any]

TIMEOUT_S = 10.0
ANSWER_BYTES = 4 << 20
PAGE, PAGES = 100, 5
"""Incidents in one answer, and answers that are read: what came since the test began is less."""


class IncidentsError(ObskitError):
    """The other end does not say what it has; no token is in the message."""


@dataclass(frozen=True, slots=True)
class Incident:
    """*about* is where an alarm's name or ARN can stand; *status* is triggered, acknowledged or resolved."""

    number: str
    about: tuple[str, ...]
    status: str

    def is_of(self, alarm: TestAlarm) -> bool:
        return any(alarm.name in text for text in self.about)


class Incidents(Protocol):
    """Where incidents are."""

    what: str

    def of(self, alarms: list[TestAlarm]) -> list[Incident]:
        """Return the incidents of *alarms*."""
        ...


class StandIn:
    """The embedded stack's list of incidents at *url* (`obskit.demo.pagerduty`)."""

    def __init__(self, url: str) -> None:
        self.what, self._url = "the embedded stack", url

    def of(self, alarms: list[TestAlarm]) -> list[Incident]:
        found = fetch(self._url, {})
        listed = found if isinstance(found, list) else []
        made = [
            Incident(str(one.get("number")), (str(one.get("alarm")), str(one.get("summary"))), str(one.get("status")))
            for one in listed
        ]
        return [one for one in made if any(one.is_of(alarm) for alarm in alarms)]


class PagerDuty:
    """PagerDuty's REST API at *url*, from the time *since* (ISO 8601) on; *token* may read incidents."""

    def __init__(self, url: str, token: str, since: str) -> None:
        self.what, self._url, self._since = "PagerDuty", url, since
        self._headers = {"Authorization": f"Token token={token}", "Accept": "application/vnd.pagerduty+json;version=2"}

    def of(self, alarms: list[TestAlarm]) -> list[Incident]:
        """Ask by key for each alarm, and by title: which of both an integration sets is PagerDuty's."""
        found = {one.number: one for one in self._listed({}) if any(one.is_of(alarm) for alarm in alarms)}
        for alarm in alarms:
            for key in (alarm.name, alarm.arn):
                for one in self._listed({"incident_key": key}):
                    found[one.number] = Incident(one.number, (*one.about, key), one.status)
        return list(found.values())

    def _listed(self, more: dict[str, str]) -> list[Incident]:
        found: list[Incident] = []
        for page in range(PAGES):
            asked = {"since": self._since, "limit": str(PAGE), "offset": str(page * PAGE), **more}
            statuses = [("statuses[]", status) for status in ("triggered", "acknowledged", "resolved")]
            answer = fetch(f"{self._url}/incidents?{urlencode([*asked.items(), *statuses])}", self._headers)
            listed = answer.get("incidents", []) if isinstance(answer, dict) else []
            found += [
                Incident(
                    str(one.get("id")),
                    (str(one.get("title")), str(one.get("incident_key"))),
                    str(one.get("status")),
                )
                for one in listed
            ]
            if not (isinstance(answer, dict) and answer.get("more")):
                break
        return found


def api_of(endpoint: str) -> str:
    """
    Return where the REST API is, for the address that events go to.

    >>> api_of("https://events.pagerduty.com"), api_of("https://events.eu.pagerduty.com")
    ('https://api.pagerduty.com', 'https://api.eu.pagerduty.com')
    >>> api_of("http://127.0.0.1:8080")
    'http://127.0.0.1:8080'
    """
    return endpoint.replace("://events.", "://api.", 1)


def token_in(text: str) -> str:
    """
    Return the token in a secret's value: the text itself, or the member `api_token` of JSON.

    Raises:
        IncidentsError: there is none; says nothing of the value.
    """
    try:
        found = json.loads(text)
    except ValueError:
        found = text.strip()
    token = found.get("api_token") if isinstance(found, dict) else found
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token or " " in token:
        raise IncidentsError("the secret holds no token: it is the text itself, or JSON with 'api_token'")
    return token


def fetch(url: str, headers: dict[str, str]) -> Any:
    """
    Return the JSON at *url*, which is https or on this machine; redirects are followed nowhere: a token is sent.

    Raises:
        IncidentsError: another answer than 200, no answer, or no JSON.
    """
    parts = urlsplit(url)
    where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, where)
    try:
        path = quote(parts.path or "/", safe="/%") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"User-Agent": "obskit-page-test", **headers})
        answer = connection.getresponse()
        body = answer.read(ANSWER_BYTES)
        status = answer.status
    except (OSError, http.client.HTTPException) as error:
        raise IncidentsError(f"{where} does not answer: {type(error).__name__}") from None
    finally:
        connection.close()
    if status != http.client.OK:
        raise IncidentsError(f"{where} answered {status}")
    try:
        return json.loads(body)
    except ValueError:
        raise IncidentsError(f"{where} answered no JSON") from None


def _connection(scheme: str, host: str, port: int | None, where: str) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S)
    if scheme == "http" and _is_loopback(host):
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    raise IncidentsError(f"{where} is neither https nor on this machine")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
