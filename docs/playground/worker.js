// Python in a worker, so that the page never freezes: it starts at once, and answers call by call.
import { loadPyodide } from "./pyodide/pyodide.mjs";

const beside = (name) => new URL(name, import.meta.url).href;

async function start() {
  const [python, packages] = await Promise.all([
    loadPyodide({ indexURL: beside("pyodide/") }),
    fetch(beside("packages.zip")).then((answer) => answer.arrayBuffer()),
  ]);
  python.unpackArchive(packages, "zip", { extractDir: "/packages" });
  python.runPython("import sys; sys.path.insert(0, '/packages')");
  return python;
}

const started = start();

self.onmessage = async ({ data: { id, module, name, request } }) => {
  try {
    const python = await started;
    self.postMessage({ id, answer: python.pyimport(module)[name](request) });
  } catch (error) {
    // The message alone: with the stack come a thousand kilobytes of the interpreter's source.
    self.postMessage({ id, error: error.message.trim().split("\n").at(-1) });
  }
};
