// A list as a sheet: rows that come and go as they are scrolled, groups that open, columns and views.
import { one } from "./dom";
import { startGroups } from "./sheet_groups";
import { startHeads } from "./sheet_heads";
import { startKeeping } from "./sheet_keeping";
import { Rows } from "./sheet_rows";
import { startWhy } from "./sheet_why";

export function startSheet(): void {
  startKeeping();
  // What was done may have left nothing to show, and can be taken back all the same.
  void import("./bulk_back").then(({ tellBulk }) => tellBulk());
  const place = one("[data-sheet]");
  if (!place) return;
  const rows = new Rows(place);
  startHeads(place, rows);
  if (one("#colors")) void import("./colors").then(({ startColors }) => startColors());
  startGroups(place, rows);
  startWhy(place);
  void import("./bulk").then(({ startBulk }) => startBulk(place, rows));
  if (place.dataset["editable"] !== undefined && window.matchMedia("(min-width: 821px)").matches) {
    void import("./grid_editing").then(({ startEditing }) => startEditing(place, rows));
  }
}
