// Calls of Python functions that take JSON and return JSON; the first one starts Python.
const waiting = new Map();
let worker;
let calls = 0;

export function call(module, name, request) {
  worker ??= started();
  return new Promise((resolve, reject) => {
    waiting.set(++calls, { resolve, reject });
    worker.postMessage({ id: calls, module, name, request: JSON.stringify(request) });
  });
}

function started() {
  const made = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  made.onmessage = ({ data: { id, answer, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(JSON.parse(answer));
    else reject(new Error(error));
  };
  made.onerror = () => {
    for (const { reject } of waiting.values()) reject(new Error("Python cannot be started here"));
    waiting.clear();
    worker = undefined;
  };
  return made;
}
