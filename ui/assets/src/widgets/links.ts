// Several records, as chips: the picker adds one, a chip's cross or Backspace takes it away.
import { icon, make, one, word } from "../dom";
import { heldItems, type Item } from "../values";

export function start(place: HTMLElement): void {
  const held = one<HTMLInputElement>("[data-holds]", place);
  const text = one<HTMLInputElement>("[data-picker-text]", place);
  const list = one("[data-chips]", place);
  if (!held || !text || !list) return;
  const draw = (): void => {
    const items = heldItems(held);
    list.replaceChildren(...items.map((item) => chip(item, place.dataset["people"] !== undefined)));
    held.dataset["said"] = items.map((item) => item.title).join(", ");
  };
  const keep = (items: Item[]): void => {
    held.value = JSON.stringify(items);
    draw();
    held.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
  };
  place.addEventListener("picked", (event) => {
    const { id, title } = (event as CustomEvent<Item>).detail;
    const items = heldItems(held);
    if (!items.some((item) => item.id === id)) keep([...items, { id, title }]);
  });
  list.addEventListener("click", (event) => {
    const cross = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-chip-remove]") : null;
    if (!cross) return;
    keep(heldItems(held).filter((item) => item.id !== cross.dataset["chipRemove"]));
    text.focus();
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && !text.value && !event.isComposing) keep(heldItems(held).slice(0, -1));
  });
  place.addEventListener("click", (event) => {
    if (event.target === place || event.target === list) text.focus();
  });
  held.addEventListener("written", draw);
  draw();
}

function chip(item: Item, person: boolean): HTMLElement {
  const cross = make("button", { type: "button", class: "chip-remove", tabindex: "-1", "data-chip-remove": item.id, "aria-label": `${word("remove")} ${item.title ?? ""}` }, icon("x"));
  const face = person ? [make("span", { class: "face", "aria-hidden": "true" }, initials(item.title ?? ""))] : [];
  return make("span", { class: "chip", "data-chip": item.id }, ...face, make("span", { class: "chip-text" }, item.title ?? "•••"), cross);
}

/** One Chinese character or two Latin letters that stand for a person. */
function initials(name: string): string {
  const han = [...name].filter((sign) => sign >= "\u4e00" && sign <= "\u9fff");
  return han.at(-1) ?? name.split(/\s+/).slice(0, 2).map((part) => part.charAt(0)).join("").toUpperCase();
}
