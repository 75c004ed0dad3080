// The Python blocks of a page: each can be edited and run, after those above it.
import { call } from "./python.js";

const blocks = [...document.querySelectorAll(".highlight-python")].map((element) => ({
  element,
  code: element.querySelector("pre"),
  button: document.createElement("button"),
  output: shownBelow(element),
}));
let ran = false;

for (const [place, block] of blocks.entries()) {
  const { element, code, button } = block;
  code.setAttribute("contenteditable", "plaintext-only");
  code.setAttribute("aria-label", "Python, which you can edit");
  code.setAttribute("role", "textbox");
  code.setAttribute("aria-multiline", "true");
  code.spellcheck = false;
  button.className = "playground-run";
  button.textContent = "Run";
  button.title = place ? "Runs the blocks above it too (Ctrl+Enter)" : "Ctrl+Enter";
  button.addEventListener("click", () => run(place));
  code.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    run(place);
  });
  element.append(button);
}

// The page's own output of a block, which it prints when it is run.
function shownBelow(element) {
  const below = element.nextElementSibling;
  return below?.classList.contains("highlight-text") ? below : null;
}

async function run(place) {
  for (const { button } of blocks) button.disabled = true;
  blocks[place].button.textContent = ran ? "Running…" : "Starting Python…";
  try {
    const codes = blocks.slice(0, place + 1).map(({ code }) => code.textContent);
    const results = await call("blocks", "ran", codes);
    ran = true;
    results.forEach((result, at) => show(blocks[at], result));
    if (results.length <= place) show(blocks[place], { error: "A block above failed." });
  } catch (error) {
    show(blocks[place], { error: error.message });
  }
  for (const { button } of blocks) button.disabled = false;
  blocks[place].button.textContent = "Run";
}

function show(block, { printed = "", error = "" }) {
  block.output ??= added(block.element);
  const pre = block.output.querySelector("pre");
  block.output.classList.add("playground-output");
  block.output.classList.toggle("playground-failed", error !== "");
  pre.textContent = printed + error || "Ran, and printed nothing.";
}

function added(element) {
  const output = document.createElement("div");
  output.className = "highlight-text notranslate";
  output.setAttribute("role", "status");
  output.innerHTML = '<div class="highlight"><pre></pre></div>';
  element.after(output);
  return output;
}
