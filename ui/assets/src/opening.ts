// Records open beside the list they come from; on a phone, and where there is no list, on a page of their own.
import { all, one } from "./dom";

const RECORD = /^\/[^/]+\/records\/[^/]+\/[0-9a-f]{8}-[0-9a-f-]{27}$/;

const NEW = /^\/[^/]+\/records\/[^/]+\/new$/;

const WIDE = window.matchMedia("(min-width: 821px)");

/** Where the addresses of the list that a record was opened from are kept, for its own page. */
const AROUND = "joinery.around";

interface Around {
  list: string;
  records: string[];
}

export function startOpening(): void {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("[data-list] a[href], .drawer a[href], a.palette-line") : null;
    if (!link || link.target || link.origin !== location.origin || !isRecord(link.pathname)) return;
    event.preventDefault();
    link.closest("dialog")?.close();
    openRecord(link.pathname);
  });
  window.addEventListener("popstate", () => {
    const page = ownPage();
    // An address that was pushed by a list, met again on the page that a reload made of it.
    if (page?.dataset["record"] && page.dataset["record"] !== location.pathname) location.reload();
    else if (!page && (isRecord(location.pathname) || one(".drawer"))) void drawer().then(({ showAgain }) => showAgain(location.pathname));
  });
  if (ownPage()) showAround();
}

/** The record or form that this page is about, if it is about one. */
function ownPage(): HTMLElement | undefined {
  return all("main :is([data-record], [data-form])").find((each) => !each.closest(".drawer"));
}

export function isRecord(address: string): boolean {
  return RECORD.test(address);
}

/** Opens a record: beside the list where there is one and room for both. */
export function openRecord(address: string): void {
  remember();
  const opens = isRecord(address) || NEW.test(address.split("?")[0] ?? "");
  if (WIDE.matches && opens && one("main [data-list]") && !ownPage()) void drawer().then(({ show }) => show(address));
  else location.assign(address);
}

function drawer(): Promise<typeof import("./drawer")> {
  return import("./drawer");
}

/** The records of the list on this page, in its order. */
export function listed(): string[] {
  const rows = all("main [data-list] tr[data-href], main [data-list] [data-card]");
  const found = rows.map((row) => row.dataset["href"] ?? one<HTMLAnchorElement>("a[href]", row)?.pathname ?? "");
  return [...new Set(found.filter(isRecord))];
}

function remember(): void {
  const records = listed();
  if (records.length) sessionStorage.setItem(AROUND, JSON.stringify({ list: location.pathname + location.search, records } satisfies Around));
}

/** On a record's own page: the one before and the one after in the list it was opened from. */
function showAround(): void {
  const place = one("[data-around]");
  const around = JSON.parse(sessionStorage.getItem(AROUND) ?? "null") as Around | null;
  const at = around?.records.indexOf(location.pathname) ?? -1;
  if (!place || !around || at < 0) return;
  const above = one<HTMLAnchorElement>(".page-above");
  if (above && new URL(above.href).pathname === around.list.split("?")[0]) above.href = around.list;
  for (const [name, address] of [["previous", around.records[at - 1]], ["next", around.records[at + 1]]] as const) {
    const link = one<HTMLAnchorElement>(`[data-${name}]`, place);
    if (address) link?.setAttribute("href", address);
    else link?.setAttribute("aria-disabled", "true");
  }
  place.hidden = false;
}
