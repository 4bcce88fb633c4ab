// Arranging a dashboard of one's own: tiles are dragged and sized on the grid, by pointer or by keys.
import { all, composing, make, one, toast } from "./dom";
import { follow, said } from "./actions";
import { send } from "./net";

const COLUMNS = 12;
const LEAST = 2;
const TALLEST = 12;

type Place = [column: number, row: number, width: number, height: number];

/** Begins or ends arranging; what was moved is kept by the button beside. */
export function toggleArranging(page: HTMLElement, button: HTMLElement): void {
  const on = page.classList.toggle("is-arranging");
  button.setAttribute("aria-pressed", String(on));
  const keep = one("[data-arranged]", page);
  if (keep) keep.hidden = !on;
  if (!on) return location.reload();
  for (const tile of all("[data-tile]", page)) begin(page, tile);
  keep?.addEventListener("click", () => void kept(page));
}

function begin(page: HTMLElement, tile: HTMLElement): void {
  tile.tabIndex = 0;
  const size = make("button", { type: "button", class: "tile-size", tabindex: "-1", "aria-hidden": "true" });
  const remove = make("button", { type: "button", class: "icon-button tile-remove", "aria-label": page.dataset["remove"] ?? "" }, "×");
  tile.append(size, remove);
  remove.addEventListener("click", () => tile.remove());
  tile.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Element && event.target.closest(".tile-remove")) return;
    drag(tile, event, event.target === size);
  });
  tile.addEventListener("click", (event) => event.target instanceof Element && !event.target.closest(".tile-remove") && event.preventDefault());
  tile.addEventListener("keydown", (event) => keyed(tile, event));
}

function keyed(tile: HTMLElement, event: KeyboardEvent): void {
  const steps: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const step = steps[event.key];
  if (event.key === "Delete" && !composing(event)) tile.remove();
  if (!step || composing(event)) return;
  event.preventDefault();
  const [column, row, width, height] = placeOf(tile);
  put(tile, event.shiftKey ? [column, row, width + step[0], height + step[1]] : [column + step[0], row + step[1], width, height]);
  settle(tile);
}

function drag(tile: HTMLElement, start: PointerEvent, sizes: boolean): void {
  const grid = tile.parentElement;
  if (!grid || start.button !== 0) return;
  start.preventDefault();
  tile.setPointerCapture(start.pointerId);
  tile.classList.add("is-held");
  const style = getComputedStyle(grid);
  const gap = parseFloat(style.columnGap) || 0;
  const across = (grid.clientWidth + gap) / COLUMNS;
  const down = (parseFloat(style.gridAutoRows) || 62) + gap;
  const [column, row, width, height] = placeOf(tile);
  const move = (event: PointerEvent): void => {
    const right = Math.round((event.clientX - start.clientX) / across);
    const below = Math.round((event.clientY - start.clientY) / down);
    put(tile, sizes ? [column, row, width + right, height + below] : [column + right, row + below, width, height]);
  };
  const end = (): void => {
    tile.classList.remove("is-held");
    tile.removeEventListener("pointermove", move);
    settle(tile);
  };
  tile.addEventListener("pointermove", move);
  tile.addEventListener("pointerup", end, { once: true });
  tile.addEventListener("pointercancel", end, { once: true });
}

function placeOf(tile: HTMLElement): Place {
  const number = (name: string): number => Number([...tile.classList].find((each) => each.startsWith(name))?.slice(name.length) ?? 1);
  return [number("at-c") - 1, number("at-r") - 1, number("at-w"), number("at-h")];
}

function put(tile: HTMLElement, [column, row, width, height]: Place): void {
  const wide = Math.min(Math.max(width, LEAST), COLUMNS);
  const tall = Math.min(Math.max(height, LEAST), TALLEST);
  const left = Math.min(Math.max(column, 0), COLUMNS - wide);
  const top = Math.min(Math.max(row, 0), 38);
  tile.classList.remove(...[...tile.classList].filter((each) => /^at-[crwh]\d+$/.test(each)));
  tile.classList.add(`at-c${left + 1}`, `at-r${top + 1}`, `at-w${wide}`, `at-h${tall}`);
}

/** Moves down what a tile lies upon, and what that then lies upon. */
function settle(held: HTMLElement): void {
  const tiles = all("[data-tile]", held.parentElement ?? document);
  const pushed = [held];
  for (let upper = pushed.shift(); upper; upper = pushed.shift()) {
    const above = placeOf(upper);
    for (const other of tiles) {
      if (other === upper || other === held) continue;
      const place = placeOf(other);
      if (!overlap(above, place) || above[1] + above[3] > 38) continue;
      put(other, [place[0], above[1] + above[3], place[2], place[3]]);
      pushed.push(other);
    }
  }
}

function overlap(one: Place, other: Place): boolean {
  return one[0] < other[0] + other[2] && other[0] < one[0] + one[2] && one[1] < other[1] + other[3] && other[1] < one[1] + one[3];
}

async function kept(page: HTMLElement): Promise<void> {
  const widgets = all("[data-tile]", page).map((tile) => ({ key: tile.dataset["tile"], at: placeOf(tile) }));
  const answer = await send(page.dataset["arranging"] ?? "", { values: { widgets, version: page.dataset["version"] } });
  if (answer.status === 200) follow(answer);
  else toast(said(answer));
}
