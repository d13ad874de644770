"""Every error obskit raises on purpose, and how it suggests the name that was meant."""

from __future__ import annotations

import sys

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


_SIGNED_OUT = frozenset(
    ("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "TokenRetrievalError", "SSOTokenLoadError")
)


def is_signed_out(error: Exception) -> bool:
    """Say whether boto3's *error* means that there are no credentials."""
    name = type(error).__name__
    return name in _SIGNED_OUT or "SSO" in name


def of_aws(error: Exception) -> str:
    """Return the words of boto3's *error*, and what to do where nobody is signed in."""
    return f"{error}; sign in (aws sso login), or set AWS_PROFILE" if is_signed_out(error) else str(error)


def is_interruption(error: BaseException) -> bool:
    """
    Say whether a signal handler raised *error*: a time limit of the user's that ran out while obskit was at work.

    It is no fault of obskit's, and goes on to whoever set the limit. Only asked when something has failed.
    """
    signals = sys.modules.get("signal")
    trace = error.__traceback__
    if signals is None or trace is None:
        return False
    handlers = [signals.getsignal(number) for number in signals.valid_signals()]
    codes = {getattr(getattr(one, "func", one), "__code__", None) for one in handlers if callable(one)} - {None}
    while trace is not None and codes:
        if trace.tb_frame.f_code in codes:
            return True
        trace = trace.tb_next
    return False


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """
    Return ` Did you mean 'x'?` for the nearest of *known*, or an empty string.

    >>> did_you_mean("chekout", ["checkout", "search"])
    " Did you mean 'checkout'?"
    >>> did_you_mean("NOT_BREACHING", ["breaching", "notBreaching"])
    " Did you mean 'notBreaching'?"
    """
    names = list(known)
    found = nearest(name, names)
    if not found:  # in another case, or with other marks between the words
        folded = {_folded(one): one for one in names}
        found = folded.get(nearest(_folded(name), folded), "")
    return f" Did you mean '{found}'?" if found else ""


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the one of *known* that *name* is most like, by difflib's ratio of at least *cutoff*; empty for none."""
    from collections import Counter

    letters = Counter(name)
    # What has too few letters in common is no candidate, and where there is none, nothing need be compared.
    alike = [one for one in known if 2 * (letters & Counter(one)).total() / (len(name + one) or 1) >= cutoff]
    if not alike:
        return ""
    import difflib  # only ever needed when something is already wrong

    return next(iter(difflib.get_close_matches(name, alike, 1, cutoff)), "")


def _folded(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))
