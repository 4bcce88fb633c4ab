// Keeps what somebody opened, for when there is no connection: pages they saw, and the files pages are made of.
//
// Pages belong to whoever was signed in: another person, a sign-out, a session that ended take all of them away.
// Nothing but whole pages and the scripts of forms is kept: no answer of the API, no search, no file.

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Installing extends Extendable {
  addRoutes?(rule: object): Promise<void>;
}

interface Fetching extends Extendable {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Told extends Extendable {
  data: { keep?: string[]; forget?: boolean };
  ports: readonly MessagePort[];
}

interface Pushed extends Extendable {
  data: { json(): unknown } | null;
}

interface Pressed extends Extendable {
  notification: Notification;
}

interface Window {
  url: string;
  focus(): Promise<unknown>;
}

const worker = self as unknown as {
  skipWaiting(): Promise<void>;
  registration: { showNotification(title: string, options: NotificationOptions): Promise<void> };
  clients: {
    claim(): Promise<void>;
    matchAll(asked: { type: "window"; includeUncontrolled: boolean }): Promise<Window[]>;
    openWindow(url: string): Promise<unknown>;
  };
  addEventListener<E>(name: string, act: (event: E) => void): void;
};

const FILES = "joinery.files.1";
const PAGES = "joinery.pages.1";
/** Where in the cache of pages it is noted whose they are. */
const OWNER = "/.owner";
const PERSON = "Joinery-Person";
const KEPT = "Joinery-Kept";
const MOST_PAGES = 80;

/** How often everything was taken away: what was asked for before that is not kept after it. */
let forgotten = 0;

/** Pages that are being kept now, by their address. */
const underway = new Map<string, Promise<void>>();

/** What is saved does not wait for a worker, which may be busy; and what a page says as it goes away would be lost by it. */
const PAST_WORKER = { condition: { requestMethod: "POST", urlPattern: { pathname: "/:tenant/*" } }, source: "network" };

worker.addEventListener<Installing>("install", (event) => {
  // Browsers that do not know the rule, or not all of it, ask the worker as before.
  const ruled = event.addRoutes?.(PAST_WORKER).catch(() => undefined);
  event.waitUntil(Promise.all([ruled, worker.skipWaiting()]));
});

worker.addEventListener<Extendable>("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => ![FILES, PAGES].includes(name)).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener<Told>("message", (event) => {
  if (event.data.forget) event.waitUntil(forget());
  else if (event.data.keep) event.waitUntil(keepAll(event.data.keep).then((all) => event.ports[0]?.postMessage(all)));
});

worker.addEventListener<Fetching>("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && url.pathname === "/sign-out") event.waitUntil(forget());
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(request, url));
  else if (request.mode === "navigate" && !url.pathname.startsWith("/api/")) event.respondWith(page(request));
  else if (/^\/[^/]+\/formulas\/[^/]+\.js$/.test(url.pathname)) event.respondWith(formulas(request));
});

worker.addEventListener<Pushed>("push", (event) => event.waitUntil(tell(event)));

worker.addEventListener<Pressed>("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});

/** Shows what came while nobody looked; the same notice, brought twice, is shown once. */
async function tell(event: Pushed): Promise<void> {
  const said = (event.data?.json() ?? {}) as Partial<Record<"title" | "body" | "url" | "tag", string>>;
  await worker.registration.showNotification(said.title ?? "Joinery", {
    body: said.body ?? "",
    tag: said.tag ?? "",
    data: said.url ?? "/",
    icon: "/static/icons/icon-192.png",
  });
}

/** Opens the page of a notice: in the window that shows it already, or in one of its own, so that nothing typed is left. */
async function open(address: unknown): Promise<void> {
  const url = new URL(typeof address === "string" ? address : "/", location.origin);
  if (url.origin !== location.origin) return;
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown = windows.find((each) => new URL(each.url).pathname === url.pathname);
  await (shown ? shown.focus() : worker.clients.openWindow(url.href));
}

/** A file of the front end: one with a fingerprint in its name is asked for once. */
async function file(request: Request, url: URL): Promise<Response> {
  const cache = await caches.open(FILES);
  const known = await cache.match(request);
  if (known && url.pathname.startsWith("/static/dist/assets/")) return known;
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    if (known) return known;
    throw error;
  }
}

