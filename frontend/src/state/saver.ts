/** Saves a draft a moment after each change, one request at a time, and again until the server has it. */

import { api, ApiError } from "../api/client";
import type { ReadAnswer, ScoresAnswer } from "../api/answers";
import type { Content } from "./draft";

export type SaveState =
  | { kind: "saved" }
  | { kind: "waiting" }
  | { kind: "saving" }
  /** No answer; it is tried again. */
  | { kind: "offline" }
  | { kind: "signed_out" }
  /** Somebody else, or another window, saved in between. */
  | { kind: "conflict"; stored: ReadAnswer }
  | { kind: "refused"; error: ApiError };

const WAIT_MS = 350;
const AGAIN_MS = 2000;

interface Told {
  state: (state: SaveState) => void;
  scores: (scores: ScoresAnswer) => void;
}

export class Saver {
  #number: string;
  #version: number;
  #content: Content | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;
  #told: Told;
  #seconds: () => number;
  #stopped = false;
  #failing = false;

  constructor(number: string, version: number, seconds: () => number, told: Told) {
    this.#number = number;
    this.#version = version;
    this.#seconds = seconds;
    this.#told = told;
  }

  get version(): number {
    return this.#version;
  }

  /** Whether something was changed that the server does not have yet. */
  get isBehind(): boolean {
    return this.#content !== null || this.#running !== null;
  }

  change(content: Content): void {
    this.#content = content;
    if (this.#stopped) return; // why it stopped stays on the page
    this.#told.state({ kind: "waiting" });
    this.#plan(WAIT_MS);
  }

  /** Save now what is waiting; return whether the server has everything. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    while (this.#running || this.#content) {
      if (this.#stopped) return false;
      await (this.#running ?? this.#begin());
      if (this.#stopped || this.#failing) return false;
    }
    return true;
  }

  /** Go on after the reader has signed in again, or with the version of a conflict. */
  resume(version: number | null = null): void {
    if (version !== null) this.#version = version;
    this.#stopped = false;
    this.#failing = false;
    this.#plan(0);
  }

  /** The page goes away: send what is waiting without an answer to wait for. */
  leave(): void {
    clearTimeout(this.#timer);
    if (!this.#content || this.#running || this.#stopped) return;
    void api.save(this.#number, { version: this.#version, seconds: this.#seconds(), ...copy(this.#content) }, true).catch(() => undefined);
    this.#content = null;
  }

  #plan(wait: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#begin();
    }, wait);
  }

  #begin(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.#save().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #save(): Promise<void> {
    const content = this.#content;
    if (!content) return;
    this.#content = null;
    this.#told.state({ kind: "saving" });
    try {
      const saved = await api.save(this.#number, { version: this.#version, seconds: this.#seconds(), ...copy(content) });
      this.#version = saved.version;
      this.#failing = false;
      this.#told.scores(saved.scores);
      this.#told.state({ kind: this.#content ? "waiting" : "saved" });
      if (this.#content) this.#plan(WAIT_MS);
    } catch (error) {
      this.#content ??= content;
      this.#fail(error instanceof ApiError ? error : new ApiError(0, "fault", String(error)));
    }
  }

  #fail(error: ApiError): void {
    if (error.code === "offline" || error.status === 503 || error.status === 500) {
      this.#failing = true;
      this.#told.state({ kind: "offline" });
      this.#plan(AGAIN_MS);
      return;
    }
    this.#stopped = true;
    if (error.code === "unauthenticated" || error.code === "csrf") this.#told.state({ kind: "signed_out" });
    else if (error.code === "conflict") this.#told.state({ kind: "conflict", stored: error.details["stored"] as ReadAnswer });
    else this.#told.state({ kind: "refused", error });
  }
}

function copy(content: Content) {
  return {
    evaluable: content.evaluable,
    comment: content.comment,
    marks: [...content.marks],
    grades: [...content.grades],
    cleared: [...content.cleared],
  };
}
