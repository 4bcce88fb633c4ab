// The rows of a sheet: loaded page by page, and taken out of the page while they are far from sight.
import { all, make, one, toast, word } from "./dom";
import { fragment } from "./net";

/** How far from sight rows are kept in the page, as a share of what is in sight. */
const NEAR = "150%";

/** Rows that lie together: in the page, or behind one empty line as high as they are. */
interface Chunk {
  rows: HTMLTableRowElement[];
  away: boolean;
}

export class Rows {
  readonly table: HTMLTableElement;
  private readonly chunks = new Map<HTMLTableSectionElement, Chunk>();
  private readonly sight: IntersectionObserver;
  private readonly ends: IntersectionObserver;
  private loading: Promise<void> | undefined;

  constructor(readonly place: HTMLElement) {
    this.table = one<HTMLTableElement>("table", place)!;
    const root = window.matchMedia("(min-width: 821px)").matches ? place : null;
    this.sight = new IntersectionObserver((seen) => seen.forEach((each) => this.seen(each)), { root, rootMargin: `${NEAR} 0px` });
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
    return this.all.find((row) => row.dataset["id"] === id);
  }

  /** Takes note of a body of rows that came to the table. */
  add(body: HTMLTableSectionElement): void {
    const rows = all<HTMLTableRowElement>(":scope > tr[data-id], :scope > tr[data-new]", body);
    const more = one<HTMLTableRowElement>(":scope > [data-more]", body);
    if (more) this.ends.observe(more);
    if (!rows.length) return;
    this.chunks.set(body, { rows, away: false });
    this.sight.observe(body);
  }

  /** Puts new rows at the end, in a body of their own. */
  append(rows: HTMLTableRowElement[]): void {
    const body = document.createElement("tbody");
    body.append(...rows);
    const foot = this.table.tFoot;
    if (foot) foot.before(body);
    else this.table.append(body);
    this.add(body);
  }

  remove(row: HTMLTableRowElement): void {
    for (const chunk of this.chunks.values()) chunk.rows = chunk.rows.filter((each) => each !== row);
    row.remove();
  }

  forget(body: HTMLTableSectionElement): void {
    this.sight.unobserve(body);
    this.chunks.delete(body);
    body.remove();
  }

  /** Brings the rows around one into the page. */
  show(row: HTMLTableRowElement): void {
    if (row.isConnected) return;
    for (const [body, chunk] of this.chunks) if (chunk.away && chunk.rows.includes(row)) this.restore(body, chunk);
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
    body?.after(...this.bodies(answer.html));
    for (const made of this.table.tBodies) if (!this.chunks.has(made)) this.add(made);
    this.place.dispatchEvent(new CustomEvent("rows-loaded"));
  }

  /** The bodies of rows that a part of a page holds. */
  bodies(html: string): HTMLTableSectionElement[] {
    const holder = make("template") as HTMLTemplateElement;
    holder.innerHTML = html;
    return all<HTMLTableSectionElement>("tbody", holder.content);
  }

  private seen(each: IntersectionObserverEntry): void {
    const body = each.target as HTMLTableSectionElement;
    const chunk = this.chunks.get(body);
    if (!chunk || body.hidden) return;
    if (each.isIntersecting && chunk.away) this.restore(body, chunk);
    else if (!each.isIntersecting && !chunk.away && !body.contains(document.activeElement) && chunk.rows.length > 20) this.away(body, chunk);
  }

  private away(body: HTMLTableSectionElement, chunk: Chunk): void {
    const more = one("[data-more]", body);
    const height = chunk.rows.reduce((sum, row) => sum + row.offsetHeight, 0);
    const cell = make("td", { colspan: String(chunk.rows[0]?.cells.length ?? 1) });
    cell.style.height = `${height}px`;
    const gap = make("tr", { class: "gap", "aria-hidden": "true" }, cell);
    for (const row of chunk.rows) row.remove();
    body.prepend(gap);
    if (more) body.append(more);
    chunk.away = true;
  }

  private restore(body: HTMLTableSectionElement, chunk: Chunk): void {
    one(":scope > .gap", body)?.replaceWith(...chunk.rows);
    chunk.away = false;
  }
}
