"""The runtime's part of `obskit.toml` as a Python module: reading TOML would cost every cold start 9 ms."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from obskit.deploy.model import Project

FILE = "obskit_settings.py"
"""The runtime imports it by this name."""

_WIDE = 110

_HEAD = '''\
"""
The runtime's part of obskit.toml{which}: what obskit does with the personal data that it finds.

Made by `obskit settings{option}`. Do not edit: change obskit.toml and make it again.
Ship it beside the function's code, or in its layer, as {file}.
"""

'''


def module(project: Project, environment: str = "") -> str:
    """
    Return the text of `obskit_settings.py`, for all environments or for one; the same project gives the same bytes.

    `MASKING` is environment -> rules as plain values, and "" stands for every environment that it does not name.
    `PROBES` is environment -> settings of its probes; it is there when an environment has some.
    """
    masking = project.masking
    if environment:
        found = {"": masking.of(environment).plain()}
    else:
        found = {"": masking.rules.plain()}
        found |= {name: masking.of(name).plain() for name in sorted(masking.environments)}
    which, option = (f" for {environment}", f" --env {environment}") if environment else ("", "")
    probes = {name: one.plain for name, one in sorted(project.probes.items()) if environment in ("", name)}
    text = _HEAD.format(which=which, option=option, file=FILE) + f"MASKING = {_literal(found, 0)}\n"
    return text + (f"\n# What obskit.probes asks, and where.\nPROBES = {_literal(probes, 0)}\n" if probes else "")


_BRACKETS = {dict: ("{", "}"), list: ("[", "]"), tuple: ("(", ")")}


def _literal(value: object, depth: int) -> str:
    """Return *value* as a Python literal, on one line where it fits. `pprint` differs from version to version."""
    if isinstance(value, (bool, int)):
        return repr(value)
    if not isinstance(value, (dict, list, tuple)):
        return _text(str(value))
    opening, closing = _BRACKETS[type(value)]
    items = (
        [f"{_text(key)}: {_literal(item, depth + 1)}" for key, item in value.items()]
        if isinstance(value, dict)
        else [_literal(item, depth + 1) for item in value]
    )
    comma = "," if isinstance(value, tuple) and len(items) == 1 else ""
    line = f"{opening}{', '.join(items)}{comma}{closing}"
    if len(line) + 4 * depth <= _WIDE and "\n" not in line:
        return line
    indent = "    " * (depth + 1)
    return f"{opening}\n" + "".join(f"{indent}{item},\n" for item in items) + f"{'    ' * depth}{closing}"


def _text(text: str) -> str:
    r"""
    Return *text* as a literal in ASCII, whatever version of Unicode this Python knows.

    >>> print(_text("caf\u00e9 'x'"))
    "caf\xe9 'x'"
    """
    quoted = ascii(text)
    return f'"{quoted[1:-1]}"' if quoted.startswith("'") and '"' not in quoted else quoted
