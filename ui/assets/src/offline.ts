// Without a connection: what was opened is read, what is new is kept, and sent once there is one again.
import { all, icon, make, one, toast, word } from "./dom";
import { drop, put, waitingOf, type Waiting } from "./kept";
import { send } from "./net";

/** Browsers inside other apps, which have neither a worker nor messages of ours: everything else works in them. */
export const INSIDE_APPS = /MicroMessenger|wxwork|DingTalk/i;

interface Unsent {
  form: HTMLFormElement;
  url: string;
  body: { values: Record<string, unknown> };
  key: string;
  leave: () => void;
}

export function startOffline(): void {
  bar();
  window.addEventListener("online", () => void back());
  window.addEventListener("offline", bar);
  document.addEventListener("unsent", (event) => offer((event as CustomEvent<Unsent>).detail));
  document.addEventListener("submit", (event) => {
    if (event.target instanceof HTMLFormElement && event.target.matches("[data-sign-out]")) void leaving(event, event.target);
  });
  void register();
  // The connection may have come back before there was anybody to be told of it.
  if (navigator.onLine) void sendWaiting();
  void count();
}

/** Whose words these are: another person on the same device neither sees nor sends them. */
export function who(): string {
  const shell = one("[data-shell]");
  return `${shell?.dataset["tenant"] ?? ""}:${shell?.dataset["person"] ?? ""}`;
}

/** Under what it is kept how this device is told of what is new: blank once somebody signed out, null where it is not. */
export function toldHere(): string | null {
  return localStorage.getItem(toldKey());
}

export function toldKey(): string {
  return `joinery.push.${who()}`;
}

function seenLater(): string {
  return document.documentElement.dataset["keptAt"] ?? "";
}

async function register(): Promise<void> {
  if (!("serviceWorker" in navigator) || !window.isSecureContext || INSIDE_APPS.test(navigator.userAgent)) return;
  const home = one("[data-shell]")?.dataset["home"];
  if (home === undefined || seenLater()) return;
  await navigator.serviceWorker.register("/worker.js", { scope: "/" });
  const ready = await navigator.serviceWorker.ready;
  if (toldHere() !== null) void import("./push").then(({ renew }) => renew(ready));
  const quick = all<HTMLAnchorElement>("[data-create-list] a[data-quick][data-offline]").map((link) => `${link.pathname}?form=quick_create`);
  const name = `joinery.offline.${who()}`;
  const mark = one("#palette")?.dataset["linesUrl"] ?? "";
  // Once for each version of the app: what may be needed later, and the page that was open before the worker came.
  if (sessionStorage.getItem(name) === mark) return;
  // The scripts of forms come along, so that they are there as well.
  void Promise.all([import("./form"), import("./create"), import("./waiting")]);
  const kept = await keepPages(ready, [`${home}/waiting`, ...quick, location.pathname + location.search]);
  const { learnPicks } = await import("./picks");
  // Somebody who is already on another page by now has it done there.
  if (kept && (await learnPicks(quick))) sessionStorage.setItem(name, mark);
}

/** Has the worker keep pages; answers whether it has all of them. */
function keepPages(registration: ServiceWorkerRegistration, keep: string[]): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  registration.active?.postMessage({ keep }, [port2]);
  return new Promise((done) => {
    port1.onmessage = (event) => done(event.data === true);
  });
}

/** Says that there is no connection, and as of when what is shown was read. */
function bar(): void {
  const at = seenLater();
  const away = Boolean(at) || !navigator.onLine;
  one(".offline-bar")?.remove();
  document.documentElement.classList.toggle("is-offline", away);
  if (!away) return;
  const time = at ? new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" }).format(new Date(at)) : "";
  const said = make("span", {}, at ? word("offlineAsOf", { time }) : word("offlineNow"));
  const again = make("button", { type: "button", class: "btn btn-sm" }, word("tryAgain"));
  again.addEventListener("click", () => location.reload());
  one("main")?.prepend(make("p", { class: "notice offline-bar", role: "status" }, icon("cloud-off"), said, again));
}

async function back(): Promise<void> {
  if (!seenLater()) bar();
  await sendWaiting();
}

/** A form that could not be sent may be kept, and left. */
function offer(unsent: Unsent): void {
  const place = one("[data-form-problem]", unsent.form);
  if (!place || one("button[data-keep-unsent]", place)) return;
  const button = make("button", { type: "button", class: "btn btn-sm", "data-keep-unsent": "" }, word("keepUnsent"));
  button.addEventListener("click", () => void keep(unsent));
  place.append(" ", button);
}

async function keep(unsent: Unsent): Promise<void> {
  const shown = await shownIn(unsent.form);
  const heading = one("h1 span:not(.page-icon)", unsent.form)?.textContent?.trim() ?? "";
  const first = Object.values(shown).find((each) => each.title.length > 3 && !/^\d{4}-/.test(each.title));
  const waiting: Waiting = {
    id: unsent.key, who: who(), url: unsent.url, page: location.pathname + location.search, body: unsent.body, shown, labels: labelsIn(unsent.form),
    title: first?.title.slice(0, 80) ?? heading, kind: heading, at: new Date().toISOString(), state: "waiting", message: "",
  };
  const here = unsent.url.replace(/^(\/[^/]+)\/records\/([^/]+)$/, "$1/records/$2/new?form=quick_create");
  try {
    await put({ ...waiting, page: here });
  } catch {
    return toast(word("noStorage"));
  }
  unsent.leave();
  toast(word("keptUnsent"), { label: word("look"), act: () => location.assign(waitingPage()) });
  const dialog = unsent.form.closest("dialog");
  if (dialog) dialog.close();
  else location.assign(waitingPage());
  await count();
}

