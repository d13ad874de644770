"""Where a value stands in a record: under its key in every notation that logs use, or inside a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from obskit.masking.classes import EMAIL, IP, PHONE
from obskit.testing import planted, traps
from obskit.testing.draft import (
    Draft,
    as_base64,
    as_compact_json,
    as_form,
    as_json,
    as_number,
    as_repr,
    as_url_encoded,
    joined,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

Node = object
Fields = dict[str, Node]
"""What a placement adds to a document: usually one key."""

T = TypeVar("T")


class Deck:
    """Names in an order that is shuffled again when all were drawn, so that every one comes up equally often."""

    def __init__(self, random: Random, names: Sequence[str]) -> None:
        self._random = random
        self._names = list(names)
        self._left: Iterator[str] = iter(())

    def draw(self) -> str:
        for name in self._left:
            return name
        self._random.shuffle(self._names)
        self._left = iter(list(self._names))
        return next(self._left)


class Filler(Draft):
    """A draft that knows the kinds: shapes ask it for values, fields and sentences."""

    def __init__(
        self, random: Random, *, personal: bool, personal_kinds: Sequence[str], trap_kinds: Sequence[str]
    ) -> None:
        super().__init__(random, personal=personal)
        self._personal_kinds = personal_kinds
        self._trap_kinds = trap_kinds

    def plant(self, kind: str) -> str:
        """Return the stand-in of a new value of *kind*, which must be masked."""
        made = planted.KINDS[kind]
        return self.put(made.class_name, kind, made.make(self.random))

    def harmless(self, kind: str) -> str:
        """Return the stand-in of a new value of *kind*, which must stay."""
        return self.put("", kind, traps.KINDS[kind].make(self.random))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def choose(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def with_fields(self, own: Fields) -> Fields:
        """Return *own* with this record's share of the kinds: harmless ones always, personal ones where allowed."""
        parts = [place_harmless(self, kind) for kind in self._trap_kinds]
        parts += [place_planted(self, kind) for kind in self._personal_kinds if self.personal]
        self.random.shuffle(parts)
        merged = dict(own)
        spare = iter(f"part{number}" for number in range(1, 99))
        for part in parts:
            merged.update({next(spare): part} if merged.keys() & part.keys() else part)
        return merged


# --- planted values ----------------------------------------------------------------------------------------------


def place_planted(filler: Filler, kind: str) -> Fields:
    made = planted.KINDS[kind]
    if kind == "key code":
        return _oauth_exchange(filler)
    if kind in planted.PLACED:
        place = kind.removeprefix("key ").partition(".")[0]
        return {place: {"id": "7", "name": filler.plant(kind), "tier": "gold"}}
    if kind in planted.KEYS:
        return _keyed(filler, made.keys[0], filler.plant(kind))
    if made.alone:
        return filler.choose(_ALONE)(filler, filler.plant(kind))
    if made.phrases and (not made.keys or filler.chance(0.5)):
        return _in_phrase(filler, filler.choose(made.phrases), filler.plant(kind))
    key = filler.choose(made.keys)
    return _keyed(filler, key, filler.plant(kind))


def _oauth_exchange(filler: Filler) -> Fields:
    form = {
        "grant_type": "authorization_code",
        "code": filler.plant("key code"),
        "redirect_uri": "https://shop.example/cb",
    }
    return filler.choose(
        [
            {"oauth": form},
            {"token_request": as_form(form)},
            {"callback": joined("GET /cb?", as_form({"code": form["code"], "state": "af0ifj"}), " HTTP/1.1")},
        ]
    )


def _styled(filler: Filler, key: str) -> str:
    """Return *key* as another language would write it."""
    if not re.fullmatch(r"[a-z0-9_]+", key):
        return key
    words = key.split("_")
    title = [word.title() for word in words]
    return filler.choose(
        [key, key, words[0] + "".join(title[1:]), "".join(title), "-".join(words), "-".join(title), key.upper()]
    )


_WORDS_IN_TEXT = frozenset("geo lat lon pan auth session code pin signature credential secret".split())
"""Names that say what they mean as keys of a document only: in a text `pan` and `geo` are words."""


def _key_in_document(filler: Filler, key: str, value: str) -> Fields:
    return {_styled(filler, key): value}


def _key_nested(filler: Filler, key: str, value: str) -> Fields:
    return {filler.choose(["input", "data", "detail", "params"]): {"kind": "update", _styled(filler, key): value}}


