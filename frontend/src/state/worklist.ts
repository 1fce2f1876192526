/** Where one is in the worklist. */

import type { CaseAnswer } from "../api/answers";

export interface Neighbours {
  before: string | null;
  after: string | null;
  /** The next case that is not locked, after this one or from the beginning. */
  unread: string | null;
}

export function findNeighbours(cases: readonly CaseAnswer[], number: string): Neighbours {
  const place = cases.findIndex((one) => one.case === number);
  const later = [...cases.slice(place + 1), ...cases.slice(0, Math.max(place, 0))];
  return {
    before: cases[place - 1]?.case ?? null,
    after: cases[place + 1]?.case ?? null,
    unread: (later.find((one) => one.state === "unread") ?? later.find((one) => one.state === "draft"))?.case ?? null,
  };
}
