// What was done in a part of a page before the script of that part had come.

const KINDS = ["click", "submit", "input", "change"] as const;

/** Has what was done in a part of the page done again, as soon as its script is there: the last press, all that changed. */
export function heldUntil(part: string | HTMLElement, there: Promise<unknown>): void {
  const inside = (target: Element): boolean => (typeof part === "string" ? target.closest(part) !== null : part.contains(target));
  let pressed: (() => void) | undefined;
  const changed = new Map<EventTarget, Set<string>>();
  const hold = (event: Event): void => {
    const target = event.target instanceof Element && inside(event.target) ? event.target : null;
    if (!target) return;
    if (event instanceof MouseEvent) {
      const button = actor(target, typeof part === "string" ? part : "button");
      if (!button || event.metaKey || event.ctrlKey) return;
      pressed = () => button.click();
    } else if (event instanceof SubmitEvent) {
      const { submitter } = event;
      pressed = () => (target as HTMLFormElement).requestSubmit(submitter);
    } else changed.set(target, (changed.get(target) ?? new Set()).add(event.type));
    event.preventDefault();
    // Of several parts that wait, one has it done again.
    event.stopImmediatePropagation();
  };
  for (const kind of KINDS) document.addEventListener(kind, hold, { capture: true });
  void there.catch(() => undefined).then(() => {
    for (const kind of KINDS) document.removeEventListener(kind, hold, { capture: true });
    for (const [target, kinds] of changed) for (const kind of kinds) target.dispatchEvent(new Event(kind, { bubbles: true }));
    pressed?.();
  });
}

/** What is pressed: a part itself, or a button inside of it; links inside lead on by themselves. */
function actor(target: Element, part: string): HTMLElement | null {
  const pressed = target.closest<HTMLElement>(`${part}, button`);
  return pressed?.matches("button, a, [role=button], [data-dialog]") ? pressed : null;
}

/** An input that was filled in before its form's script had come, and what it held. */
interface Typed {
  input: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
  held: string | boolean;
}

/** Takes out of a form what was typed into it by now, so that it begins as the server drew it; the answer puts that in. */
export function typedBefore(form: HTMLElement): () => void {
  const inputs = [...form.querySelectorAll<Typed["input"]>("[data-field] :is(input:not([type=hidden], [type=file]), textarea, select)")];
  const typed = inputs.flatMap<Typed>((input) => {
    const drawn = served(input);
    const held = typeof drawn === "boolean" ? (input as HTMLInputElement).checked : input.value;
    return held === drawn ? [] : [{ input, held }];
  });
  for (const { input } of typed) hold(input, served(input));
  return () => {
    for (const { input, held } of typed) {
      hold(input, held);
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };
}

/** What the server drew an input with. */
function served(input: Typed["input"]): string | boolean {
  if (input instanceof HTMLSelectElement) {
    const options = [...input.options];
    const drawn = options.find((option) => option.defaultSelected) ?? options.find((option) => !option.disabled);
    return input.multiple ? input.value : (drawn?.value ?? "");
  }
  return input instanceof HTMLInputElement && ["checkbox", "radio"].includes(input.type) ? input.defaultChecked : input.defaultValue;
}

function hold(input: Typed["input"], value: string | boolean): void {
  if (typeof value === "boolean") (input as HTMLInputElement).checked = value;
  else input.value = value;
}