def _key_in_list(filler: Filler, key: str, value: str) -> Fields:
    return {"entries": [{"position": 1, _styled(filler, key): value}, {"position": 2}]}


def _key_with_many(filler: Filler, key: str, value: str) -> Fields:
    """Headers and query strings of API Gateway: a list under the key."""
    return {"multiValueHeaders": {"accept": ["*/*"], _styled(filler, key): [value]}}


def _key_in_json(filler: Filler, key: str, value: str) -> Fields:
    inner = {"event": "changed", _styled(filler, key): value, "version": 3}
    return {filler.choose(["body", "payload", "Message"]): filler.choose([as_json, as_compact_json])(inner)}


def _key_in_json_twice(filler: Filler, key: str, value: str) -> Fields:
    return {"body": as_json({"Type": "Notification", "Message": as_json({_styled(filler, key): value, "attempt": 1})})}


def _key_in_base64(filler: Filler, key: str, value: str) -> Fields:
    return {"isBase64Encoded": True, "body": as_base64(as_json({_styled(filler, key): value, "source": "web"}))}


def _key_in_form(filler: Filler, key: str, value: str) -> Fields:
    return {"form": as_form({"step": "2", key: value, "locale": "de_DE"})}


def _key_in_query(filler: Filler, key: str, value: str) -> Fields:
    return {
        filler.choose(["path", "request", "referer"]): joined(
            "https://shop.example/account?tab=1&", as_form({key: value})
        )
    }


def _key_url_encoded(filler: Filler, key: str, value: str) -> Fields:
    return {"redirect": joined("/login?next=%2Faccount%3F", as_url_encoded(as_form({key: value})))}


def _key_in_pairs(filler: Filler, key: str, value: str) -> Fields:
    return {"headers": [["Accept", "application/json"], [_styled(filler, key), value], ["Via", "1.1 edge"]]}


def _key_as_name_and_value(filler: Filler, key: str, value: str) -> Fields:
    names = filler.choose([("name", "value"), ("Name", "Value"), ("key", "value"), ("Key", "Value")])
    first, second = names
    return {"attributes": [{first: "plan", second: "basic"}, {first: _styled(filler, key), second: value}]}


def _key_at_the_edge(filler: Filler, key: str, value: str) -> Fields:
    """Lambda@Edge: header names in lower case, each with a list of name and value."""
    name = key.replace("_", "-").lower()
    return {
        "headers": {"host": [{"key": "Host", "value": "shop.example"}], name: [{"key": name.title(), "value": value}]}
    }


def _key_in_dynamodb(filler: Filler, key: str, value: str) -> Fields:
    typed = {filler.choose([key, _styled(filler, key)]): {"S": value}, "pk": {"S": "listing#7"}}
    return {"NewImage": filler.choose([typed, {"profile": {"M": typed}}])}


def _key_in_repr(filler: Filler, key: str, value: str) -> Fields:
    return {"error": joined("ValidationError: input_value=", as_repr({key: value, "step": 2}), ", input_type=dict")}


def _key_in_log_text(filler: Filler, key: str, value: str) -> Fields:
    """`key=value` with quotes where the value has a space."""
    text = filler.text_of(value)
    quote = '"' if re.search(r"[\s,;&]", text) else ""
    before, after = filler.choose(
        [("user updated ", " ok"), ("level=info ", " took=3"), ("retrying with ", ", attempt=2")]
    )
    return {"line": f"{before}{key}={quote}{value}{quote}{after}"}


_IN_DOCUMENT: tuple[Callable[[Filler, str, str], Fields], ...] = (
    _key_in_document,
    _key_in_document,
    _key_nested,
    _key_in_list,
    _key_with_many,
    _key_in_json,
    _key_in_json_twice,
    _key_in_base64,
    _key_in_pairs,
    _key_as_name_and_value,
    _key_at_the_edge,
    _key_in_dynamodb,
)
_IN_TEXT: tuple[Callable[[Filler, str, str], Fields], ...] = (
    _key_in_form,
    _key_in_query,
    _key_url_encoded,
    _key_in_repr,
)


def _keyed(filler: Filler, key: str, value: str) -> Fields:
    if "." in key:  # names of span attributes: always keys of a document
        return {"attributes": {"http.route": "/cart", key: value}}
    text = filler.text_of(value)
    as_a_number = re.fullmatch(r"[1-9][0-9]*(\.[0-9]+)?", text)
    if as_a_number and filler.chance(0.3):
        return {_styled(filler, key): as_number(value)}
    places = _IN_DOCUMENT
    if key not in _WORDS_IN_TEXT:
        places += _IN_TEXT
        if re.search("[0-9]", text):
            places += (_key_in_log_text,)
    return filler.choose(places)(filler, key, value)


