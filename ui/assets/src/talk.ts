// What is said about a record and attached to it, beside what became of it.
import { all, one, toast, word } from "./dom";
import { fragment, send } from "./net";
import { upload } from "./widgets/files";

export function startTalk(): void {
  document.addEventListener("submit", (event) => {
    if (!(event.target instanceof HTMLFormElement) || !event.target.matches("[data-say]")) return;
    event.preventDefault();
    void say(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.matches("[data-attach]")) void attach(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    if (event.target instanceof HTMLElement && event.target.matches("[data-talk-words]")) event.target.closest("form")?.requestSubmit();
  });
}

async function say(form: HTMLFormElement): Promise<void> {
  const words = one<HTMLTextAreaElement>("[data-talk-words]", form);
  const button = one<HTMLButtonElement>("button[type=submit]", form);
  if (!words?.value.trim() || !button) return;
  button.disabled = true;
  const answer = await send(form.dataset["say"] ?? "", { body: words.value });
  button.disabled = false;
  if (answer.status === 201) await refresh(form);
  else toast((answer.body.errors ?? []).map((error) => error.message).join(" ") || String(answer.body["detail"] ?? word("offline")));
}

async function attach(input: HTMLInputElement): Promise<void> {
  const form = input.closest("form");
  const list = form ? one("[data-talk-files]", form) : null;
  if (!form || !list) return;
  const sent = [];
  for (const file of input.files ?? []) sent.push(await upload(input, list, file));
  if (sent.some(Boolean)) await refresh(form);
}

/** Draws the line of time again; what is being typed stays. */
async function refresh(form: HTMLElement): Promise<void> {
  const place = form.closest<HTMLElement>("[data-talk]");
  const answer = place ? await fragment(place.dataset["talk"] ?? "") : { status: 0, html: "" };
  if (!place || answer.status !== 200) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = answer.html;
  one(".timeline", place)?.replaceWith(...all(".timeline", fresh.content));
  for (const words of all<HTMLTextAreaElement>("[data-talk-words]", place)) words.value = "";
}
