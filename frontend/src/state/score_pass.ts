/** The score pass: a cursor over segments, a digit grades and moves on. */

import type { GradeAnswer, GradeValue, System } from "../api/answers";
import { gradeOf, type Content, type Step } from "./draft";

export interface Segment {
  system: System;
  segment: string;
}

type Graded = Pick<Content, "grades">;

const SIDES = ["right", "left"];
const LIMBS = ["proximal_upper", "distal_upper", "proximal_lower", "distal_lower"];

export const SIOPEN: readonly Segment[] = [
  ...["skull", "thoracic_cage", "spine", "pelvis"],
  ...SIDES.flatMap((side) => LIMBS.map((limb) => `${limb}_limb_${side}`)),
].map((segment) => ({ system: "siopen", segment }));

export const CURIE: readonly Segment[] = [
  "head",
  "cervicothoracic_spine",
  "ribs_and_sternum",
  "lumbosacral_spine",
  "pelvis",
  "arms",
  "forearms_and_hands",
  "thighs",
  "legs_and_feet",
  "soft_tissue",
].map((segment) => ({ system: "curie", segment }));

export const MOST: Record<System, number> = { siopen: 6, curie: 3 };

/** Return the segments to grade: Curie's where the reader wants them, or has graded one. */
export function listSegments(content: Graded, curie: boolean): readonly Segment[] {
  return curie || content.grades.some((one) => one.system === "curie") ? [...SIOPEN, ...CURIE] : SIOPEN;
}

export function isOpen(content: Graded, { system, segment }: Segment): boolean {
  return gradeOf(content, system, segment) === null;
}

/** Return the segments that the lock waits for: SIOPEN's, and Curie's where one of these has a grade. */
export function listMissing(content: Graded & Pick<Content, "evaluable">): Segment[] {
  return content.evaluable ? listSegments(content, false).filter((one) => isOpen(content, one)) : [];
}

/** Return the grades that fill every open segment with 0. */
export function fillRest(content: Content, segments: readonly Segment[]): GradeAnswer[] {
  return segments.filter((one) => isOpen(content, one)).map((one) => ({ ...one, grade: 0 }));
}

export function isGrade(system: System, digit: number): boolean {
  return digit >= 0 && digit <= MOST[system];
}

/** Where the cursor is, one behind the last segment when all are passed, and why the last press did nothing. */
export interface Pass {
  at: number;
  refused: { digit: number; most: number } | "end" | null;
}

export const START: Pass = { at: 0, refused: null };

export type Press =
  | { press: "grade"; grade: GradeValue; at?: number }
  | { press: "rest" }
  | { press: "back" }
  | { press: "move"; by: 1 | -1 }
  | { press: "go"; at: number };

/** Return where a press takes the cursor, and the step of the draft that it asks for, if any. */
export function passOn(pass: Pass, content: Content, segments: readonly Segment[], press: Press): { pass: Pass; step: Step | null } {
  switch (press.press) {
    case "grade":
      return grade({ at: press.at ?? pass.at, refused: null }, segments, press.grade);
    case "rest": {
      const grades = fillRest(content, segments);
      return { pass: { at: segments.length, refused: null }, step: grades.length ? { do: "grade", grades } : null };
    }
    case "back": {
      const here = segments[pass.at];
      const at = here && !isOpen(content, here) ? pass.at : Math.max(pass.at - 1, 0);
      const taken = segments[at];
      return { pass: { at, refused: null }, step: taken && !isOpen(content, taken) ? { do: "ungrade", ...taken } : null };
    }
    case "move":
      return { pass: { at: Math.min(Math.max(pass.at + press.by, 0), segments.length - 1), refused: null }, step: null };
    case "go":
      return { pass: pass.at === press.at ? pass : { at: press.at, refused: null }, step: null };
  }
}

function grade(pass: Pass, segments: readonly Segment[], value: GradeValue): { pass: Pass; step: Step | null } {
  const segment = segments[pass.at];
  if (!segment) return { pass: { ...pass, refused: "end" }, step: null };
  if (typeof value === "number" && !isGrade(segment.system, value)) {
    return { pass: { ...pass, refused: { digit: value, most: MOST[segment.system] } }, step: null };
  }
  return { pass: { at: pass.at + 1, refused: null }, step: { do: "grade", grades: [{ ...segment, grade: value }] } };
}
