// The frame: dialogs, tabs, menu groups that remember, keys that work everywhere.
import { all, composing, go, one, typing } from "./dom";
import { openPalette } from "./palette";

const mac = /Mac|iPhone|iPad/.test(navigator.platform);

export function startShell(): void {
  nameKeys(document);
  for (const here of all<HTMLInputElement>("[data-here]")) here.value = location.pathname + location.search;
  for (const group of all<HTMLDetailsElement>("[data-menu-group]")) remember(group);
  for (const input of all<HTMLInputElement>("[data-menu-find]")) input.addEventListener("input", () => narrow(input));
  document.addEventListener("click", pressed);
  document.addEventListener("keydown", shortcut);
  one("#sheet .person")?.addEventListener("toggle", (event) => (event.target as HTMLElement).scrollIntoView({ block: "end" }));
  openTabOfAddress();
  keepScroll();
  for (const tab of all(".view-tabs [aria-current], .stage.is-current")) tab.scrollIntoView({ inline: "nearest", block: "nearest" });
}

/** Names the keys of a keyboard as this device calls them. */
export function nameKeys(within: ParentNode): void {
  for (const key of all("[data-mod-key]", within)) key.textContent = `${mac ? "⌘" : "Ctrl "}${key.dataset["modKey"]}`;
  for (const key of all("[data-mod]", within)) key.textContent = mac ? "⌘" : "Ctrl";
}

/** A person folds a group, on every device; a search that opens one says nothing about what they like. */
function remember(group: HTMLDetailsElement): void {
  one("summary", group)?.addEventListener("click", () => {
    const name = group.dataset["menuGroup"] ?? "";
    for (const twin of all<HTMLDetailsElement>(`[data-menu-group="${CSS.escape(name)}"]`)) if (twin !== group) twin.open = !group.open;
    const groups = all<HTMLDetailsElement>("[data-menu-group]", group.closest(".side-menu") ?? document);
    // The one that is pressed is about to change.
    const named = (open: boolean): string[] => groups.filter((each) => (each === group ? !each.open : each.open) === open).map((each) => each.dataset["menuGroup"] ?? "");
    const values = { opened: named(true), folded: named(false) };
    void import("./prefer").then(({ prefer }) => prefer("menu", values));
  });
}

/** The menu stays where it was scrolled to; where the person is lies outside of that, it shows it with its heading. */
function keepScroll(): void {
  const menu = one(".side .side-menu");
  if (!menu) return;
  menu.scrollTop = Number(sessionStorage.getItem("joinery.menu") ?? 0);
  window.addEventListener("pagehide", () => sessionStorage.setItem("joinery.menu", String(menu.scrollTop)));
  const here = one("[aria-current]", menu);
  if (!here) return;
  const frame = menu.getBoundingClientRect();
  const box = here.getBoundingClientRect();
  const heading = (here.closest(".menu-group") ?? here).getBoundingClientRect();
  if (box.bottom > frame.bottom) menu.scrollTop += Math.min(box.bottom - frame.bottom + 12, heading.top - frame.top);
  else if (heading.top < frame.top && box.top - heading.top < frame.height) menu.scrollTop += heading.top - frame.top;
  else if (box.top < frame.top) menu.scrollTop += box.top - frame.top;
}

/** Leaves in a menu what has the words typed above it. */
function narrow(input: HTMLInputElement): void {
  const text = input.value.trim().toLowerCase();
  const menu = one(".side-menu", input.closest("dialog") ?? document);
  for (const group of menu ? all<HTMLElement>(".menu-group, .side-menu > .menu-lines", menu) : []) {
    const lines = all("li", group);
    for (const line of lines) line.hidden = !(line.textContent ?? "").toLowerCase().includes(text);
    group.hidden = lines.every((line) => line.hidden);
    if (text && group instanceof HTMLDetailsElement) group.open = true;
  }
}

function pressed(event: MouseEvent): void {
  if (!(event.target instanceof Element)) return;
  const opener = event.target.closest<HTMLElement>("[data-open]");
  if (opener) one<HTMLDialogElement>(`#${opener.dataset["open"]}`)?.showModal();
  if (event.target.closest("[data-open-palette]")) openPalette();
  if (event.target.closest("[data-create]")) create();
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement && event.target.open && !event.target.matches("[data-conflict]")) {
    const box = event.target.getBoundingClientRect();
    const outside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (outside) event.target.close();
  }
  const tab = event.target.closest<HTMLElement>("[data-tabs] [role=tab]");
  if (tab) openTab(tab);
  for (const person of all<HTMLDetailsElement>(".person[open], .drop-menu[open]")) {
    if (!person.contains(event.target)) person.open = false;
  }
}

/** Shows the panel of a tab, and keeps it in the address so that a reload comes back to it. */
export function openTab(tab: HTMLElement, keep = true): void {
  for (const other of all("[role=tab]", tab.parentElement ?? document)) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    const panel = document.getElementById(other.getAttribute("aria-controls") ?? "");
    if (panel) panel.hidden = !chosen;
  }
  if (keep) history.replaceState(history.state, "", `#${tab.id.replace("tab-", "")}`);
}

function openTabOfAddress(): void {
  const tab = location.hash ? document.getElementById(`tab-${location.hash.slice(1)}`) : null;
  if (tab) openTab(tab, false);
}

function shortcut(event: KeyboardEvent): void {
  if (composing(event)) return;
  const mod = event.metaKey || event.ctrlKey;
  if (mod && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (mod && event.key.toLowerCase() === "j") {
    event.preventDefault();
    create();
    return;
  }
  if (event.target instanceof HTMLElement && event.target.matches("[role=tab]")) moveTab(event);
  if (mod || event.altKey || typing(event.target) || one("dialog[open]")) return;
  if (led(event.key)) return event.preventDefault();
  const address = { n: one("[data-new]")?.dataset["new"], e: one("[data-edit]")?.dataset["edit"] }[event.key];
  if (address) {
    event.preventDefault();
    go(address);
  } else if (event.key === "/") {
    const search = one<HTMLInputElement>("[data-quick-search]");
    event.preventDefault();
    if (search) search.focus();
    else openPalette();
  }
}

/** Opens the choice of what to create. */
function create(): void {
  void import("./create").then(({ openCreate }) => openCreate());
}

let before = "";

/** Keys that lead somewhere from any page: `c`, `?`, and `g` followed by a letter. */
function led(key: string): boolean {
  const home = one("[data-shell]")?.dataset["home"];
  const went = before === "g";
  before = key;
  if (home === undefined) return false;
  const address = went ? { i: `${home}/inbox`, h: home }[key] : { "?": `${home}/shortcuts` }[key];
  if (address) go(address);
  else if (went && key === "m") document.documentElement.classList.toggle("menu-away");
  else if (key === "c" && one("[data-create]")) create();
  else return key === "g";
  return true;
}

function moveTab(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const tabs = all("[role=tab]", (event.target as HTMLElement).parentElement ?? document).filter((tab) => !tab.hidden);
  const next = step ? tabs.at((tabs.indexOf(event.target as HTMLElement) + step) % tabs.length) : undefined;
  if (next) {
    next.focus();
    openTab(next);
  }
}
