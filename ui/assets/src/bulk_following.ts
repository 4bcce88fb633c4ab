// A change of many records that a worker makes: followed while the page is open, found again after.
import { ask, send, onceKey, type Answer } from "./net";

/** How long to wait before asking again how far it is. */
const PAUSE = 700;

const UNDERWAY = ["waiting", "running", "undoing"];

/** Leaves a change to a worker; answers where it is followed, "" where none is there, or the refusal. */
export async function leave(url: string, body: unknown): Promise<string | Answer> {
  const answer = await send(`${url}/begin`, body, onceKey());
  return answer.status === 200 ? String(answer.body["follow"] ?? "") : answer;
}

/** Follows a change until it has ended, and answers what came of it. */
export async function followed(address: string, told: (gone: number, total: number) => void): Promise<Answer> {
  for (;;) {
    const answer = await ask(address);
    // A server that is away for a moment says nothing of the change.
    if (answer.status === 200) {
      told(Number(answer.body["gone"]), Number(answer.body["total"]));
      if (!UNDERWAY.includes(String(answer.body["state"]))) return answer;
    } else if (answer.status) return answer;
    await new Promise((resolve) => window.setTimeout(resolve, PAUSE));
  }
}
