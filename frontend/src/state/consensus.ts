/** From two reads to the one that counts: what both say stands, and each difference is settled by taking one side. */

import type { Compared, DifferenceAnswer, GradeAnswer, LockedRead, MarkAnswer, System } from "../api/answers";
import type { LoadedImage } from "./bundles";
import type { Content } from "./draft";
import { showMarks, type ShownMark } from "./shown";

export type Side = 0 | 1;
/** Which reader was followed in each item; an item that is missing is open. */
export type Choices = Readonly<Record<string, Side>>;

/** Return the content that follows from the choices: every mark that both readers made, and of each difference one side. */
export function resolve(reads: readonly LockedRead[], differences: readonly DifferenceAnswer[], choices: Choices): Content {
  const [first, second] = reads;
  if (!first || !second) throw new Error("a consensus rests on two reads");
  const chosen = choices["evaluable"];
  const evaluable = (chosen === undefined ? first : (reads[chosen] ?? first)).evaluable;
  return {
    evaluable,
    comment: null,
    marks: evaluable ? resolveMarks(reads, differences, choices) : [],
    grades: evaluable ? resolveGrades(first, differences, choices, second) : [],
    cleared: [],
  };
}

/** Return the differences that still have to be settled. */
export function listOpen(differences: readonly DifferenceAnswer[], choices: Choices): DifferenceAnswer[] {
  return differences.filter((one) => choices[one.item] === undefined);
}

/** Return which reader a draft that was made before follows in each item. */
export function deriveChoices(content: Content, differences: readonly DifferenceAnswer[]): Choices {
  const found: Record<string, Side> = {};
  for (const one of differences) {
    const own = canonical(valueOf(content, one));
    if (own === canonical(one.first)) found[one.item] = 0;
    else if (own === canonical(one.second)) found[one.item] = 1;
  }
  return found;
}

function valueOf(content: Content, { kind, item }: DifferenceAnswer): Compared {
  if (kind === "evaluable") return content.evaluable ? "yes" : "no";
  if (kind === "grade") return content.grades.find((one) => `${one.system} ${one.segment}` === item)?.grade ?? 0;
  const marks = content.marks.filter((one) => one.regions.includes(item));
  return marks.length ? marks.map(({ pattern, extent, regions }) => ({ pattern, extent, regions })) : null;
}

function canonical(value: Compared): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  return JSON.stringify(value.map((one) => [[...one.regions].sort(), one.pattern, one.extent]).map((one) => JSON.stringify(one)).sort());
}

function resolveMarks(reads: readonly LockedRead[], differences: readonly DifferenceAnswer[], choices: Choices): MarkAnswer[] {
  const [first, second] = reads;
  const backed = first?.evaluable ? first : second;
  const differing = new Set(differences.filter((one) => one.kind === "region").map((one) => one.item));
  const agreed = (backed?.marks ?? []).filter((mark) => !mark.regions.some((region) => differing.has(region)));
  const taken = new Map<string, MarkAnswer>();
  for (const region of differing) {
    const side = choices[region];
    if (side === undefined) continue;
    for (const mark of reads[side]?.marks ?? []) {
      if (mark.regions.includes(region)) taken.set(`${side} ${mark.mark}`, mark);
    }
  }
  return [...agreed, ...taken.values()].map((mark, place) => ({ ...mark, mark: String(place + 1), from_case: null, from_mark: null }));
}

function resolveGrades(
  first: LockedRead,
  differences: readonly DifferenceAnswer[],
  choices: Choices,
  second: LockedRead,
): GradeAnswer[] {
  const backed = first.evaluable ? first : second;
  const grades = new Map(backed.grades.map((one) => [`${one.system} ${one.segment}`, one]));
  for (const { kind, item, first: one, second: other } of differences) {
    const side = choices[item];
    if (kind !== "grade" || side === undefined) continue;
    const [system, segment] = item.split(" ");
    const grade = side === 0 ? one : other;
    if (segment === undefined || (typeof grade !== "number" && grade !== "not_assessable")) continue;
    grades.set(item, { system: system as System, segment, grade });
  }
  return [...grades.values()];
}

/** Return the marks of both readers, told apart by their shape. */
export function showReaders(reads: readonly LockedRead[], images: readonly LoadedImage[]): ShownMark[] {
  const kinds = ["first", "second"] as const;
  return reads.slice(0, 2).flatMap((read, place) =>
    showMarks(read.marks, images).map((one) => ({ ...one, kind: kinds[place] ?? "first", label: String(place + 1) })),
  );
}
