// The rows of a sheet: loaded page by page, and taken out of the page while they are far from sight.
import { all, make, one, toast, word } from "./dom";
import { fragment } from "./net";

/** How far from sight rows are kept in the page, as a share of what is in sight. */
const NEAR = "150%";

/** How many rows that are put in at once come and go together. */
const TOGETHER = 50;

/** So few rows are not worth taking out of the page. */
const FEW = 20;

/** What a row is high where there is none to measure. */
const HEIGHT = 40;

/** Rows that lie together: in the page, or behind one empty line as high as they are. */
interface Chunk {
  rows: HTMLTableRowElement[];
  away: boolean;
}

/** Tells of new rows by `rows-loaded`, with them, and by `rows-shown` of those that are in the page again. */
export class Rows {
  readonly table: HTMLTableElement;
  private readonly chunks = new Map<HTMLTableSectionElement, Chunk>();
  private readonly bodyOf = new WeakMap<HTMLTableRowElement, HTMLTableSectionElement>();
  private readonly known = new Map<string, HTMLTableRowElement>();
  private readonly sight: IntersectionObserver;
  private readonly ends: IntersectionObserver;
  private loading: Promise<void> | undefined;

  constructor(readonly place: HTMLElement) {
    this.table = one<HTMLTableElement>("table", place)!;
    const root = window.matchMedia("(min-width: 821px)").matches ? place : null;
    this.sight = new IntersectionObserver((seen) => this.seen(seen), { root, rootMargin: `${NEAR} 0px` });
    this.ends = new IntersectionObserver(
      (seen) => {
        for (const each of seen) if (each.isIntersecting) void this.load(each.target as HTMLTableRowElement);
      },
      { root, rootMargin: "100% 0px" },
    );
    for (const body of this.table.tBodies) this.add(body);
    this.table.addEventListener("click", (event) => {
      const more = event.target instanceof Element ? event.target.closest<HTMLTableRowElement>("[data-more]") : null;
      if (more && event.target instanceof Element && event.target.closest("button")) void this.load(more);
    });
  }

  /** All records' rows in order, those out of the page too. */
  get all(): HTMLTableRowElement[] {
    return [...this.table.tBodies].flatMap((body) => this.chunks.get(body)?.rows ?? []);
  }

  byId(id: string): HTMLTableRowElement | undefined {
    return this.known.get(id);
  }

  /** Takes note of the record that a row shows now. */
  named(row: HTMLTableRowElement): void {
    if (row.dataset["id"]) this.known.set(row.dataset["id"], row);
  }

  /** Takes note of a body of rows that came to the table. */
  add(body: HTMLTableSectionElement): void {
    const more = one<HTMLTableRowElement>(":scope > [data-more]", body);
    if (more) this.ends.observe(more);
    this.hold(body, all<HTMLTableRowElement>(":scope > tr[data-id], :scope > tr[data-new]", body));
  }

  /** Puts new rows at the end; where they are many, each part comes into the page with its sight. */
  append(rows: HTMLTableRowElement[]): void {
    const many = rows.length > TOGETHER;
    const height = many ? (one("tr[data-id], tr[data-new]", this.table)?.offsetHeight ?? HEIGHT) : 0;
    for (let at = 0; at < rows.length; at += TOGETHER) {
      const part = rows.slice(at, at + TOGETHER);
      const body = document.createElement("tbody");
      if (many) body.append(gap(part, height * part.length));
      else body.append(...part);
      if (this.table.tFoot) this.table.tFoot.before(body);
      else this.table.append(body);
      this.hold(body, part, many);
    }
  }

  remove(row: HTMLTableRowElement): void {
    const body = this.bodyOf.get(row);
    const chunk = body && this.chunks.get(body);
    this.unnamed(row);
    row.remove();
    if (!body || !chunk) return;
    const blank = one<HTMLElement>(":scope > .gap > td", body);
    if (blank) blank.style.height = `${(parseFloat(blank.style.height) * (chunk.rows.length - 1)) / chunk.rows.length}px`;
    chunk.rows.splice(chunk.rows.indexOf(row), 1);
    if (!chunk.rows.length && !one(".group-line, [data-more]", body)) this.forget(body);
  }

