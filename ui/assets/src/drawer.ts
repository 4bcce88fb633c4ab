// A record beside the list it was opened from, under its own address: back closes it.
import htmx from "htmx.org";
import { all, composing, icon, make, one, toast, typing, word } from "./dom";
import { fragment } from "./net";
import { isRecord, listed } from "./opening";
import { nameKeys } from "./shell";

let place: HTMLElement | undefined;
let shown = "";
let origin: HTMLElement | null = null;
let listTitle = "";
let stale = false;
let turn = 0;
let pushed = false;

/** Shows a record; one that is shown already is drawn anew. */
export async function show(address: string): Promise<void> {
  if (!place) {
    origin = document.activeElement as HTMLElement | null;
    listTitle = document.title;
  }
  if (location.pathname !== address) {
    // Leafing through a list leaves one entry behind, so that back leads to the list.
    if (pushed) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    pushed = true;
  }
  if (!(await draw(address))) location.assign(address);
}

/** Follows the browser back and forth: to a record, or to the list without one. */
export async function showAgain(address: string): Promise<void> {
  pushed = isRecord(address);
  if (!pushed) remove();
  else if (!(await draw(address))) location.assign(address);
}

/** Takes what the server draws of an address, a record or its form, into the drawer. */
async function draw(address: string): Promise<boolean> {
  const mine = ++turn;
  shown = address;
  const frame = place ?? build();
  frame.setAttribute("aria-busy", "true");
  mark();
  const answer = await fragment(`${address}${address.includes("?") ? "&" : "?"}drawer=1`);
  // What was asked for since takes the place of this, and so does closing.
  if (mine !== turn) return true;
  if (answer.status !== 200) return false;
  frame.removeAttribute("aria-busy");
  const body = one(".drawer-body", frame);
  if (!body) return false;
  body.innerHTML = answer.html;
  body.scrollTop = 0;
  const record = one("[data-record]", body);
  frame.setAttribute("aria-label", record?.dataset["heading"] ?? "");
  if (record) document.title = record.dataset["heading"] ?? document.title;
  nameKeys(body);
  htmx.process(body);
  await startPart(body);
  if (!one("[data-form]", body)) frame.focus();
  return true;
}

/** Starts what a record or its form does, wherever it was drawn into the page. */
export async function startPart(body: HTMLElement): Promise<void> {
  if (one("[data-form]", body)) {
    const { startForm } = await import("./form");
    return startForm(body);
  }
  const { startRecord } = await import("./record");
  startRecord(body);
}

function build(): HTMLElement {
  const buttons = [button("previous", "chevron-up", () => leaf(-1)), button("next", "chevron-down", () => leaf(1))];
  const bar = make("header", { class: "drawer-bar" }, ...buttons, make("span", { class: "drawer-at" }));
  bar.append(button("fullPage", "arrows-maximize", fullPage), button("close", "x", close));
  const made = make("aside", { class: "drawer", role: "dialog", tabindex: "-1" }, bar, make("div", { class: "drawer-body" }));
  one("main")?.append(made);
  document.documentElement.classList.add("has-drawer");
  document.addEventListener("keydown", keyed);
  document.addEventListener("go", going);
  document.addEventListener("changed", changed);
  document.addEventListener("saved", saved);
  place = made;
  return made;
}

function button(name: string, symbol: string, act: () => void): HTMLElement {
  const made = make("button", { type: "button", class: "icon-button", "aria-label": word(name), title: word(name), "data-drawer": name }, icon(symbol));
  made.addEventListener("click", act);
  return made;
}

/** Marks the row of what is shown, and says where in the list it is. */
function mark(): void {
  const records = listed();
  const at = records.indexOf(recordOf(shown));
  for (const row of all("main [data-list] :is(tr[data-href], [data-card])")) {
    const address = row.dataset["href"] ?? one<HTMLAnchorElement>("a[href]", row)?.pathname;
    row.classList.toggle("is-open", address === recordOf(shown));
  }
  const said = one(".drawer-at", place);
  if (said) said.textContent = at < 0 ? "" : `${at + 1} / ${records.length}${one("main [data-more]") ? "+" : ""}`;
  one("[data-drawer=previous]", place)?.toggleAttribute("disabled", at <= 0);
  one("[data-drawer=next]", place)?.toggleAttribute("disabled", at < 0 || (at === records.length - 1 && !one("main [data-more]")));
}

/** The record that an address is about, without what is done to it. */
function recordOf(address: string): string {
  return address.split("?")[0]?.replace(/\/edit$/, "") ?? "";
}

async function leaf(step: number): Promise<void> {
  if (!mayLeave()) return;
  const at = listed().indexOf(recordOf(shown));
  if (at < 0) return;
  if (at + step >= listed().length) await more(listed().length);
  const next = listed()[at + step];
  if (!next) return;
  await show(next);
  one("main .is-open")?.scrollIntoView({ block: "nearest" });
}

/** Loads the next rows of the list, and waits for them a moment. */
async function more(count: number): Promise<void> {
  one<HTMLButtonElement>("main [data-more] button")?.click();
  for (let turn = 0; turn < 40 && listed().length === count; turn += 1) {
    await new Promise((resolve) => window.setTimeout(resolve, 50));
  }
}

function mayLeave(): boolean {
  return document.dispatchEvent(new CustomEvent("leaving", { cancelable: true }));
}

function fullPage(): void {
  if (mayLeave()) location.assign(shown);
}

function close(): void {
  if (!mayLeave()) return;
  if (pushed) history.back();
  else remove();
}

function remove(): void {
  turn += 1;
  place?.remove();
  place = undefined;
  for (const row of all("main .is-open")) row.classList.remove("is-open");
  document.documentElement.classList.remove("has-drawer");
  document.removeEventListener("keydown", keyed);
  document.removeEventListener("go", going);
  document.removeEventListener("changed", changed);
  document.removeEventListener("saved", saved);
  if (listTitle) document.title = listTitle;
  // What was changed beside the list is another thing in it now.
  if (stale) location.reload();
  else origin?.focus();
}

function keyed(event: KeyboardEvent): void {
  if (composing(event) || event.defaultPrevented || typing(event.target) || one("dialog[open]") || event.metaKey || event.ctrlKey || event.altKey) return;
  const act = { Escape: close, j: () => void leaf(1), k: () => void leaf(-1), o: fullPage }[event.key];
  if (!act || (one("[data-form]", place) && event.key !== "o")) return;
  event.preventDefault();
  act();
}

/** Somebody goes on from what is shown: to its form and back, or away from it. */
function going(event: Event): void {
  const address = (event as CustomEvent<string>).detail;
  const path = new URL(address, location.href).pathname;
  if (isRecord(path) && recordOf(shown).endsWith("/new")) {
    // What was made in the drawer is shown in it.
    event.preventDefault();
    return void show(path);
  }
  if (path.replace(/\/edit$/, "") !== recordOf(shown)) {
    if (!isRecord(path) && path === recordOf(shown).replace(/\/[^/]+$/, "")) leave(event);
    return;
  }
  event.preventDefault();
  void draw(path).then((drawn) => drawn || toast(word("offline")));
}

/** What was shown is gone, or was never kept: the list comes back. */
function leave(event: Event): void {
  event.preventDefault();
  stale = true;
  if (pushed) history.back();
  else remove();
}

function saved(): void {
  stale = true;
}

function changed(event: Event): void {
  event.preventDefault();
  stale = true;
  void draw(recordOf(shown));
}
