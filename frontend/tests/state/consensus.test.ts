import { describe, expect, test } from "vitest";
import type { ComparedMark, DifferenceAnswer, LockedRead, MarkAnswer } from "../../src/api/answers";
import { deriveChoices, listOpen, resolve } from "../../src/state/consensus";
import { newMark } from "../../src/state/draft";

function mark(label: string, regions: string[], extent: number | null = null): MarkAnswer {
  return { ...newMark([], regions), mark: label, pattern: extent === null ? "focal" : "diffuse", extent };
}

function read(reader: string, marks: MarkAnswer[], evaluable = true): LockedRead {
  return { reader, signed_at: null, evaluable, comment: null, seconds: null, marks, grades: [] };
}

function compared(one: MarkAnswer): ComparedMark {
  return { pattern: one.pattern, extent: one.extent, regions: one.regions };
}

const femur = mark("1", ["femur_left"]);
const diffuse = mark("2", ["pelvis_right"], 0.6);
const spine = mark("3", ["spine_thoracic", "spine_lumbar"]);
const reads = [read("reader_1", [femur, diffuse]), read("reader_2", [{ ...femur, mark: "9" }, spine])];
const differences: DifferenceAnswer[] = [
  { kind: "region", item: "spine_thoracic", first: null, second: [compared(spine)] },
  { kind: "region", item: "spine_lumbar", first: null, second: [compared(spine)] },
  { kind: "region", item: "pelvis_right", first: [compared(diffuse)], second: null },
];

describe("a consensus of marks", () => {
  test("keeps what both say before anything is chosen", () => {
    expect(resolve(reads, differences, {}).marks.map((one) => one.regions)).toEqual([["femur_left"]]);
    expect(listOpen(differences, {})).toHaveLength(3);
  });

  test("takes a mark over two regions once", () => {
    const content = resolve(reads, differences, { spine_thoracic: 1, spine_lumbar: 1, pelvis_right: 1 });
    expect(content.marks.map((one) => one.regions)).toEqual([["femur_left"], ["spine_thoracic", "spine_lumbar"]]);
    expect(new Set(content.marks.map((one) => one.mark)).size).toBe(2);
  });

  test.each([[{ spine_thoracic: 0, spine_lumbar: 0, pelvis_right: 0 }], [{ spine_thoracic: 1, spine_lumbar: 1, pelvis_right: 0 }]] as const)(
    "a draft tells whom it follows: %o",
    (choices) => {
      expect(deriveChoices(resolve(reads, differences, choices), differences)).toEqual(choices);
    },
  );

  test("that is not evaluable holds nothing", () => {
    const other = [reads[0]!, read("reader_2", [], false)];
    const evaluable: DifferenceAnswer = { kind: "evaluable", item: "evaluable", first: "yes", second: "no" };
    const of = (marks: MarkAnswer[]): DifferenceAnswer[] =>
      marks.map((one) => ({ kind: "region", item: one.regions[0] ?? "", first: [compared(one)], second: null }));
    const all = [evaluable, ...of([femur, diffuse])];
    expect(resolve(other, all, { evaluable: 1 })).toMatchObject({ evaluable: false, marks: [] });
    expect(resolve(other, all, { evaluable: 0, femur_left: 0, pelvis_right: 0 }).marks).toHaveLength(2);
  });
});

test("grades follow the chosen reader, a segment that is left out is 0", () => {
  const grades = (spineGrade: number) => [
    { system: "siopen", segment: "spine", grade: spineGrade },
    { system: "siopen", segment: "skull", grade: 1 },
  ] as const;
  const two = [
    { ...read("reader_1", []), grades: [...grades(2)] },
    { ...read("reader_2", []), grades: [...grades(4), { system: "siopen", segment: "pelvis", grade: 3 } as const] },
  ];
  const differing: DifferenceAnswer[] = [
    { kind: "grade", item: "siopen spine", first: 2, second: 4 },
    { kind: "grade", item: "siopen pelvis", first: 0, second: 3 },
  ];
  const content = resolve(two, differing, { "siopen spine": 1, "siopen pelvis": 0 });
  expect(Object.fromEntries(content.grades.map((one) => [one.segment, one.grade]))).toEqual({ spine: 4, skull: 1, pelvis: 0 });
  expect(deriveChoices(content, differing)).toEqual({ "siopen spine": 1, "siopen pelvis": 0 });
});
