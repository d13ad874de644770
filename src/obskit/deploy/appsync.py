"""The APPSYNC_JS that carries the trace through AppSync: what each file is, made whole from `appsync_js/`."""

from __future__ import annotations

from importlib import resources

HELPERS = "obskit.js"
"""Functions for resolvers of one's own, which a bundler puts into them: AppSync takes one file for each."""

FUNCTION = "trace-function.js"
"""The first function of a pipeline."""

RESOLVER = "lambda-resolver.js"
"""A unit resolver, or a function of a pipeline, whose data source is a Lambda function."""

_UTILS = "import { util } from '@aws-appsync/utils';\n"


def modules() -> dict[str, str]:
    """Return the text of each file by its name. All but the helpers are complete: AppSync takes them as they are."""
    return {HELPERS: _read(HELPERS), **{name: bundle(_read(name)) for name in (FUNCTION, RESOLVER)}}


def bundle(handlers: str) -> str:
    """Return *handlers* with what they import from the helpers behind them, as functions of their own."""
    own = "".join(line for line in handlers.splitlines(keepends=True) if not line.startswith("import "))
    inner = _read(HELPERS).removeprefix(_UTILS).replace("\nexport function ", "\nfunction ")
    return f"{_UTILS}{own}{inner}"


def _read(name: str) -> str:
    return (resources.files("obskit.deploy") / "appsync_js" / name).read_text(encoding="utf-8")
