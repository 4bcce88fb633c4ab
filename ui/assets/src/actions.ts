// Things done to a record from its page, a board or the trash: delete, restore, convert, move.
import { go, make, one, redraw, toast, word } from "./dom";
import { showErrors } from "./errors";
import { fragment, onceKey, send, type Answer } from "./net";
import { startPickers } from "./picker";
import { FOCUSABLE, localInstants, readFields } from "./values";
import { startWidgets } from "./widgets";

export function startActions(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest<HTMLButtonElement>("[data-act]");
    if (button) void act(button);
    const stage = event.target.closest<HTMLButtonElement>("button[data-move]");
    if (stage) void move(stage.dataset["move"] ?? "").then((moved) => moved && redraw());
  });
  const kept = sessionStorage.getItem("joinery.said");
  if (kept) {
    sessionStorage.removeItem("joinery.said");
    const said = JSON.parse(kept) as { text: string; undo?: string };
    const undo = said.undo;
    toast(said.text, undo ? { label: word("undo"), act: () => void send(undo).then(follow) } : undefined);
  }
}

async function act(button: HTMLButtonElement): Promise<void> {
  const question = button.dataset["confirm"];
  if (question && !window.confirm(word(camel(question)))) return;
  button.setAttribute("aria-busy", "true");
  follow(await send(button.dataset["act"] ?? ""));
  button.removeAttribute("aria-busy");
}

function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Goes where an answer points, or says why it did not work. */
export function follow(answer: Answer): void {
  if (answer.status === 200 && answer.body.location) {
    document.dispatchEvent(new Event("saved"));
    if (answer.body.message) {
      sessionStorage.setItem("joinery.said", JSON.stringify({ text: answer.body.message, undo: answer.body.undo }));
    }
    go(answer.body.location);
  } else {
    toast(said(answer));
  }
}

/** Everything an answer has to say, in one line. */
export function said(answer: Answer): string {
  const errors = (answer.body.errors ?? []).map((error) => error.message);
  return errors.join(" ") || answer.body.message || word("offline");
}

/** Moves a record to a stage, asking first for what the stage requires. */
export async function move(url: string): Promise<boolean> {
  const asked = await fragment(url);
  if (asked.status === 200) return dialog(asked.html);
  if (asked.status !== 204) {
    toast(word("offline"));
    return false;
  }
  const answer = await send(url);
  if (answer.status !== 200) toast(said(answer));
  return answer.status === 200;
}

function dialog(html: string): Promise<boolean> {
  const holder = make("div");
  holder.innerHTML = html;
  const shown = one<HTMLDialogElement>("dialog", holder);
  const form = shown ? one<HTMLFormElement>("form", shown) : null;
  if (!shown || !form) return Promise.resolve(false);
  document.body.append(shown);
  localInstants();
  startPickers(form, () => readFields(form) as Record<string, unknown>);
  startWidgets(form);
  shown.showModal();
  one(FOCUSABLE, form)?.focus();
  const key = onceKey();
  return new Promise((resolve) => {
    let done = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send(form.dataset["moveForm"] ?? "", { values: readFields(form) }, key).then((answer) => {
        done = answer.status === 200;
        if (done) shown.close();
        else showErrors(form, answer);
      });
    });
    shown.addEventListener("close", () => {
      shown.remove();
      resolve(done);
    });
  });
}
