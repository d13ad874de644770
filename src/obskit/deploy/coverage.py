"""Each signal from code to alarm: where it is recorded, shown and guarded, and what is missing in between."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from obskit.deploy import emissions
from obskit.deploy.model import FILE
from obskit.deploy.project_rules import is_below
from obskit.deploy.rules import Problem
from obskit.deploy.specs import Alarm, statistics
from obskit.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from obskit.catalog.model import Metric
    from obskit.deploy.definitions import Definitions
    from obskit.deploy.emissions import Emissions
    from obskit.deploy.model import Allowed, Project
    from obskit.deploy.specs import Dashboard

    Places = tuple[str, ...]


_PACKAGE = Path(__file__).parents[1]
_PROBES = "probes"
"""obskit's own handlers of a schedule, where this version has them: they record what no request can know."""


@dataclass(frozen=True, slots=True)
class Signal:
    """
    One metric, and what is done with it.

    *declared*, *emitted*, *charted* and *guarded* are places, `file:line`; *dashboards* and *alarms* are names.
    """

    metric: Metric
    declared: str
    emitted: tuple[str, ...] = ()
    charted: tuple[str, ...] = ()
    guarded: tuple[str, ...] = ()
    dashboards: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signals:
    """
    All signals of a project by name, and what is wrong in the files that record them.

    *whole* is false where one of these files cannot be read: then nobody knows what is recorded nowhere.
    """

    by_name: Mapping[str, Signal]
    faults: tuple[Problem, ...]
    whole: bool


def signals(project: Project, definitions: Definitions) -> Signals:
    """Return every signal of the catalogs; handlers and definitions are read, and none is imported for it."""
    faults: list[Problem] = []
    handlers = {file: _emissions(project, path, definitions) for file, path in _handlers(project, faults)}
    for folder in {file.rpartition("/")[0] for file in handlers}:
        emissions.together(found for file, found in handlers.items() if file.rpartition("/")[0] == folder)
    whole = not faults and all(found.readable for found in handlers.values())
    for file, found in handlers.items():
        faults += [Problem(f"{file}:{line}", "", "handler", "error", words) for line, words in found.problems]
    folders = [project.root / folder for folder in (project.dashboards, project.alarms)]
    files = {_place(project, path): path for folder in folders for path in sorted(folder.glob("*.py"))}
    defined = {file: _emissions(project, path, definitions) for file, path in files.items() if path.is_file()}
    return Signals(
        {
            name: _signal(project, metric, definitions, handlers, defined)
            for name, metric in definitions.metrics.items()
        },
        tuple(faults),
        whole,
    )


def _signal(
    project: Project,
    metric: Metric,
    definitions: Definitions,
    handlers: Mapping[str, Emissions],
    defined: Mapping[str, Emissions],
) -> Signal:
    things: list[Dashboard | Alarm] = [*definitions.dashboards, *definitions.alarms]
    having = [thing for thing in things if any(one.metric.name == metric.name for one in statistics(thing))]
    boards = [thing for thing in having if not isinstance(thing, Alarm)]
    alarms = [thing for thing in having if isinstance(thing, Alarm)]

    def places(found: Iterable[Dashboard | Alarm]) -> Places:
        files = dict.fromkeys(definitions.files[type(thing), thing.name] for thing in found)
        return tuple(place for file in files for place in _places(file, defined, metric))

    path, line = metric.declared_in
    return Signal(
        metric,
        declared=f"{_place(project, Path(path))}:{line}",
        emitted=tuple(
            f"{file}:{line}" for file, found in handlers.items() for line in found.emitted.get(metric.name, ())
        ),
        charted=places(boards),
        guarded=places(alarms),
        dashboards=tuple(board.name for board in boards),
        alarms=tuple(alarm.name for alarm in alarms),
    )


def _places(file: str, defined: Mapping[str, Emissions], metric: Metric) -> list[str]:
    """Return where *file* names *metric*; the file alone where its code gets it from somewhere else."""
    lines = defined[file].named.get(metric.name, []) if file in defined else []
    return [f"{file}:{line}" for line in lines] or [file]


