// What was clicked before the script that does it had come.

/** Clicks once more, as soon as a script is there, what was clicked last of that kind while it was not. */
export function heldUntil(kind: string, there: Promise<unknown>): void {
  let clicked: HTMLElement | undefined;
  const hold = (event: MouseEvent): void => {
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>(kind) : null;
    if (!target || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    clicked = target;
  };
  document.addEventListener("click", hold, { capture: true });
  void there.finally(() => {
    document.removeEventListener("click", hold, { capture: true });
    clicked?.click();
  });
}
