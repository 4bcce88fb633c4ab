// A file into a list, step by step: kept by the server, matched, rehearsed; nothing is written before the last step.
import { all, icon, make, one, word } from "./dom";
import { csrf, onceKey, send, type Answer } from "./net";

type Step = "file" | "columns" | "values" | "known" | "run";

const STEPS: readonly Step[] = ["file", "columns", "values", "known", "run"];

/** What is known of the file that is being taken in: where the server keeps it, and which steps ask nothing. */
interface Course {
  page: HTMLElement;
  url: string;
  step: Step;
  asks: Set<Step>;
  earlier: Record<string, Record<string, unknown>>;
}

export function startImport(): void {
  const page = one("[data-import]");
  if (page) lead({ page, url: "", step: "file", asks: new Set(["columns", "known", "run"]), earlier: {} });
}

function lead(course: Course): void {
  const { page } = course;
  const input = one<HTMLInputElement>("[data-import-file]", page);
  const drop = one("[data-import-drop]", page);
  input?.addEventListener("change", () => void take(course, input.files?.[0]));
  // Somebody was quicker than this script.
  if (input?.files?.length) void take(course, input.files[0]);
  for (const name of ["dragover", "dragleave", "drop"]) drop?.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("is-over", name === "dragover");
  });
  drop?.addEventListener("drop", (event) => void take(course, event.dataTransfer?.files[0]));
  one("[data-import-back]", page)?.addEventListener("click", () => show(course, before(course)));
  one("[data-import-next]", page)?.addEventListener("click", () => void next(course));
  one("[data-import-begin]", page)?.addEventListener("click", () => void begin(course));
  page.addEventListener("change", (event) => changed(course, event.target));
}

function changed(course: Course, target: EventTarget | null): void {
  if (!(target instanceof HTMLSelectElement)) return;
  const { page } = course;
  if (target.matches("[data-import-mode]")) one("[data-import-key-field]", page)?.toggleAttribute("hidden", target.value === "insert");
  if (target.matches("[data-import-sheet]")) void sheet(course, target.value);
  if (target.matches("[data-import-column]")) target.closest("tr")?.classList.toggle("is-out", !target.value);
  if (target.matches("[data-import-all]")) for (const each of all<HTMLSelectElement>("[data-import-row]", page)) each.value = target.value;
}

/** Sends the file, telling how much of it has arrived. */
async function take(course: Course, file: File | undefined): Promise<void> {
  if (!file) return;
  const { page } = course;
  const wait = one("[data-import-wait]", page);
  const sent = one<HTMLProgressElement>("[data-import-sent]", page);
  say(page, "");
  wait?.toggleAttribute("hidden", false);
  const answer = await upload(`${page.dataset["url"]}/file`, file, (share) => sent && (sent.value = share));
  wait?.toggleAttribute("hidden", true);
  const input = one<HTMLInputElement>("[data-import-file]", page);
  if (input) input.value = "";
  if (answer.status !== 200) return say(page, refusal(answer));
  const name = one("[data-import-name]", page);
  if (name) name.textContent = file.name;
  course.url = String(answer.body["url"]);
  columns(course, String(answer.body["html"]));
}

function upload(url: string, file: File, told: (share: number) => void): Promise<Answer> {
  const body = new FormData();
  body.append("file", file);
  const request = new XMLHttpRequest();
  return new Promise((resolve) => {
    request.open("POST", url);
    request.setRequestHeader("X-CSRF-Token", csrf());
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Idempotency-Key", onceKey());
    request.upload.addEventListener("progress", (event) => told((event.loaded / (event.total || 1)) * 100));
    request.addEventListener("load", () => resolve({ status: request.status, body: parsed(request.responseText) }));
    request.addEventListener("error", () => resolve({ status: 0, body: {} }));
    request.send(body);
  });
}

function parsed(text: string): Answer["body"] {
  try {
    return JSON.parse(text) as Answer["body"];
  } catch {
    return {};
  }
}

async function sheet(course: Course, name: string): Promise<void> {
  const answer = await send(`${course.url}/columns`, { sheet: name });
  if (answer.status === 200) columns(course, String(answer.body["html"]));
  else say(course.page, refusal(answer));
}

function columns(course: Course, html: string): void {
  fill(course, "columns", html);
  const earlier = one("[data-import-earlier]", course.page)?.dataset["importEarlier"];
  course.earlier = earlier ? JSON.parse(earlier) : {};
  show(course, "columns");
}

/** Asks what the step at hand leaves open, and leads to the next one that has something to ask. */
async function next(course: Course): Promise<void> {
  const { page } = course;
  const missing = course.step === "columns" ? unfilled(page) : [];
  if (missing.length) say(page, word("importMissing", { fields: missing.join(", ") }));
  else say(page, "");
  await busy(page, async () => {
    if (course.step === "columns") await ask(course, "values", "values");
    if (course.step === "values" || (course.step === "columns" && !course.asks.has("values"))) return known(course);
    if (course.step === "columns") return show(course, "values");
    if (course.step === "known") return rehearse(course);
  });
}

async function known(course: Course): Promise<void> {
  const answer = await send(`${course.url}/alike`, chosen(course));
  if (answer.status !== 200) return say(course.page, refusal(answer));
  const place = one("[data-import-alike]", course.page);
  if (place) place.innerHTML = String(answer.body["html"]);
  show(course, "known");
}

