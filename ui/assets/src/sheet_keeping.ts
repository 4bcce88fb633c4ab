// How a view is kept: changes for oneself at once, for everybody when somebody saves it.
import { follow } from "./actions";
import { all, make, one, toast, word } from "./dom";
import { fragment, send, type Answer } from "./net";
import { startPosting } from "./posting";

export interface ColumnState {
  path: string;
  label?: string;
  width?: number;
  total?: string;
}

export interface ViewState {
  columns: ColumnState[];
  filter?: string;
  sort?: string;
  group?: string[];
  colors?: { when: string; color: string }[];
  height?: string;
  frozen?: number;
}

let state: ViewState = { columns: [] };

function place(): HTMLElement | null {
  return one("[data-keeping]");
}

/** What is looked at now. */
export function viewState(): ViewState {
  return state;
}

export function startKeeping(): void {
  const here = place();
  if (!here) return;
  state = JSON.parse(here.dataset["keeping"] ?? "{}") as ViewState;
  const { views = "", view = "", over = "", base = "" } = here.dataset;
  here.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button") : null;
    if (!button) return;
    const { viewDialog, dropView } = button.dataset;
    if (viewDialog) void ask(viewDialog, base);
    else if (button.matches("[data-save-view]")) void done(send(`${views}/${view}`, { values: { state, version: Number(here.dataset["version"]) } }));
    else if (button.matches("[data-keep-mine]")) void done(send(`${views}/lay`, { values: { over, state } }), address("filter", "sort", "group"));
    else if (button.matches("[data-reset-view]")) void done(send(`${views}/reset`, { values: { over } }));
    else if (dropView && window.confirm(dropView)) void done(send(`${views}/${view}/delete`));
  });
  one<HTMLSelectElement>("[data-row-height]", here)?.addEventListener("change", (event) => {
    const height = (event.target as HTMLSelectElement).value;
    one("[data-sheet]")?.classList.remove("height-tall", "height-taller");
    if (height) one("[data-sheet]")?.classList.add(`height-${height}`);
    void arrange({ height: height || "line" });
  });
  for (const select of all<HTMLSelectElement>("[data-group-by]", here)) {
    select.addEventListener("change", () => {
      const names = all<HTMLSelectElement>("[data-group-by]", here).map((each) => each.value);
      void arrange({ group: [...new Set(names.filter(Boolean))] }, { reload: true });
    });
  }
  const chooser = one<HTMLFormElement>("[data-columns]");
  chooser?.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = all<HTMLInputElement>("input:checked", chooser).map((box) => box.value);
    const kept = state.columns.filter((column) => wanted.includes(column.path));
    const added = wanted.filter((path) => !kept.some((column) => column.path === path)).map((path) => ({ path }));
    void arrange({ columns: [...kept, ...added] }, { reload: true });
  });
  one("[data-columns-reset]")?.addEventListener("click", () => void done(send(`${views}/reset`, { values: { over } })));
}

/** Changes how the view looks for the person, at once; with `reload` the page is drawn anew. */
export async function arrange(change: Partial<ViewState>, { reload = false } = {}): Promise<void> {
  const here = place();
  if (!here) return;
  state = { ...state, ...change };
  const answer = await send(`${here.dataset["views"]}/lay`, { values: { over: here.dataset["over"], state: change } });
  if (answer.status !== 200) return toast(answer.body.message ?? word("offline"));
  for (const part of all("[data-when-changed]", here)) part.hidden = false;
  if (reload) location.assign(change.group ? address("group") : location.href);
}

/** The address without what is in the view itself now. */
function address(...names: string[]): string {
  const url = new URL(location.href);
  for (const name of names) url.searchParams.delete(name);
  return url.pathname + url.search;
}

async function done(sent: Promise<Answer>, then = ""): Promise<void> {
  const answer = await sent;
  if (answer.status !== 200) return toast(answer.body.message ?? word("offline"));
  if (answer.body.location) follow(answer);
  else location.assign(then || location.href);
}

/** Asks for a name and with whom the view is shared; what is looked at goes along. */
async function ask(url: string, base: string): Promise<void> {
  const answer = await fragment(url);
  if (answer.status !== 200) return toast(word("offline"));
  const holder = make("div");
  holder.innerHTML = answer.html;
  const dialog = one<HTMLDialogElement>("dialog", holder);
  const form = dialog ? one<HTMLFormElement>("form", dialog) : null;
  if (!dialog || !form) return;
  if (!url.includes("?view=")) form.append(hidden("state", JSON.stringify(state)), hidden("base", base));
  document.body.append(dialog);
  startPosting(dialog);
  const who = one<HTMLSelectElement>("[data-kind-select]", dialog);
  who?.addEventListener("change", () => {
    for (const part of all("[data-for-kind]", dialog)) part.hidden = part.dataset["forKind"] !== who.value;
    for (const part of all("[data-hidden-for]", dialog)) part.hidden = part.dataset["hiddenFor"] === who.value;
  });
  for (const button of all("[data-close]", dialog)) button.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

/** A field of a form that nobody sees, read like any other. */
function hidden(name: string, value: string): HTMLElement {
  const input = make("input", { type: "hidden", "data-input": "", value });
  const field = make("div", { class: "field", "data-field": name }, input);
  field.hidden = true;
  return field;
}
