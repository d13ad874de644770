// The command line of CPython 3.14 as WebAssembly: `node python.mjs -I -m compileall …` is `python3.14 -I -m compileall …`.
// Files of this machine are seen where they are. There are no processes, threads or sockets.
import { readdirSync } from "node:fs";
import { loadPyodide } from "pyodide";

// Python's own: /lib has its library, /bin would show it another interpreter under its own name.
const OWN = ["bin", "dev", "lib", "proc", "sys"];

function mount(fs) {
  for (const entry of readdirSync("/", { withFileTypes: true })) {
    if (OWN.includes(entry.name) || !entry.isDirectory()) continue;
    fs.mkdirTree(`/${entry.name}`);
    fs.mount(fs.filesystems.NODEFS, { root: `/${entry.name}` }, `/${entry.name}`);
  }
}

async function main() {
  const [executable, ...args] = process.argv.slice(2);
  const python = await loadPyodide({
    args,
    _sysExecutable: executable,
    // It starts in HOME, and makes one where there is none; without the second it would not end with SystemExit.
    env: { ...process.env, HOME: process.cwd(), PYTHONINSPECT: "" },
    fsInit: mount,
  });
  python.setStdin();
  python.setStdout();
  python.setStderr();
  process.exit(python._module._run_main());
}

main().catch((error) => {
  if (error.constructor.name === "ExitStatus") process.exit(error.status); // --help, --version, sys.exit
  console.error(error);
  process.exit(1);
});
