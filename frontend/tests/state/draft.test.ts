import { describe, expect, test } from "vitest";
import type { ProposalAnswer } from "../../src/api/answers";
import { listPending, newMark, nextLabel, openDraft, stepDraft, type Step } from "../../src/state/draft";
import { content, graded, marked, prior, steps } from "./reads";

const UNDO: Step = { do: "undo" };
const REDO: Step = { do: "redo" };
const SKULL = { system: "siopen", segment: "skull" } as const;

describe("undo and redo", () => {
  test("go through everything that was done", () => {
    const done = steps(content(), { do: "add", region: "sternum" }, { do: "comment", comment: "faint" });
    const back = [UNDO, UNDO, UNDO].reduce(stepDraft, done);
    expect(back.content).toEqual(content());
    expect([REDO, REDO, REDO].reduce(stepDraft, back).content).toEqual(done.content);
  });

  test("a new step forgets what was undone", () => {
    const draft = steps(content(), { do: "evaluable", evaluable: false }, UNDO, { do: "comment", comment: "x" }, REDO);
    expect(draft.content).toEqual(content({ comment: "x" }));
    expect(draft.future).toEqual([]);
  });

  test("many grades at once are one step", () => {
    const grades = ["skull", "spine", "pelvis"].map((segment) => ({ system: "siopen", segment, grade: 0 }) as const);
    expect(steps(content(), { do: "grade", grades }, UNDO).content).toEqual(content());
  });

  test("a mark that is gone is not selected", () => {
    const added = steps(content(), { do: "add", region: "sternum" });
    expect(added.selected).toBe("1");
    expect(stepDraft(added, UNDO).selected).toBeNull();
  });
});

describe("a step that changes nothing leaves no trace", () => {
  const start = { ...graded({ skull: 2, spine: 1 }), comment: "c", marks: marked("sternum").marks, cleared: [{ case: "0001", mark: "9" }] };
  test.each<[string, Step]>([
    ["the same grade", { do: "grade", grades: [{ ...SKULL, grade: 2 }] }],
    ["no grade", { do: "grade", grades: [] }],
    ["taking a grade away that is not there", { do: "ungrade", system: "curie", segment: "head" }],
    ["the same comment", { do: "comment", comment: "c" }],
    ["the same answer", { do: "evaluable", evaluable: true }],
    ["the same pattern", { do: "change", mark: "1", changes: { pattern: "focal" } }],
    ["removing what is not there", { do: "remove", mark: "7" }],
    ["clearing what is cleared", { do: "clear", priors: [prior("9")] }],
    ["clearing nothing", { do: "clear", priors: [] }],
    ["undo at the beginning", UNDO],
    ["redo at the end", REDO],
  ])("%s", (_, step) => {
    const before = openDraft(start);
    expect(stepDraft(before, step)).toBe(before);
  });
});

describe("marks", () => {
  test("have the label after the highest, also after one was removed", () => {
    const { marks } = steps(marked("sternum", "sacrum"), { do: "remove", mark: "1" }).content;
    expect(nextLabel(marks)).toBe("3");
    expect(nextLabel([])).toBe("1");
    expect(nextLabel([{ ...newMark([], []), mark: "a" }])).toBe("1");
  });

  test("change alone", () => {
    const { marks } = steps(marked("sternum", "sacrum"), { do: "change", mark: "2", changes: { pattern: "diffuse", extent: 0.5 } }).content;
    expect(marks.map(({ pattern, extent }) => [pattern, extent])).toEqual([["focal", null], ["diffuse", 0.5]]);
  });

  test("that are removed are not selected any more", () => {
    const draft = steps(marked("sternum"), { do: "select", mark: "1" }, { do: "remove", mark: "1" });
    expect(draft.selected).toBeNull();
  });
});

describe("grades", () => {
  test("replace the one that was there", () => {
    const { grades } = steps(graded({ skull: 2, spine: 1 }), { do: "grade", grades: [{ ...SKULL, grade: "not_assessable" }] }).content;
    expect(grades).toHaveLength(2);
    expect(grades).toContainEqual({ ...SKULL, grade: "not_assessable" });
  });

  test("of two systems are apart", () => {
    const draft = steps(graded({ pelvis: 2 }), { do: "grade", grades: [{ system: "curie", segment: "pelvis", grade: 1 }] });
    expect(stepDraft(draft, { do: "ungrade", system: "siopen", segment: "pelvis" }).content).toEqual(graded({ pelvis: 1 }, "curie"));
  });
});

describe("prior marks", () => {
  const priors = [prior("1"), prior("2", "sacrum"), prior("3", "sternum")];
  const [first, second] = priors as [(typeof priors)[0], (typeof priors)[0]];
  const proposal: ProposalAnswer = { from_case: "0001", from_mark: "1", image: "planar-anterior", view: "anterior", x_mm: 10, y_mm: 20, z_mm: null, error_mm: 4 };
  const pending = (draft: ReturnType<typeof steps>): string[] => listPending(draft.content, priors).map((one) => one.mark);

  test("wait until they are confirmed or cleared", () => {
    expect(pending(openDraft(content()))).toEqual(["1", "2", "3"]);
    expect(pending(steps(content(), { do: "confirm", prior: first, proposal: null }))).toEqual(["2", "3"]);
    expect(pending(steps(content(), { do: "clear", priors }))).toEqual([]);
    expect(pending(steps(content(), { do: "clear", priors }, UNDO))).toEqual(["1", "2", "3"]);
  });

  test("do not wait on a scan that is not evaluable", () => {
    expect(pending(steps(content(), { do: "evaluable", evaluable: false }))).toEqual([]);
  });

  test("of other cases with the same label do not count", () => {
    const other = content({ cleared: [{ case: "0007", mark: "1" }] });
    expect(listPending(other, priors)).toHaveLength(3);
  });

  test("that are confirmed continue, at the proposed place", () => {
    const draft = steps(content(), { do: "confirm", prior: first, proposal });
    expect(draft.content.marks).toEqual([
      { ...newMark([], ["femur_left"]), from_case: "0001", from_mark: "1", image: "planar-anterior", view: "anterior", x_mm: 10, y_mm: 20 },
    ]);
    expect(draft.selected).toBe("1");
  });

  test("are confirmed once", () => {
    const draft = steps(content(), { do: "confirm", prior: first, proposal: null });
    expect(stepDraft(draft, { do: "confirm", prior: first, proposal })).toBe(draft);
  });

  test("that are cleared lose the mark that continued them, and the other way round", () => {
    const cleared = steps(content(), { do: "confirm", prior: first, proposal: null }, { do: "clear", priors: [first] });
    expect(cleared.content).toEqual(content({ cleared: [{ case: "0001", mark: "1" }] }));
    const there = stepDraft(cleared, { do: "confirm", prior: first, proposal: null });
    expect(there.content.cleared).toEqual([]);
    expect(there.content.marks).toHaveLength(1);
  });

  test("that are removed after they were confirmed wait again", () => {
    expect(pending(steps(content(), { do: "confirm", prior: second, proposal: null }, { do: "remove", mark: "1" }))).toEqual(["1", "2", "3"]);
  });
});

test("another content begins anew", () => {
  const draft = steps(marked("sternum"), { do: "comment", comment: "x" }, { do: "open", content: content() });
  expect(draft).toEqual(openDraft(content()));
});
