// Being told on this device while the app is closed: the browser asks whoever is there, and the server is told where.
import { all, one, word } from "./dom";
import { send } from "./net";
import { INSIDE_APPS, toldHere, toldKey } from "./offline";

const WANTED = "";

export async function startPush(): Promise<void> {
  const place = one("[data-push]");
  const box = one<HTMLInputElement>("[data-push-here]", place ?? document);
  if (!place || !box) return;
  place.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-push-remove]") : null;
    if (button) void removed(place, box, button);
  });
  const why = obstacle();
  if (why) return note(word(why));
  box.disabled = false;
  box.addEventListener("change", () => void (box.checked ? begin(place, box) : end(place, box)));
  await show(place, box);
}

/** Why this browser cannot be told anything; blank where it can. */
function obstacle(): string {
  if (INSIDE_APPS.test(navigator.userAgent)) return "pushNotInApps";
  const able = window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (!able) return /iPhone|iPad/.test(navigator.userAgent) ? "pushHomeScreen" : "pushNever";
  return Notification.permission === "denied" ? "pushDenied" : "";
}

async function begin(place: HTMLElement, box: HTMLInputElement): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") {
    box.checked = false;
    return note(word("pushDenied"));
  }
  box.setAttribute("aria-busy", "true");
  const why = await bind(place, await navigator.serviceWorker.ready);
  box.removeAttribute("aria-busy");
  if (why) note(why);
  await look(place);
  await show(place, box);
}

async function end(place: HTMLElement, box: HTMLInputElement): Promise<void> {
  const button = one<HTMLElement>(`[data-device="${toldHere() ?? ""}"] [data-push-remove]`, place);
  localStorage.removeItem(toldKey());
  if (button) await removed(place, box, button);
}

/** Takes a device from the list; one that is gone already is gone. */
async function removed(place: HTMLElement, box: HTMLInputElement, button: HTMLElement): Promise<void> {
  const answer = await send(button.dataset["pushRemove"] ?? "");
  if (answer.status !== 200 && answer.status !== 404) note(answer.body.message ?? word("offline"));
  await look(place);
  await show(place, box);
}

/** Binds this browser to the installation and tells it so; answers what went wrong. */
async function bind(place: HTMLElement, registration: ServiceWorkerRegistration): Promise<string> {
  const key = place.dataset["key"] ?? "";
  try {
    const known = await registration.pushManager.getSubscription();
    if (known && coded(known.options.applicationServerKey) !== key) await known.unsubscribe();
    const bound = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    const answer = await send(place.dataset["saveUrl"] ?? "", { values: bound.toJSON() });
    if (answer.status !== 200) return answer.body.message ?? word("offline");
    localStorage.setItem(toldKey(), String(answer.body["name"]));
    return "";
  } catch {
    return word("pushFailed");
  }
}

/** Says which of the devices is this one. */
async function show(place: HTMLElement, box: HTMLInputElement): Promise<void> {
  const here = await nameHere(await navigator.serviceWorker.getRegistration("/"));
  for (const line of all("[data-device]", place)) {
    const mark = one("[data-push-this]", line);
    if (mark) mark.hidden = line.dataset["device"] !== here;
  }
  box.checked = here !== "" && one(`[data-device="${here}"]`, place) !== null;
}

/** Reads the list of devices anew. */
async function look(place: HTMLElement): Promise<void> {
  const fresh = one("[data-push-lines]", (await page(location.href)) ?? document);
  const old = one("[data-push-lines]", place);
  if (fresh && old && fresh !== old) old.replaceWith(fresh);
}

/** Binds this device anew where its browser gave it another address, or somebody who wanted it signed in again. */
export async function renew(registration: ServiceWorkerRegistration): Promise<void> {
  const known = toldHere();
  if (known === null || obstacle() || Notification.permission !== "granted") return;
  if (known !== WANTED && (await nameHere(registration)) === known) return;
  const home = one("[data-shell]")?.dataset["home"] ?? "";
  const place = one("[data-push]", (await page(`${home}/preferences`)) ?? document.createElement("div"));
  if (!place) return;
  const old = one<HTMLElement>(`[data-device="${known}"] [data-push-remove]`, place);
  // Whoever took this device from the list on another one does not want to be told here any more.
  if (known !== WANTED && !old) return localStorage.removeItem(toldKey());
  if (!(await bind(place, registration)) && old) await send(old.dataset["pushRemove"] ?? "");
}

/** Whoever signs out is told no more on this device, until they sign in again. */
export async function endHere(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration("/");
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  localStorage.setItem(toldKey(), WANTED);
}

/** What this device is kept under, blank where it is bound to nothing. */
async function nameHere(registration: ServiceWorkerRegistration | undefined): Promise<string> {
  const bound = await registration?.pushManager.getSubscription();
  if (!bound) return "";
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(bound.endpoint));
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `device:${hex.slice(0, 32)}`;
}

function coded(key: ArrayBuffer | null): string {
  const bytes = String.fromCharCode(...new Uint8Array(key ?? new ArrayBuffer(0)));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function page(address: string): Promise<Document | null> {
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

function note(text: string): void {
  const place = one("[data-push-note]");
  if (place) place.textContent = text;
}
