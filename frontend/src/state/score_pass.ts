/** The score pass: a cursor over segments, a digit grades and moves on. */

import type { GradeValue, System } from "../api/answers";
import { gradeOf, type Content } from "./draft";

export interface Segment {
  system: System;
  segment: string;
}

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
export function listSegments(content: Content, curie: boolean): readonly Segment[] {
  return curie || content.grades.some((one) => one.system === "curie") ? [...SIOPEN, ...CURIE] : SIOPEN;
}

export function isOpen(content: Content, { system, segment }: Segment): boolean {
  return gradeOf(content, system, segment) === null;
}

/** Return names of SIOPEN segments without a grade, and of Curie's where one of these has one. */
export function listMissing(content: Content): Segment[] {
  return content.evaluable ? listSegments(content, false).filter((one) => isOpen(content, one)) : [];
}

/** Return the grades that fill every open segment with 0. */
export function fillRest(content: Content, segments: readonly Segment[]) {
  return segments.filter((one) => isOpen(content, one)).map((one) => ({ ...one, grade: 0 as GradeValue }));
}

/** Return the place of the cursor after a grade: the next open segment, or the next one where all are graded. */
export function moveOn(segments: readonly Segment[], at: number): number {
  return Math.min(at + 1, segments.length - 1);
}

export function isGrade(system: System, digit: number): boolean {
  return digit >= 0 && digit <= MOST[system];
}
