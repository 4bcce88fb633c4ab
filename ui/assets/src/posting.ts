// Small forms that are sent as JSON: in dialogs and on pages of people, sharing, organisation.
import { all, debounced, make, one, toast } from "./dom";
import { follow, said } from "./actions";
import { showErrors } from "./errors";
import { onceKey, send } from "./net";
import { startPickers } from "./picker";
import { filesSent, readFields } from "./values";
import { startWidgets } from "./widgets";

/** Starts every form in a part of the page; one that came later starts the same way. */
export function startPosting(within: ParentNode = document): void {
  for (const form of all<HTMLFormElement>("form[data-post]", within)) start(form);
}

/** Shows a dialog that an answer brought along; closing it leads on. */
function shown(form: HTMLFormElement, html: string): void {
  form.closest("dialog")?.close();
  const holder = make("div");
  holder.innerHTML = html;
  const dialog = one<HTMLDialogElement>("dialog", holder);
  if (!dialog) return;
  document.body.append(dialog);
  dialog.showModal();
  one<HTMLInputElement>("[data-select]", dialog)?.select();
  dialog.addEventListener("close", () => location.assign(dialog.dataset["then"] ?? location.href));
}

/** What other roles would change for somebody is said while they are ticked. */
function startGains(form: HTMLFormElement): void {
  const place = one("[data-gains]", form);
  const url = form.dataset["rolesOf"];
  if (!place || !url) return;
  const show = debounced(250, async () => {
    const answer = await send(url, { values: readFields(form) });
    place.innerHTML = answer.status === 200 ? String(answer.body["html"] ?? "") : "";
  });
  form.addEventListener("change", show);
}

function start(form: HTMLFormElement): void {
  if (form.dataset["ready"]) return;
  form.dataset["ready"] = "true";
  startPickers(form, () => readFields(form) as Record<string, unknown>);
  startWidgets(form);
  startGains(form);
  let key = onceKey();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    button?.setAttribute("aria-busy", "true");
    const sent = filesSent(form).then(() => send(form.dataset["post"] ?? "", { values: readFields(form) }, key));
    void sent.then((answer) => {
      button?.removeAttribute("aria-busy");
      if (answer.status === 200 && answer.body.location) follow(answer);
      else if (answer.status === 200 && answer.body["html"]) shown(form, String(answer.body["html"]));
      else if (answer.status === 200) {
        // What the server draws stays open, and is drawn anew.
        const dialog = form.closest("dialog");
        if (dialog?.dataset["dialogUrl"] === undefined) dialog?.close();
        toast(said(answer));
        form.dispatchEvent(new CustomEvent("posted", { bubbles: true, detail: answer.body }));
      } else showErrors(form, answer);
      // What was refused is sent anew as another request.
      if (answer.status !== 0) key = onceKey();
    });
  });
}
