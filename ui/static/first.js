// Runs before the first paint, so that a dark screen never flashes light.
const root = document.documentElement;
if (root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches) {
  root.dataset.bsTheme = "dark";
}

// What is pressed or sent before the page's script has come waits for it, and is done then.
{
  let wanted;
  const hold = (event) => {
    const button = event.target.closest("button, [data-dialog], a[data-counted]");
    if (event.type === "click" && (!button || event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { target, submitter } = event;
    wanted = event.type === "click" ? () => button.click() : () => target.requestSubmit(submitter);
  };
  // At the load of the page the script has come, or never will.
  const held = ["click", "submit"];
  const release = () => {
    for (const kind of held) document.removeEventListener(kind, hold, true);
    document.removeEventListener("ready", release);
    removeEventListener("load", release);
    wanted?.();
    wanted = undefined;
  };
  for (const kind of held) document.addEventListener(kind, hold, true);
  document.addEventListener("ready", release);
  addEventListener("load", release);
}
