"""Calls to AWS, only those in `rights`: an answer, None for what does not exist, or why it could not be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from obskit.deploy.page_test.rights import BY_ACTION
from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

Json = dict[str, Any]

CONNECT_S, READ_S, ATTEMPTS = 5, 20, 4
_DENIED = (
    *("AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"),
    "UnauthorizedOperation",
)
_MISSING = ("NotFound", "NotFoundException", "ResourceNotFound", "ResourceNotFoundException")
_MISSING_ENDINGS = ("NonExistentQueue", "QueueDoesNotExist")
"""Error codes, as services spell them; of `AWS.SimpleQueueService.NonExistentQueue` and its like the end."""
PAGES = 100
"""Pages of one list that are read: 10,000 alarms, subscriptions, …"""


@dataclass(frozen=True, slots=True)
class Unseen:
    """What could not be looked at: *thing*, by *action*; *denied* is whether the right is missing, *why* AWS's word."""

    action: str
    thing: str
    why: str
    denied: bool = False


if TYPE_CHECKING:
    Answer: TypeAlias = Json | Unseen | None


class RefusedError(ObskitError):
    """A call that the test needs was refused; the message says which right is missing, or AWS's words."""


class At:
    """A session whose clients speak to *url*, the embedded stack; with an empty one, to AWS."""

    def __init__(self, session: Any, url: str = "") -> None:
        self._session, self._url = session, url
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region_name: str) -> Any:
        from botocore.config import Config

        key = service, region_name
        if key not in self._clients:
            config = Config(connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"total_max_attempts": ATTEMPTS})
            place = {"endpoint_url": self._url} if self._url else {}
            self._clients[key] = self._session.client(service, region_name=region_name, config=config, **place)
        return self._clients[key]


class Calls:
    """Asks AWS of one region by the names of IAM's actions."""

    def __init__(self, session: At, region: str) -> None:
        self.region = region
        self._session = session

    def ask(self, action: str, thing: str, **parameters: Any) -> Answer:
        """Return the answer; None where *thing* does not exist; what AWS refuses is `Unseen`, never raised."""
        from botocore.exceptions import BotoCoreError, ClientError

        right = BY_ACTION[action]
        try:
            found: Json = getattr(self._session.client(right.service, self.region), right.method)(**parameters)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _MISSING or code.endswith(_MISSING_ENDINGS):
                return None
            words = str(error.response.get("Error", {}).get("Message", "")) or code
            return Unseen(action, thing, words, denied=code in _DENIED)
        except BotoCoreError as error:
            return Unseen(action, thing, str(error))
        return found

    def need(self, action: str, thing: str, **parameters: Any) -> Json:
        """
        Return the answer of a call that the test cannot do without.

        Raises:
            RefusedError: AWS refuses, or *thing* does not exist.
        """
        found = self.ask(action, thing, **parameters)
        if isinstance(found, Unseen):
            raise RefusedError(f"{self.region}: {thing}: {reason(found)}")
        if found is None:
            raise RefusedError(f"{self.region}: {thing} does not exist")
        return found

    def pages(self, action: str, thing: str, key: str, **parameters: Any) -> list[Any] | Unseen:
        """Return all of the list *key*, page by page; what exists not at all is an empty one."""
        found: list[Any] = []
        for page in self._pages(action, thing, parameters):
            if isinstance(page, Unseen):
                return page
            found += page.get(key, ())
        return found

    def _pages(self, action: str, thing: str, parameters: Json) -> Iterator[Json | Unseen]:
        more: Json = {}
        for _ in range(PAGES):
            page = self.ask(action, thing, **parameters, **more)
            if page is None:
                return
            yield page
            if isinstance(page, Unseen) or not page.get("NextToken"):
                return
            more = {"NextToken": page["NextToken"]}


def lacking(action: str, thing: str, key: str) -> Unseen:
    """Return what an answer is that came without *key*: AWS's models say of few members that they must be there."""
    return Unseen(action, thing, f"the answer has no {key}")


def reason(unseen: Unseen) -> str:
    """
    Return why, for a person.

    >>> reason(Unseen("sns:GetTopicAttributes", "topic a", "no", denied=True))
    'the IAM action sns:GetTopicAttributes is missing'
    >>> reason(Unseen("sns:GetTopicAttributes", "topic a", "Connection refused"))
    'sns:GetTopicAttributes fails: Connection refused'
    """
    if unseen.denied:
        return f"the IAM action {unseen.action} is missing"
    return f"{unseen.action} fails: {unseen.why}"
