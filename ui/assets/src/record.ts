// A record's page or drawer: fetches what its parts need.
import { all, one } from "./dom";
import { startPresence } from "./presence";
import { startTalk } from "./talk";

export function startRecord(within: ParentNode): void {
  startTalk();
  for (const place of all("[data-record][data-desk]", within)) startPresence(place, false);
  if (one("[data-dialog]", within)) void import("./dialogs").then(({ startDialogs }) => startDialogs());
  if (one("[data-unmask]", within)) void import("./secrets").then(({ startSecrets }) => startSecrets());
}
