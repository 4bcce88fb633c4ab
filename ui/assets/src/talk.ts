// What is said about a record and attached to it, beside what became of it.
import htmx from "htmx.org";
import { all, composing, first, one, toast, word } from "./dom";
import { startMentions, spokenTo } from "./mentions";
import { fragment, request, type Answer } from "./net";
import { upload } from "./widgets/files";

export function startTalk(): void {
  if (!first("talk")) return;
  startMentions();
  document.addEventListener("submit", (event) => {
    if (!(event.target instanceof HTMLFormElement)) return;
    if (event.target.matches("[data-say]")) taken(event, say(event.target));
    else if (event.target.matches("[data-mending]")) taken(event, mend(event.target));
  });
  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.matches("[data-attach]")) void attach(event.target, [...(event.target.files ?? [])]);
  });
  document.addEventListener("click", pressed);
  document.addEventListener("keydown", (event) => {
    if (composing(event) || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    if (event.target instanceof HTMLElement && event.target.matches("[data-talk-words]")) event.target.closest("form")?.requestSubmit();
  });
  startDropping();
}

function taken(event: Event, done: Promise<void>): void {
  event.preventDefault();
  void done;
}

function pressed(event: MouseEvent): void {
  if (!(event.target instanceof Element)) return;
  const choice = event.target.closest<HTMLElement>("[data-kind]");
  if (choice) void narrow(choice);
  const own = event.target.closest<HTMLElement>("[data-own]");
  if (own && event.target.closest("[data-mend]")) edit(own);
  if (own && event.target.closest("[data-withdraw]")) void withdraw(own);
  if (event.target.closest("[data-mend-cancel]")) void refresh(event.target.closest<HTMLElement>("[data-talk]"));
}

async function say(form: HTMLFormElement): Promise<void> {
  const words = one<HTMLTextAreaElement>("[data-talk-words]", form);
  const button = one<HTMLButtonElement>("button[type=submit]", form);
  if (!words?.value.trim() || !button) return;
  button.disabled = true;
  const answer = await request("POST", form.dataset["say"] ?? "", { body: words.value, mentions: spokenTo(words) });
  button.disabled = false;
  if (answer.status !== 201) return refused(answer);
  words.value = "";
  await refresh(form.closest<HTMLElement>("[data-talk]"));
}

function refused(answer: Answer): void {
  toast((answer.body.errors ?? []).map((error) => error.message).join(" ") || String(answer.body["detail"] ?? word("offline")));
}

/** Puts what was said into a box, to be said in other words. */
function edit(own: HTMLElement): void {
  const said = one(".event-words", own);
  const template = one<HTMLTemplateElement>("template[data-mending-box]");
  const form = template?.content.firstElementChild?.cloneNode(true);
  if (!said || !(form instanceof HTMLFormElement)) return;
  const words = one<HTMLTextAreaElement>("[data-talk-words]", form);
  if (words) words.value = said.textContent ?? "";
  said.replaceWith(form);
  words?.focus();
}

async function mend(form: HTMLFormElement): Promise<void> {
  const url = form.closest<HTMLElement>("[data-own]")?.dataset["own"] ?? "";
  const answer = await request("PATCH", url, { body: one<HTMLTextAreaElement>("[data-talk-words]", form)?.value ?? "" });
  if (answer.status === 200) await refresh(form.closest<HTMLElement>("[data-talk]"));
  else refused(answer);
}

async function withdraw(own: HTMLElement): Promise<void> {
  if (!window.confirm(word("takeBack"))) return;
  const answer = await request("DELETE", own.dataset["own"] ?? "");
  if (answer.status === 204) await refresh(own.closest<HTMLElement>("[data-talk]"));
  else refused(answer);
}

async function attach(input: HTMLInputElement, files: File[]): Promise<void> {
  const place = input.closest<HTMLElement>("[data-talk]");
  const list = place ? one("[data-talk-files]", place) : null;
  if (!list) return;
  const sent = [];
  for (const file of files) sent.push(await upload(input, list, file));
  if (sent.some(Boolean)) await refresh(place);
}

/** Files dropped anywhere on the line of time are attached to its record. */
function startDropping(): void {
  const over = (event: DragEvent): HTMLElement | null =>
    event.dataTransfer?.types.includes("Files") && event.target instanceof Element ? event.target.closest<HTMLElement>("[data-talk]") : null;
  document.addEventListener("dragover", (event) => {
    const place = over(event);
    for (const other of all("[data-talk].is-over")) other.classList.toggle("is-over", other === place);
    if (!place || !one("[data-attach]", place)) return;
    event.preventDefault();
    place.classList.add("is-over");
  });
  document.addEventListener("drop", (event) => {
    const place = over(event);
    const input = place ? one<HTMLInputElement>("[data-attach]", place) : null;
    if (!place || !input) return;
    event.preventDefault();
    place.classList.remove("is-over");
    void attach(input, [...(event.dataTransfer?.files ?? [])]);
  });
}

async function narrow(choice: HTMLElement): Promise<void> {
  const place = choice.closest<HTMLElement>("[data-talk]");
  for (const other of all("[data-kind]", place ?? document)) other.setAttribute("aria-pressed", String(other === choice));
  await refresh(place);
}

/** Draws the line of time again, of the kinds that were chosen; what is being typed stays. */
async function refresh(place: HTMLElement | null): Promise<void> {
  if (!place) return;
  const chosen = one("[data-kind][aria-pressed=true]", place)?.dataset["kind"];
  const answer = await fragment(chosen ?? place.dataset["talk"] ?? "");
  if (answer.status !== 200) return toast(word("offline"));
  const fresh = document.createElement("template");
  fresh.innerHTML = answer.html;
  one(".timeline", place)?.replaceWith(...all(".timeline", fresh.content));
  htmx.process(place);
}
