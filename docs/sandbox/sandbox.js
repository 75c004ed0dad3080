// The sandbox: the page's form goes to Python, and what Python answers is shown.
import { call } from "./python.js";

const sandbox = document.getElementById("sandbox");
const language = navigator.language.startsWith("fr") ? "fr" : "en";
const start = document.createElement("button");
start.className = "sandbox-start";
start.textContent = language === "fr" ? "Démarrer le bac à sable" : "Start the sandbox";
start.addEventListener("click", open);
sandbox.lastElementChild.replaceWith(start);

async function open() {
  start.disabled = true;
  start.textContent = language === "fr" ? "Python démarre…" : "Starting Python…";
  try {
    const answer = await call("sandbox", "page", { language });
    sandbox.innerHTML = '<form></form><div class="sandbox-shown"></div>';
    write(answer);
    sandbox.firstElementChild.addEventListener("input", moved);
    sandbox.firstElementChild.addEventListener("submit", (event) => event.preventDefault());
  } catch (error) {
    start.textContent = error.message;
  }
}

// The form is written anew only when its words or its story change, so that nobody loses their place.
function write({ form, shown, first, last, now }, anew = true) {
  const [asked, result] = sandbox.children;
  if (anew) asked.innerHTML = form;
  sandbox.lang = asked.elements.language.value;
  asked.dataset.story = asked.elements.story.value;
  Object.assign(asked.querySelector("[type=range]"), { min: first, max: last, value: now });
  Object.assign(asked.elements.now, { min: written(first), max: written(last), value: written(now) });
  result.innerHTML = shown;
}

const written = (minutes) => new Date(minutes * 60000).toISOString().slice(0, 16);

let running = false;
let waiting = null;

// While Python computes, only the latest of what was moved waits.
async function moved({ target }) {
  const form = sandbox.firstElementChild;
  if (target.type === "range") form.elements.now.value = written(target.valueAsNumber);
  const { language, story, ...rest } = Object.fromEntries(new FormData(form));
  const other = story !== form.dataset.story; // whose instants are not these
  if (!other && !form.checkValidity()) return;
  waiting = {
    request: { language, story, ...(other ? {} : rest) },
    anew: other || target.name === "language" || Boolean(waiting?.anew),
  };
  if (running) return;
  running = true;
  sandbox.setAttribute("aria-busy", "true");
  while (waiting) {
    const { request, anew } = waiting;
    waiting = null;
    try {
      const answer = await call("sandbox", "page", request);
      if (waiting) waiting.anew ||= anew;
      else write(answer, anew);
    } catch (error) {
      form.nextElementSibling.textContent = error.message;
    }
  }
  running = false;
  sandbox.removeAttribute("aria-busy");
}
