"""Spans around functions whose work comes after the call: coroutines and generators. Loaded where one is traced."""

from __future__ import annotations

from functools import wraps

from obskit import context
from obskit.tracing.spans import Span, span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from typing import Any

_GENERATOR, _ASYNC_GENERATOR = 0x20, 0x200
"""`inspect.CO_GENERATOR`, `CO_ASYNC_GENERATOR`; what else works later is a coroutine."""


def traced(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return *function* with a span of its name around what it does once somebody waits for it."""
    flags = getattr(getattr(function, "__code__", None), "co_flags", 0)
    if flags & _GENERATOR:
        return _generator(function)
    if flags & _ASYNC_GENERATOR:
        return _async_generator(function)

    @wraps(function)
    async def run(*args: object, **kwargs: object) -> object:
        with span(function.__qualname__):
            return await function(*args, **kwargs)

    return run


def _generator(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def generate(*args: object, **kwargs: object) -> Generator[Any, Any, Any]:
        work, inside = function(*args, **kwargs), _Inside(span(function.__qualname__))
        step, given = work.send, None
        try:
            while True:
                with inside:
                    value = step(given)
                try:
                    step, given = work.send, (yield value)
                except GeneratorExit:
                    with inside:
                        work.close()
                    raise
                except BaseException as error:  # noqa: BLE001  it is handed in
                    step, given = work.throw, error
        except StopIteration as end:
            return end.value
        except BaseException as error:
            inside.failed(error)
            raise
        finally:
            inside.span.finish()

    return generate


def _async_generator(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    async def generate(*args: object, **kwargs: object) -> AsyncGenerator[Any, Any]:
        work, inside = function(*args, **kwargs), _Inside(span(function.__qualname__))
        step = work.__anext__()
        try:
            while True:
                with inside:
                    value = await step
                try:
                    step = work.asend((yield value))
                except GeneratorExit:
                    with inside:
                        await work.aclose()
                    raise
                except BaseException as error:  # noqa: BLE001  it is handed in
                    step = work.athrow(error)
        except StopAsyncIteration:
            return
        except BaseException as error:
            inside.failed(error)
            raise
        finally:
            inside.span.finish()

    return generate


class _Inside:
    """
    The scope of a generator: it is in force only while its own code runs.

    Between two values the thread is in the reader's scope again, with the reader's span and fields.
    """

    __slots__ = ("_reader", "_scope", "span")

    def __init__(self, opened: Span) -> None:
        self.span = opened
        with opened:
            self._scope = context.scope()

    def __enter__(self) -> None:
        self._reader = context.swap(self._scope)

    def __exit__(self, *_: object) -> None:
        self._scope = context.swap(self._reader)

    def failed(self, error: BaseException) -> None:
        if not isinstance(error, GeneratorExit):  # whoever read it wants no more
            self.span.record_error(error)
