// A timeline: a line for each group, a bar for each record, dragged and stretched by whole days.
import { clock, dayKinds, formAt, moved, plus, put, read, remember, remembered, type Standing, type Time } from "./calendar_data";
import { all, composing, make, one, word } from "./dom";
import { openRecord } from "./opening";

const LENGTHS: Record<string, number> = { week: 7, month: 31, quarter: 92, year: 366 };

interface Leaf {
  name: string;
  first: string;
  days: number;
}

export function startTimeline(host: HTMLElement): void {
  const now = clock(host);
  const kept = remembered();
  const name = kept.leaf in LENGTHS ? kept.leaf : "month";
  const leaf: Leaf = { name, first: starting(name, kept.day || now().toISOString().slice(0, 10)), days: LENGTHS[name] ?? 31 };
  const draw = (): Promise<void> => drawn(host, leaf, now().toISOString().slice(0, 10));
  for (const button of all("[data-leaf]")) {
    button.addEventListener("click", () => {
      leaf.name = button.dataset["leaf"] ?? "month";
      leaf.days = LENGTHS[leaf.name] ?? 31;
      leaf.first = starting(leaf.name, plus(leaf.first, Math.min(7, leaf.days - 1)));
      void draw();
    });
  }
  for (const button of all("[data-turn]")) {
    button.addEventListener("click", () => {
      const turn = { prev: -1, next: 1 }[button.dataset["turn"] ?? ""];
      const to = turn ? plus(leaf.first, turn * leaf.days + (turn > 0 ? 0 : 1)) : now().toISOString().slice(0, 10);
      leaf.first = starting(leaf.name, to);
      void draw();
    });
  }
  host.addEventListener("redraw", () => void draw());
  document.addEventListener("changed", () => void draw());
  void draw();
}

/** The first day of the week, month, quarter or year that a day lies in. */
function starting(name: string, day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (name === "week") return plus(day, -((date.getUTCDay() + 6) % 7));
  const month = { month: date.getUTCMonth(), quarter: date.getUTCMonth() - (date.getUTCMonth() % 3), year: 0 }[name] ?? 0;
  return new Date(Date.UTC(date.getUTCFullYear(), month, 1)).toISOString().slice(0, 10);
}

async function drawn(host: HTMLElement, leaf: Leaf, today: string): Promise<void> {
  // What scrolls is reached by the keyboard even where no bar within it is.
  host.tabIndex = 0;
  if (leaf.name !== "week") leaf.days = between(leaf.first, starting(leaf.name, plus(leaf.first, (LENGTHS[leaf.name] ?? 31) + 2)));
  remember(leaf.name, leaf.first);
  const title = one("[data-turn-title]");
  if (title) title.textContent = heading(host, leaf);
  for (const button of all("[data-leaf]")) button.setAttribute("aria-pressed", String(button.dataset["leaf"] === leaf.name));
  const standing = await read(host, leaf.first, plus(leaf.first, leaf.days - 1));
  const grid = make("div", { class: "gantt", "data-scale": leaf.name });
  grid.style.setProperty("--days", String(leaf.days));
  grid.append(axis(host, leaf, today));
  const groups = new Map<string, Standing[]>();
  for (const each of standing) groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
  for (const [group, members] of groups) grid.append(line(host, leaf, group, members));
  if (!standing.length) grid.append(make("p", { class: "gantt-empty" }, word("nothing")));
  host.replaceChildren(grid);
  host.dataset["ready"] = "true";
}

function between(from: string, to: string): number {
  return Math.round((Date.parse(`${to.slice(0, 10)}T00:00:00Z`) - Date.parse(`${from.slice(0, 10)}T00:00:00Z`)) / 86_400_000);
}

function heading(host: HTMLElement, leaf: Leaf): string {
  const language = host.dataset["language"] === "zh" ? "zh-CN" : "en-GB";
  const options: Intl.DateTimeFormatOptions = leaf.name === "year" ? { year: "numeric", timeZone: "UTC" } : { year: "numeric", month: "long", timeZone: "UTC" };
  const [first, last] = [leaf.first, plus(leaf.first, leaf.days - 1)].map((day) => new Date(`${day}T00:00:00Z`)) as [Date, Date];
  return new Intl.DateTimeFormat(language, leaf.name === "week" ? { ...options, day: "numeric" } : options).formatRange(first, last);
}

/** The days above; in a year only the first of each month is written out. */
function axis(host: HTMLElement, leaf: Leaf, today: string): HTMLElement {
  const kind = dayKinds(host);
  const row = make("div", { class: "gantt-axis", "aria-hidden": "true" });
  const month = new Intl.DateTimeFormat(host.dataset["language"] === "zh" ? "zh-CN" : "en-GB", { month: "short", timeZone: "UTC" });
  for (let at = 0; at < leaf.days; at += 1) {
    const day = plus(leaf.first, at);
    const date = new Date(`${day}T00:00:00Z`);
    const sparse = leaf.name === "year" || leaf.name === "quarter";
    const text = date.getUTCDate() === 1 && sparse ? month.format(date) : !sparse || (leaf.name === "quarter" && date.getUTCDay() === 1) ? String(date.getUTCDate()) : "";
    const differs = kind(day);
    const cell = make("span", { class: `gantt-day ${differs ? `cal-${differs}` : ""} ${day === today ? "is-today" : ""}` }, text);
    row.append(cell);
  }
  return row;
}

