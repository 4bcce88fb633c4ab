// The lines of a long grid, made from the line that is added: the page brings only what they hold.
import { all, one } from "./dom";
import { writeField } from "./values";

/** From so many lines on, those out of sight are not laid out. */
const LONG = 30;

/** Makes the lines whose inputs the page did not bring, before anything else looks at them. */
export function makeLines(form: HTMLElement): void {
  for (const grid of all("[data-grid]", form)) {
    const held = one<HTMLTemplateElement>("[data-held-lines]", grid);
    const pattern = one<HTMLTemplateElement>("[data-row-template]", grid)?.content.firstElementChild;
    if (!held || !pattern) continue;
    const made = document.createDocumentFragment();
    for (const line of all("[data-line]", held.content)) made.append(lineOf(pattern, line));
    one("[data-rows]", grid)?.append(made);
    held.remove();
  }
}

/** Looks anew whether a grid is long. */
export function measure(grid: HTMLElement): void {
  grid.toggleAttribute("data-long", (one("[data-rows]", grid)?.childElementCount ?? 0) > LONG);
}

/** Gives a line ids of its own, since the pattern's are the same for all. */
export function ownIds(row: Element, mine: string): void {
  for (const part of all("[id], [aria-describedby]", row)) {
    for (const name of ["id", "aria-describedby"]) {
      const id = part.getAttribute(name);
      if (id) part.setAttribute(name, id.replace("-new", mine));
    }
  }
}

function lineOf(pattern: Element, line: HTMLElement): Element {
  const row = pattern.cloneNode(true) as HTMLElement;
  const id = line.dataset["line"] ?? "";
  row.dataset["row"] = id;
  ownIds(row, `-${id}`);
  all("td[data-field]", row).forEach((cell, at) => fill(cell, line.children[at]!));
  return row;
}

/** Puts what a cell holds into the input of its column, or shows it where it is not entered. */
function fill(cell: HTMLElement, held: Element): void {
  const text = held.getAttribute("title") ?? "";
  delete cell.dataset["default"];
  const output = one("[data-shown]", cell);
  if (output) {
    output.dataset["kept"] = text;
    output.replaceChildren(...held.childNodes);
    return;
  }
  const title = held.textContent || text;
  const input = one("[data-input]", cell);
  if (input instanceof HTMLSelectElement) offer(input, text, title);
  // The person's zone is reckoned with where all instants are.
  if (input?.dataset["instant"] !== undefined) input.dataset["instant"] = text;
  else writeField(cell, text, title);
}

/** A choice offers what it holds although nobody may choose it any more, and a blank only where it may be. */
function offer(select: HTMLSelectElement, value: string, label: string): void {
  const blank = one<HTMLOptionElement>("option[value='']", select);
  if (!value && !blank) select.prepend(new Option("", ""));
  if (value && select.required) blank?.remove();
  if (value && ![...select.options].some((option) => option.value === value)) select.append(new Option(label, value));
}
