"""YAML with CloudFormation's short tags: one document, no circles, no bombs."""

from __future__ import annotations

from typing import Any

import yaml

from obskit.deploy.bounds import DEPTH, NODES, UnreadableError

# libyaml is ten times as fast; a PyYAML without it reads the same.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _CloudFormation(_Loader):  # type: ignore[misc]  # one of two classes
    """Dates stay text, and tags become the functions that they are short for."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002  PyYAML's signature
        own = [str(key.value) for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"]
        if len(set(own)) < len(own):
            twice = next(key for key in own if own.count(key) > 1)
            place = f"line {node.start_mark.line + 1}"
            raise UnreadableError("duplicate-key", f"the key '{twice[:80]}' stands twice in the object at {place}")
        self.flatten_mapping(node)
        found = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            found[key if isinstance(key, str) else str(key)] = self.construct_object(value_node, deep=deep)
        return found


_CloudFormation.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in _Loader.yaml_implicit_resolvers.items()
}


def _function(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


def _as_text(loader: Any, node: yaml.Node) -> Any:
    """Binary data, sets and the like have no place in a template: as they are written."""
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    return (
        loader.construct_sequence(node, deep=True)
        if isinstance(node, yaml.SequenceNode)
        else (loader.construct_mapping(node, deep=True))
    )


def _whole(loader: Any, node: yaml.ScalarNode) -> int:
    """Hexadecimal digits may be more than Python writes as decimal ones."""
    value: int = loader.construct_yaml_int(node)
    if abs(value) >= _ABOVE_NUMBERS:
        raise UnreadableError("syntax", f"the number at line {node.start_mark.line + 1} has more than 4,300 digits")
    return value


_ABOVE_NUMBERS = 10**4300

_CloudFormation.add_multi_constructor("!", _function)
_CloudFormation.add_constructor("tag:yaml.org,2002:int", _whole)
for _name in ("binary", "set", "omap", "pairs", "timestamp"):
    _CloudFormation.add_constructor(f"tag:yaml.org,2002:{_name}", _as_text)


def parse(text: str) -> object:
    """
    Return what *text* says in JSON types.

    Raises:
        UnreadableError: it is no YAML, or more than one document, or without end.
    """
    try:
        _bounded(text)
        return yaml.load(text, Loader=_CloudFormation)  # noqa: S506  a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        words = error.problem or error.context or "no YAML"
        raise UnreadableError("syntax", f"cannot be read as YAML: {words}{place}") from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise UnreadableError("syntax", f"cannot be read as YAML: {' '.join(str(error).split())[:200]}") from error


def _bounded(text: str) -> None:
    """Look at the events before anything is built: an alias may repeat a million values, or itself."""
    bounds = _Bounds()
    documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise UnreadableError("syntax", f"has more than one YAML document; line {event.start_mark.line + 1}")
        bounds.look(event)


class _Bounds:
    """Counts values with what aliases repeat, and how deep they stand."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}
        self._open: list[tuple[str | None, int]] = []
        self._total = 0

    def look(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _ in self._open):
                raise UnreadableError("syntax", f"the alias '*{event.anchor}' stands inside its own anchor")
            self._total += self._sizes.get(event.anchor, 0)
        elif isinstance(event, yaml.NodeEvent):
            self._total += 1
        if isinstance(event, yaml.CollectionStartEvent):
            self._open.append((event.anchor, self._total - 1))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = self._open.pop()
            self._sizes |= {anchor: self._total - before} if anchor is not None else {}
        elif isinstance(event, yaml.ScalarEvent) and event.anchor is not None:
            self._sizes[event.anchor] = 1
        if len(self._open) > DEPTH:
            raise UnreadableError("syntax", f"has more than {DEPTH} objects or arrays inside one another")
        if self._total > NODES:
            raise UnreadableError("syntax", f"has more than {NODES} values, counting what aliases repeat")
