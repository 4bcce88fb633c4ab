// People's calendars over each other: who is chosen, what is shown, who is taken, when all are free.
import { startCalendar } from "./calendar";
import { formAt, plus, type Moved, type Time } from "./calendar_data";
import { said } from "./actions";
import { all, make, one, toast, word } from "./dom";
import { ask } from "./net";

const KEPT = "joinery.agenda";

interface Clash {
  person: string;
  start: string;
  end: string;
  title: string;
}

export function startAgenda(page: HTMLElement, host: HTMLElement): void {
  const people = all<HTMLInputElement>("[data-person]", page);
  const layers = all<HTMLInputElement>("[data-layer]", page);
  recall(people, layers);
  point(page, host, people, layers);
  const calendar = startCalendar(host, {
    agreed: (time, of) => agreed(page, time, of),
    chosen: (time) => void chosen(page, host, people, time),
  });
  const changed = (): void => {
    localStorage.setItem(`${KEPT}.${location.pathname}`, JSON.stringify({ people: checked(people), layers: checked(layers) }));
    point(page, host, people, layers);
    calendar.refetchEvents();
  };
  for (const box of [...people, ...layers]) box.addEventListener("change", changed);
  const choose = (wanted: (box: HTMLInputElement) => boolean): void => {
    for (const box of people) box.checked = wanted(box);
    changed();
  };
  one("[data-people-me]", page)?.addEventListener("click", () => choose((box) => "me" in box.dataset));
  one("[data-people-near]", page)?.addEventListener("click", () => choose((box) => "near" in box.dataset));
  const find = one<HTMLInputElement>("[data-people-find]", page);
  find?.addEventListener("input", () => {
    for (const box of people) {
      const line = box.closest("li");
      if (line) line.hidden = !(box.dataset["name"] ?? "").toLowerCase().includes(find.value.trim().toLowerCase());
    }
  });
  startFree(page, host, people);
}

function checked(boxes: HTMLInputElement[]): string[] {
  return boxes.filter((box) => box.checked).map((box) => box.value);
}

/** Takes up who and what was shown last; the first visit shows oneself and what is usual. */
function recall(people: HTMLInputElement[], layers: HTMLInputElement[]): void {
  const kept = JSON.parse(localStorage.getItem(`${KEPT}.${location.pathname}`) ?? "null") as { people: string[]; layers: string[] } | null;
  if (!kept) return;
  for (const box of people) box.checked = kept.people.includes(box.value);
  for (const box of layers) box.checked = kept.layers.includes(box.value);
}

function point(page: HTMLElement, host: HTMLElement, people: HTMLInputElement[], layers: HTMLInputElement[]): void {
  const url = (host.dataset["events"] ?? "").split("?")[0];
  host.dataset["events"] = `${url}?${new URLSearchParams({ people: checked(people).join(","), layers: checked(layers).join(",") })}`;
  const count = one("[data-people-count]", page);
  const others = checked(people).length;
  if (count) {
    count.hidden = others < 2;
    count.textContent = String(others);
  }
}

/** Asks whether a time is to be taken although somebody is taken then; yes where nobody is. */
async function agreed(page: HTMLElement, time: Time, of: Moved | { people: string }): Promise<boolean> {
  if (time.allDay || !time.end) return true;
  const asked = new URLSearchParams({ start: time.start, end: time.end });
  if ("people" in of) asked.set("people", of.people);
  else asked.set("of", `${of.entity}:${of.record}`);
  if ("day" in of && of.day) asked.set("day", of.day);
  if ("which" in of && of.which) asked.set("which", of.which);
  const answer = await ask(`${page.dataset["busy"]}?${asked}`);
  const clashes = (answer.body["clashes"] ?? []) as Clash[];
  const dialog = one<HTMLDialogElement>("#clashes");
  const list = dialog && one("[data-clashes]", dialog);
  if (answer.status !== 200 || !clashes.length || !dialog || !list) return true;
  list.replaceChildren(...clashes.map(line));
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

function line(clash: Clash): HTMLElement {
  const when = clash.start.slice(0, 10) === clash.end.slice(0, 10) ? `${clash.start.slice(11, 16)}–${clash.end.slice(11, 16)}` : `${clash.start.slice(0, 16).replace("T", " ")} – ${clash.end.slice(0, 16).replace("T", " ")}`;
  return make("li", {}, make("strong", {}, clash.person), make("span", {}, when), make("span", {}, clash.title));
}

async function chosen(page: HTMLElement, host: HTMLElement, people: HTMLInputElement[], time: Time): Promise<void> {
  if (await agreed(page, time, { people: checked(people).join(",") })) location.assign(formAt(host, time));
}

function startFree(page: HTMLElement, host: HTMLElement, people: HTMLInputElement[]): void {
  const form = one<HTMLFormElement>("[data-free]");
  const list = one("[data-free-slots]");
  if (!form || !list) return;
  const [from, to] = [one<HTMLInputElement>("[name=from]", form), one<HTMLInputElement>("[name=to]", form)];
  const today = (host.dataset["now"] ?? "").slice(0, 10);
  if (from && to) [from.value, to.value] = [today, plus(today, 14)];
  const who = one("[data-free-who]");
  one("[data-open=free-time]", page)?.addEventListener("click", () => {
    if (who) who.textContent = people.filter((box) => box.checked).map((box) => box.dataset["name"]).join(" · ");
    list.replaceChildren();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void find(page, host, form, list, checked(people));
  });
}

async function find(page: HTMLElement, host: HTMLElement, form: HTMLFormElement, list: HTMLElement, people: string[]): Promise<void> {
  const asked = new URLSearchParams({ people: people.join(",") });
  for (const [name, value] of new FormData(form)) asked.set(name, String(value));
  const answer = await ask(`${page.dataset["slots"]}?${asked}`);
  if (answer.status !== 200) return toast(said(answer));
  const slots = answer.body["slots"] as Time[];
  const day = new Intl.DateTimeFormat(host.dataset["language"] === "zh" ? "zh-CN" : "en-GB", { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" });
  list.replaceChildren(
    ...slots.map((slot) => {
      const label = `${day.format(new Date(`${slot.start}Z`))} ${slot.start.slice(11, 16)}–${(slot.end ?? "").slice(11, 16)}`;
      const button = make("button", { type: "button", class: "btn" }, label);
      button.addEventListener("click", () => location.assign(formAt(host, { ...slot, allDay: false })));
      return make("li", {}, button);
    }),
  );
  if (!slots.length) list.append(make("li", {}, word("noFreeTime")));
}
