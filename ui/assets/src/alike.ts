// While somebody types: whether a record like this is there already; and two made one.
import { all, debounced, make, one } from "./dom";
import { follow } from "./actions";
import { onceKey, send } from "./net";
import { readFields } from "./values";

interface Line {
  field: string;
  said: string;
  title: string;
  url: string;
  blocks: boolean;
}

/** Says beside a form's fields which records are there already. */
export function startAlike(form: HTMLFormElement): void {
  const url = form.dataset["alike"] ?? "";
  const names = new Set((form.dataset["alikeFields"] ?? "").split(" ").filter(Boolean));
  if (!url || !names.size) return;
  const desk = form.dataset["desk"] ?? "";
  const record = desk.endsWith("/new") ? null : desk.split("/").pop();
  let turn = 0;
  const look = debounced(450, async () => {
    const mine = ++turn;
    const held = Object.entries(readFields(form)).filter(([name, value]) => names.has(name) && value !== null && value !== "");
    const answer = held.length ? await send(url, { values: Object.fromEntries(held), record }) : null;
    if (mine === turn) show(form, (answer?.body["lines"] ?? []) as Line[]);
  });
  const heard = (event: Event): void => {
    const field = event.target instanceof Element ? event.target.closest<HTMLElement>(".field[data-field]") : null;
    if (field && names.has(field.dataset["field"] ?? "") && !(event as InputEvent).isComposing) look();
  };
  for (const kind of ["input", "change", "chosen", "compositionend"]) form.addEventListener(kind, heard);
}

function show(form: HTMLElement, lines: Line[]): void {
  for (const said of all(".field-alike", form)) said.remove();
  for (const line of lines) {
    const field = one(`.field[data-field="${CSS.escape(line.field)}"]`, form);
    const said = make("p", { class: `field-alike${line.blocks ? " blocks" : ""}`, role: "status" }, `${line.said} `);
    if (line.url) said.append(make("a", { href: line.url, target: "_blank", rel: "noopener" }, line.title));
    field?.append(said);
  }
}

/** Sends which values the record that stays takes from the one that goes. */
export function startMerge(): void {
  const form = one<HTMLFormElement>("form[data-merge]");
  const key = onceKey();
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const theirs = all<HTMLInputElement>("input[value=theirs]:checked", form).map((input) => input.name);
    const button = event.submitter;
    button?.setAttribute("aria-busy", "true");
    void send(form.dataset["merge"] ?? "", { theirs }, key).then((answer) => {
      button?.removeAttribute("aria-busy");
      follow(answer);
    });
  });
}
