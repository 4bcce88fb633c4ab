// The tree of departments: dragged with the mouse; the menu of each says the same to a keyboard.
import Sortable from "sortablejs";
import { all, toast } from "./dom";
import { said } from "./actions";
import { send } from "./net";

export function startTree(): void {
  for (const list of all("[data-branches]")) {
    new Sortable(list, {
      group: "departments",
      handle: "[data-handle]",
      animation: 120,
      fallbackOnBody: true,
      invertSwap: true,
      emptyInsertThreshold: 10,
      onEnd: (event) => void moved(event.item, event.from, event.to),
    });
  }
}

async function moved(item: HTMLElement, from: HTMLElement, to: HTMLElement): Promise<void> {
  if (from === to) return;
  const answer = await send(item.dataset["moveUrl"] ?? "", { values: { parent: to.dataset["parent"] || null } });
  if (answer.status !== 200) {
    from.append(item);
    toast(said(answer));
  } else location.reload();
}