async function ask(course: Course, step: Step, what: string): Promise<void> {
  const answer = await send(`${course.url}/${what}`, chosen(course));
  if (answer.status !== 200) {
    say(course.page, refusal(answer));
    throw new Refused();
  }
  fill(course, step, String(answer.body["html"]));
  if (answer.body["any"]) course.asks.add(step);
  else course.asks.delete(step);
}

class Refused extends Error {}

async function rehearse(course: Course): Promise<void> {
  await ask(course, "run", "rehearse");
  course.asks.add("run");
  show(course, "run");
}

async function begin(course: Course): Promise<void> {
  await busy(course.page, async () => {
    const answer = await send(`${course.url}/begin`, chosen(course));
    if (answer.status === 200) location.assign(String(answer.body.location));
    else say(course.page, refusal(answer));
  });
}

async function busy(page: HTMLElement, act: () => Promise<void>): Promise<void> {
  const buttons = all<HTMLButtonElement>("[data-import-foot] button", page);
  for (const button of buttons) button.disabled = true;
  one("[data-import-foot]", page)?.setAttribute("aria-busy", "true");
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  } finally {
    for (const button of buttons) button.disabled = false;
    one("[data-import-foot]", page)?.removeAttribute("aria-busy");
  }
}

/** Everything chosen so far, as the server takes it; the map is JSON, which is YAML too. */
function chosen(course: Course): { map: string; mode: string; key: string } {
  const { page } = course;
  const taken = all<HTMLSelectElement>("[data-import-column]", page).map((each) => [each.dataset["importColumn"] ?? "", each.value] as const);
  const values: Record<string, Record<string, unknown>> = structuredClone(course.earlier);
  const create: string[] = [];
  for (const column of all("[data-import-values]", page)) {
    const field = column.dataset["importValues"] ?? "";
    if (one<HTMLInputElement>("[data-import-create]", column)?.checked) create.push(field);
    for (const each of all<HTMLSelectElement>("[data-import-value]", column)) {
      if (each.value) (values[field] ??= {})[each.dataset["importValue"] ?? ""] = each.value === "-" ? null : each.value.slice(1);
    }
  }
  const rows = Object.fromEntries(all<HTMLSelectElement>("[data-import-row]", page).map((each) => [each.dataset["importRow"], each.value === "change" ? each.dataset["record"] : each.value]));
  const map = {
    columns: Object.fromEntries(taken.filter(([, field]) => field)),
    ignore: taken.filter(([, field]) => !field).map(([column]) => column),
    values,
    create,
    rows,
    sheet: one<HTMLSelectElement>("[data-import-sheet]", page)?.value ?? "",
  };
  const mode = one<HTMLSelectElement>("[data-import-mode]", page)?.value ?? "insert";
  const key = mode === "insert" ? "" : (one<HTMLSelectElement>("[data-import-key]", page)?.value ?? "");
  return { map: JSON.stringify(map), mode, key };
}

/** The labels of required fields that no column goes into. */
function unfilled(page: HTMLElement): string[] {
  const selects = all<HTMLSelectElement>("[data-import-column]", page);
  const used = new Set(selects.map((each) => each.value));
  const required = all<HTMLOptionElement>("option[data-required]", selects[0] ?? page);
  return required.filter((each) => !used.has(each.value)).map((each) => (each.textContent ?? "").replace(/ \*$/, ""));
}

function before(course: Course): Step {
  const at = STEPS.indexOf(course.step);
  return STEPS.slice(0, at).reverse().find((each) => each === "file" || course.asks.has(each)) ?? "file";
}

function show(course: Course, step: Step): void {
  const { page } = course;
  course.step = step;
  for (const each of all("[data-import-step]", page)) each.hidden = each.dataset["importStep"] !== step;
  for (const each of all("[data-step]", page)) {
    const at = STEPS.indexOf(each.dataset["step"] as Step);
    each.classList.toggle("is-done", at < STEPS.indexOf(step));
    if (each.dataset["step"] === step) each.setAttribute("aria-current", "step");
    else each.removeAttribute("aria-current");
  }
  one("[data-import-foot]", page)?.toggleAttribute("hidden", step === "file");
  one("[data-import-next]", page)?.toggleAttribute("hidden", step === "run");
  one("[data-import-begin]", page)?.toggleAttribute("hidden", step !== "run");
  one(`[data-import-step="${step}"]`, page)?.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}

function fill(course: Course, step: Step, html: string): void {
  const place = one(`[data-import-step="${step}"]`, course.page);
  if (place) place.innerHTML = html;
}

function say(page: HTMLElement, text: string): void {
  const said = one("[data-import-said]", page);
  if (!said) return;
  said.replaceChildren(...(text ? [icon("alert-triangle"), make("span", {}, text)] : []));
  said.classList.toggle("notice-danger", Boolean(text));
  said.hidden = !text;
}

/** What a refusal says, each reason once. */
export function refusal(answer: Answer): string {
  const errors = (answer.body.errors ?? []).map((error) => error.message);
  return [...new Set(errors)].join(" ") || answer.body.message || word("offline");
}
