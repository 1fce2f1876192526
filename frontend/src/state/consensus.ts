/**
 * From the reads of a scan to the one that counts: what the first two say alike stands, and each difference is settled.
 *
 * Whom a consensus follows is told from its content alone, so that it stays true whatever is changed by hand. A
 * difference that is open has nothing in the content: no mark in the region, no grade of the segment. Where that is also
 * what somebody decided, `settled` of the content says so, and without it the difference counts as open.
 */

import type { Compared, DifferenceAnswer, GradeAnswer, LockedRead, MarkAnswer, System } from "../api/answers";
import type { LoadedImage } from "./bundles";
import { nextLabel, type Content } from "./draft";
import { showMarks, type ShownMark } from "./shown";

/** Place of a reader among the reads. */
export type Side = number;
/** `followed` names every reader who says the same as the consensus; `own` is what none of them says. */
export type Standing = { kind: "open" } | { kind: "own" } | { kind: "followed"; sides: readonly Side[] };
type Said = Pick<Content, "evaluable" | "marks" | "grades">;

const EVALUABLE = "evaluable";

/** Return what the first two readers say alike, with every difference open. */
export function begin(reads: readonly LockedRead[], differences: readonly DifferenceAnswer[]): Content {
  const [first, second] = reads;
  if (!first || !second) throw new Error("a consensus rests on two reads");
  const backed = first.evaluable ? first : second;
  const differing = new Set(differences.map((one) => one.item));
  const marks = backed.marks.filter((mark) => !mark.regions.some((region) => differing.has(region)));
  return {
    evaluable: backed.evaluable,
    comment: null,
    marks: backed.evaluable ? marks.map((mark, place) => copyMark(mark, String(place + 1))) : [],
    grades: backed.evaluable ? backed.grades.filter((one) => !differing.has(nameGrade(one))) : [],
    cleared: [],
    settled: [],
  };
}

/** Return what a read says of an item; undefined where it says nothing of any, being not evaluable. */
export function valueOf(said: Said, { kind, item }: DifferenceAnswer): Compared | undefined {
  if (kind === EVALUABLE) return said.evaluable ? "yes" : "no";
  if (!said.evaluable) return undefined;
  if (kind === "grade") return said.grades.find((one) => nameGrade(one) === item)?.grade ?? 0;
  const marks = said.marks.filter((one) => one.regions.includes(item));
  return marks.length ? marks.map(({ pattern, extent, regions }) => ({ pattern, extent, regions })) : null;
}

/** Return how an item of a consensus stands. */
export function standingOf(content: Content, one: DifferenceAnswer, reads: readonly LockedRead[]): Standing {
  if (isSilent(content, one) && !content.settled.includes(one.item)) return { kind: "open" };
  const own = valueOf(content, one);
  const sides = reads.flatMap((read, side) => (isSame(valueOf(read, one), own) ? [side] : []));
  return sides.length ? { kind: "followed", sides } : { kind: "own" };
}

/** Return the items that still have to be settled; of a scan that is not evaluable there are none. */
export function listOpen(content: Content, differences: readonly DifferenceAnswer[], reads: readonly LockedRead[]): string[] {
  if (!content.evaluable) return [];
  return differences.filter((one) => standingOf(content, one, reads).kind === "open").map((one) => one.item);
}

/** Return the content that says of an item what a reader says; a reader who says nothing of it changes nothing. */
export function follow(
  content: Content,
  one: DifferenceAnswer,
  side: Side,
  differences: readonly DifferenceAnswer[],
  reads: readonly LockedRead[],
): Content {
  const read = reads[side];
  const value = read && valueOf(read, one);
  if (!read || value === undefined) return content;
  if (one.kind === EVALUABLE) return read.evaluable ? holdEvaluable(content, differences, reads) : { ...content, evaluable: false };
  if (one.kind === "grade") return { ...content, grades: withGrade(content.grades, one.item, value) };
  return value === null ? sayNothing(content, one.item) : takeMarks(content, one.item, read);
}