/** One group: bars in as many lanes as it takes for none to lie over another. */
function line(host: HTMLElement, leaf: Leaf, group: string, members: Standing[]): HTMLElement {
  const row = make("section", { class: "gantt-line", "aria-label": group || word("blank") });
  row.append(make("h3", {}, group || word("blank")));
  const track = make("div", { class: "gantt-track" });
  const lanes: string[] = [];
  for (const each of [...members].sort((one, other) => one.start.localeCompare(other.start))) {
    const [from, to] = days(each);
    const lane = lanes.findIndex((until) => until <= from);
    const at = lane < 0 ? lanes.length : lane;
    lanes[at] = to;
    const bar = barOf(each, leaf, at);
    track.append(bar);
    movable(host, leaf, bar, each);
  }
  track.style.setProperty("--lanes", String(lanes.length));
  track.addEventListener("dblclick", (event) => {
    if (event.target !== track || !host.dataset["new"]) return;
    const day = plus(leaf.first, Math.floor((event.offsetX / track.clientWidth) * leaf.days));
    location.assign(formAt(host, { start: day, end: plus(day, 1), allDay: true }));
  });
  row.append(track);
  return row;
}

/** The days that a record covers: the first, and the one after the last. */
function days(standing: Time): [string, string] {
  const first = standing.start.slice(0, 10);
  if (!standing.end) return [first, plus(first, 1)];
  const midnight = standing.end.length === 10 || standing.end.endsWith("T00:00:00");
  return [first, midnight ? standing.end.slice(0, 10) : plus(standing.end, 1)];
}

function barOf(standing: Standing, leaf: Leaf, lane: number): HTMLElement {
  const bar = make("a", {
    class: `gantt-bar cal-event ${standing.tone ? `tone-${standing.tone}` : ""}`,
    href: standing.url,
    title: [standing.title, ...standing.detail].join("\n"),
    draggable: "false",
    "data-standing": standing.id,
  }, make("span", {}, standing.title));
  place(bar, leaf, standing);
  bar.style.setProperty("--lane", String(lane));
  return bar;
}

function place(bar: HTMLElement, leaf: Leaf, standing: Time): void {
  const [from, to] = days(standing);
  const first = Math.max(0, between(leaf.first, from));
  const last = Math.min(leaf.days, between(leaf.first, to));
  bar.style.setProperty("--from", String(first));
  bar.style.setProperty("--long", String(Math.max(1, last - first)));
}

type Edge = "start" | "end" | "both";

function movable(host: HTMLElement, leaf: Leaf, bar: HTMLElement, standing: Standing): void {
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (composing(event) || !event.altKey || !step || !standing.when) return;
    event.preventDefault();
    void save(host, standing, shifted(standing, event.shiftKey && standing.resizable ? "end" : "both", step));
  });
  let dragged = false;
  bar.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (!dragged) openRecord(standing.url);
    dragged = false;
  });
  if (!standing.when) return;
  bar.classList.add("is-movable");
  bar.addEventListener("pointerdown", (down) => {
    if (down.button) return;
    const box = bar.getBoundingClientRect();
    const near = Math.min(8, box.width / 4);
    const edge: Edge = !standing.resizable ? "both" : down.clientX > box.right - near ? "end" : down.clientX < box.left + near ? "start" : "both";
    const wide = (bar.parentElement?.clientWidth ?? 1) / leaf.days;
    let time: Time = standing;
    const follow = (event: PointerEvent): void => {
      const step = Math.round((event.clientX - down.clientX) / wide);
      dragged ||= Math.abs(event.clientX - down.clientX) > 4;
      if (dragged) bar.setPointerCapture(down.pointerId);
      time = shifted(standing, edge, step);
      place(bar, leaf, time);
    };
    const done = (): void => {
      bar.removeEventListener("pointermove", follow);
      if (time.start !== standing.start || time.end !== standing.end) void save(host, standing, time);
    };
    bar.addEventListener("pointermove", follow);
    bar.addEventListener("pointerup", done, { once: true });
    bar.addEventListener("pointercancel", done, { once: true });
  });
}

/** The time some days later, of both ends or of one; never shorter than a day. */
function shifted(standing: Standing, edge: Edge, step: number): Time {
  const later = (text: string): string => plus(text, step) + text.slice(10);
  const { start, end, allDay } = standing;
  if (edge === "both") return { start: later(start), end: end && later(end), allDay };
  const [first, last] = days(standing);
  const room = between(first, last) - 1;
  if (edge === "end") return { start, end: step < -room ? end : later(end ?? plus(start, 1)), allDay };
  return { start: step > room ? start : later(start), end, allDay };
}

async function save(host: HTMLElement, standing: Standing, time: Time): Promise<void> {
  const next = await put(standing.when, time, standing.version);
  if (next !== undefined) {
    const { start, end, allDay } = standing;
    moved(standing.title, () => void put(standing.when, { start, end, allDay }, next).then(() => host.dispatchEvent(new Event("redraw"))));
  }
  host.dispatchEvent(new Event("redraw"));
}
