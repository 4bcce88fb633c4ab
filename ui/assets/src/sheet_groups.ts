// Groups of a list: opened, they show what is inside; open ones stay open for the tab.
import { all, one, toast, word } from "./dom";
import { fragment } from "./net";
import type { Rows } from "./sheet_rows";

const OPEN = "joinery.groups";

export function startGroups(place: HTMLElement, rows: Rows): void {
  place.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("[data-group]") : null;
    if (button) void toggle(button, rows);
  });
  void reopen(place, rows);
}

async function toggle(button: HTMLButtonElement, rows: Rows): Promise<void> {
  const open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  remember(button, !open);
  if (open) return close(button, rows);
  const line = button.closest("tbody");
  button.setAttribute("aria-busy", "true");
  const answer = await fragment(button.dataset["group"] ?? "");
  button.removeAttribute("aria-busy");
  if (answer.status !== 200 || !line) {
    button.setAttribute("aria-expanded", "false");
    return toast(word("offline"));
  }
  const level = levelOf(line) + 1;
  const bodies = rows.bodies(answer.html);
  for (const body of bodies) body.dataset["level"] ??= String(level);
  line.after(...bodies);
  for (const body of bodies) rows.add(body);
  await reopen(line.parentElement!, rows, bodies);
}

/** Takes away what is inside a group: everything up to the next line of its own level. */
function close(button: HTMLButtonElement, rows: Rows): void {
  const line = button.closest("tbody");
  if (!line) return;
  const level = levelOf(line);
  let next = line.nextElementSibling;
  while (next instanceof HTMLTableSectionElement && next.tagName === "TBODY" && levelOf(next) > level) {
    const after = next.nextElementSibling;
    rows.forget(next);
    next = after;
  }
}

function levelOf(body: HTMLElement): number {
  return Number(body.dataset["level"] ?? 0);
}

function held(): string[] {
  return JSON.parse(sessionStorage.getItem(OPEN) ?? "[]") as string[];
}

function remember(button: HTMLElement, open: boolean): void {
  const url = button.dataset["group"] ?? "";
  const others = held().filter((each) => each !== url);
  sessionStorage.setItem(OPEN, JSON.stringify(open ? [...others, url].slice(-60) : others));
}

async function reopen(place: HTMLElement, rows: Rows, bodies?: HTMLElement[]): Promise<void> {
  const known = new Set(held());
  const within = bodies ?? [place];
  const closed = within.flatMap((body) => all<HTMLButtonElement>("[data-group][aria-expanded=false]", body));
  for (const button of closed) if (known.has(button.dataset["group"] ?? "") && one("[data-group]", button.closest("tbody")!)) await toggle(button, rows);
}