export function waitingPage(): string {
  return `${one("[data-shell]")?.dataset["home"] ?? ""}/waiting`;
}

/** What every field holds that somebody filled, as a person reads it. */
async function shownIn(form: HTMLFormElement): Promise<Waiting["shown"]> {
  const { heldBy } = await import("./draft");
  const held = heldBy(all(".field[data-field]", form));
  return Object.fromEntries(Object.entries(held).filter(([, each]) => each.text));
}

function labelsIn(form: HTMLFormElement): Record<string, string> {
  const fields = all(".field[data-field]", form);
  return Object.fromEntries(fields.map((field) => [field.dataset["field"] ?? "", one(".form-label", field)?.firstChild?.textContent?.trim() ?? ""]));
}

/** Sends what waits, one after the other, one tab of the browser after the other; what is refused stays, with the reason. */
export async function sendWaiting(): Promise<void> {
  if ("locks" in navigator) await navigator.locks.request("joinery.send", sendAll);
  else await sendAll();
  await count();
}

const SOONEST = 1_000;
const LATEST = 60_000;

let pause = SOONEST;
let next = 0;

async function sendAll(): Promise<void> {
  const waiting = (await waitingOf(who()).catch(() => [])).filter((each) => each.state === "waiting");
  for (const each of waiting) if (!(await sendOne(each))) return;
  pause = SOONEST;
}

/** A connection that was only just there again, and a server that is busy, are tried once more, ever more seldom. */
function sendSoon(): void {
  window.clearTimeout(next);
  next = window.setTimeout(() => void sendWaiting(), pause);
  pause = Math.min(2 * pause, LATEST);
}

/** Sends one; answers whether the next one may be tried. */
async function sendOne(waiting: Waiting): Promise<boolean> {
  let answer = await send(waiting.url, { ...waiting.body, revision: null }, waiting.id);
  // It was sent a moment ago, by this page before it was left: its answer is there soon.
  for (let turn = 0; answer.status === 409 && !answer.body.errors && turn < 5; turn++) {
    await new Promise((done) => window.setTimeout(done, 800));
    answer = await send(waiting.url, { ...waiting.body, revision: null }, waiting.id);
  }
  if (answer.status === 200) {
    await drop(waiting.id);
    const address = answer.body.location;
    toast(word("sentLater", { title: waiting.title }), address ? { label: word("open"), act: () => location.assign(address) } : undefined);
    document.dispatchEvent(new CustomEvent("sent"));
    return true;
  }
  if (answer.status === 401 || answer.body["reload"]) {
    toast(word("signInToSend"), { label: word("signIn"), act: () => location.assign(`/sign-in?next=${encodeURIComponent(waitingPage())}`) });
    return false;
  }
  if (answer.status === 0 || answer.status >= 500 || answer.status === 429) {
    if (navigator.onLine) sendSoon();
    return false;
  }
  const reasons = (answer.body.errors ?? []).map((error) => `${waiting.labels[String(error.path[0] ?? "")] ?? ""} ${error.message}`.trim());
  await put({ ...waiting, state: "refused", message: reasons.join(" ") || (answer.body.message ?? "") });
  toast(word("refusedLater", { title: waiting.title }), { label: word("look"), act: () => location.assign(waitingPage()) });
  document.dispatchEvent(new CustomEvent("sent"));
  return true;
}

/** Says in the menu how much waits. */
async function count(): Promise<void> {
  const waiting = await waitingOf(who()).catch(() => []);
  for (const place of all("[data-waiting-count]")) {
    place.textContent = String(waiting.length);
    const link = place.closest<HTMLElement>("[data-waiting-link]");
    if (link) link.hidden = !waiting.length;
  }
}

/** Who signs out takes what they opened from this device; what they have not sent they are told of first. */
async function leaving(event: Event, form: HTMLFormElement): Promise<void> {
  if (form.dataset["left"]) return;
  event.preventDefault();
  const waiting = await waitingOf(who()).catch(() => []);
  if (waiting.length && !window.confirm(word("leaveWaiting", { count: waiting.length }))) return;
  form.dataset["left"] = "true";
  const { forgetRecent } = await import("./places");
  forgetRecent();
  sessionStorage.clear();
  if (toldHere() !== null) {
    const ended = import("./push").then(({ endHere }) => endHere()).catch(() => undefined);
    // Nobody is kept from leaving by a service that does not answer.
    await Promise.race([ended, new Promise((done) => window.setTimeout(done, 2_000))]);
  }
  if (!INSIDE_APPS.test(navigator.userAgent) && navigator.serviceWorker?.controller) navigator.serviceWorker.controller.postMessage({ forget: true });
  form.submit();
}
