// What stands on calendars and timelines: read by the stretch, moved through the write path, taken back.
import { said } from "./actions";
import { one, toast, word } from "./dom";
import { ask, send } from "./net";

/** A record as it stands in time on the person's own clock; the end is not included. */
export interface Standing {
  id: string;
  title: string;
  start: string;
  end: string | null;
  allDay: boolean;
  url: string;
  version: number;
  tone: string;
  detail: string[];
  when: string;
  series: string;
  day: string;
  resizable: boolean;
  allDayToo: boolean;
  group: string;
}

export interface Time {
  start: string;
  end: string | null;
  allDay: boolean;
}

/** Which record is moved, and of what repeats, which of its times. */
export interface Moved {
  entity: string;
  record: string;
  day?: string;
  which?: string;
}

interface Days {
  rest: number[];
  holidays: string[];
  workdays: string[];
}

export type DayKind = "rest" | "holiday" | "workday" | "";

/** Reads what touches the days from one up to and with another. */
export async function read(host: HTMLElement, from: string, to: string): Promise<Standing[]> {
  const url = host.dataset["events"] ?? "";
  host.setAttribute("aria-busy", "true");
  const answer = await ask(`${url}${url.includes("?") ? "&" : "?"}${new URLSearchParams({ from, to })}`);
  host.removeAttribute("aria-busy");
  if (answer.status !== 200) {
    toast(said(answer));
    return [];
  }
  const more = one("[data-calendar-more]");
  if (more) more.hidden = answer.body["more"] !== true;
  return answer.body["events"] as Standing[];
}

/** Puts a record at another time; answers its new version, or says why not. */
export async function put(when: string, time: Time, version: number): Promise<number | undefined> {
  const answer = await send(when, { ...time, version });
  if (answer.status === 200) return answer.body.version;
  toast(said(answer));
  return undefined;
}

/** Says where something went, with a way back. */
export function moved(title: string, back: () => void): void {
  toast(word("rescheduled", { title }), { label: word("undo"), act: back });
}

/** Which days differ: days off of the week, holidays, and days worked in their stead. */
export function dayKinds(host: HTMLElement): (day: string) => DayKind {
  const days = JSON.parse(host.dataset["days"] ?? "{}") as Days;
  const holidays = new Set(days.holidays);
  const workdays = new Set(days.workdays);
  return (day) => {
    if (workdays.has(day)) return "workday";
    if (holidays.has(day)) return "holiday";
    return days.rest.includes((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7) ? "rest" : "";
  };
}

/** The time on the person's clock now, as if it were UTC. */
export function clock(host: HTMLElement): () => Date {
  const begun = Date.parse(`${host.dataset["now"]}Z`) - Date.now();
  return () => new Date(begun + Date.now());
}

/** A day so many days after another. */
export function plus(day: string, count: number): string {
  return new Date(Date.parse(`${day.slice(0, 10)}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

/** Keeps which leaf is shown, of which day, in the address. */
export function remember(leaf: string, day: string): void {
  const address = new URL(location.href);
  address.searchParams.set("leaf", leaf);
  address.searchParams.set("day", day);
  history.replaceState(history.state, "", address);
}

export function remembered(): { leaf: string; day: string } {
  const asked = new URLSearchParams(location.search);
  return { leaf: asked.get("leaf") ?? "", day: asked.get("day") ?? "" };
}

/** The address of the form that makes a record at a time. */
export function formAt(host: HTMLElement, time: Time): string {
  const { startField = "", endField = "", wholeField = "", timed } = host.dataset;
  const asked = new URLSearchParams();
  if (timed === undefined) {
    asked.set(startField, time.start.slice(0, 10));
    if (endField && time.end) asked.set(endField, plus(time.end, -1));
  } else {
    const oneDay = time.allDay && (!time.end || plus(time.start, 1) === time.end.slice(0, 10));
    const whole = time.allDay && wholeField && !oneDay;
    asked.set(startField, time.allDay && !whole ? `${time.start.slice(0, 10)}T09:00` : minute(time.start));
    if (endField && time.end) asked.set(endField, time.allDay && !whole ? `${time.start.slice(0, 10)}T10:00` : minute(time.end));
    if (whole) asked.set(wholeField, "true");
  }
  const url = host.dataset["new"] ?? "";
  return `${url}${url.includes("?") ? "&" : "?"}${asked}`;
}

function minute(text: string): string {
  return text.length > 10 ? text.slice(0, 16) : `${text}T00:00`;
}
