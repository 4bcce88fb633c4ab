// Values that follow one another: what changes is worked out anew, and nothing else.

let reader: Follower | undefined;

/** Something worked out from others, which it learns of by reading them. */
export class Follower {
  private readonly sources = new Set<Follower>();
  private readonly followers = new Set<Follower>();
  private value: unknown = null;
  private stale = true;
  private running = false;

  /** `watched`: it is worked out as soon as something that it read has changed. */
  constructor(
    private readonly work: () => unknown,
    private readonly watched?: Set<Follower>,
  ) {
    watched?.add(this);
  }

  /** What it is now; whoever asks while they are worked out follows it from then on. */
  read(): unknown {
    if (reader) {
      this.followers.add(reader);
      reader.sources.add(this);
    }
    // A formula that reads itself through others would never end: it reads a blank instead.
    if (this.running) return null;
    if (this.stale) this.workOut();
    return this.value;
  }

  /** Tells that what it was worked out from is another now. */
  touch(): void {
    if (this.stale) return;
    this.stale = true;
    this.watched?.add(this);
    for (const follower of this.followers) follower.touch();
  }

  /** Takes it out of what it follows. */
  drop(): void {
    this.forget();
    this.watched?.delete(this);
    this.stale = true;
  }

  private workOut(): void {
    this.forget();
    const before = reader;
    reader = this;
    this.running = true;
    this.stale = false;
    try {
      this.value = this.work();
    } finally {
      this.running = false;
      reader = before;
    }
  }

  private forget(): void {
    for (const source of this.sources) source.followers.delete(this);
    this.sources.clear();
  }
}

/** Works out everything that waits for it. */
export function settle(waiting: Set<Follower>): void {
  for (const each of waiting) {
    waiting.delete(each);
    each.read();
  }
}
