// Times of day as the person's zone has them, whatever zone the device is in: what is typed is what is shown.

function zone(): string | undefined {
  return document.documentElement.dataset["zone"] || undefined;
}

/** The time of day in the person's zone at an instant, in milliseconds as if that zone were UTC. */
function wall(instant: number): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone(), hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(new Date(instant));
  const part = (name: string): number => Number(parts.find((each) => each.type === name)?.value ?? 0);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
}

/** The instant of a time of day as an input holds it; of one that a clock skips, the one after the gap. */
export function instantOf(text: string): string {
  const wanted = Date.parse(`${text.length === 16 ? `${text}:00` : text}Z`);
  if (Number.isNaN(wanted)) return text;
  // Twice, since the first guess may lie on the other side of a change of the clock.
  const first = wanted - (wall(wanted) - wanted);
  const second = first - (wall(first) - wanted);
  return new Date(wall(second) === wanted ? second : first).toISOString();
}

/** An instant as an input for it wants it; a time of day stays as it is. */
export function wallOf(text: string): string {
  const at = new Date(text);
  if (!/[zZ]$|[+-]\d\d:?\d\d$/.test(text) || Number.isNaN(at.getTime())) return text;
  return new Date(wall(at.getTime())).toISOString().slice(0, 16);
}
