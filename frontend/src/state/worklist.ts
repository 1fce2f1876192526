/** Where one is in the worklist. */

import type { CaseAnswer } from "../api/answers";

export interface Neighbours {
  before: string | null;
  after: string | null;
  /** The next case that is still to be read, after this one or from the beginning. */
  unread: string | null;
}

/** @param finished Drafts that only wait for a signature. */
export function findNeighbours(cases: readonly CaseAnswer[], number: string, finished: readonly string[] = []): Neighbours {
  const place = cases.findIndex((one) => one.case === number);
  const later = [...cases.slice(place + 1), ...cases.slice(0, Math.max(place, 0))];
  return {
    before: cases[place - 1]?.case ?? null,
    after: cases[place + 1]?.case ?? null,
    unread: (later.find((one) => one.state === "unread") ?? later.find((one) => isToRead(one, finished)))?.case ?? null,
  };
}

/** Return the place of the first case that is still to be read, else of the first that waits for a signature, else 0. */
export function findNext(cases: readonly CaseAnswer[], finished: readonly string[]): number {
  const open = cases.findIndex((one) => isToRead(one, finished));
  return Math.max(open >= 0 ? open : cases.findIndex((one) => one.state !== "locked"), 0);
}

function isToRead(one: CaseAnswer, finished: readonly string[]): boolean {
  return one.state === "unread" || (one.state === "draft" && !finished.includes(one.case));
}
