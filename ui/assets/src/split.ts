// A split view: the list stays, the chosen record stands beside it; arrow keys lead up and down.
import htmx from "htmx.org";
import { all, composing, make, one, typing, word } from "./dom";
import { startPart } from "./drawer";
import { fragment } from "./net";

const WIDE = window.matchMedia("(min-width: 821px)");

export function startSplit(split: HTMLElement): void {
  const pane = one("[data-split-pane]", split);
  const list = one("[data-split-list]", split);
  if (!pane || !list) return;
  list.addEventListener("click", (event) => {
    const card = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-card]") : null;
    const plain = !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.button;
    const link = card && one<HTMLAnchorElement>("[data-split-link]", card);
    if (!link || !plain) return;
    // Before the page's own listener opens a drawer.
    event.preventDefault();
    event.stopPropagation();
    if (WIDE.matches) void open(list, pane, link);
    else location.assign(link.href);
  });
  split.addEventListener("keydown", (event) => {
    if (composing(event) || typing(event.target) || !list.contains(event.target as Node)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const links = all<HTMLAnchorElement>("[data-split-link]", list);
    const at = links.findIndex((link) => link.getAttribute("aria-current") === "true");
    const next = step ? links[at + step] : undefined;
    if (step) event.preventDefault();
    if (next) {
      next.focus();
      void open(list, pane, next);
    }
    if (event.key === "ArrowRight" && at >= 0) pane.focus();
  });
  document.addEventListener("changed", (event) => {
    const current = one<HTMLAnchorElement>("[aria-current=true]", list);
    if (!current || !pane.contains(document.activeElement)) return;
    event.preventDefault();
    void open(list, pane, current);
  });
  const first = one<HTMLAnchorElement>("[data-split-link]", list);
  if (first && WIDE.matches) void open(list, pane, first);
}

let turn = 0;

async function open(list: HTMLElement, pane: HTMLElement, link: HTMLAnchorElement): Promise<void> {
  const mine = ++turn;
  for (const each of all("[data-split-link]", list)) each.toggleAttribute("aria-current", false);
  link.setAttribute("aria-current", "true");
  link.closest("li")?.scrollIntoView({ block: "nearest" });
  pane.setAttribute("aria-busy", "true");
  const answer = await fragment(`${link.pathname}?drawer=1`);
  // Somebody who leafs fast is only shown where they stop.
  if (mine !== turn) return;
  pane.removeAttribute("aria-busy");
  if (answer.status !== 200) return pane.replaceChildren(make("p", { class: "split-hint" }, word("offline")));
  pane.innerHTML = answer.html;
  pane.scrollTop = 0;
  htmx.process(pane);
  await startPart(pane);
}
