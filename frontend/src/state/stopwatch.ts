/** How long a reader was at work on a read: the time with the page in front of them and something done in the last minute. */

export const IDLE_MS = 60_000;

export class Stopwatch {
  #counted = 0;
  #last: number | null = null;

  /** @param before Seconds of earlier sittings. */
  constructor(before = 0) {
    this.#counted = before * 1000;
  }

  /** Say that the reader did something at a time in ms; at most a minute of what went before counts. */
  act(now: number): void {
    if (this.#last !== null) this.#counted += Math.min(Math.max(now - this.#last, 0), IDLE_MS);
    this.#last = now;
  }

  /** Say that the page was hidden or left. */
  pause(now: number): void {
    this.act(now);
    this.#last = null;
  }

  /** Seconds so far, to a tenth. */
  seconds(now: number): number {
    const running = this.#last === null ? 0 : Math.min(Math.max(now - this.#last, 0), IDLE_MS);
    return Math.round((this.#counted + running) / 100) / 10;
  }
}
