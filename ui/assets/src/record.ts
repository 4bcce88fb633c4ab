// A record's page or drawer: fetches what its parts need.
import { one } from "./dom";
import { startTalk } from "./talk";

export function startRecord(within: ParentNode): void {
  startTalk();
  if (one("[data-dialog]", within)) void import("./dialogs").then(({ startDialogs }) => startDialogs());
  if (one("[data-unmask]", within)) void import("./secrets").then(({ startSecrets }) => startSecrets());
}
