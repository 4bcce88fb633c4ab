// A board: cards are dragged, carried by keys or sent by a menu to the stages they may enter.
import Sortable from "sortablejs";
import { move, said } from "./actions";
import { all, composing, icon, make, one, toast, word } from "./dom";
import { onceKey, send } from "./net";
import { openRecord } from "./opening";

export function startBoard(): void {
  const board = one("[data-board]");
  if (!board) return;
  for (const lane of all("[data-lane]", board)) sortable(board, lane);
  board.addEventListener("click", (event) => clicked(board, event));
  board.addEventListener("keydown", (event) => void keyed(board, event));
  board.addEventListener("submit", (event) => {
    if (!(event.target instanceof HTMLFormElement) || !event.target.matches("[data-add]")) return;
    event.preventDefault();
    void add(board, event.target);
  });
  document.addEventListener("changed", () => void refresh(board));
  startTabs(board);
  board.dataset["address"] = location.href;
  board.dataset["ready"] = "true";
}

function sortable(board: HTMLElement, lane: HTMLElement): void {
  new Sortable(lane, {
    group: { name: "stages", put: (to, from) => reaches(stageOf(to.el), stageOf(from.el)) },
    draggable: "[data-card]",
    sort: false,
    animation: 140,
    delay: 140,
    delayOnTouchOnly: true,
    filter: "a, button, [data-more]",
    preventOnFilter: false,
    onStart: (event) => mark(board, event.from),
    onEnd: (event) => void dropped(board, event),
  });
}

function stageOf(lane: HTMLElement): HTMLElement {
  return lane.closest<HTMLElement>("[data-stage]") ?? lane;
}

/** Whether a card may be carried from one lane to another, which is in the same row. */
function reaches(to: HTMLElement, from: HTMLElement): boolean {
  return to.parentElement === from.parentElement && allowed(to, from);
}

function allowed(to: HTMLElement, from: HTMLElement): boolean {
  return (to.dataset["from"] ?? "").split(" ").includes(from.dataset["stage"] ?? "");
}

function mark(board: HTMLElement, from: HTMLElement): void {
  board.classList.add("is-dragging");
  for (const stage of all("[data-stage][data-from]", board)) {
    stage.classList.toggle("may-drop", stage === stageOf(from) || reaches(stage, stageOf(from)));
  }
}

async function dropped(board: HTMLElement, event: Sortable.SortableEvent): Promise<void> {
  board.classList.remove("is-dragging");
  if (event.from === event.to) return;
  const moved = await carry(board, event.item, stageOf(event.to), stageOf(event.from));
  if (!moved) event.from.insertBefore(event.item, event.from.children[event.oldIndex ?? 0] ?? null);
}

/** Sends a card to a stage; where it may go back, with a way to undo. */
async function carry(board: HTMLElement, card: HTMLElement, to: HTMLElement, from: HTMLElement): Promise<boolean> {
  const url = (board.dataset["moveUrl"] ?? "")
    .replace("{id}", card.dataset["card"] ?? "")
    .replace("{stage}", to.dataset["stage"] ?? "");
  card.classList.add("is-moving");
  const moved = await move(url);
  card.classList.remove("is-moving");
  if (!moved) return false;
  const lane = one("[data-lane]", to);
  if (lane && card.parentElement !== lane) lane.prepend(card);
  await refresh(board, card);
  const back = allowed(from, to) ? { label: word("undo"), act: () => void carry(board, card, from, to) } : undefined;
  toast(word("movedTo", { stage: to.dataset["label"] ?? "" }), back);
  return true;
}

