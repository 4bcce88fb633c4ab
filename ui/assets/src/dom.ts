// Small things that every module says.

export function one<T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T | null {
  return within.querySelector<T>(selector);
}

export function all<T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T[] {
  return [...within.querySelectorAll<T>(selector)];
}

/** Builds an element with attributes and children. */
export function make(tag: string, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** An icon that the page brought along in a template. */
export function icon(name: string): Node {
  const template = one<HTMLTemplateElement>(`template[data-icon="${name}"]`);
  return template ? template.content.cloneNode(true) : document.createTextNode("");
}

/** A word in the person's language, `{names}` filled in. */
export function word(name: string, values: Record<string, string | number> = {}): string {
  return filled(one("[data-words]")?.dataset[name] ?? name, values);
}

/** A text with its {names} filled in, numbers grouped; {count:row|rows} chooses the word for one, or for several. */
export function filled(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (whole, key: string, single?: string, several?: string) => {
    const value = values[key];
    if (value === undefined) return whole;
    if (single !== undefined) return (String(value) === "1" ? single : several) ?? "";
    return typeof value === "number" ? value.toLocaleString(document.documentElement.lang) : value;
  });
}

const begun = new Set<string>();

/** Whether something that listens to the whole page begins now for the first time. */
export function first(name: string): boolean {
  const fresh = !begun.has(name);
  begun.add(name);
  return fresh;
}

/** Leads to an address, unless what is open takes it in itself. */
export function go(address: string): void {
  if (document.dispatchEvent(new CustomEvent("go", { cancelable: true, detail: address }))) location.assign(address);
}

/** Says that the record shown was changed: its page is drawn anew. */
export function redraw(): void {
  if (document.dispatchEvent(new CustomEvent("changed", { cancelable: true }))) location.reload();
}

/** Whether a key belongs to an input method that is still composing: such keys are never ours. */
export function composing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Whether somebody is typing into something. */
export function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

export function debounced<A extends unknown[]>(wait: number, act: (...args: A) => void): (...args: A) => void {
  let timer: number | undefined;
  return (...args) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => act(...args), wait);
  };
}

/** Shows a sentence for some seconds, with one thing to do about it. */
export function toast(text: string, action?: { label: string; act: () => void }): void {
  const line = make("div", { class: "toast-line" }, make("span", {}, text));
  if (action) {
    const button = make("button", { type: "button" }, action.label);
    button.addEventListener("click", () => {
      line.remove();
      action.act();
    });
    line.append(button);
  }
  one("#toasts")?.append(line);
  window.setTimeout(() => line.remove(), action ? 9000 : 5000);
}
