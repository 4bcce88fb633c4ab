// A time of what repeats: put elsewhere or called off, this one only, with those that follow, or all.
import { said } from "./actions";
import { plus, type Moved, type Time } from "./calendar_data";
import { one, toast, word } from "./dom";
import { send, type Answer } from "./net";
import { openRecord } from "./opening";

interface Asking {
  title: string;
  time: Time;
  series: string;
  day: string;
  version: number;
  url: string;
  dragged: boolean;
  agreed: ((time: Time, of: Moved) => Promise<boolean>) | undefined;
}

/** Asks what is to become of a time of a series, and does it; answers whether anything was done. */
export function askSeries(asking: Asking): Promise<boolean> {
  const dialog = one<HTMLDialogElement>("#series");
  const form = dialog && one<HTMLFormElement>("[data-series]", dialog);
  if (!dialog || !form) return Promise.resolve(false);
  // A form of its own for every time: nothing of the last one is left in it.
  const fresh = form.cloneNode(true) as HTMLFormElement;
  form.replaceWith(fresh);
  fill(fresh, asking);
  return new Promise((resolve) => {
    let done = false;
    const finish = async (time: Time | null): Promise<void> => {
      done = await sent(fresh, asking, time);
      if (done) dialog.close();
    };
    fresh.addEventListener("submit", (event) => {
      event.preventDefault();
      const time = timeOf(fresh, asking.time);
      if (time) void finish(time);
    });
    one("[data-series-off]", fresh)?.addEventListener("click", () => void finish(null));
    one("[data-series-open]", fresh)?.addEventListener("click", () => {
      dialog.close();
      openRecord(asking.url);
    });
    dialog.addEventListener("close", () => resolve(done), { once: true });
    dialog.showModal();
    one<HTMLInputElement>("[name=which]:checked", fresh)?.focus();
  });
}

function fill(form: HTMLFormElement, asking: Asking): void {
  const { title, time, dragged } = asking;
  const [heading, when, open, off] = ["title", "when", "open", "off"].map((part) => one(`[data-series-${part}]`, form));
  if (heading) heading.textContent = title;
  if (when) when.textContent = dragged ? word("seriesMoves") : word("seriesIs");
  if (open) open.hidden = dragged || !asking.url;
  if (off) off.hidden = dragged;
  const [start, end] = inputs(form);
  const type = time.allDay ? "date" : "datetime-local";
  for (const input of [start, end]) input.type = type;
  start.value = shown(time.start, time.allDay);
  end.value = time.end ? shown(time.allDay ? plus(time.end, -1) : time.end, time.allDay) : "";
  end.closest("label")!.hidden = !time.end;
  // The end goes along with the beginning.
  start.addEventListener("change", () => {
    const ahead = Date.parse(`${start.value}Z`) - Date.parse(`${start.defaultValue}Z`);
    if (Number.isNaN(ahead) || !end.value) return;
    end.value = new Date(Date.parse(`${end.value}Z`) + ahead).toISOString().slice(0, end.value.length);
    start.defaultValue = start.value;
  });
  start.defaultValue = start.value;
}

function inputs(form: HTMLFormElement): [HTMLInputElement, HTMLInputElement] {
  return [one<HTMLInputElement>("[name=start]", form)!, one<HTMLInputElement>("[name=end]", form)!];
}

function shown(text: string, whole: boolean): string {
  return text.slice(0, whole ? 10 : 16);
}

/** The time that was entered; what is none, or ends before it begins, is said in its place. */
function timeOf(form: HTMLFormElement, before: Time): Time | undefined {
  const [start, end] = inputs(form);
  const ends = end.value && (before.allDay ? plus(end.value, 1) : `${end.value}:00`);
  const time = { start: before.allDay ? start.value : `${start.value}:00`, end: before.end ? ends || null : null, allDay: before.allDay };
  if (start.value && (!before.end || (time.end && time.end > time.start))) return time;
  complain(form, word("seriesBackwards"));
  (start.value ? end : start).focus();
  return undefined;
}

async function sent(form: HTMLFormElement, asking: Asking, time: Time | null): Promise<boolean> {
  const which = new FormData(form).get("which") as string;
  const [entity = "", record = ""] = asking.url.split("/").slice(-2);
  if (time && asking.agreed && !(await asking.agreed(time, { entity, record, day: asking.day, which }))) return false;
  form.setAttribute("aria-busy", "true");
  const answer = await send(asking.series, { ...time, which, day: asking.day, version: asking.version });
  form.removeAttribute("aria-busy");
  if (answer.status !== 200) {
    complain(form, said(answer));
    return false;
  }
  toast(answer.body.message ?? "", { label: word("undo"), act: () => void takeBack(answer) });
  return true;
}

async function takeBack(answer: Answer): Promise<void> {
  const back = await send(answer.body.undo ?? "", { change_sets: answer.body["change_sets"], shares: [] });
  const why = (back.body["why"] ?? []) as { title: string; reason: string }[];
  if (back.status !== 200) toast(said(back));
  else if (why.length) toast(why.map((each) => `${each.title}: ${each.reason}`).join(" "));
  document.dispatchEvent(new Event("changed"));
}

function complain(form: HTMLFormElement, text: string): void {
  const place = one("[data-series-error]", form);
  if (place) place.textContent = text;
}
