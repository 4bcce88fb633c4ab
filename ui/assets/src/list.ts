// Lists: a row opens its record, the quick search answers Enter and Esc.
import { all, composing, one } from "./dom";

export function startLists(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.target.closest("a, button, input, label, summary")) return;
    const row = event.target.closest<HTMLElement>("tr[data-href]");
    if (!row || window.getSelection()?.toString()) return;
    const address = row.dataset["href"] ?? "";
    if (event.metaKey || event.ctrlKey) window.open(address, "_blank", "noopener");
    else location.assign(address);
  });
  const search = one<HTMLInputElement>("[data-quick-search]");
  search?.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    if (event.key === "Escape") {
      const held = search.defaultValue !== "";
      search.value = "";
      search.blur();
      if (held) search.form?.submit();
    }
  });
  search?.addEventListener("search", () => {
    if (!search.value && search.defaultValue) search.form?.submit();
  });
  const chooser = one<HTMLFormElement>("[data-columns]");
  chooser?.addEventListener("submit", (event) => {
    event.preventDefault();
    keepColumns(chooser, all<HTMLInputElement>("input:checked", chooser).map((box) => box.value));
  });
  one("[data-columns-reset]")?.addEventListener("click", () => chooser && keepColumns(chooser, []));
}

/** Keeps the columns that somebody chose for one view, for the pages of this list alone. */
function keepColumns(chooser: HTMLElement, columns: string[]): void {
  const kept = /(?:^|; )columns=([^;]*)/.exec(document.cookie)?.[1] ?? "";
  const view = chooser.dataset["columns"] ?? "";
  const others = decodeURIComponent(kept).split("|").filter((part) => part && !part.startsWith(`${view}:`));
  const parts = columns.length ? [...others, `${view}:${columns.join(",")}`] : others;
  const age = parts.length ? 31_536_000 : 0;
  document.cookie = `columns=${encodeURIComponent(parts.join("|"))}; Path=${chooser.dataset["columnsPath"]}; Max-Age=${age}; SameSite=Lax`;
  location.reload();
}
