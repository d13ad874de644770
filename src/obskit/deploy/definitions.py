"""Reads the definitions: runs `dashboards/*.py` and `alarms/*.py` and collects what they define at top level."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

from obskit.catalog.model import Metric
from obskit.deploy.contained import contained
from obskit.deploy.specs import Alarm, Composite, Dashboard, collecting
from obskit.errors import DefinitionError, ObskitError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from obskit.deploy.model import Project

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Definitions:
    """
    All dashboards, alarms and composites of a project, by file name and in file order.

    *metrics* are those of the project's catalogs, by name; *files* says where each dashboard and alarm stands; *names*
    are the metrics by what code calls them, e.g. `obskit.kpis.OUTBOX_AGE`.
    """

    dashboards: tuple[Dashboard, ...]
    alarms: tuple[Alarm, ...]
    metrics: Mapping[str, Metric]
    files: Mapping[tuple[type, str], str]
    names: Mapping[str, Metric] = field(default_factory=dict)
    composites: tuple[Composite, ...] = ()

    @property
    def guards(self) -> tuple[Alarm | Composite, ...]:
        return (*self.alarms, *self.composites)


def load(project: Project) -> Definitions:
    """
    Run the project's catalogs and definitions and return what they define.

    Leaves `sys.path` and `sys.modules` as they were, apart from catalogs and libraries outside the project, and
    writes no bytecode into the project's folders.

    Raises:
        DefinitionError: a module cannot be run or a name is used twice; carries every problem, with file and line.
    """
    problems: list[str] = []
    found: dict[int, tuple[Dashboard | Alarm | Composite, str]] = {}
    folders = {"dashboards": project.root / project.dashboards, "alarms": project.root / project.alarms}
    with _importable(project.root):
        names, metrics = _import_catalogs(project, problems)
        for word, folder in folders.items():
            if not folder.is_dir() and folder.name != word:  # one by default need not be there yet
                problems.append(f"obskit.toml: project.{word}: there is no folder '{folder.name}' beside the file")
            with _importable(folder):
                for path in sorted(folder.glob("*.py")):
                    _collect(path, project.root, found, problems)
    files: dict[tuple[type, str], str] = {}
    for thing, file in found.values():
        key = (type(thing), thing.name)
        other = {Alarm: Composite, Composite: Alarm}.get(type(thing), type(thing))
        if (other, thing.name) in files and other is not type(thing):
            problems.append(
                f"{file}: '{thing.name}' is the name of an alarm and of a composite; one would replace the other"
            )
        if key in files:
            problems.append(f"{file}: {type(thing).__name__} '{thing.name}' is already defined in {files[key]}")
        files.setdefault(key, file)
    if problems:
        raise DefinitionError(*problems)
    things = [thing for thing, _ in found.values()]
    return Definitions(
        tuple(thing for thing in things if isinstance(thing, Dashboard)),
        tuple(thing for thing in things if isinstance(thing, Alarm)),
        metrics,
        files,
        names,
        tuple(thing for thing in things if isinstance(thing, Composite)),
    )


def catalog(project: Project) -> Mapping[str, Metric]:
    """
    Import the project's catalogs and return the metrics in them by name.

    Raises:
        DefinitionError: a catalog cannot be imported.
    """
    problems: list[str] = []
    with _importable(project.root):
        _, metrics = _import_catalogs(project, problems)
    if problems:
        raise DefinitionError(*problems)
    return metrics


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Let modules in *folder* be imported for a while; forget them afterwards, and write no bytecode."""
    path, before, bytecode = sys.path[:], set(sys.modules), sys.dont_write_bytecode
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    try:
        with redirect_stdout(sys.stderr):  # what a definition prints is no part of the artefact
            yield
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = bytecode
        for name in set(sys.modules) - before:
            # Found through this folder, that is: not the libraries of a virtual environment somewhere below it.
            if (getattr(sys.modules[name], "__file__", None) or "").startswith(f"{folder}/{name.partition('.')[0]}"):
                del sys.modules[name]


def _import_catalogs(project: Project, problems: list[str]) -> tuple[dict[str, Metric], dict[str, Metric]]:
    """Return the metrics of the catalogs by what code calls them, and by their names."""
    names: dict[str, Metric] = {}
    metrics: dict[str, Metric] = {}
    for catalog in project.catalogs:
        try:
            with contained():
                found = vars(importlib.import_module(catalog))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  whatever a user's module raises is a problem to tell
            where = _where(error, catalog, project)
            words = f"'{catalog}' cannot be imported: {_message(error, {})}{where}"
            problems.append(f"obskit.toml: project.catalogs: {words}")
            continue
        names |= {f"{catalog}.{name}": value for name, value in found.items() if isinstance(value, Metric)}
        metrics |= {metric.name: metric for metric in _instances(found, Metric)}
    return names, metrics


def _where(error: BaseException, name: str, project: Project) -> str:
    """Say where a catalog was looked for, if it is the catalog itself that is not there."""
    if not isinstance(error, ModuleNotFoundError) or not f"{name}.".startswith(f"{error.name}."):
        return ""
    return f" (looked in {project.root} and on PYTHONPATH)"