def _alone_under_a_key(filler: Filler, value: str) -> Fields:
    return {filler.choose(["value", "input", "q", "detail", "note", "subject", "owner_ref"]): value}


def _alone_in_a_list(filler: Filler, value: str) -> Fields:
    return {filler.choose(["args", "values", "recipients"]): ["first", value]}


def _alone_in_prose(filler: Filler, value: str) -> Fields:
    return {
        filler.choose(["message", "comment", "text"]): filler.choose(
            [
                f"could not process {value}, skipped",
                f"Customer wrote: please use {value} from now on.",
                f"Kunde meldet: {value} stimmt nicht mehr",
                f"Le client demande de remplacer {value} (urgent)",
                f'El valor "{value}" no es correcto.',
                f"lookup({value}) -> none",
                f"duplicate entry <{value}> in import",
                f"parsed '{value}'; continuing",
            ]
        )
    }


def _alone_in_an_exception(filler: Filler, value: str) -> Fields:
    return {
        "exception": filler.choose(
            [
                f'IntegrityError: duplicate key value violates unique constraint "contact_key"\nDETAIL:  Key (contact)=({value}) already exists.',
                f"1 validation error for Contact\nvalue\n  Input should be shorter [type=string_too_long, input_value='{value}', input_type=str]",
                f"KeyError: '{value}'",
                f"ParamValidationError: Invalid type for parameter Item, value: {value}, type: <class 'str'>",
                f"[SQL: SELECT id FROM contacts WHERE value = %(value)s]\n[parameters: {{'value': '{value}'}}]",
            ]
        )
    }


def _alone_in_json(filler: Filler, value: str) -> Fields:
    return {"body": as_json({"items": [{"n": 1, "value": value}]})}


def _alone_in_base64(filler: Filler, value: str) -> Fields:
    return {"isBase64Encoded": True, "body": as_base64(as_compact_json({"value": value, "n": 1}))}


def _alone_url_encoded(filler: Filler, value: str) -> Fields:
    return {"query": as_form({"q": value, "page": "2"})}


def _alone_as_a_key(filler: Filler, value: str) -> Fields:
    """Counters per customer: addresses and numbers become keys, tokens do not."""
    if filler.class_of(value) not in {EMAIL, PHONE, IP}:
        return _alone_under_a_key(filler, value)
    return {"per_customer": {value: 3, "other": 4}}


def _alone_as_a_number(filler: Filler, value: str) -> Fields:
    digits = filler.text_of(value).isdigit()
    return {"value": as_number(value)} if digits else _alone_under_a_key(filler, value)


_ALONE = (
    _alone_under_a_key,
    _alone_in_a_list,
    _alone_in_prose,
    _alone_in_prose,
    _alone_in_prose,
    _alone_in_an_exception,
    _alone_in_json,
    _alone_in_base64,
    _alone_url_encoded,
    _alone_as_a_key,
    _alone_as_a_number,
)


def _in_phrase(filler: Filler, phrase: str, value: str) -> Fields:
    text = phrase.format(value)
    return filler.choose(
        [
            {"message": text},
            {"message": f"support note: {text}, checked"},
            {"exception": f"ValueError: {text}"},
            {"body": as_json({"note": text, "n": 1})},
            {"lines": ["started", text]},
        ]
    )


# --- harmless values ---------------------------------------------------------------------------------------------


def place_harmless(filler: Filler, kind: str) -> Fields:
    trap = traps.KINDS[kind]
    value = filler.harmless(kind)
    if trap.phrases and (not trap.keys or filler.chance(0.4)):
        text = filler.choose(trap.phrases).format(value)
        return {filler.choose(["msg", "info", "step"]): text}
    key = filler.choose(trap.keys)
    if trap.number and filler.chance(0.5):
        return {key: as_number(value)}
    return filler.choose(_HARMLESS)(filler, key, value)


def _harmless_as_it_is(_filler: Filler, key: str, value: str) -> Fields:
    return {key: value}


def _harmless_in_json(_filler: Filler, key: str, value: str) -> Fields:
    return {"inner": as_json({key: value, "n": 2})}


def _harmless_nested(_filler: Filler, key: str, value: str) -> Fields:
    return {"meta": {key: value}}


_HARMLESS = (_harmless_as_it_is, _harmless_as_it_is, _harmless_as_it_is, _harmless_nested, _harmless_in_json)
