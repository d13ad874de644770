"""
Where a Python file records metrics of the catalog, read from its syntax: the file is never imported.

Calls of `obskit.logger` that would raise are found, too: they stand where no test goes, in the handling of errors.

Names are followed through imports and plain assignments, for the file as a whole: `from obskit import kpis as k`,
`import obskit.kpis`, `from . import signals`, `LATENCY = kpis.SEARCH_LATENCY`. Where the metric of a call is not
written out, as in a helper that is given it, each metric that the file names counts as recorded, and so does each that
a file beside it names (`together`).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from obskit.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from obskit.catalog.model import Metric

RECORDERS = frozenset({"obskit.record", "obskit.timer", "obskit.metrics.record", "obskit.metrics.timer"})


LOGGER = "obskit.logger"
LOGGERS = frozenset({"obskit.get_logger", "obskit.logs.get_logger", "obskit.logs.Logger"})
"""What makes one; its methods are those of `obskit.logger`."""
METHODS = {
    "debug": 1, "info": 1, "warning": 1, "error": 1, "critical": 1, "exception": 1, "log": 2,
}  # fmt: skip
"""Of a logger, with the number of positional arguments that they need."""


@dataclass(frozen=True, slots=True)
class Emissions:
    """
    Lines by metric name: where it is *emitted*, and where it is *named* at all. *problems* are (line, words).

    *passed_on* says that the file records a metric that somebody else names.
    """

    emitted: dict[str, list[int]] = field(default_factory=dict)
    named: dict[str, list[int]] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)
    readable: bool = True
    passed_on: bool = False


def read(source: bytes, package: str, names: Mapping[str, Metric]) -> Emissions:
    r"""
    Return what *source*, a module of *package*, records of the metrics that code calls by *names*.

    >>> from obskit import kpis
    >>> code = b"import obskit as o\nfrom obskit.kpis import OUTBOX_AGE as AGE\no.record(AGE, 1)"
    >>> read(code, "", {"obskit.kpis.OUTBOX_AGE": kpis.OUTBOX_AGE}).emitted
    {'OutboxAge': [3]}
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        return Emissions(problems=[(error.lineno or 1, f"not Python: {error.msg}")], readable=False)
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte; nested deeper than the parser goes
        return Emissions(problems=[(1, f"not Python that can be read: {error}")], readable=False)
    return _Reader(tree, package, names).read()


def together(files: Iterable[Emissions]) -> None:
    """Count what is named in any of *files*, which stand in one folder, as recorded if one of them passes it on."""
    files = list(files)
    if any(found.passed_on for found in files):
        for found in files:
            for name, lines in found.named.items():
                found.emitted.setdefault(name, lines)


