// A calendar: days, weeks, months and an agenda; records are dragged, stretched, moved by keys and made.
import { Calendar, type EventApi, type EventInput } from "fullcalendar";
import dayGrid from "fullcalendar/daygrid";
import interaction from "fullcalendar/interaction";
import list from "fullcalendar/list";
import english from "fullcalendar/locales/en-gb";
import chinese from "fullcalendar/locales/zh-cn";
import classic from "fullcalendar/themes/classic";
import timeGrid from "fullcalendar/timegrid";
import "fullcalendar/skeleton.css";
import "fullcalendar/themes/classic/theme.css";
import { clock, dayKinds, formAt, moved, plus, put, read, remember, remembered, type Moved, type Standing, type Time } from "./calendar_data";
import { all, composing, make, one, word } from "./dom";
import { openRecord } from "./opening";

const PHONE = window.matchMedia("(max-width: 820px)");

const NAMES: Record<string, string> = { day: "timeGridDay", week: "timeGridWeek", month: "dayGridMonth", agenda: "listWeek" };

/** What a page with more than one calendar does besides: asks before a time is taken. */
export interface Besides {
  agreed?: (time: Time, of: Moved) => Promise<boolean>;
  chosen?: (time: Time) => void;
}

export function startCalendar(host: HTMLElement, besides: Besides = {}): Calendar {
  const timed = "timed" in host.dataset;
  const names: Record<string, string> = timed ? NAMES : { ...NAMES, day: "dayGridDay", week: "dayGridWeek" };
  const kept = remembered();
  const first = kept.leaf in names ? kept.leaf : PHONE.matches ? "agenda" : timed ? "week" : "month";
  const kind = dayKinds(host);
  const now = clock(host);
  const moveTo = async (api: EventApi, old: EventApi, revert: () => void): Promise<void> => {
    if (event(api).series) return askWhich(calendar, api, besides, revert);
    const [entity = "", record = ""] = event(api).url.split("/").slice(-2);
    if (!besides.agreed || (await besides.agreed(time(api), { entity, record }))) await save(calendar, api, time(old), revert);
    else revert();
  };
  const calendar: Calendar = new Calendar(host, {
    plugins: [dayGrid, timeGrid, list, interaction, classic],
    locales: [chinese, english],
    locale: host.dataset["language"] === "zh" ? "zh-cn" : "en-gb",
    timeZone: "UTC",
    firstDay: 1,
    now: () => now().toISOString().slice(0, 19),
    initialView: names[first] ?? "dayGridMonth",
    ...(kept.day ? { initialDate: kept.day } : {}),
    headerToolbar: false,
    height: PHONE.matches ? "calc(100dvh - 330px)" : "calc(100dvh - 232px)",
    expandRows: true,
    slotHeaderFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
    eventTimeFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
    dayCellTopContent: (info) => ({ domNodes: topOf(info.date, info.dayNumberText, kind(day(info.date))) }),
    nowIndicator: true,
    dayMaxEvents: 4,
    moreLinkClass: "cal-more",
    // Narrower or lower than a fingertip is for nobody: the rest is behind "+n more".
    eventMinHeight: 24,
    views: { timeGridDay: { eventMaxStack: PHONE.matches ? 5 : 12 }, timeGridWeek: { eventMaxStack: PHONE.matches ? 1 : 3 } },
    scrollTime: "08:00:00",
    slotDuration: "00:30:00",
    eventDisplay: "block",
    eventColor: "var(--tone, var(--pine))",
    longPressDelay: 350,
    editable: true,
    eventResizableFromStart: true,
    selectable: Boolean(host.dataset["new"]),
    selectMirror: true,
    eventAllow: (drop, event) => drop.allDay === event?.allDay || event?.extendedProps["allDayToo"] === true,
    dayCellClass: (info) => dayClass(kind(day(info.date))),
    dayHeaderClass: (info) => dayClass(kind(day(info.date))),
    // Above weeks and days, where no cell has a number to put the sign beside.
    dayHeaderContent: (info) => ({ domNodes: [make("span", {}, info.text, ...(info.view.type.startsWith("timeGrid") ? signOf(kind(day(info.date))) : []))] }),
    events: async (asked: { start: Date; end: Date }) => {
      try {
        return (await read(host, day(asked.start), plus(day(asked.end), -1))).map(input);
      } finally {
        drawn(host);
      }
    },
    eventDidMount: ({ el, event }) => {
      el.dataset["standing"] = event.id;
      el.title = [event.title, ...(event.extendedProps["detail"] as string[])].join("\n");
    },
    eventClick: (info) => {
      info.jsEvent.preventDefault();
      opened(calendar, info.event, besides);
    },
    eventDrop: (info) => void moveTo(info.event, info.oldEvent, info.revert),
    eventResize: (info) => void moveTo(info.event, info.oldEvent, info.revert),
    select: (info) => {
      const picked = { start: info.startStr.slice(0, 19), end: info.endStr.slice(0, 19), allDay: info.allDay };
      if (besides.chosen) besides.chosen(picked);
      else location.assign(formAt(host, picked));
    },
    datesSet: () => show(calendar, names),
  });
  calendar.render();
  turning(calendar, host, names);
  host.addEventListener("keydown", (pressed) => void keyed(calendar, besides, pressed));
  document.addEventListener("changed", () => calendar.refetchEvents());
  host.dataset["ready"] = "true";
  return calendar;
}