  forget(body: HTMLTableSectionElement): void {
    for (const row of this.chunks.get(body)?.rows ?? []) this.unnamed(row);
    this.sight.unobserve(body);
    this.chunks.delete(body);
    body.remove();
  }

  /** Brings the rows around one into the page. */
  show(row: HTMLTableRowElement): void {
    const body = this.bodyOf.get(row);
    const chunk = body && this.chunks.get(body);
    if (body && chunk?.away) this.restore(body, chunk);
  }

  /** Loads the next rows, if there are any; whoever waits shares one request. */
  async next(): Promise<boolean> {
    const more = one<HTMLTableRowElement>("[data-more]", this.table);
    if (!more) return false;
    await this.load(more);
    return true;
  }

  private load(more: HTMLTableRowElement): Promise<void> {
    this.loading ??= this.fetch(more).finally(() => {
      this.loading = undefined;
    });
    return this.loading;
  }

  private async fetch(more: HTMLTableRowElement): Promise<void> {
    this.ends.unobserve(more);
    more.setAttribute("aria-busy", "true");
    const answer = await fragment(more.dataset["more"] ?? "");
    more.removeAttribute("aria-busy");
    if (answer.status !== 200) return toast(word("offline"));
    const body = more.closest("tbody");
    more.remove();
    const bodies = this.bodies(answer.html);
    body?.after(...bodies);
    for (const made of bodies) this.add(made);
    const rows = bodies.flatMap((made) => this.chunks.get(made)?.rows ?? []);
    this.place.dispatchEvent(new CustomEvent<HTMLTableRowElement[]>("rows-loaded", { detail: rows }));
  }

  /** The bodies of rows that a part of a page holds. */
  bodies(html: string): HTMLTableSectionElement[] {
    const holder = make("template") as HTMLTemplateElement;
    holder.innerHTML = html;
    return all<HTMLTableSectionElement>("tbody", holder.content);
  }

  private hold(body: HTMLTableSectionElement, rows: HTMLTableRowElement[], away = false): void {
    if (!rows.length) return;
    this.chunks.set(body, { rows, away });
    for (const row of rows) {
      this.bodyOf.set(row, body);
      this.named(row);
    }
    this.sight.observe(body);
  }

  private unnamed(row: HTMLTableRowElement): void {
    const id = row.dataset["id"] ?? "";
    if (this.known.get(id) === row) this.known.delete(id);
  }

  private seen(entries: IntersectionObserverEntry[]): void {
    let shown = false;
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      const body = target as HTMLTableSectionElement;
      const chunk = this.chunks.get(body);
      if (!chunk || body.hidden || isIntersecting !== chunk.away) continue;
      if (isIntersecting) {
        this.restore(body, chunk);
        shown = true;
      } else if (chunk.rows.length > FEW && !body.contains(document.activeElement)) this.away(body, chunk, boundingClientRect.height);
    }
    if (shown) this.place.dispatchEvent(new CustomEvent("rows-shown"));
  }

  /** Takes rows out of the page; they are as high as the observer saw them, which asks for no layout. */
  private away(body: HTMLTableSectionElement, chunk: Chunk, height: number): void {
    const more = one<HTMLElement>(":scope > [data-more]", body);
    const blank = gap(chunk.rows, height - (more?.offsetHeight ?? 0));
    body.replaceChildren(blank, ...(more ? [more] : []));
    chunk.away = true;
  }

  private restore(body: HTMLTableSectionElement, chunk: Chunk): void {
    one(":scope > .gap", body)?.replaceWith(...chunk.rows);
    chunk.away = false;
  }
}

/** An empty line in the place of rows. */
function gap(rows: HTMLTableRowElement[], height: number): HTMLElement {
  const cell = make("td", { colspan: String(rows[0]?.cells.length ?? 1) });
  cell.style.height = `${height}px`;
  return make("tr", { class: "gap", "aria-hidden": "true" }, cell);
}
