"""
Sources as short as they can be with every line where it was.

What a layer carries is read by machines: without comments, docstrings and annotations it is a third smaller, and so is
what is compiled of it. Line numbers stay, for the stacks of errors.
"""

from __future__ import annotations

import ast
import io
import tokenize
from typing import TYPE_CHECKING, TypeGuard

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    Span = tuple[int, int, bytes]
    """From, to (in bytes), and what stands there instead."""

_NOTHING = b"0"
"""A statement that compiles to none."""


def slim(name: str, source: bytes) -> bytes:
    r"""
    Return *source*, the module *name*, without what only people and type checkers read.

    Annotations in the bodies of classes stay: there they may be what the class is made of; so do those over several
    lines that no bracket holds together.

    >>> slim("m.py", b'def f(x: int) -> str:  # why\n    "What."\n    return str(x)\n')
    b'def f(x):\n    0\n    return str(x)\n'

    Raises:
        ObskitError: what is left would not do the same.
    """
    tree = ast.parse(source)
    spans = sorted([*_comments(source), *_Spans(source).of(tree)], key=lambda span: (span[0], -span[1]))
    result = _cut(source, spans)
    if _meaning(ast.parse(result)) != _meaning(tree):
        raise ObskitError(f"{name}: without its annotations it would be another program")
    return result


def _cut(source: bytes, spans: list[Span]) -> bytes:
    parts, done = [], 0
    for start, end, instead in spans:
        if start < done:  # within what is gone
            continue
        lines = source.count(b"\n", start, end)
        parts += [source[done:start], instead, b"\n" * lines]
        done = end
    return b"".join([*parts, source[done:]])


def _comments(source: bytes) -> Iterator[Span]:
    starts = _line_starts(source)
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if token.type == tokenize.COMMENT:
            start = starts[token.start[0] - 1] + len(token.line[: token.start[1]].encode())
            yield _without_blanks(source, start), start + len(token.string.encode()), b""


class _Spans:
    """Where in a source there is what can go, as a tree of it says."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.starts = _line_starts(source)

    def of(self, tree: ast.Module) -> Iterator[Span]:
        in_classes = {id(one) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for one in node.body}
        for node in ast.walk(tree):
            if isinstance(node, ast.arg) and node.annotation is not None:
                yield self._start(node) + len(node.arg.encode()), self._end(node), b""
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _is_on_one_line(node.returns):
                arrow = self.source.rindex(b"->", 0, self._start(node.returns))
                yield _without_blanks(self.source, arrow), self._end(node.returns), b""
            elif isinstance(node, ast.AnnAssign) and _is_on_one_line(node.annotation) and id(node) not in in_classes:
                if node.value is None:
                    yield self._start(node), self._end(node), _NOTHING
                else:
                    yield self._end(node.target), self._end(node.annotation), b""
            elif isinstance(node, ast.Expr) and _is_text(node):
                # Before an import from __future__ there is no room for a statement.
                yield self._start(node), self._end(node), b"" if node in tree.body[:1] else _NOTHING
            elif isinstance(node, ast.If) and _for_checkers(node):
                yield self._start(node.body[0]), self._end(node.body[-1]), _NOTHING

    def _start(self, node: ast.expr | ast.stmt | ast.arg) -> int:
        return self.starts[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.expr | ast.stmt | ast.arg) -> int:
        return self.starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)


def _line_starts(source: bytes) -> list[int]:
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _without_blanks(source: bytes, end: int) -> int:
    while source[end - 1 : end] == b" ":
        end -= 1
    return end


def _is_on_one_line(node: ast.expr | None) -> TypeGuard[ast.expr]:
    return node is not None and node.lineno == node.end_lineno


def _is_text(node: ast.Expr) -> bool:
    return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _for_checkers(node: ast.If) -> bool:
    return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING" and not node.orelse


class _Meaning(ast.NodeTransformer):
    """What is left of a tree when everything is gone that a program does not heed."""

    def visit_Module(self, node: ast.Module) -> ast.AST:
        if ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(one) if not isinstance(one, ast.AnnAssign) else one for one in node.body]
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return _nothing(node)
        return ast.copy_location(ast.Assign([node.target], node.value), node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return _nothing(node) if _is_text(node) else self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        if _for_checkers(node):
            node.body = [_nothing(node.body[0])]
            return node
        return self.generic_visit(node)


def _nothing(where: ast.stmt) -> ast.stmt:
    return ast.copy_location(ast.Expr(ast.copy_location(ast.Constant(0), where)), where)


def _meaning(tree: ast.Module) -> tuple[str, list[int]]:
    """Return what *tree* does, and on which lines."""
    seen = _Meaning().visit(tree)
    return ast.dump(seen), [node.lineno for node in ast.walk(seen) if isinstance(node, (ast.stmt, ast.expr))]
