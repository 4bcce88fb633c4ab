// Dialogs that the server draws: opened by a button, drawn anew after something in them was sent.
import { said } from "./actions";
import { all, first, make, one, toast, word } from "./dom";
import { ask, fragment } from "./net";
import { startPosting } from "./posting";
import { startPickers } from "./picker";
import { FOCUSABLE, readFields } from "./values";

export function startDialogs(): void {
  if (!first("dialogs")) return;
  document.addEventListener("click", (event) => {
    const opener = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-dialog]") : null;
    // A link that opens a dialog leads somewhere as well, for who wants it in a tab of its own.
    if (!opener || event.metaKey || event.ctrlKey) return;
    if (opener instanceof HTMLAnchorElement) event.preventDefault();
    void show(opener.dataset["dialog"] ?? "");
  });
}

async function show(url: string): Promise<void> {
  const answer = await fragment(url);
  // Asked once more for why: a page of a refusal is no dialog.
  if (answer.status !== 200) return toast(answer.status ? said(await ask(url)) : word("offline"));
  const holder = make("div");
  holder.innerHTML = answer.html;
  const dialog = one<HTMLDialogElement>("dialog", holder);
  if (!dialog) return;
  document.body.append(dialog);
  start(dialog);
  dialog.showModal();
  // What is to be filled in comes first, before what closes the dialog.
  if (!one("[autofocus]", dialog)) one(FOCUSABLE, dialog)?.focus();
  dialog.addEventListener("close", () => dialog.remove());
}

/** Puts what the server says now in the place of what a dialog shows. */
async function redraw(dialog: HTMLDialogElement, url: string): Promise<void> {
  const answer = await fragment(url);
  if (answer.status !== 200) return toast(word("offline"));
  const holder = make("div");
  holder.innerHTML = answer.html;
  const fresh = one<HTMLDialogElement>("dialog", holder);
  if (!fresh) return;
  dialog.replaceChildren(...fresh.childNodes);
  start(dialog);
  one(FOCUSABLE, dialog)?.focus();
}

/** Shows the input of whom something is shared with: a person, a department, a team or a role. */
export function startKinds(within: HTMLElement): void {
  const kinds = one<HTMLSelectElement>("[data-kind-select]", within);
  kinds?.addEventListener("change", () => {
    for (const field of all("[data-for-kind]", within)) field.hidden = field.dataset["forKind"] !== kinds.value;
  });
}

function start(dialog: HTMLDialogElement): void {
  const url = dialog.dataset["dialogUrl"] ?? "";
  startPosting(dialog);
  for (const form of all("form[data-post]", dialog)) form.addEventListener("posted", () => void redraw(dialog, url));
  startKinds(dialog);
  for (const page of all<HTMLImageElement>(".paper-page", dialog)) {
    const said = one("[data-not-drawn]", dialog)?.dataset["notDrawn"] ?? "";
    page.addEventListener("error", () => page.replaceWith(make("p", { class: "block-empty" }, said)), { once: true });
  }
  const asking = one<HTMLFormElement>("form[data-ask]", dialog);
  if (!asking) return;
  startPickers(asking, () => readFields(asking) as Record<string, unknown>);
  asking.addEventListener("submit", (event) => event.preventDefault());
  one("[data-link]", asking)?.addEventListener("chosen", () => {
    const user = one<HTMLInputElement>("[data-link]", asking)?.value ?? "";
    void redraw(dialog, `${asking.dataset["ask"]}?user=${encodeURIComponent(user)}`);
  });
}
