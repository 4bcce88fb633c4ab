// Headings of a sheet: dragged to move, their edge to size; sorted, grouped, frozen, renamed, hidden, totalled.
import { all, make, one, word } from "./dom";
import { arrange, viewState, type ColumnState } from "./sheet_keeping";
import type { Rows } from "./sheet_rows";

const NARROWEST = 48;

const WIDEST = 1200;

export function startHeads(place: HTMLElement, rows: Rows): void {
  const heads = (): HTMLTableCellElement[] => all<HTMLTableCellElement>("thead th[data-path]", rows.table);
  pin(rows);
  new ResizeObserver(() => pin(rows)).observe(rows.table);
  place.addEventListener("pointerdown", (event) => {
    if (!(event.target instanceof Element) || event.button) return;
    const head = event.target.closest<HTMLTableCellElement>("thead th[data-path]");
    if (!head) return;
    if (event.target.closest("[data-edge]")) size(event, head, rows);
    else if (!event.target.closest("[data-head]")) drag(event, head, rows, heads());
  });
  place.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-head]") : null;
    const head = button?.closest<HTMLTableCellElement>("th");
    if (button && head) menu(button, head, place, rows);
  });
  place.addEventListener("contextmenu", (event) => {
    const head = event.target instanceof Element ? event.target.closest<HTMLTableCellElement>("thead th[data-path]") : null;
    const button = head ? one("[data-head]", head) : null;
    if (!head || !button) return;
    event.preventDefault();
    menu(button, head, place, rows);
  });
}

let pins: CSSStyleSheet | undefined;

/** Holds frozen columns beside each other: how far each lies from the edge follows from the widths. */
function pin(rows: Rows): void {
  // A constructed sheet, which the pages' policy allows, reaches rows that come later.
  pins ??= new CSSStyleSheet();
  const heads = all<HTMLTableCellElement>("thead th", rows.table);
  const held = heads.filter((head) => head.matches(".frozen, .pick"));
  let left = 0;
  pins.replaceSync("");
  for (const head of held) {
    pins.insertRule(`.sheet-list > * > tr > :nth-child(${head.cellIndex + 1}):is(.frozen, .pick) { left: ${left}px }`);
    left += head.offsetWidth;
  }
  if (!document.adoptedStyleSheets.includes(pins)) document.adoptedStyleSheets = [...document.adoptedStyleSheets, pins];
}

function columns(): ColumnState[] {
  return viewState().columns;
}

function changed(path: string, change: Partial<ColumnState>): ColumnState[] {
  return columns().map((column) => (column.path === path ? { ...column, ...change } : column));
}

/** Widths are kept for every column at once: those nobody chose are as they stand. */
function size(event: PointerEvent, head: HTMLTableCellElement, rows: Rows): void {
  event.preventDefault();
  const col = all("col", rows.table)[head.cellIndex];
  const from = event.clientX;
  const before = head.offsetWidth;
  let width = before;
  const move = (moved: PointerEvent): void => {
    width = Math.round(Math.min(WIDEST, Math.max(NARROWEST, before + moved.clientX - from)));
    col?.setAttribute("width", String(width));
    rows.table.classList.add("is-sized");
  };
  const end = (): void => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", end);
    if (width !== before) void arrange({ columns: changed(head.dataset["path"] ?? "", { width }) });
  };
  if (!rows.table.classList.contains("is-sized")) {
    all<HTMLTableCellElement>("thead th", rows.table).forEach((each, index) => all("col", rows.table)[index]?.setAttribute("width", String(each.offsetWidth)));
  }
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", end);
}

function drag(event: PointerEvent, head: HTMLTableCellElement, rows: Rows, heads: HTMLTableCellElement[]): void {
  const from = event.clientX;
  let target: HTMLTableCellElement | undefined;
  let moving = false;
  const move = (moved: PointerEvent): void => {
    moving ||= Math.abs(moved.clientX - from) > 6;
    if (!moving) return;
    head.classList.add("is-dragged");
    target = heads.find((each) => moved.clientX < each.getBoundingClientRect().right) ?? heads.at(-1);
    heads.forEach((each) => each.classList.toggle("is-target", each === target && each !== head));
  };
  const end = (): void => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", end);
    head.classList.remove("is-dragged");
    heads.forEach((each) => each.classList.remove("is-target"));
    if (!moving) return;
    // The click that ends a drag does not sort.
    head.addEventListener("click", (click) => click.preventDefault(), { once: true, capture: true });
    if (target && target !== head) shift(rows, head, target.cellIndex);
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", end);
}

/** Moves a column to where another stands, in the page and in the view. */
function shift(rows: Rows, head: HTMLTableCellElement, to: number): void {
  const from = head.cellIndex;
  const path = head.dataset["path"] ?? "";
  for (const row of lines(rows)) moveChild(row, from, to);
  const group = one("colgroup", rows.table);
  if (group) moveChild(group, from, to);
  const others = columns().filter((column) => column.path !== path);
  const moved = columns().find((column) => column.path === path);
  if (!moved) return;
  // The first cell of a row is the box that chooses it.
  others.splice(to - 1, 0, moved);
  freeze(rows);
  void arrange({ columns: others });
}

function lines(rows: Rows): HTMLElement[] {
  const shown = all("thead tr, tfoot tr", rows.table);
  return [...shown, ...rows.all];
}

