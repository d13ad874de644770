"""A local PagerDuty: the integration that SNS posts alarms to, the Events API v2, and the incidents of both."""

from __future__ import annotations

import http.client
import ipaddress
import json
import secrets
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from obskit.demo import events_api
from obskit.demo.incidents import Incident, IncidentList, NotAnAlarmError
from obskit.demo.incidents_page import page
from obskit.demo.waiting import wait_until
from obskit.testing.loopback import Answer, Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from obskit.testing.loopback import Request

BODY_BYTES = 1 << 20
"""SNS messages have 256 KiB; JSON within JSON may double and more."""

_CONFIRM_S = 10.0
_SILENCE_S = 10.0
"""A client that stalls must not keep a thread."""
_HEADERS = {
    "Content-Type": "text/plain",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
}


class PagerDuty(Loopback):
    """
    Serves on a free loopback port until `stop`. A context manager.

    `endpoint` is what an SNS http subscription is given, `url` shows the incidents (`/incidents` as JSON). The Events
    API is at `events_url` and takes `routing_key`. A test makes both fail: *outage* is the status that every post gets,
    *answers* those that the next ones get.
    """

    def __init__(self, port: int = 0) -> None:
        self.incidents = IncidentList()
        self.problems: list[str] = []
        """What was refused, and why."""
        self.confirmed: list[str] = []
        """ARNs of topics whose subscription was confirmed."""
        self.outage = 0
        self.answers: deque[int] = deque()
        self.integration_key, self.routing_key = secrets.token_hex(16), secrets.token_hex(16)
        super().__init__(self._answer, port=port, body_bytes=BODY_BYTES, silence_s=_SILENCE_S)
        self.events_url = self.url + events_api.PATH
        self.url += "/"
        self.endpoint = f"{self.url}integration/{self.integration_key}/enqueue"

    def wait_for(self, predicate: Callable[[Incident], bool], deadline_s: float, what: str) -> Incident:
        """
        Return the newest incident that *predicate* accepts.

        Raises:
            DidNotHappenError: none before the deadline; *what* names it.
        """

        def evidence() -> str:
            known = [f"{incident.alarm} {incident.status}" for incident in self.incidents.all()]
            return f"incidents: {known}; problems: {self.problems}"

        return wait_until(
            lambda: next(filter(predicate, reversed(self.incidents.all())), None), deadline_s, what, evidence=evidence
        )

    def accept(self, path: str, body: bytes) -> int:
        """Take a POST of SNS or of a client of the Events API; return the HTTP status."""
        if self.outage or self.answers:
            return self.answers.popleft() if self.answers else self.outage
        if path == events_api.PATH:
            return self._take_event(body)
        if not secrets.compare_digest(path.encode(), f"/integration/{self.integration_key}/enqueue".encode()):
            return 404
        try:
            message = json.loads(body)
        except ValueError:
            return self._refuse("the body is not JSON")
        return self._take(message) if isinstance(message, dict) else self._refuse("the body is not an object")

    def _answer(self, request: Request) -> Answer:
        if request.method == "POST":
            return Answer(self.accept(request.path, request.body), headers=_HEADERS)
        incidents = self.incidents.all()
        if request.path == "/incidents":
            document = json.dumps([incident.as_json() for incident in incidents], indent=2)
            return Answer(200, document.encode(), {**_HEADERS, "Content-Type": "application/json"})
        if request.path == "/":
            return Answer(200, page(incidents).encode(), {**_HEADERS, "Content-Type": "text/html; charset=utf-8"})
        return Answer(404, b"GET / or /incidents\n", _HEADERS)

    def _take_event(self, body: bytes) -> int:
        if len(body) > events_api.EVENT_BYTES:
            return self._refuse("the event has more than 512 KB", 413)
        try:
            event = events_api.read(body)
        except events_api.InvalidEventError as error:
            return self._refuse(str(error))
        if not secrets.compare_digest(event.routing_key, self.routing_key):
            return self._refuse("no service has this routing key")
        self.incidents.take(event, datetime.now(UTC))
        return 202

    def _take(self, message: Mapping[str, object]) -> int:
        kind = message.get("Type")
        if kind == "SubscriptionConfirmation":
            return self._confirm(str(message.get("TopicArn")), str(message.get("SubscribeURL")))
        if kind == "Notification":
            try:
                self.incidents.notify(str(message.get("Message")))
            except NotAnAlarmError as problem:
                return self._refuse(str(problem))
            return 202
        return self._refuse(f"Type {kind!r} is neither SubscriptionConfirmation nor Notification")

    def _refuse(self, problem: str, status: int = 400) -> int:
        self.problems.append(problem)
        return status

    def _confirm(self, topic: str, url: str) -> int:
        target = loopback_target(url)
        if target is None:
            return self._refuse(f"SubscribeURL {url!r} is not a confirmation on this machine: not fetched", 403)
        host, port, path = target
        # Not urllib: no proxy, and no redirect that would lead away from loopback.
        connection = http.client.HTTPConnection(host, port, timeout=_CONFIRM_S)
        try:
            connection.request("GET", path)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return self._refuse(f"SubscribeURL {url!r} could not be fetched: {error}", 502)
        finally:
            connection.close()
        if status != http.client.OK:
            return self._refuse(f"SubscribeURL {url!r} answered {status}", 502)
        self.confirmed.append(topic)
        return 200


def loopback_target(url: str) -> tuple[str, int, str] | None:
    """
    Return host, port and path of a confirmation *url* on this machine, or None for anything else.

    Only a literal loopback address counts: a name, `localhost` too, could be resolved to another machine.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        return None
    confirms = parse_qs(parts.query).get("Action") == ["ConfirmSubscription"]
    if parts.scheme != "http" or not loopback or not confirms or parts.username is not None:
        return None
    return host, port, f"{parts.path or '/'}?{parts.query}"
