"""
What AppSync's function weighs and costs in Node, and how long `obskit trace` takes over captured files.

Run: PYTHONPATH=src:. .venv/bin/python bench/joined.py
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from obskit.deploy import appsync
from tests.lookup.captured import DOCUMENTS, LINES, line

LOOP = """
globalThis.util = { matches: (pattern, text) => new RegExp(pattern).test(text), http: { addResponseHeader() {} } };
const { request } = await import('./function.mjs');
const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
const once = () => request({
  stash: {}, info: { parentTypeName: 'Query' }, prev: {},
  request: { headers: { 'x-amzn-trace-id': header, 'x-correlation-id': 'cart-1' } },
});
for (let i = 0; i < 20000; i++) once();
const began = process.hrtime.bigint();
for (let i = 0; i < 100000; i++) once();
console.log(Number(process.hrtime.bigint() - began) / 1e5 / 1e3);
"""

MANY = 100_000
"""Log lines of other requests beside those that are looked for."""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in appsync.modules().items():
            code = text.replace("import { util } from '@aws-appsync/utils';\n", "")
            (folder / "function.mjs").write_text(code)
            took = "" if file == appsync.HELPERS else f", a request {_run(folder)} µs"
            print(f"{file}: {len(text)} characters of 32768{took}")
        _trace(folder)


def _run(folder: Path) -> str:
    (folder / "loop.mjs").write_text(LOOP)
    return f"{float(subprocess.check_output(['node', 'loop.mjs'], cwd=folder, text=True)):.1f}"


def _trace(folder: Path) -> None:
    others = (line(9, number % 60, "placed", f"cart-{number}x") for number in range(MANY))
    (folder / "logs").write_text("".join(json.dumps(one) + "\n" for one in (*others, *LINES)))
    (folder / "spans").write_text("".join(json.dumps(one) + "\n" for one in DOCUMENTS))
    for logs, count in (("few", len(LINES)), ("logs", MANY)):
        if logs == "few":
            (folder / logs).write_text("".join(json.dumps(one) + "\n" for one in LINES))
        command = [sys.executable, "-m", "obskit.cli", "trace", "cart-1", "--logs", logs, "--spans", "spans"]
        times = []
        for _ in range(5):
            began = time.perf_counter()
            subprocess.check_output(command, cwd=folder)
            times.append(time.perf_counter() - began)
        print(f"obskit trace, {count} lines in files: {min(times):.2f} s, the whole process")


main()
