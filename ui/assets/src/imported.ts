// An import that runs, or ran: how far it is, and all of it taken back.
import { all, make, one, word } from "./dom";
import { refusal } from "./importing";
import { ask, send } from "./net";

/** How long to wait before asking again how far it is. */
const PAUSE = 900;

export function startImportRun(): void {
  const page = one("[data-import-one]");
  if (!page) return;
  if (page.hasAttribute("data-running")) void follow(page);
  const undo = one<HTMLButtonElement>("[data-import-undo]", page);
  undo?.addEventListener("click", () => void takeBack(page, undo));
}

/** Follows an import until it has ended, then shows its page anew: what came of it stands there. */
async function follow(page: HTMLElement): Promise<void> {
  const progress = one<HTMLProgressElement>("[data-import-progress]", page);
  const counts = one("[data-import-counts]", page);
  for (;;) {
    await new Promise((resolve) => window.setTimeout(resolve, PAUSE));
    const answer = await ask(page.dataset["stateUrl"] ?? "");
    if (answer.status !== 200) continue;
    const { state, done, total } = answer.body as unknown as { state: string; done: number; total: number };
    if (!["waiting", "running", "undoing"].includes(state)) return location.reload();
    if (progress) progress.value = done;
    if (counts) counts.textContent = word("importing", { done, total });
  }
}

async function takeBack(page: HTMLElement, button: HTMLButtonElement): Promise<void> {
  if (!window.confirm(word("takeAllBack"))) return;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  const answer = await send(button.dataset["importUndo"] ?? "");
  if (answer.status === 200 && answer.body.location) return location.reload();
  const said = one("[data-import-said]", page);
  const result = one("[data-import-result]", page);
  if (answer.status === 200 && result) {
    result.innerHTML = String(answer.body["html"]);
    for (const each of all("[data-import-undo], .import-state", page)) each.remove();
    result.scrollIntoView({ block: "nearest" });
    return;
  }
  button.disabled = false;
  button.removeAttribute("aria-busy");
  if (said) {
    said.replaceChildren(make("span", {}, refusal(answer)));
    said.hidden = false;
  }
}
