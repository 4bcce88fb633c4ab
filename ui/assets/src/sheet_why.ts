// Where a computed value of a list comes from: a mark in the cell that is pointed at or chosen.
import { all, icon, make, one, word } from "./dom";

export function startWhy(place: HTMLElement): void {
  if (!one("thead [data-why]", place)) return;
  void import("./dialogs").then(({ startDialogs }) => startDialogs());
  const said = word("whyThis");
  const mark = make("button", { type: "button", class: "icon-button why-figure why-cell", tabindex: "-1", title: said, "aria-label": said });
  mark.append(icon("help-circle"));
  place.addEventListener("pointerover", (event) => put(place, mark, event.target instanceof Element ? event.target.closest<HTMLTableCellElement>("tbody td") : null));
  place.addEventListener("pointerleave", () => put(place, mark, one<HTMLTableCellElement>("td.is-cursor", place)));
  place.addEventListener("cursor", () => put(place, mark, one<HTMLTableCellElement>("td.is-cursor", place)));
}

/** Puts the mark into a computed cell, and takes it away from any other. */
function put(place: HTMLElement, mark: HTMLElement, cell: HTMLTableCellElement | null): void {
  const name = cell ? all("thead th", place)[cell.cellIndex]?.dataset["why"] : undefined;
  const row = cell?.closest<HTMLElement>("tr[data-href]");
  if (!cell || !row || !name) return mark.remove();
  if (mark.parentElement === cell) return;
  mark.dataset["dialog"] = `${row.dataset["href"]}/figures/${encodeURIComponent(name)}`;
  cell.append(mark);
}
