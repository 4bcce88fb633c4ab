// What every page loads.
import "htmx.org";
import "./styles/main.css";
import { startActions } from "./src/actions";
import { startBoard } from "./src/board";
import { startDashboard } from "./src/dashboard";
import { startFilter } from "./src/filter";
import { one } from "./src/dom";
import { startLists } from "./src/list";
import { startPalette } from "./src/palette";
import { startShell } from "./src/shell";

startShell();
startPalette();
startLists();
startFilter();
startActions();
startBoard();
startDashboard();
// Formulas and their decimals are fetched only where there is a form to follow.
if (one("[data-unmask]")) void import("./src/secrets").then(({ startSecrets }) => startSecrets());
if (one("[data-form]")) void import("./src/form").then(({ startForm }) => startForm());
if (one("[data-import]")) void import("./src/importing").then(({ startImport }) => startImport());
if (one("form[data-post]")) void import("./src/posting").then(({ startPosting }) => startPosting());
if (one("[data-dialog]")) void import("./src/dialogs").then(({ startDialogs }) => startDialogs());
if (one("[data-log-filter]")) void import("./src/log").then(({ startLog }) => startLog());
if (one("[data-handover], [data-watch]")) void import("./src/handover").then(({ startHandover }) => startHandover());
if (one("[data-tree]")) void import("./src/tree").then(({ startTree }) => startTree());
if (one("[data-reshape]")) void import("./src/reshape").then(({ startReshape }) => startReshape());
if (one("[data-publish], [data-decide], [data-compare]")) void import("./src/plan").then(({ startPlan }) => startPlan());
if (one("[data-role]")) void import("./src/roles").then(({ startRole }) => startRole());
if (one("a[data-counted]")) void import("./src/exports").then(({ startExports }) => startExports());
if (one("[data-record]")) void import("./src/talk").then(({ startTalk }) => startTalk());
if (one("[data-passkey], [data-instant]")) void import("./src/account").then(({ startAccount }) => startAccount());
document.documentElement.dataset["ready"] = "true";