def _handlers(project: Project, faults: list[Problem]) -> Iterator[tuple[str, Path]]:
    """Yield the files that record: those of `obskit.toml`, and obskit's own probes where they are installed."""
    if not project.coverage.handlers:
        return
    seen = set()
    for pattern in project.coverage.handlers:
        paths = sorted(path for path in project.root.glob(pattern) if path.suffix == ".py")
        if not paths:
            words = f"coverage.handlers: '{pattern}' matches no Python file"
            faults.append(Problem(FILE, "", "handler", "error", words))
        for path in paths:
            file = _place(project, path)
            if not path.is_file() or not is_below(path, project.root):  # reading a FIFO would wait for ever
                faults.append(Problem(file, "", "handler", "error", "is not a regular file of this project"))
            elif file not in seen:
                seen.add(file)
                yield file, path
    for path in sorted((_PACKAGE / _PROBES).rglob("*.py")):
        if _place(project, path) not in seen:
            yield _place(project, path), path


def _emissions(project: Project, path: Path, definitions: Definitions) -> Emissions:
    package = PurePosixPath(_place(project, path)).parent.parts
    try:
        source = path.read_bytes()
    except OSError as error:
        return emissions.Emissions(problems=[(1, f"cannot be read: {error.strerror}")], readable=False)
    return emissions.read(source, ".".join(package), definitions.names)


def _place(project: Project, path: Path) -> str:
    """Return *path* as a person would name it: below the project, or else from the package's folder on."""
    if path.is_relative_to(project.root):
        return path.relative_to(project.root).as_posix()
    beside = _PACKAGE.parent
    return path.relative_to(beside).as_posix() if path.is_relative_to(beside) else path.as_posix()


def problems(project: Project, found: Signals) -> list[Problem]:
    """Return what is recorded but not shown, shown but not recorded, and KPIs without alarm; none without handlers."""
    if not project.coverage.handlers:
        return []
    if not found.whole:
        return list(found.faults)
    missing = [(name, problem) for name, signal in sorted(found.by_name.items()) for problem in _missing(signal)]
    left = [problem for name, problem in missing if not _allowed(project.coverage.allow, name, problem)]
    return [*found.faults, *left, *_idle(project.coverage.allow, found, missing)]


def _missing(signal: Signal) -> Iterator[Problem]:
    metric = signal.metric
    if signal.emitted and not signal.charted:
        words = f"'{metric.name}' is recorded here, and no dashboard shows it"
        yield from (Problem(place, "", "charted", "error", words) for place in signal.emitted)
    if not signal.emitted:
        words = f"'{metric.name}' is shown here, and no handler of {FILE} records it"
        yield from (Problem(place, "", "emitted", "error", words) for place in signal.charted)
        words = f"'{metric.name}' is guarded here, and no handler of {FILE} records it: the alarm knows nothing"
        yield from (Problem(place, "", "emitted", "error", words) for place in signal.guarded)
    if metric.objective and not signal.alarms:
        words = f"'{metric.name}' has an objective ({metric.objective}), and no alarm guards it"
        yield Problem(signal.declared, "", "alarmed", "error", words)


def _allowed(allow: Iterable[Allowed], name: str, problem: Problem) -> bool:
    return any(one.signal == name and one.rule in ("", problem.rule) for one in allow)


def _idle(allow: tuple[Allowed, ...], found: Signals, missing: list[tuple[str, Problem]]) -> Iterator[Problem]:
    """An exception that excuses nothing any more hides the next problem of its signal."""
    for number, one in enumerate(allow):
        where = f"coverage.allow[{number}]"
        if one.signal not in found.by_name:
            words = f"{where}: no metric is called '{one.signal}'.{did_you_mean(one.signal, found.by_name)}"
            yield Problem(FILE, "", "allow", "error", words)
        elif not any(_allowed([one], name, problem) for name, problem in missing):
            what = f"rule '{one.rule}'" if one.rule else "this check"
            words = f"{where}: '{one.signal}' has no problem with {what}; take the exception out"
            yield Problem(FILE, "", "allow", "error", words)