def _instances(names: Mapping[str, object], kind: type[T]) -> Iterator[T]:
    """Yield what a module defines at top level, by itself or in a list or tuple."""
    for value in names.values():
        for thing in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(thing, kind):
                yield thing


def _collect(
    path: Path, root: Path, found: dict[int, tuple[Dashboard | Alarm | Composite, str]], problems: list[str]
) -> None:
    file = path.relative_to(root).as_posix()
    if not path.is_file():  # reading a FIFO would wait for ever
        problems.append(f"{file}: is not a regular file")
        return
    name = f"obskit_definitions_{path.stem}"  # not the stem: `json.py` would shadow a library
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # dataclasses and pickle look their module up
    try:
        with contained(), collecting(str(path)) as collected:
            faults = [*_run(path, module.__dict__), *collected.faults]
    finally:
        sys.modules.pop(name, None)
    problems.extend(f"{file}:{line}: {text}" if line else f"{file}: {text}" for line, text in sorted(faults))
    names = module.__dict__
    things: list[Dashboard | Alarm | Composite] = [
        *_instances(names, Dashboard),
        *_instances(names, Alarm),
        *_instances(names, Composite),
    ]
    for thing in things:
        found.setdefault(id(thing), (thing, file))
    if faults:
        return  # what a statement that failed had made before is no second fault
    kept = {(type(thing), thing.name) for thing, _ in found.values()}
    for one in collected.made:
        if isinstance(one, (Dashboard, Alarm, Composite)) and (type(one), one.name) not in kept:
            kind = type(one).__name__
            problems.append(f"{file}: {kind} '{one.name}' is made and lost; no top-level name of its own keeps it")


def _run(path: Path, names: dict[str, object]) -> Iterator[tuple[int, str]]:
    """
    Run a file, and yield (line, words) for each statement that fails; it goes on with the next, which may fail, too.

    What only says that a statement before has failed is no fault of its own.
    """
    source = path.read_bytes()
    try:
        code = compile(source, str(path), "exec")
    except SyntaxError as error:
        yield error.lineno or 0, f"not Python: {error.msg}"
        return
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte; nested deeper than the parser goes
        yield 0, f"not Python that can be read: {error}"
        return
    lost: set[str] = set()
    left: list[ast.stmt] = []
    while True:
        try:
            exec(code, names)  # noqa: S102  definitions are Python
        except SystemExit as error:  # silence and exit 0 would look like success
            yield from _describe(error, path, names)
            return
        except KeyboardInterrupt as error:  # a loop without end is found by its place
            line = next(iter(_describe(error, path, names)))[0]
            error.add_note(f"stopped while {path}:{line} was running")
            raise
        except BaseException as error:  # noqa: BLE001  whatever a user's module raises is a problem to tell
            if not isinstance(error, NameError) or error.name not in lost:
                yield from _describe(error, path, names)
            left = left or ast.parse(source).body
            failed = _failed(left, error)
            lost.update(_bound(left[failed]))
            left = left[failed + 1 :]
            code = compile(ast.Module(left, type_ignores=[]), str(path), "exec")
        else:
            return


def _failed(statements: list[ast.stmt], error: BaseException) -> int:
    """Return the index of the statement in which *error* was raised: the last that begins before that place."""
    module = error.__traceback__ and error.__traceback__.tb_next  # the frame below the one of `exec`
    if module is None:
        return len(statements) - 1  # there was no room to run any
    line, _, column, _ = next(islice(module.tb_frame.f_code.co_positions(), module.tb_lasti // 2, None))
    place = (line or module.tb_lineno, column or 0)
    return max((index for index, one in enumerate(statements) if _begins(one) <= place), default=0)


def _begins(statement: ast.stmt) -> tuple[int, int]:
    """Return line and column; of what is decorated, those of the first `@`."""
    first: ast.expr | ast.stmt = next(iter(getattr(statement, "decorator_list", ())), statement)
    return first.lineno, statement.col_offset


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that *statement* would have given a value."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name


def _describe(error: BaseException, path: Path, names: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    import traceback  # only ever needed when something is wrong

    lines = [frame.lineno or 0 for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    texts = error.problems if isinstance(error, ObskitError) else (_message(error, names),)
    yield from ((lines[-1] if lines else 0, text) for text in texts)


def _message(error: BaseException, names: Mapping[str, object]) -> str:
    try:
        return _words(error, names)
    except Exception:  # noqa: BLE001  an error that cannot say what it is
        return type(error).__name__


def _words(error: BaseException, names: Mapping[str, object]) -> str:
    text = (
        str(error)
        if isinstance(error, (ObskitError, AttributeError, NameError, ImportError))
        else (f"{type(error).__name__}: {error}")
    )
    # Python's own objects know what was looked for and where.
    if isinstance(error, AttributeError) and error.name:
        return text + "." + did_you_mean(error.name, _public(dir(error.obj)))
    if isinstance(error, NameError) and error.name:
        return text + "." + did_you_mean(error.name, _public(names))
    if isinstance(error, ImportError) and (missing := re.match(r"cannot import name '(\w+)'", text)):
        module = sys.modules.get(error.name or "")
        return text + "." + did_you_mean(missing[1], _public(dir(module)))
    return text


def _public(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith("_")]
