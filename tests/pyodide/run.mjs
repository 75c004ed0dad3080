// The suite on CPython 3.14 as WebAssembly, under Node.
//
//     node run.mjs PYODIDE WHEELS REPOSITORY SHARED -- pytest's arguments
//
// PYODIDE is npm's package of that name, WHEELS a folder of the wheels to unpack, SHARED the
// recordings of third parties, if there. WebAssembly has no processes, no threads and no time zone
// to set, so the arguments leave out what needs them.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const cut = process.argv.indexOf("--");
const [pyodide, wheels, repository, shared] = process.argv.slice(2, cut).map((name) => path.resolve(name));
const site = "/lib/python3.14/site-packages";

// An error that nobody catches would print the interpreter's megabyte of source.
process.on("uncaughtException", (error) => {
  console.error(String(error.message).slice(0, 3000));
  process.exit(1);
});

const { loadPyodide } = await import(pathToFileURL(path.join(pyodide, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: pyodide + path.sep });
for (const wheel of fs.readdirSync(wheels).filter((name) => name.endsWith(".whl"))) {
  python.unpackArchive(new Uint8Array(fs.readFileSync(path.join(wheels, wheel))), "wheel", { extractDir: site });
}
for (const [there, here] of [["/repository", repository], ["/shared", shared]]) {
  if (!fs.existsSync(here)) continue;
  python.FS.mkdirTree(there);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: fs.realpathSync(here) }, there);
}
python.globals.set("arguments", python.toPy(process.argv.slice(cut + 1)));
const failed = await python.runPythonAsync(`
import importlib, os, sys
importlib.invalidate_caches()
os.chdir("/repository")
os.environ["CI"] = "true"
sys.dont_write_bytecode = True
print("CPython", sys.version)
import pytest
int(pytest.main(["-p", "no:cacheprovider", "-o", "faulthandler_timeout=0", *arguments]))
`);
process.exit(failed);
