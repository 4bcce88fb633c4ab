// A new record from anywhere: its kind by a word or the arrows, then its short form over the page.
import { all, make, one, toast, word } from "./dom";
import { fragment } from "./net";
import { choose, fits, keyed } from "./palette";

let prepared = false;

/** Opens the choice of what to create, or the short form at an address. */
export function openCreate(address = ""): void {
  const dialog = one<HTMLDialogElement>("#create");
  const input = one<HTMLInputElement>("[data-create-input]");
  if (!dialog || !input || dialog.open) return;
  prepare(dialog, input);
  input.value = "";
  narrow(input);
  back(dialog);
  dialog.showModal();
  if (address) void show(dialog, address);
  else input.focus();
}

function prepare(dialog: HTMLDialogElement, input: HTMLInputElement): void {
  if (prepared) return;
  prepared = true;
  const list = one("[data-create-list]", dialog);
  all(".palette-line", dialog).forEach((line, at) => (line.id = `create-line-${at}`));
  input.addEventListener("input", () => narrow(input));
  input.addEventListener("keydown", (event) => keyed(event, list));
  list?.addEventListener("click", (event) => {
    const line = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a.palette-line") : null;
    if (!line || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    void show(dialog, line.href);
  });
  // A form with something in it asks before it goes.
  dialog.addEventListener("cancel", (event) => {
    if (!mayLeave()) event.preventDefault();
  });
  dialog.addEventListener("close", () => back(dialog));
  document.addEventListener("go", (event) => {
    if (dialog.open) left(dialog, event as CustomEvent<string>);
  });
}

function narrow(input: HTMLInputElement): void {
  const text = input.value.trim().toLowerCase();
  const list = one("[data-create-list]");
  if (!list) return;
  for (const line of all(".palette-line", list)) line.hidden = text !== "" && fits(line, text) < 0;
  choose(list, 0);
}

function back(dialog: HTMLDialogElement): void {
  const place = one("[data-create-form]", dialog);
  place?.replaceChildren();
  place?.toggleAttribute("hidden", true);
  one("[data-create-choice]", dialog)?.toggleAttribute("hidden", false);
}

async function show(dialog: HTMLDialogElement, address: string): Promise<void> {
  const place = one("[data-create-form]", dialog);
  const url = new URL(address, location.href);
  const given = belonging(url.pathname);
  for (const [name, value] of given) url.searchParams.set(name, value);
  const asked = given.size ? `?${given}` : "";
  url.searchParams.set("form", "quick_create");
  url.searchParams.set("drawer", "1");
  if (!all<HTMLAnchorElement>("[data-quick]", dialog).some((line) => line.pathname === url.pathname)) return location.assign(url.pathname);
  const answer = await fragment(url.pathname + url.search);
  if (!place || answer.status !== 200) {
    // Without the server the form that was kept for it is written, and sent later.
    location.assign(url.pathname + "?form=quick_create");
    return;
  }
  place.innerHTML = answer.html;
  one("[data-create-choice]", dialog)?.toggleAttribute("hidden", true);
  place.hidden = false;
  const whole = make("a", { class: "btn btn-quiet create-whole", href: url.pathname + asked }, word("wholeForm"));
  one(".page-actions", place)?.prepend(whole);
  one(".page-above", place)?.remove();
  const { startForm } = await import("./form");
  await startForm(place);
}

/** What is created from a record's page belongs to that record, as its own lists say. */
function belonging(path: string): URLSearchParams {
  const record = all("[data-record]").at(-1);
  const links = record ? all<HTMLAnchorElement>("a[href*='/new?']", record) : [];
  return new URLSearchParams(links.find((link) => link.pathname === path)?.search);
}

/** Asks the form, which knows whether something would be lost. */
function mayLeave(): boolean {
  return document.dispatchEvent(new CustomEvent("leaving", { cancelable: true }));
}

/** The record is made: the page stays, and a word leads to what is new. */
function left(dialog: HTMLDialogElement, event: CustomEvent<string>): void {
  event.preventDefault();
  const address = event.detail;
  const cancelled = address === one("[data-form]", dialog)?.dataset["back"];
  dialog.close();
  if (!cancelled) toast(word("saved"), { label: word("open"), act: () => location.assign(address) });
}