/** Draws the counts and sums of all lanes, and the card that was moved, as the server has them now. */
async function refresh(board: HTMLElement, card?: HTMLElement): Promise<void> {
  const response = await fetch(board.dataset["address"] ?? "", { headers: { Accept: "text/html" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const head of all("[data-head]", board)) {
    const fresh = one(`[data-head="${head.dataset["head"]}"]`, page);
    if (fresh) head.replaceWith(fresh);
  }
  for (const tab of all("[data-lane-tab]")) {
    const fresh = one(`[data-lane-tab="${tab.dataset["laneTab"]}"]`, page);
    if (fresh) tab.replaceChildren(...fresh.childNodes);
  }
  for (const shown of card ? [card] : all("[data-card]", board)) {
    const fresh = one(`[data-card="${shown.dataset["card"]}"]`, page);
    if (fresh) shown.replaceChildren(...fresh.childNodes);
  }
}

function clicked(board: HTMLElement, event: MouseEvent): void {
  if (!(event.target instanceof Element)) return;
  const fold = event.target.closest<HTMLElement>("[data-fold]");
  if (fold) return toggle(board, stageOf(fold));
  const mover = event.target.closest<HTMLElement>("[data-mover]");
  if (mover) return choose(board, mover);
  if (event.target.closest("a, button, input")) return;
  const link = one<HTMLAnchorElement>("a", event.target.closest("[data-card]") ?? document.createElement("i"));
  if (link) openRecord(link.pathname);
}

/** Folds a lane, or unfolds it; the browser keeps which are. */
function toggle(board: HTMLElement, lane: HTMLElement): void {
  const folded = !lane.classList.contains("is-folded");
  const stage = lane.dataset["stage"] ?? "";
  for (const each of all(`[data-stage="${stage}"]`, board)) each.classList.toggle("is-folded", folded);
  one("[data-fold]", lane)?.setAttribute("aria-expanded", String(!folded));
  const kept = /(?:^|; )folded=([^;]*)/.exec(document.cookie)?.[1] ?? "";
  const view = board.dataset["view"] ?? "";
  const others = decodeURIComponent(kept).split("|").filter((part) => part && !part.startsWith(`${view}:`));
  const stages = [...new Set(all(".is-folded[data-stage]", board).map((each) => each.dataset["stage"] ?? ""))];
  const parts = stages.length ? [...others, `${view}:${stages.join(",")}`] : others;
  document.cookie = `folded=${encodeURIComponent(parts.join("|"))}; Path=${board.dataset["url"]}; Max-Age=${parts.length ? 31_536_000 : 0}; SameSite=Lax`;
}

/** Offers the stages that a card may enter: what dragging does, for one finger or a keyboard. */
function choose(board: HTMLElement, mover: HTMLElement): void {
  const card = mover.closest<HTMLElement>("[data-card]");
  if (!card) return;
  const from = stageOf(card);
  const menu = make("dialog", { class: "dialog lane-menu", "aria-label": mover.getAttribute("aria-label") ?? "" });
  const close = make("button", { type: "button", class: "icon-button", "aria-label": word("close") }, icon("x"));
  close.addEventListener("click", () => (menu as HTMLDialogElement).close());
  const title = one("a", card)?.textContent ?? "";
  menu.append(make("header", { class: "dialog-head" }, make("h2", {}, word("moveTo", { title })), close));
  const lanes = [...(from.parentElement?.children ?? [])].filter(
    (each): each is HTMLElement => each instanceof HTMLElement && each !== from && "from" in each.dataset && allowed(each, from),
  );
  for (const lane of lanes) {
    const tone = [...lane.classList].find((name) => name.startsWith("tone-")) ?? "";
    const line = make("button", { type: "button", class: `lane-choice ${tone}` }, lane.dataset["label"] ?? "");
    line.addEventListener("click", () => {
      (menu as HTMLDialogElement).close();
      void carry(board, card, lane, from);
    });
    menu.append(line);
  }
  if (!lanes.length) menu.append(make("p", {}, word("noMove")));
  document.body.append(menu);
  menu.addEventListener("close", () => {
    menu.remove();
    mover.focus();
  });
  (menu as HTMLDialogElement).showModal();
}

async function keyed(board: HTMLElement, event: KeyboardEvent): Promise<void> {
  if (composing(event) || !(event.target instanceof HTMLElement)) return;
  if (event.key === "Escape" && event.target.matches("[data-add] input")) event.target.blur();
  const card = event.target.closest<HTMLElement>("[data-card]");
  if (!card || event.target !== card) return;
  if (event.key === "Enter") one<HTMLAnchorElement>("a", card)?.click();
  const from = stageOf(card);
  const lanes = [...(from.parentElement?.children ?? [])].filter((each) => each instanceof HTMLElement && "from" in each.dataset) as HTMLElement[];
  const side = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const along = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (along) {
    event.preventDefault();
    const cards = all("[data-card]", from);
    cards[cards.indexOf(card) + along]?.focus();
  }
  if (!side) return;
  event.preventDefault();
  const to = lanes[lanes.indexOf(from) + side];
  if (!to) return;
  if (!event.altKey && !event.shiftKey) {
    one("[data-card]", to)?.focus();
  } else if (allowed(to, from)) {
    await carry(board, card, to, from);
    card.focus();
  }
}

/** Makes a card of what was typed; where more is required, its form opens with what is known. */
async function add(board: HTMLElement, form: HTMLFormElement): Promise<void> {
  const input = one<HTMLInputElement>("input", form);
  const text = input?.value.trim();
  if (!input || !text) return;
  const stage = stageOf(form).dataset["stage"] ?? "";
  const { titleField = "", stageField = "", url = "", newUrl = "" } = board.dataset;
  input.readOnly = true;
  const answer = await send(url, { values: { [titleField]: text, [stageField]: stage } }, onceKey());
  input.readOnly = false;
  if (answer.status === 422) {
    const more = new URLSearchParams({ [titleField]: text, [stageField]: stage });
    location.assign(`${newUrl}?${more}`);
  } else if (answer.status === 200) {
    input.value = "";
    await added(board, form, (answer.body.location ?? "").split("/").pop() ?? "");
    input.focus();
  } else toast(said(answer));
}

async function added(board: HTMLElement, form: HTMLElement, id: string): Promise<void> {
  await refresh(board);
  const stage = stageOf(form).dataset["stage"] ?? "";
  const url = `${board.dataset["url"]}/lane?${new URLSearchParams({ view: board.dataset["view"] ?? "", stage, filter: `created_at >= TODAY()` })}`;
  const response = await fetch(url, { headers: { Accept: "text/html" } });
  if (!response.ok) return;
  const holder = make("ol");
  holder.innerHTML = await response.text();
  const card = one(`[data-card="${id}"]`, holder);
  if (card) one("[data-lane]", stageOf(form))?.prepend(card);
}

/** On a phone one lane is seen at a time: tabs lead to the others, and follow a swipe. */
function startTabs(board: HTMLElement): void {
  const tabs = all("[data-lane-tab]");
  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      const lane = one(`[data-stage="${tab.dataset["laneTab"]}"]`, board);
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      lane?.scrollIntoView({ behavior: still ? "instant" : "smooth", block: "nearest", inline: "start" });
    });
  }
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((each) => each.isIntersecting)) {
        const stage = (entry.target as HTMLElement).dataset["stage"];
        for (const tab of tabs) {
          tab.toggleAttribute("aria-current", tab.dataset["laneTab"] === stage);
          if (tab.dataset["laneTab"] === stage) tab.parentElement?.scrollTo({ left: tab.offsetLeft - 14 });
        }
      }
    },
    { root: board, threshold: 0.6 },
  );
  for (const lane of all(":scope > [data-stage]", board)) seen.observe(lane);
}
