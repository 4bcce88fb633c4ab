// A board: cards are dragged, or carried by keys, to the stages they may enter.
import Sortable from "sortablejs";
import { move } from "./actions";
import { all, composing, one } from "./dom";

export function startBoard(): void {
  const board = one("[data-board]");
  if (!board) return;
  for (const lane of all("[data-lane]", board)) {
    new Sortable(lane, {
      group: { name: "stages", put: (to, from) => allowed(stageOf(to.el), stageOf(from.el)) },
      sort: false,
      animation: 140,
      delay: 140,
      delayOnTouchOnly: true,
      filter: "a",
      preventOnFilter: false,
      onStart: (event) => mark(board, event.from),
      onEnd: (event) => void dropped(board, event),
    });
  }
  board.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.target.closest("a")) return;
    const link = one<HTMLAnchorElement>("a", event.target.closest("[data-card]") ?? document.createElement("i"));
    if (link) location.assign(link.href);
  });
  board.addEventListener("keydown", (event) => void keyed(board, event));
}

function stageOf(lane: HTMLElement): HTMLElement {
  return lane.closest<HTMLElement>("[data-stage]") ?? lane;
}

function allowed(to: HTMLElement, from: HTMLElement): boolean {
  return (to.dataset["from"] ?? "").split(" ").includes(from.dataset["stage"] ?? "");
}

function mark(board: HTMLElement, from: HTMLElement): void {
  board.classList.add("is-dragging");
  for (const stage of all("[data-stage]", board)) {
    stage.classList.toggle("may-drop", stage === stageOf(from) || allowed(stage, stageOf(from)));
  }
}

async function dropped(board: HTMLElement, event: Sortable.SortableEvent): Promise<void> {
  board.classList.remove("is-dragging");
  if (event.from === event.to) return;
  const moved = await carry(board, event.item, stageOf(event.to));
  if (!moved) event.from.insertBefore(event.item, event.from.children[event.oldIndex ?? 0] ?? null);
}

async function carry(board: HTMLElement, card: HTMLElement, stage: HTMLElement): Promise<boolean> {
  const url = (board.dataset["moveUrl"] ?? "")
    .replace("{id}", card.dataset["card"] ?? "")
    .replace("{stage}", stage.dataset["stage"] ?? "");
  card.classList.add("is-moving");
  const moved = await move(url);
  card.classList.remove("is-moving");
  if (moved) await refresh(board);
  return moved;
}

/** Draws the lanes again as the server now has them: counts, sums, cards. */
async function refresh(board: HTMLElement): Promise<void> {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const stage of all("[data-stage]", board)) {
    const fresh = one(`[data-stage="${stage.dataset["stage"]}"]`, page);
    const lane = one("[data-lane]", stage);
    const cards = fresh ? one("[data-lane]", fresh) : null;
    const head = fresh ? one(".lane-head", fresh) : null;
    if (!lane || !cards || !head) continue;
    lane.replaceChildren(...cards.children);
    one(".lane-head", stage)?.replaceWith(head);
  }
}

async function keyed(board: HTMLElement, event: KeyboardEvent): Promise<void> {
  if (composing(event) || !(event.target instanceof HTMLElement)) return;
  const card = event.target.closest<HTMLElement>("[data-card]");
  if (!card || event.target !== card) return;
  if (event.key === "Enter") one<HTMLAnchorElement>("a", card)?.click();
  const step = event.altKey || event.shiftKey ? { ArrowRight: 1, ArrowLeft: -1 }[event.key] : undefined;
  const stages = all("[data-stage]", board);
  const from = stageOf(card);
  const to = step ? stages[stages.indexOf(from) + step] : undefined;
  if (!to || !allowed(to, from)) return;
  event.preventDefault();
  await carry(board, card, to);
}