class _Reader:
    def __init__(self, tree: ast.Module, package: str, names: Mapping[str, Metric]) -> None:
        self.nodes = list(ast.walk(tree))
        self.package = package
        self.names = names
        self.catalogs = {name.rpartition(".")[0] for name in names}
        self.by_name = {metric.name: metric for metric in names.values()}
        self.found = Emissions()
        self.bound: dict[str, set[str]] = {}
        """What a name stands for in this file: dotted names of modules, functions and metrics."""
        self.rebound: set[str] | None = None

    def read(self) -> Emissions:
        self._bind_imports()
        while self._bind_assignments():
            pass
        called = {id(node.func) for node in self.nodes if isinstance(node, ast.Call)}
        passed_on = False
        for node in self.nodes:
            if isinstance(node, (ast.Name, ast.Attribute)):
                self._name(node)
                passed_on |= id(node) not in called and not RECORDERS.isdisjoint(self._meanings(node))
        for node in self.nodes:
            if isinstance(node, ast.Call):
                passed_on |= not self._call(node)
        for lines in (*self.found.emitted.values(), *self.found.named.values()):
            lines.sort()  # a walk over a tree goes level by level
        return replace(self.found, passed_on=passed_on)

    def _bind(self, name: str, meanings: Iterable[str]) -> bool:
        known = self.bound.setdefault(name, set())
        before = len(known)
        known.update(meanings)
        return len(known) > before

    def _bind_imports(self) -> None:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    whole = self._module(alias.name, 0)
                    name = alias.asname or alias.name.partition(".")[0]
                    self._bind(name, [whole if alias.asname or "." not in alias.name else name])
            elif isinstance(node, ast.ImportFrom):
                module = self._module(node.module or "", node.level)
                for alias in node.names:
                    if alias.name == "*":
                        for name in self.names:
                            catalog, _, short = name.rpartition(".")
                            if catalog == module:
                                self._bind(short, [name])
                    else:
                        whole = f"{module}.{alias.name}"
                        self._bind(alias.asname or alias.name, [self._known(whole) or whole])

    def _module(self, name: str, level: int) -> str:
        """Return which module is meant: a relative one, one beside this file, or just *name*."""
        parts = self.package.split(".") if self.package else []
        if level:
            parts = parts[: len(parts) - level + 1]
            whole = ".".join([*parts, name] if name else parts)
            return self._known(whole) or whole
        return self._known(name) or self._known(".".join([*parts, name])) or name

    def _known(self, module: str) -> str:
        """Return the catalog that *module* is, seen from the project's folder; its code may be below, as in `src`."""
        return next((name for name in self.catalogs if module == name or module.endswith(f".{name}")), "")

    def _bind_assignments(self) -> bool:
        """Follow `X = kpis.Y`, `for x in (kpis.Y, kpis.Z)` and the like; say whether that told anything new."""
        news = False
        for node in self.nodes:
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.For, ast.NamedExpr, ast.comprehension)):
                value = node.iter if isinstance(node, (ast.For, ast.comprehension)) else node.value
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if value is not None and isinstance(target, ast.Name):
                        news |= self._bind(target.id, self._mentioned(value))
        return news

    def _mentioned(self, value: ast.expr) -> set[str]:
        """Return the metrics, recorders and loggers that an expression names, wherever in it."""
        meanings = {meaning for node in ast.walk(value) for meaning in self._meanings(node)}
        found = {meaning for meaning in meanings if meaning in self.names or meaning in RECORDERS or meaning == LOGGER}
        if isinstance(value, ast.Call) and not LOGGERS.isdisjoint(self._meanings(value.func)):
            found.add(LOGGER)
        return found

    def _meanings(self, node: ast.AST) -> set[str]:
        """Return the dotted names that *node* may stand for, none where it is no plain name."""
        attributes: list[str] = []
        while isinstance(node, ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return set()
        return {".".join([meaning, *reversed(attributes)]) for meaning in self.bound.get(node.id, ())}

    def _name(self, node: ast.Name | ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load):
            for meaning in self._meanings(node):
                if meaning in self.names:
                    self._note(self.found.named, self.names[meaning], node.lineno)

    @staticmethod
    def _note(lines: dict[str, list[int]], metric: Metric, line: int) -> None:
        known = lines.setdefault(metric.name, [])
        if line not in known:
            known.append(line)

    def _call(self, node: ast.Call) -> bool:
        """Note what this call records; False if it records something that is not written out."""
        if isinstance(node.func, ast.Attribute) and node.func.attr == "add_metric":  # Powertools' Metrics
            self._powertools(node)
        self._logs(node)
        if RECORDERS.isdisjoint(self._meanings(node.func)):
            return True
        if not node.args or isinstance(node.args[0], ast.Starred):
            return False
        given = node.args[0]
        meanings = self._meanings(given)
        for meaning in meanings - set(self.names):
            self._no_metric(meaning, given.lineno)
        metrics = [self.names[meaning] for meaning in sorted(self._mentioned(given) & set(self.names))]
        for metric in metrics:
            self._note(self.found.emitted, metric, node.lineno)
        if len(metrics) == 1:
            self.found.problems.extend(_wrong_dimensions(node, metrics[0]))
        return bool(metrics)

    def _logs(self, node: ast.Call) -> None:
        """Note a call of a logger that raises; one that may be something else, or unpacks arguments, is left alone."""
        meanings = self._meanings(node.func)
        logger, _, method = min(meanings, default="").rpartition(".")
        unpacks = any(isinstance(one, ast.Starred) for one in node.args)
        if logger != LOGGER or len(meanings) > 1 or unpacks or _root(node.func) in self._others():
            return
        if method not in METHODS:
            words = f"a logger has no '{method}'.{did_you_mean(method, METHODS)}"
            self.found.problems.append((node.lineno, words))
        elif len(node.args) < METHODS[method]:
            needs = "a level and a message" if METHODS[method] > 1 else "a message"
            words = f"logger.{method} needs {needs} by position; here it raises TypeError"
            self.found.problems.append((node.lineno, words))

    def _others(self) -> set[str]:
        """Return the names that stand for something other than an obskit logger somewhere in the file, too."""
        if self.rebound is None:
            ours = {
                id(target)
                for node in self.nodes
                if isinstance(node, ast.Assign) and LOGGER in self._mentioned(node.value)
                for target in node.targets
            }
            self.rebound = {node.arg for node in self.nodes if isinstance(node, ast.arg)}
            self.rebound |= {
                node.id
                for node in self.nodes
                if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in ours
            }
        return self.rebound

    def _powertools(self, node: ast.Call) -> None:
        given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "name")]
        for value in given:
            if isinstance(value, ast.Constant) and value.value in self.by_name:
                self._note(self.found.emitted, self.by_name[str(value.value)], node.lineno)

    def _no_metric(self, meaning: str, line: int) -> None:
        catalog, _, name = meaning.rpartition(".")
        if catalog in self.catalogs:
            known = [full.rpartition(".")[2] for full in self.names if full.rpartition(".")[0] == catalog]
            self.found.problems.append((line, f"'{catalog}' declares no '{name}'.{did_you_mean(name, known)}"))


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _wrong_dimensions(node: ast.Call, metric: Metric) -> Iterator[tuple[int, str]]:
    """What would be a `TypeError` at the call, and values that would be written as `other`."""
    bounds = {bound.name: bound for bound in metric.bounds}
    for keyword in node.keywords:
        if keyword.arg is None:
            continue
        bound = bounds.get(keyword.arg)
        if bound is None:
            known = ", ".join(bounds) or "no dimension beside service and env"
            words = f"metric '{metric.name}' declares {known}; it has no '{keyword.arg}'."
            yield keyword.value.lineno, words + did_you_mean(keyword.arg, bounds)
        elif (
            bound.one_of
            and isinstance(keyword.value, ast.Constant)
            and isinstance(keyword.value.value, str)
            and keyword.value.value not in bound.one_of
        ):
            value = keyword.value.value
            words = (
                f"dimension '{bound.name}' of '{metric.name}' has no value '{value}'; it would be written as 'other'."
            )
            yield keyword.value.lineno, words + did_you_mean(value, bound.one_of)