async function page(request: Request): Promise<Response> {
  const turn = forgotten;
  let answer: Response;
  try {
    answer = await fetch(request);
  } catch {
    return (await kept(request.url)) ?? away(request.url);
  }
  // A device without room shows the page all the same.
  await keep(request.url, answer.clone(), turn).catch(() => undefined);
  return answer;
}

async function forget(): Promise<void> {
  forgotten += 1;
  await caches.delete(PAGES);
}

async function formulas(request: Request): Promise<Response> {
  const cache = await caches.open(PAGES);
  try {
    const answer = await fetch(request);
    if (answer.ok && (await cache.match(OWNER))) await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const known = await cache.match(request);
    if (known) return known;
    throw error;
  }
}

/** Keeps a page of the person who is signed in; takes everything away where that is another one, or nobody. */
async function keep(url: string, answer: Response, turn: number): Promise<void> {
  const address = new URL(answer.url || url);
  if (address.pathname.startsWith("/sign-in")) return forget();
  const person = answer.headers.get(PERSON);
  // What administrators look at is not left on their devices.
  if (address.pathname.split("/")[2] === "admin") return;
  if (!person || answer.status !== 200 || !answer.headers.get("Content-Type")?.startsWith("text/html")) return;
  let cache = await caches.open(PAGES);
  const owner = await (await cache.match(OWNER))?.text();
  if (owner !== person) {
    if (turn !== forgotten) return;
    // Where nobody's pages are, another tab may be keeping its first one at this moment.
    if (owner !== undefined) await caches.delete(PAGES);
    cache = await caches.open(PAGES);
    if (turn !== forgotten) return;
    await cache.put(OWNER, new Response(person));
  }
  const headers = new Headers(answer.headers);
  headers.set(KEPT, new Date().toISOString());
  const body = await answer.blob();
  if (turn !== forgotten) return;
  await cache.put(answer.redirected ? address.href : url, new Response(body, { headers }));
  const keys = await cache.keys();
  for (const old of keys.filter((each) => !each.url.endsWith(OWNER)).slice(0, Math.max(0, keys.length - MOST_PAGES))) await cache.delete(old);
}

/** A page as it was when it was last seen; it says so itself. */
async function kept(url: string): Promise<Response | undefined> {
  const cache = await caches.open(PAGES);
  const found = (await cache.match(url)) ?? (await cache.match(url.split("#")[0] ?? url)) ?? (await cache.match(url, { ignoreSearch: true }));
  if (!found) return undefined;
  const at = found.headers.get(KEPT) ?? "";
  const html = (await found.text()).replace("<html ", `<html data-kept-at="${at}" `);
  return new Response(html, { headers: found.headers });
}

/** What is said of a page that was never opened: the tenant's own page for that, or two sentences. */
async function away(url: string): Promise<Response> {
  const tenant = new URL(url).pathname.split("/")[1] ?? "";
  const waiting = await kept(new URL(`/${tenant}/waiting`, url).href);
  if (waiting) return waiting;
  const said = "没有网络连接，此页面尚未在本机打开过。/ There is no connection, and this page was not opened on this device before.";
  return new Response(`<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Joinery</title><p>${said}</p></html>`, {
    status: 503,
    headers: { "Content-Type": "text/html; charset=utf-8" },
  });
}

/** Keeps pages that may be needed without a connection, as they are now; answers whether all were there. */
async function keepAll(urls: string[]): Promise<boolean> {
  for (const url of urls) {
    const address = new URL(url, location.origin).href;
    const keeping = underway.get(address) ?? keepOne(address).finally(() => underway.delete(address));
    underway.set(address, keeping);
    try {
      await keeping;
    } catch {
      return false;
    }
  }
  return true;
}

async function keepOne(address: string): Promise<void> {
  const turn = forgotten;
  const answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" } });
  const html = answer.clone().text();
  await keep(address, answer, turn);
  const script = /data-script="([^"]+)"/.exec(await html)?.[1];
  if (script) await formulas(new Request(new URL(script, address)));
}