/** Shows what a calendar holds, once its events have been put in. */
function drawn(host: HTMLElement): void {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      host.dataset["drawn"] = "true";
      reachable(host);
      named(host);
    }),
  );
}

/** Lets what scrolls be reached by the keyboard where nothing within it can be, as in a time without events. */
function reachable(host: HTMLElement): void {
  for (const part of all<HTMLElement>("[style*=overflow]", host)) {
    // Within a grid only its cells may take the focus; one that lies below its events is none to aim at.
    const within = part.closest("[role=grid]") ? one("[role=gridcell]", part) : part;
    if (!within || getComputedStyle(part).overflowY !== "auto") continue;
    if (one("[data-standing]", part)) within.removeAttribute("tabindex");
    else within.tabIndex = 0;
  }
}

/** A day with something on it is called by what it shows, as others hear it; its date is said after that. */
function named(host: HTMLElement): void {
  for (const cell of all("[role=gridcell][aria-label]:has([data-standing])", host)) {
    cell.setAttribute("aria-description", cell.getAttribute("aria-label") ?? "");
    cell.removeAttribute("aria-label");
  }
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function dayClass(kind: string): string {
  return kind ? `cal-${kind}` : "";
}

/** The sign that calendars of offices put beside holidays and make-up days. */
function signOf(kind: string): Node[] {
  return kind === "holiday" || kind === "workday" ? [make("small", { class: `cal-mark is-${kind}` }, word(kind))] : [];
}

/** The number of a day, with its sign. */
function topOf(date: Date, number: string, kind: string): Node[] {
  return [...signOf(kind), document.createTextNode(number.replace("日", "") || String(date.getUTCDate()))];
}

function input(standing: Standing): EventInput {
  const { id, title, start, end, allDay, url, tone, when, resizable, ...more } = standing;
  return {
    id, title, start, allDay,
    ...(url ? { url } : {}),
    ...(end ? { end } : {}),
    className: `cal-event ${tone ? `tone-${tone}` : ""}`,
    editable: Boolean(when || more.series),
    durationEditable: resizable,
    extendedProps: { ...more, when, where: url },
  };
}

function event(api: EventApi): { when: string; series: string; day: string; version: number; url: string } {
  const { when, series, day, version, where } = api.extendedProps as { when: string; series: string; day: string; version: number; where: string };
  return { when, series, day, version, url: where };
}

/** Opens a record; of what repeats it asks first what is to become of this time. */
function opened(calendar: Calendar, api: EventApi, besides: Besides): void {
  const { url, series } = event(api);
  if (series) void askWhich(calendar, api, besides);
  else if (url) openRecord(url);
}

/** Asks which times of a series are meant; `revert` puts one that was dragged back. */
async function askWhich(calendar: Calendar, api: EventApi, besides: Besides, revert?: () => void): Promise<void> {
  const { askSeries } = await import("./series");
  const done = await askSeries({ title: api.title, time: time(api), ...event(api), dragged: revert !== undefined, agreed: besides.agreed });
  if (!done) return revert?.();
  calendar.refetchEvents();
}

function time(api: EventApi): Time {
  return { start: api.startStr.slice(0, 19), end: api.end ? api.endStr.slice(0, 19) : null, allDay: api.allDay };
}

/** Writes where a record was put; what is refused goes back to where it was. */
async function save(calendar: Calendar, api: EventApi, before: Time, revert: () => void): Promise<void> {
  const { when, version } = event(api);
  const next = await put(when, time(api), version);
  if (next === undefined) {
    revert();
    calendar.refetchEvents();
    return;
  }
  api.setExtendedProp("version", next);
  document.dispatchEvent(new CustomEvent("rescheduled", { detail: { id: api.id } }));
  moved(api.title, () => void put(when, before, next).then(() => calendar.refetchEvents()));
}

function turning(calendar: Calendar, host: HTMLElement, names: Record<string, string>): void {
  for (const button of all("[data-turn]")) {
    button.addEventListener("click", () => calendar[button.dataset["turn"] as "today" | "prev" | "next"]());
  }
  for (const button of all("[data-leaf]")) {
    button.addEventListener("click", () => calendar.changeView(names[button.dataset["leaf"] ?? ""] ?? "dayGridMonth"));
  }
  swiped(host, (forward) => (forward ? calendar.next() : calendar.prev()));
}

/** On a phone the next days come with a swipe. */
function swiped(host: HTMLElement, turn: (forward: boolean) => void): void {
  let from: Touch | undefined;
  host.addEventListener("touchstart", (event) => (from = event.touches.length === 1 ? event.touches[0] : undefined), { passive: true });
  host.addEventListener("touchend", (event) => {
    const to = event.changedTouches[0];
    if (!from || !to || one(".is-dragging, .fc-event-dragging", host)) return;
    const [across, down] = [to.clientX - from.clientX, to.clientY - from.clientY];
    if (Math.abs(across) > 70 && Math.abs(across) > 2 * Math.abs(down)) turn(across < 0);
  });
}

function show(calendar: Calendar, names: Record<string, string>): void {
  const leaf = Object.keys(names).find((each) => names[each] === calendar.view.type) ?? "month";
  const title = one("[data-turn-title]");
  if (title) title.textContent = calendar.view.title;
  for (const button of all("[data-leaf]")) button.setAttribute("aria-pressed", String(button.dataset["leaf"] === leaf));
  remember(leaf, day(calendar.getDate()));
}

/** Alt and the arrow keys move a record: a day aside, half an hour up and down. */
async function keyed(calendar: Calendar, besides: Besides, pressed: KeyboardEvent): Promise<void> {
  if (composing(pressed) || !(pressed.target instanceof HTMLElement)) return;
  const id = pressed.target.closest<HTMLElement>("[data-standing]")?.dataset["standing"];
  const api = id ? calendar.getEventById(id) : null;
  if (!api) return;
  if (pressed.key === "Enter" || pressed.key === " ") {
    pressed.preventDefault();
    opened(calendar, api, besides);
  }
  const step = pressed.altKey ? steps(pressed.key, api.allDay) : undefined;
  if (!step || !(event(api).when || event(api).series)) return;
  pressed.preventDefault();
  const before = time(api);
  api.moveDates(step);
  if (event(api).series) return askWhich(calendar, api, besides, () => calendar.refetchEvents());
  await save(calendar, api, before, () => calendar.refetchEvents());
  one(`[data-standing="${id}"]`)?.focus();
}

function steps(key: string, allDay: boolean): { days?: number; minutes?: number } | undefined {
  if (key === "ArrowRight") return { days: 1 };
  if (key === "ArrowLeft") return { days: -1 };
  if (allDay) return key === "ArrowDown" ? { days: 7 } : key === "ArrowUp" ? { days: -7 } : undefined;
  return key === "ArrowDown" ? { minutes: 30 } : key === "ArrowUp" ? { minutes: -30 } : undefined;
}

