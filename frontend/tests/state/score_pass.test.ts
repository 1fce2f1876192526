import { describe, expect, test } from "vitest";
import { openDraft, stepDraft, type Content } from "../../src/state/draft";
import { CURIE, listMissing, listSegments, passOn, SIOPEN, START, type Pass, type Press } from "../../src/state/score_pass";
import { content, graded } from "./reads";

const X: Press = { press: "grade", grade: "not_assessable" };
const REST: Press = { press: "rest" };
const BACK: Press = { press: "back" };
const digit = (grade: number): Press => ({ press: "grade", grade });

/** Press one key after the other, as the page does. */
function play(start: Content, presses: Press[], curie = false): { pass: Pass; content: Content; steps: number } {
  let [pass, draft] = [START, openDraft(start)];
  for (const press of presses) {
    const { pass: next, step } = passOn(pass, draft.content, listSegments(draft.content, curie), press);
    pass = next;
    if (step) draft = stepDraft(draft, step);
  }
  return { pass, content: draft.content, steps: draft.past.length };
}

function values({ grades }: Content): unknown[] {
  return SIOPEN.map(({ segment }) => grades.find((one) => one.system === "siopen" && one.segment === segment)?.grade ?? null);
}

describe("a digit", () => {
  test("grades and moves on, twelve times", () => {
    const played = play(content(), [0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4].map(digit));
    expect(values(played.content)).toEqual([0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4]);
    expect(played.pass.at).toBe(12);
  });

  test("too many changes nothing, and says so", () => {
    const all = play(content(), [...Array(12).fill(digit(1)), digit(5)]);
    expect(values(all.content)).toEqual(Array(12).fill(1));
    expect(all.pass.refused).toBe("end");
  });

  test.each([7, 8, 9])("%i is refused, and the cursor stays", (wrong) => {
    const played = play(content(), [digit(2), digit(wrong)]);
    expect(played.pass).toEqual({ at: 1, refused: { digit: wrong, most: 6 } });
    expect(played.content.grades).toHaveLength(1);
    expect(play(content(), [digit(wrong), digit(3)]).pass.refused).toBeNull();
  });

  test("grades the row that the mouse chose, and goes on from there", () => {
    const played = play(content(), [{ press: "grade", grade: 4, at: 6 }, digit(1)]);
    expect(values(played.content).slice(6, 8)).toEqual([4, 1]);
  });
});

test("a segment can be not assessable", () => {
  expect(values(play(content(), [digit(1), X]).content).slice(0, 2)).toEqual([1, "not_assessable"]);
});

describe("the rest", () => {
  test("gets 0 in one step, and nothing that was graded changes", () => {
    const played = play(content(), [digit(3), X, REST]);
    expect(values(played.content)).toEqual([3, "not_assessable", ...Array(10).fill(0)]);
    expect(played.steps).toBe(3);
    expect(played.pass.at).toBe(12);
  });

  test("is nothing where all is graded", () => {
    expect(play(content(), [REST, REST]).steps).toBe(1);
  });
});

describe("backspace", () => {
  test("takes the last grade away", () => {
    const played = play(content(), [digit(3), digit(4), BACK]);
    expect(values(played.content).slice(0, 2)).toEqual([3, null]);
    expect(played.pass.at).toBe(1);
  });

  test("at the end takes the last segment's", () => {
    const played = play(content(), [REST, BACK]);
    expect(played.content.grades).toHaveLength(11);
    expect(played.pass.at).toBe(11);
  });

  test("on a graded segment takes its own", () => {
    const played = play(content(), [digit(3), { press: "move", by: -1 }, BACK]);
    expect(played.content.grades).toEqual([]);
    expect(played.pass.at).toBe(0);
  });

  test("at the beginning does nothing", () => {
    expect(play(content(), [BACK])).toEqual({ pass: START, content: content(), steps: 0 });
  });
});

test("arrows stay within the list", () => {
  expect(play(content(), [{ press: "move", by: -1 }]).pass.at).toBe(0);
  expect(play(content(), [{ press: "go", at: 11 }, { press: "move", by: 1 }]).pass.at).toBe(11);
  expect(play(content(), [REST, { press: "move", by: -1 }]).pass.at).toBe(11);
});

describe("Curie", () => {
  test("follows SIOPEN where it is wanted, up to 3", () => {
    const played = play(content(), [REST, BACK, digit(0), digit(3), digit(4)], true);
    expect(listSegments(content(), true)).toHaveLength(22);
    expect(played.content.grades.filter((one) => one.system === "curie")).toHaveLength(10);
    const on = play(content(), [...SIOPEN.map(() => digit(0)), digit(3), digit(4)], true);
    expect(on.content.grades.at(-1)).toEqual({ system: "curie", segment: "head", grade: 3 });
    expect(on.pass.refused).toEqual({ digit: 4, most: 3 });
  });

  test("is shown where it has a grade", () => {
    expect(listSegments(graded({ head: 1 }, "curie"), false)).toContain(CURIE[9]);
  });
});

describe("the lock waits for", () => {
  test("every segment of SIOPEN", () => {
    expect(listMissing(content())).toEqual(SIOPEN);
    expect(listMissing(play(content(), [digit(1), REST]).content)).toEqual([]);
    expect(listMissing(graded({ skull: 0 })).map((one) => one.segment)).not.toContain("skull");
  });

  test("every segment of Curie where one is graded", () => {
    const begun = play(content(), [...SIOPEN.map(() => digit(0)), digit(1)], true).content;
    expect(listMissing(begun)).toEqual(CURIE.slice(1));
  });

  test("nothing on a scan that is not evaluable", () => {
    expect(listMissing(content({ evaluable: false }))).toEqual([]);
  });
});
