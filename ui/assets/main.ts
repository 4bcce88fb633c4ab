// What every page loads.
import "htmx.org";
import "./styles/main.css";
import { startActions } from "./src/actions";
import { startBell } from "./src/bell";
import { startDashboard } from "./src/dashboard";
import { heldUntil } from "./src/early";
import { startFilter } from "./src/filter";
import { one } from "./src/dom";
import { startLists } from "./src/list";
import { startOpening } from "./src/opening";
import { startPalette } from "./src/palette";
import { startPlaces } from "./src/places";
import { startShell } from "./src/shell";

startShell();
startPalette();
startPlaces();
startBell();
startLists();
startFilter();
startActions();
startOpening();
startDashboard();
/** Fetches the script of a part where the page has one; what is done in it meanwhile waits. */
function part(kind: string, fetched: () => Promise<unknown>): void {
  if (one(kind)) heldUntil(kind, fetched());
}

const calendar = one("[data-calendar=calendar]");
const timeline = one("[data-calendar=timeline]");
if (timeline) void import("./src/timeline").then(({ startTimeline }) => startTimeline(timeline));
const agenda = one("[data-agenda]");
if (calendar && agenda) void import("./src/agenda").then(({ startAgenda }) => startAgenda(agenda, calendar));
else if (calendar) void import("./src/calendar").then(({ startCalendar }) => startCalendar(calendar));
const split = one("[data-split]");
if (split) void import("./src/split").then(({ startSplit }) => startSplit(split));
const map = one("[data-map]");
if (map) void import("./src/map").then(({ startMap }) => startMap(map));
part("[data-board]", () => import("./src/board").then(({ startBoard }) => startBoard()));
part("[data-unmask]", () => import("./src/secrets").then(({ startSecrets }) => startSecrets()));
// Formulas and their decimals are fetched only where there is a form to follow.
part("[data-form]", () => import("./src/form").then(({ startForm }) => void startForm()));
part("[data-import]", () => import("./src/importing").then(({ startImport }) => startImport()));
part("[data-import-one]", () => import("./src/imported").then(({ startImportRun }) => startImportRun()));
part("form[data-post]", () => import("./src/posting").then(({ startPosting }) => startPosting()));
if (one("form[data-post] [data-kind-select]")) void import("./src/dialogs").then(({ startKinds }) => startKinds(document.body));
part("[data-log-filter]", () => import("./src/log").then(({ startLog }) => startLog()));
part("[data-pool]", () => import("./src/pool").then(({ startPool }) => startPool()));
part("[data-handover], [data-watch]", () => import("./src/handover").then(({ startHandover }) => startHandover()));
part("[data-tree]", () => import("./src/tree").then(({ startTree }) => startTree()));
part("[data-reshape]", () => import("./src/reshape").then(({ startReshape }) => startReshape()));
part("[data-dialog]", () => import("./src/dialogs").then(({ startDialogs }) => startDialogs()));
part("[data-publish], [data-decide], [data-compare]", () => import("./src/plan").then(({ startPlan }) => startPlan()));
part("[data-role]", () => import("./src/roles").then(({ startRole }) => startRole()));
part("a[data-counted]", () => import("./src/exports").then(({ startExports }) => startExports()));
part("form[data-merge]", () => import("./src/alike").then(({ startMerge }) => startMerge()));
part("[data-record]", () => import("./src/record").then(({ startRecord }) => startRecord(document)));
part("[data-passkey], [data-instant]", () => import("./src/account").then(({ startAccount }) => startAccount()));
part("[data-inbox]", () => import("./src/inbox").then(({ startInbox }) => startInbox()));
part("[data-preference]", () => import("./src/prefer").then(({ startPreferences }) => startPreferences()));
part("[data-push]", () => import("./src/push").then(({ startPush }) => void startPush()));
if (one("[data-design]")) void import("./src/design").then(({ startDesign }) => startDesign());
part("[data-waiting]", () => import("./src/waiting").then(({ startWaiting }) => void startWaiting()));
if (one("[data-shell]")) void import("./src/offline").then(({ startOffline }) => startOffline());
document.documentElement.dataset["ready"] = "true";
document.dispatchEvent(new Event("ready"));
