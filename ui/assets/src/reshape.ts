// Forms and fields: every edit goes into the draft at once, and the page is drawn anew from it.
import Sortable from "sortablejs";
import { all, make, one, toast, word } from "./dom";
import { follow, said } from "./actions";
import { fragment, send, type Answer } from "./net";
import { startPosting } from "./posting";
import { startFieldDialogs } from "./reshape_fields";
import { openTab } from "./shell";

export function startReshape(): void {
  document.addEventListener("click", (event) => pressed(event));
  document.addEventListener("change", (event) => changed(event.target));
  document.addEventListener("posted", () => void redraw());
  startFieldDialogs();
  start();
}

function start(): void {
  for (const list of all("[data-sort-url]")) sortable(list);
  for (const tab of all("[role=tab]")) tab.addEventListener("click", () => void load(tab));
  const open = one("[role=tab][aria-selected=true]");
  if (open) void load(open);
  one<HTMLInputElement>("[data-kinds-find]")?.addEventListener("input", (event) => narrow(event.target as HTMLInputElement));
}

function pressed(event: MouseEvent): void {
  const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("[data-edit-url]") : null;
  if (!button) return;
  const values = JSON.parse(button.dataset["edit"] ?? "{}") as Record<string, unknown>;
  void edit(button.dataset["editUrl"] ?? "", values, button);
}

function changed(target: EventTarget | null): void {
  if (!(target instanceof HTMLElement)) return;
  const place = target.closest<HTMLElement>(".list-sort");
  const select = place ? one<HTMLSelectElement>("[data-sort-by]", place) : null;
  if (!place || !select) return;
  const down = one<HTMLInputElement>("[data-sort-down]", place)?.checked ?? false;
  void edit(select.dataset["sortBy"] ?? "", { do: "sort", name: select.value, down });
}

/** Lines are dragged within a list, and between the parts of one form. */
function sortable(list: HTMLElement): void {
  new Sortable(list, {
    group: list.dataset["sortUrl"] ?? "",
    handle: "[data-handle]",
    draggable: "[data-name]",
    animation: 120,
    onEnd: (event) => {
      if (event.from === event.to && event.oldIndex === event.newIndex) return;
      const before = event.item.previousElementSibling as HTMLElement | null;
      void edit(event.to.dataset["sortUrl"] ?? "", {
        do: "move",
        name: event.item.dataset["name"] ?? "",
        place: event.from.dataset["place"] ?? "",
        to: event.to.dataset["place"] ?? "",
        after: before?.dataset["name"] ?? "",
      });
    },
  });
}

async function edit(url: string, values: Record<string, unknown>, button?: HTMLElement): Promise<void> {
  button?.setAttribute("aria-busy", "true");
  document.body.classList.add("is-waiting");
  const answer = await send(url, { values });
  button?.removeAttribute("aria-busy");
  document.body.classList.remove("is-waiting");
  await done(answer, button?.dataset["focus"]);
}

async function done(answer: Answer, focus?: string): Promise<void> {
  if (answer.status === 200 && answer.body.location) return follow(answer);
  if (answer.status === 422) refused(answer);
  else if (answer.status !== 200) toast(said(answer));
  await redraw(focus);
}

/** Says why an edit cannot be made: all of it, until it was read. */
function refused(answer: Answer): void {
  const lines = (answer.body.errors ?? []).map((error) => make("li", {}, error.message));
  const close = make("button", { type: "button", class: "btn btn-primary", "data-close": "" }, word("understood"));
  const body = make("div", { class: "dialog-body" }, make("h2", {}, word("refusedEdit")), make("ul", { class: "refused-lines" }, ...lines), make("footer", { class: "dialog-foot" }, close));
  const dialog = make("dialog", { class: "dialog", role: "alertdialog", "aria-label": word("refusedEdit") }, body) as HTMLDialogElement;
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

/** Draws the page anew in its place: the tab, what is unfolded, the place and the focus stay. */
async function redraw(focus?: string): Promise<void> {
  const page = one("[data-reshape]");
  const answer = page ? await fragment(location.pathname + location.search) : null;
  if (!page || answer?.status !== 200) return location.reload();
  const fresh = new DOMParser().parseFromString(answer.html, "text/html").querySelector<HTMLElement>("[data-reshape]");
  if (!fresh) return location.reload();
  const tab = one("[role=tab][aria-selected=true]", page)?.id;
  const folded = new Map(all<HTMLDetailsElement>("[data-keep]", page).map((each) => [each.dataset["keep"], each.open]));
  const loaded = all("[data-load][data-loaded]", page).map((each) => each.id);
  page.replaceChildren(...fresh.childNodes);
  for (const each of all<HTMLDetailsElement>("[data-keep]", page)) each.open = folded.get(each.dataset["keep"]) ?? each.open;
  startPosting(page);
  const again = tab ? document.getElementById(tab) : null;
  if (again) openTab(again, false);
  start();
  if (again && loaded.includes(again.getAttribute("aria-controls") ?? "")) await load(again);
  const wanted = focus ? one<HTMLButtonElement>(`[data-focus="${CSS.escape(focus)}"]`, page) : null;
  (wanted?.disabled ? one<HTMLElement>("button:not(:disabled)", wanted.parentElement ?? page) : wanted)?.focus();
}

/** A panel that takes long to work out is fetched when its tab is opened. */
async function load(tab: HTMLElement): Promise<void> {
  const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
  const url = panel?.dataset["load"];
  if (!panel || !url || panel.dataset["loaded"] !== undefined) return;
  panel.dataset["loaded"] = "";
  const answer = await fragment(url);
  if (answer.status === 200) panel.innerHTML = answer.html;
  else toast(word("offline"));
}

function narrow(input: HTMLInputElement): void {
  const text = input.value.trim().toLowerCase();
  for (const group of all("[data-kinds-group]")) {
    const lines = all("[data-kind-line]", group);
    for (const line of lines) line.hidden = !(line.textContent ?? "").toLowerCase().includes(text);
    group.hidden = lines.every((line) => line.hidden);
  }
}
