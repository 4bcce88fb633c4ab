// A file into a list: its columns are shown, rehearsed, and taken in while one watches.
import { all, make, one, word } from "./dom";
import { ask, csrf, onceKey } from "./net";

interface Described {
  id: string;
  state: string;
  done: number;
  total: number | null;
  counts: Record<string, number>;
  message: string;
  rejected: { line: number; errors: { path: (string | number)[]; message: string }[] }[];
}

/** How long to wait before asking again how far an import is. */
const PAUSE = 700;

export function startImport(): void {
  const page = one("[data-import]");
  if (!page) return;
  const input = one<HTMLInputElement>("[data-import-file]", page);
  const drop = one("[data-import-drop]", page);
  const mode = one<HTMLSelectElement>("[data-import-mode]", page);
  let file: File | undefined;
  const take = (chosen: File | undefined): void => {
    if (!chosen) return;
    file = chosen;
    void columns(page, chosen);
  };
  input?.addEventListener("change", () => take(input.files?.[0]));
  drop?.addEventListener("dragover", (event) => event.preventDefault());
  drop?.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer?.files[0]);
  });
  mode?.addEventListener("change", () => one("[data-import-key-field]", page)?.toggleAttribute("hidden", mode.value === "insert"));
  for (const button of all<HTMLButtonElement>("[data-import-run]", page)) {
    button.addEventListener("click", () => file && void run(page, file, button.dataset["importRun"] === "rehearse"));
  }
}

function say(page: HTMLElement, text: string, danger = true): void {
  const said = one("[data-import-said]", page);
  if (!said) return;
  said.textContent = text;
  said.classList.toggle("notice-danger", danger);
  said.hidden = !text;
}

function enable(page: HTMLElement, able: boolean): void {
  for (const button of all<HTMLButtonElement>("[data-import-run]", page)) button.disabled = !able;
}

async function post(url: string, body: FormData): Promise<{ status: number; body: Record<string, unknown> }> {
  try {
    const headers = { "X-CSRF-Token": csrf(), Accept: "application/json", "Accept-Language": document.documentElement.lang, "Idempotency-Key": onceKey() };
    const response = await fetch(url, { method: "POST", headers, body });
    return { status: response.status, body: await response.json() };
  } catch {
    return { status: 0, body: { message: word("offline") } };
  }
}

function refusal(body: Record<string, unknown>): string {
  const errors = ((body["errors"] ?? []) as { message: string }[]).map((error) => error.message);
  return errors.join(" ") || String(body["detail"] ?? body["message"] ?? word("offline"));
}

async function columns(page: HTMLElement, file: File): Promise<void> {
  const name = one("[data-import-name]", page);
  if (name) name.textContent = file.name;
  enable(page, false);
  const body = new FormData();
  body.append("file", file);
  const answer = await post(page.dataset["columnsUrl"] ?? "", body);
  const place = one("[data-import-columns]", page);
  if (!place) return;
  if (answer.status !== 200) {
    place.hidden = true;
    return say(page, refusal(answer.body));
  }
  say(page, "");
  place.innerHTML = String(answer.body["html"]);
  place.hidden = false;
  enable(page, true);
}

/** The map of the columns as they are chosen: JSON, which is YAML too. */
function mapping(page: HTMLElement): string {
  const chosen = all<HTMLSelectElement>("[data-import-column]", page).map((select) => [select.dataset["importColumn"] ?? "", select.value] as const);
  const columns = Object.fromEntries(chosen.filter(([, field]) => field));
  return JSON.stringify({ columns, ignore: chosen.filter(([, field]) => !field).map(([column]) => column) });
}

async function run(page: HTMLElement, file: File, rehearse: boolean): Promise<void> {
  const mode = one<HTMLSelectElement>("[data-import-mode]", page)?.value ?? "insert";
  const key = mode === "insert" ? "" : (one<HTMLSelectElement>("[data-import-key]", page)?.value ?? "");
  const body = new FormData();
  body.append("file", file);
  body.append("map", mapping(page));
  enable(page, false);
  const asked = new URLSearchParams({ mode, key, dry_run: rehearse ? "1" : "0" });
  const answer = await post(`${page.dataset["sendUrl"]}?${asked}`, body);
  if (answer.status === 200 || answer.status === 202) {
    say(page, "");
    await watch(page, answer.body as unknown as Described, rehearse);
  } else say(page, refusal(answer.body));
  enable(page, true);
}

/** Follows an import until it has ended. */
async function watch(page: HTMLElement, begun: Described, rehearsed: boolean): Promise<void> {
  let now = begun;
  draw(page, now, rehearsed);
  while (!rehearsed && ["waiting", "running"].includes(now.state)) {
    await new Promise((resolve) => window.setTimeout(resolve, PAUSE));
    const answer = await ask(`${page.dataset["stateUrl"]}/${now.id}`);
    if (answer.status === 200) now = answer.body as unknown as Described;
    draw(page, now, rehearsed);
  }
}

function draw(page: HTMLElement, now: Described, rehearsed: boolean): void {
  const result = one("[data-import-result]", page);
  const progress = one<HTMLProgressElement>("[data-import-progress]", page);
  const counts = one("[data-import-counts]", page);
  const rejects = one<HTMLAnchorElement>("[data-import-rejects]", page);
  if (!result || !progress || !counts || !rejects) return;
  const ended = rehearsed || !["waiting", "running"].includes(now.state);
  const total = now.total ?? 0;
  result.hidden = false;
  progress.value = ended ? 100 : total ? (now.done / total) * 100 : 0;
  const told = { created: 0, updated: 0, rejected: 0, ...now.counts };
  counts.textContent = !ended ? word("importing", { done: now.done, total: total || "…" }) : now.message || word(rehearsed ? "rehearsed" : "imported", told);
  const lines = now.rejected.slice(0, 20).map((item) => {
    const why = item.errors.map((error) => error.message).join(" ");
    return make("li", {}, make("b", {}, word("importLine", { line: item.line })), ` ${why}`);
  });
  one("[data-import-rejected]", page)?.replaceChildren(...lines);
  rejects.hidden = rehearsed || !ended || !told.rejected;
  rejects.href = `${page.dataset["stateUrl"]}/${now.id}?rejected=file`;
  result.scrollIntoView({ block: "nearest" });
}
