// Records that are chosen in a list, and what is done with all of them.
import type { Rows } from "./sheet_rows";

export function startBulk(place: HTMLElement, rows: Rows): void {
  place.dataset["bulk"] = String(rows.all.length);
}
