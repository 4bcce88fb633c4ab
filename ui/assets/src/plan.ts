// A plan: published after it was read, with a tick where something goes out of sight; conflicts decided.
import { all, one, word } from "./dom";
import { follow } from "./actions";
import { showErrors } from "./errors";
import { ask, onceKey, send } from "./net";
import { readFields } from "./values";

/** Milliseconds between two questions how far a publish is. */
const PAUSE = 1500;

export function startPlan(): void {
  const form = one<HTMLFormElement>("[data-publish]");
  if (form) plan(form);
  const deciding = one<HTMLFormElement>("[data-decide]");
  deciding?.addEventListener("submit", (event) => {
    event.preventDefault();
    void decide(deciding);
  });
  for (const place of all("[data-compare]")) compare(place);
}

function plan(form: HTMLFormElement): void {
  const tick = one<HTMLInputElement>("[data-must-tick]", form);
  const button = one<HTMLButtonElement>("[type=submit]", form);
  tick?.addEventListener("change", () => button?.toggleAttribute("disabled", !tick.checked));
  let key = onceKey();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void publish(form, key).then((again) => {
      if (again) key = onceKey();
    });
  });
}

/** Publishes; true where another attempt is another request. */
async function publish(form: HTMLFormElement, key: string): Promise<boolean> {
  const button = one<HTMLButtonElement>("[type=submit]", form);
  const progress = one("[data-progress]", form);
  button?.setAttribute("aria-busy", "true");
  if (progress) progress.textContent = word("publishing");
  const watched = window.setInterval(() => void watch(form, progress), PAUSE);
  const answer = await send(form.dataset["publish"] ?? "", { values: readFields(form), over: Number(form.dataset["over"]) }, key);
  window.clearInterval(watched);
  button?.removeAttribute("aria-busy");
  if (progress) progress.textContent = "";
  if (answer.status === 200) follow(answer);
  else {
    showErrors(form, answer);
    if (answer.body["reload"]) window.setTimeout(() => location.reload(), 2500);
  }
  return answer.status !== 0;
}

/** Says how far a publish is that takes its time. */
async function watch(form: HTMLFormElement, progress: HTMLElement | null): Promise<void> {
  const answer = await ask(form.dataset["runningUrl"] ?? "");
  const said = answer.status === 200 ? String(answer.body["said"] ?? "") : "";
  if (progress && said) progress.textContent = said;
}

async function decide(form: HTMLFormElement): Promise<void> {
  const values = Object.fromEntries(
    all<HTMLFieldSetElement>("[data-conflict-path]", form).map((place) => [place.dataset["conflictPath"] ?? "", one<HTMLInputElement>("input:checked", place)?.value ?? ""]),
  );
  const answer = await send(form.dataset["decide"] ?? "", { values });
  if (answer.status === 200) follow(answer);
  else showErrors(form, answer);
}

/** Two versions are ticked in the list, or chosen on the page that compares them. */
function compare(place: HTMLElement): void {
  const url = place.dataset["compare"] ?? "";
  const go = one<HTMLButtonElement>(".compare-go", place);
  const ticked = (): number[] => all<HTMLInputElement>("[data-compare-one]:checked", place).map((box) => Number(box.value)).sort((a, b) => a - b);
  place.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) {
      const [first, second] = ["[data-compare-first]", "[data-compare-second]"].map((name) => one<HTMLSelectElement>(name, place)?.value);
      location.assign(`${url}/${first}/${second}`);
    }
    const chosen = ticked().length;
    go?.toggleAttribute("hidden", chosen !== 2);
    for (const box of all<HTMLInputElement>("[data-compare-one]", place)) box.disabled = chosen >= 2 && !box.checked;
  });
  place.addEventListener("submit", (event) => {
    event.preventDefault();
    const [first, second] = ticked();
    location.assign(`${url}/${first}/${second}`);
  });
}
