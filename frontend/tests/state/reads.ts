/** Contents of reads for the tests. */

import type { GradeValue, PriorMark, ScoresAnswer, System } from "../../src/api/answers";
import { EMPTY, newMark, openDraft, stepDraft, type Content, type Draft, type Step } from "../../src/state/draft";

export const NO_SCORES: ScoresAnswer = { siopen: null, curie: null, curie_skeletal: null };

export function content(others: Partial<Content> = {}): Content {
  return { ...EMPTY, ...others };
}

/** Return a content with a mark in each region. */
export function marked(...regions: string[]): Content {
  return regions.reduce((before, region) => ({ ...before, marks: [...before.marks, newMark(before.marks, [region])] }), content());
}

export function graded(grades: Record<string, GradeValue>, system: System = "siopen"): Content {
  return content({ grades: Object.entries(grades).map(([segment, grade]) => ({ system, segment, grade })) });
}

export function prior(mark: string, region = "femur_left", fromCase: string | null = "0001"): PriorMark {
  return { ...newMark([], [region]), mark, case: fromCase };
}

export function steps(start: Content, ...taken: Step[]): Draft {
  return taken.reduce(stepDraft, openDraft(start));
}
