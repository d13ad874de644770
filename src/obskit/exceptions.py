"""The exception that leaves a handler: Lambda logs it, answers the caller with it and puts it into an X-Ray header."""

from __future__ import annotations

from obskit.masking import audit, mask_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def masked_error(error: BaseException) -> BaseException:
    """
    Return an error of the same name, still caught by `except` for the type of *error*, that shows masked text only.

    Never raises. A type that cannot be derived from is replaced by one of the same name. `SystemExit` with a number
    stays what it is.
    """
    if isinstance(error, SystemExit):
        return SystemExit(mask_text(error.code, audit.ERROR)) if isinstance(error.code, str) else error
    kind = type(error)
    try:
        text = mask_text(str(error), audit.ERROR)
    except Exception:  # noqa: BLE001  an exception's own method may do anything
        text = "[UNREADABLE]"
    members: dict[str, object] = {
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__setattr__": object.__setattr__,
        "__str__": lambda _: text,
        "__repr__": lambda _: f"{kind.__name__}({text!r})",
    }
    try:
        masked_kind: type[BaseException] = type(kind.__name__, (kind,), members)
        builtin: Any = next(base for base in kind.__mro__ if base.__module__ == "builtins")
        masked: BaseException = builtin.__new__(masked_kind)
        vars(masked).update(vars(error))
        BaseException.args.__set__(masked, (text,))  # type: ignore[attr-defined]  # past a property or a frozen class
    except Exception:  # noqa: BLE001  a type that cannot be derived from: its name is kept
        masked_kind = type(kind.__name__, (Exception,), members)
        masked = masked_kind(text)
    vars(masked).pop("__notes__", None)  # notes hold text too; the log line has them, masked
    return masked
