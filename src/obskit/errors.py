"""Every error obskit raises on purpose, and how it suggests the name that was meant."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class ObskitError(Exception):
    """
    Base of all errors that obskit raises on purpose.

    Args:
        problems: one line for each thing that is wrong; all that were found, not only the first.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class CatalogError(ObskitError, ValueError):
    """A metric is declared wrongly: the message names the metric, the rule and its source."""


class ConfigError(ObskitError):
    """A setting or `obskit.toml` is wrong: the message names the file, the key and the rule."""


class DefinitionError(ObskitError):
    """A dashboard or alarm definition cannot be read: the message names file and line."""


class CanaryError(ObskitError):
    """Masking let a planted value through, or cannot be loaded; nothing readable is written any more."""


class MissingExtraError(ObskitError, ImportError):
    """A command needs a package that the base install leaves out."""

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(
            f"{what} needs the extra '{extra}': pip install './obskit[{extra}]', from where obskit is cloned"
        )
        self.extra = extra


class IntegrationError(ObskitError):
    """Somebody else's library is not built as obskit knows it: the message names its version and what is missing."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """
    Return ` Did you mean 'x'?` for the nearest of *known*, or an empty string.

    >>> did_you_mean("chekout", ["checkout", "search"])
    " Did you mean 'checkout'?"
    """
    import difflib  # only ever needed when something is already wrong

    found = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean '{found[0]}'?" if found else ""
