// Talking to the server: every change carries the session's token, and a key that makes it happen once.
import { one, word } from "./dom";

export interface FieldProblem {
  path: (string | number)[];
  code: string;
  message: string;
}

export interface Answer {
  status: number;
  body: {
    location?: string;
    message?: string;
    undo?: string;
    errors?: FieldProblem[];
    version?: number;
    theirs?: { name: string; label: string; shown: string; entered: string }[];
    hits?: Hit[];
    offers?: Offer[];
  } & Record<string, unknown>;
}

export interface Hit {
  id: string;
  title: string;
  detail: string;
  entity: string;
  of: string;
  url: string;
}

/** A kind of record that may be made where a picker finds none, and where its form is. */
export interface Offer {
  label: string;
  of: string;
  url: string;
}

export function csrf(): string {
  return one("[data-shell]")?.dataset["csrf"] ?? "";
}

/** A key under which a change is made at most once, however often it is sent. */
export function onceKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Milliseconds after which what is harmless to ask again counts as not answered: lines that are dead say nothing. */
export const PATIENCE = 20_000;

interface How {
  /** Sent even while the page goes away. */
  last?: boolean;
  /** Milliseconds that an answer is waited for; without end where it is not said. */
  within?: number;
}

/** Sends JSON; an answer without status is a server that did not answer. */
export async function send(url: string, body: unknown = {}, key: string = onceKey(), how: How = {}): Promise<Answer> {
  return request("POST", url, body, key, how);
}

/** Sends JSON by any method. */
export async function request(method: string, url: string, body: unknown = {}, key: string = onceKey(), how: How = {}): Promise<Answer> {
  return receive(url, {
    method,
    keepalive: how.last ?? false,
    ...(how.within ? { signal: AbortSignal.timeout(how.within) } : {}),
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-CSRF-Token": csrf(),
      "Idempotency-Key": key,
    },
    body: JSON.stringify(body),
  });
}

export async function ask(url: string, signal?: AbortSignal): Promise<Answer> {
  return receive(url, { headers: { Accept: "application/json" }, ...(signal ? { signal } : {}) });
}

async function receive(url: string, options: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(url, options);
    const json = response.headers.get("Content-Type")?.includes("json");
    return { status: response.status, body: json ? await response.json() : {} };
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    return { status: 0, body: { message: word("offline") } };
  }
}

export async function fragment(url: string): Promise<{ status: number; html: string }> {
  try {
    const response = await fetch(url, { headers: { Accept: "text/html" } });
    return { status: response.status, html: response.status === 204 ? "" : await response.text() };
  } catch {
    return { status: 0, html: "" };
  }
}