/** Return the content with nothing in a region, said on purpose. */
export function sayNothing(content: Content, region: string): Content {
  return {
    ...content,
    marks: content.marks.filter((mark) => !mark.regions.includes(region)),
    settled: [...content.settled.filter((item) => item !== region), region],
  };
}

/** Return whether the content has nothing of an item, as where it is open. */
function isSilent(content: Content, { kind, item }: DifferenceAnswer): boolean {
  if (kind === EVALUABLE) return content.evaluable;
  if (kind === "grade") return !content.grades.some((one) => nameGrade(one) === item);
  return !content.marks.some((mark) => mark.regions.includes(item));
}

/** Say that the scan is evaluable, and with it what nobody contradicts: readers for whom it is not say nothing else. */
function holdEvaluable(content: Content, differences: readonly DifferenceAnswer[], reads: readonly LockedRead[]): Content {
  let held: Content = { ...content, evaluable: true, settled: [...content.settled.filter((item) => item !== EVALUABLE), EVALUABLE] };
  const able = reads.flatMap((read, side) => (read.evaluable ? [{ read, side }] : []));
  for (const one of differences) {
    const [first, ...others] = able;
    if (!first || standingOf(held, one, reads).kind !== "open") continue;
    const isAgreed = others.every(({ read }) => isSame(valueOf(read, one), valueOf(first.read, one)));
    if (isAgreed) held = follow(held, one, first.side, differences, reads);
  }
  return held;
}

/** A mark may lie in several regions: these follow the reader together, or marks of two readers would lie on each other. */
function takeMarks(content: Content, region: string, read: LockedRead): Content {
  const regions = new Set([region]);
  for (let before = 0; before < regions.size; ) {
    before = regions.size;
    for (const mark of read.marks) if (touches(mark, regions)) mark.regions.forEach((one) => regions.add(one));
  }
  const marks = content.marks.filter((mark) => !touches(mark, regions));
  for (const mark of read.marks) if (touches(mark, regions)) marks.push(copyMark(mark, nextLabel(marks)));
  return { ...content, marks, settled: content.settled.filter((item) => !regions.has(item)) };
}

function touches(mark: MarkAnswer, regions: ReadonlySet<string>): boolean {
  return mark.regions.some((region) => regions.has(region));
}

function copyMark(mark: MarkAnswer, label: string): MarkAnswer {
  return { ...mark, mark: label, from_case: null, from_mark: null };
}

function withGrade(grades: readonly GradeAnswer[], item: string, grade: Compared): GradeAnswer[] {
  const others = grades.filter((one) => nameGrade(one) !== item);
  const [system, segment] = item.split(" ");
  if (segment === undefined || (typeof grade !== "number" && grade !== "not_assessable")) return [...grades];
  return [...others, { system: system as System, segment, grade }];
}

function nameGrade({ system, segment }: { system: string; segment: string }): string {
  return `${system} ${segment}`;
}

function isSame(one: Compared | undefined, other: Compared | undefined): boolean {
  return one !== undefined && other !== undefined && canonical(one) === canonical(other);
}

function canonical(value: Compared): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  return JSON.stringify(value.map((one) => JSON.stringify([[...one.regions].sort(), one.pattern, one.extent])).sort());
}

/** Return the marks of all readers, told apart by their shape, and those that the adjudicator made. */
export function showReaders(reads: readonly LockedRead[], content: Content, images: readonly LoadedImage[]): ShownMark[] {
  const kinds = ["first", "second", "third"] as const;
  const place = (mark: MarkAnswer): string => JSON.stringify([mark.image, mark.x_mm, mark.y_mm, mark.z_mm]);
  const taken = new Set(reads.flatMap((read) => read.marks.map(place)));
  const own = content.marks.filter((mark) => !taken.has(place(mark)));
  const theirs = reads.flatMap((read, side) =>
    showMarks(read.marks, images).map((one) => ({ ...one, id: `${side} ${one.id}`, kind: kinds[side] ?? ("third" as const), label: String(side + 1) })),
  );
  return [...theirs, ...showMarks(own, images)];
}