function moveChild(parent: Element, from: number, to: number): void {
  const child = parent.children[from];
  const other = parent.children[to];
  if (!child || !other) return;
  if (from < to) other.after(child);
  else other.before(child);
}

/** Marks the first columns as those that stay while the others are scrolled. */
function freeze(rows: Rows, count = Number(rows.place.dataset["frozen"] ?? 1)): void {
  rows.place.dataset["frozen"] = String(count);
  for (const row of lines(rows)) [...row.children].forEach((cell, index) => cell.classList.toggle("frozen", index > 0 && index <= count));
  pin(rows);
}

function hide(rows: Rows, head: HTMLTableCellElement): void {
  const at = head.cellIndex;
  const path = head.dataset["path"];
  for (const row of lines(rows)) row.children[at]?.remove();
  all("col", rows.table)[at]?.remove();
  freeze(rows);
  void arrange({ columns: columns().filter((column) => column.path !== path) });
}

function menu(button: HTMLElement, head: HTMLTableCellElement, place: HTMLElement, rows: Rows): void {
  one(".head-menu")?.remove();
  const template = one<HTMLTemplateElement>("[data-head-menu]");
  const opened = template?.content.firstElementChild?.cloneNode(true);
  if (!(opened instanceof HTMLElement)) return;
  prepare(opened, head, rows);
  document.body.append(opened);
  const box = button.getBoundingClientRect();
  opened.style.top = `${box.bottom + 4}px`;
  opened.style.left = `${Math.max(8, Math.min(box.right - opened.offsetWidth, window.innerWidth - opened.offsetWidth - 8))}px`;
  const away = (): void => {
    opened.remove();
    document.removeEventListener("pointerdown", outside, true);
  };
  const outside = (event: Event): void => {
    if (!(event.target instanceof Node) || !opened.contains(event.target)) away();
  };
  document.addEventListener("pointerdown", outside, true);
  opened.addEventListener("keydown", (event) => {
    const items = all("button:not([hidden]), select", opened);
    const at = items.indexOf(document.activeElement as HTMLElement);
    if (event.key === "Escape") {
      away();
      button.focus();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !(event.target instanceof HTMLSelectElement)) {
      event.preventDefault();
      items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.focus();
    }
  });
  opened.addEventListener("click", (event) => {
    const act = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-do]")?.dataset["do"] : undefined;
    if (!act) return;
    away();
    perform(act, head, place, rows);
  });
  one<HTMLSelectElement>("[data-do-total]", opened)?.addEventListener("change", (event) => {
    const total = (event.target as HTMLSelectElement).value;
    void arrange({ columns: changed(head.dataset["path"] ?? "", { total }) }, { reload: true });
  });
  one("button", opened)?.focus();
}

function prepare(opened: HTMLElement, head: HTMLTableCellElement, rows: Rows): void {
  const totals = (head.dataset["totals"] ?? "").split("|").filter(Boolean);
  const select = one<HTMLSelectElement>("[data-do-total]", opened);
  const line = one("[data-totals-line]", opened);
  if (line) line.hidden = !totals.length;
  for (const each of totals) {
    const [code = "", label = ""] = each.split("=");
    select?.append(make("option", { value: code, ...(head.dataset["total"] === code ? { selected: "" } : {}) }, label));
  }
  const disable = (act: string, off: boolean): void => {
    one(`[data-do=${act}]`, opened)?.toggleAttribute("disabled", off);
  };
  disable("left", head.cellIndex <= 1);
  disable("right", head.cellIndex >= (head.parentElement?.children.length ?? 0) - 1);
  disable("hide", all("thead th[data-path]", rows.table).length < 2);
}

function perform(act: string, head: HTMLTableCellElement, place: HTMLElement, rows: Rows): void {
  const path = head.dataset["path"] ?? "";
  const url = new URL(location.href);
  if (act === "up" || act === "down") {
    url.searchParams.set("sort", act === "up" ? path : `-${path}`);
    url.searchParams.set("view", place.dataset["view"] ?? "");
    location.assign(url);
  } else if (act === "group") void arrange({ group: [path, ...(viewState().group ?? []).filter((each) => each !== path)].slice(0, 3) }, { reload: true });
  else if (act === "left") shift(rows, head, head.cellIndex - 1);
  else if (act === "right") shift(rows, head, head.cellIndex + 1);
  else if (act === "hide") hide(rows, head);
  else if (act === "freeze") {
    freeze(rows, head.cellIndex);
    void arrange({ frozen: head.cellIndex });
  } else if (act === "rename") rename(head);
}

/** Puts an input in the place of a heading; the name is the view's own, an empty one the field's. */
function rename(head: HTMLTableCellElement): void {
  const link = one<HTMLAnchorElement>("a", head);
  if (!link) return;
  const before = link.textContent?.trim() ?? "";
  const input = make("input", { class: "form-control head-rename", value: before, maxlength: "200", "aria-label": word("renameColumn") }) as HTMLInputElement;
  link.hidden = true;
  link.before(input);
  input.select();
  let over = false;
  const end = (keep: boolean): void => {
    if (over) return;
    over = true;
    const label = input.value.trim();
    input.remove();
    link.hidden = false;
    if (keep && label !== before) void arrange({ columns: changed(head.dataset["path"] ?? "", { label }) }, { reload: true });
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter") end(true);
    else if (event.key === "Escape") end(false);
  });
  input.addEventListener("blur", () => end(true));
}
