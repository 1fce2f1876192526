import { describe, expect, test } from "vitest";
import type { DifferenceAnswer, GradeAnswer, GradeValue, LockedRead, MarkAnswer, System } from "../../src/api/answers";
import { begin, follow, listOpen, sayNothing, showReaders, standingOf, valueOf } from "../../src/state/consensus";
import { newMark, openDraft, stepDraft, type Content } from "../../src/state/draft";
import { keepSettled, loadSettled } from "../../src/state/settled";

const REGIONS = ["skull_vault", "spine_thoracic", "spine_lumbar", "sternum", "pelvis_right", "femur_left"];
const SEGMENTS = ["siopen skull", "siopen spine", "siopen pelvis", "curie head"];

function mark(label: string, regions: string[], extent: number | null = null): MarkAnswer {
  return { ...newMark([], regions), mark: label, pattern: extent === null ? "focal" : "diffuse", extent };
}

function read(reader: string, marks: MarkAnswer[], evaluable = true, grades: GradeAnswer[] = []): LockedRead {
  return { reader, signed_at: null, evaluable, comment: null, seconds: null, marks, grades };
}

function grade(item: string, value: GradeValue): GradeAnswer {
  const [system = "", segment = ""] = item.split(" ");
  return { system: system as System, segment, grade: value };
}

/** Return an order in which equal values stand alike. */
function sorted(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value ?? null);
  return JSON.stringify(value.map((one: { regions: string[]; pattern: string; extent: number | null }) => JSON.stringify([[...one.regions].sort(), one.pattern, one.extent])).sort());
}

/** Return where two reads differ, as the server finds it; a read that is not evaluable has nothing, which here is null or 0. */
function differ(reads: LockedRead[]): DifferenceAnswer[] {
  const [first, second] = reads as [LockedRead, LockedRead];
  const items: DifferenceAnswer[] = [
    { kind: "evaluable", item: "evaluable", first: null, second: null },
    ...REGIONS.map((item) => ({ kind: "region" as const, item, first: null, second: null })),
    ...SEGMENTS.map((item) => ({ kind: "grade" as const, item, first: null, second: null })),
  ];
  const none = (kind: string) => (kind === "grade" ? 0 : null);
  return items
    .map((one) => ({ ...one, first: valueOf(first, one) ?? none(one.kind), second: valueOf(second, one) ?? none(one.kind) }))
    .filter((one) => sorted(one.first) !== sorted(one.second));
}

function pressedOn(content: Content, item: string, all: DifferenceAnswer[], reads: LockedRead[]): readonly number[] | string {
  const found = all.find((one) => one.item === item);
  if (!found) throw new Error(item);
  const standing = standingOf(content, found, reads);
  return standing.kind === "followed" ? standing.sides : standing.kind;
}

/** Return the content as a page finds it that is opened again elsewhere: the server does not keep what was `settled`. */
function reload(content: Content): Content {
  return { ...content, settled: [] };
}

const femur = mark("1", ["femur_left"]);
const diffuse = mark("2", ["pelvis_right"], 0.6);
const spine = mark("3", ["spine_thoracic", "spine_lumbar"]);
const reads = [read("reader_1", [femur, diffuse]), read("reader_2", [{ ...femur, mark: "9" }, spine])];
const differences = differ(reads);
const [thoracic, , pelvis] = differences as [DifferenceAnswer, DifferenceAnswer, DifferenceAnswer];
const start = begin(reads, differences);

describe("a consensus of marks", () => {
  test("begins with what both say, and every difference open", () => {
    expect(differences.map((one) => one.item)).toEqual(["spine_thoracic", "spine_lumbar", "pelvis_right"]);
    expect(start.marks.map((one) => one.regions)).toEqual([["femur_left"]]);
    expect(listOpen(start, differences, reads)).toEqual(["spine_thoracic", "spine_lumbar", "pelvis_right"]);
  });

  test("takes a mark over two regions once, and settles both", () => {
    const content = follow(start, thoracic, 1, differences, reads);
    expect(content.marks.map((one) => one.regions)).toEqual([["femur_left"], ["spine_thoracic", "spine_lumbar"]]);
    expect(new Set(content.marks.map((one) => one.mark)).size).toBe(2);
    expect(listOpen(content, differences, reads)).toEqual(["pelvis_right"]);
  });

  test("shows whom it follows by what it says: own content lets a reader go", () => {
    let draft = stepDraft(openDraft(start), { do: "replace", content: follow(start, pelvis, 0, differences, reads) });
    expect(pressedOn(draft.content, "pelvis_right", differences, reads)).toEqual([0]);
    const taken = draft.content.marks.at(-1)!.mark;
    draft = stepDraft(draft, { do: "change", mark: taken, changes: { extent: 0.3 } });
    expect(pressedOn(draft.content, "pelvis_right", differences, reads)).toBe("own");
    draft = stepDraft(draft, { do: "change", mark: taken, changes: { extent: 0.6 } });
    expect(pressedOn(draft.content, "pelvis_right", differences, reads)).toEqual([0]);
    draft = stepDraft(draft, { do: "remove", mark: taken });
    expect(pressedOn(draft.content, "pelvis_right", differences, reads)).toBe("open");
  });

  test("says nothing on purpose, until that is taken back", () => {
    const draft = stepDraft(openDraft(start), { do: "replace", content: follow(start, pelvis, 1, differences, reads) });
    expect(pressedOn(draft.content, "pelvis_right", differences, reads)).toEqual([1]);
    expect(pressedOn(reload(draft.content), "pelvis_right", differences, reads)).toBe("open");
    expect(pressedOn(stepDraft(draft, { do: "undo" }).content, "pelvis_right", differences, reads)).toBe("open");
  });

  test("keeps own marks elsewhere when a reader is followed", () => {
    const own = { ...start, marks: [...start.marks, mark("7", ["sternum"])] };
    expect(follow(own, pelvis, 0, differences, reads).marks.map((one) => one.regions[0])).toEqual(["femur_left", "sternum", "pelvis_right"]);
  });

  test("may have nothing where every reader has something", () => {
    const two = [read("reader_1", [femur]), read("reader_2", [mark("1", ["femur_left"], 0.5)])];
    const all = differ(two);
    const content = sayNothing(follow(begin(two, all), all[0]!, 0, all, two), "femur_left");
    expect(content.marks).toEqual([]);
    expect(pressedOn(content, "femur_left", all, two)).toBe("own");
    expect(listOpen(content, all, two)).toEqual([]);
  });
});

describe("a scan that one reader calls not evaluable", () => {
  const two = [read("reader_1", [femur, diffuse]), read("reader_2", [], false)];
  const all = differ(two);
  const [evaluable] = all as [DifferenceAnswer];

  test("takes one key for each answer", () => {
    const begun = begin(two, all);
    expect(listOpen(begun, all, two)).toEqual(["evaluable", "pelvis_right", "femur_left"]);
    const yes = follow(begun, evaluable, 0, all, two);
    expect(yes.marks.map((one) => one.regions[0])).toEqual(["pelvis_right", "femur_left"]);
    expect(listOpen(yes, all, two)).toEqual([]);
    const no = follow(begun, evaluable, 1, all, two);
    expect(no.evaluable).toBe(false);
    expect(listOpen(no, all, two)).toEqual([]);
    expect(pressedOn(no, "evaluable", all, two)).toEqual([1]);
  });

  test("has no second reader to follow in anything else", () => {
    const begun = begin(two, all);
    expect(follow(begun, all[1]!, 1, all, two)).toBe(begun);
  });

  test("leaves open what a third reader says otherwise", () => {
    const three = [...two, read("reader_3", [femur])];
    const yes = follow(begin(three, all), evaluable, 2, all, three);
    expect(listOpen(yes, all, three)).toEqual(["pelvis_right"]);
    expect(pressedOn(yes, "femur_left", all, three)).toEqual([0, 2]);
    expect(pressedOn(follow(yes, all.find((one) => one.item === "pelvis_right")!, 2, all, three), "pelvis_right", all, three)).toEqual([2]);
  });
});

test("grades are open where there is none, and follow what a reader left out as 0", () => {
  const two = [
    read("reader_1", [], true, [grade("siopen spine", 2), grade("siopen skull", 1)]),
    read("reader_2", [], true, [grade("siopen spine", 4), grade("siopen skull", 1), grade("siopen pelvis", 3)]),
  ];
  const all = differ(two);
  const begun = begin(two, all);
  expect(begun.grades).toEqual([grade("siopen skull", 1)]);
  const followed = follow(follow(begun, all[0]!, 1, all, two), all[1]!, 0, all, two);
  expect(Object.fromEntries(followed.grades.map((one) => [one.segment, one.grade]))).toEqual({ spine: 4, skull: 1, pelvis: 0 });
  expect(listOpen(reload(followed), all, two)).toEqual([]);
  const own = stepDraft(openDraft(followed), { do: "grade", grades: [grade("siopen spine", 3)] }).content;
  expect(pressedOn(own, "siopen spine", all, two)).toBe("own");
  const back = stepDraft(openDraft(followed), { do: "ungrade", system: "siopen", segment: "spine" }).content;
  expect(listOpen(back, all, two)).toEqual(["siopen spine"]);
});

describe("in any study", () => {
  /** Numbers that are the same in every run (a linear congruence of Numerical Recipes). */
  function randomly(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  }

  function drawRead(draw: (below: number) => number, name: string): LockedRead {
    const marks = Array.from({ length: draw(5) }, (_, place) => {
      const at = draw(REGIONS.length);
      const regions = draw(3) ? [REGIONS[at]!] : [...new Set([REGIONS[at]!, REGIONS[draw(REGIONS.length)]!])];
      return mark(String(place + 1), regions, draw(2) ? null : (1 + draw(2)) / 2);
    });
    const grades = SEGMENTS.filter(() => draw(2)).map((item) => grade(item, draw(4) ? draw(3) : "not_assessable"));
    return draw(6) ? read(name, marks, true, grades) : read(name, [], false);
  }

  const SEEDS = Array.from({ length: 400 }, (_, seed) => seed + 1);
  const drawn = SEEDS.map((seed) => {
    const draw = randomly(seed);
    const these = Array.from({ length: 2 + draw(2) }, (_, place) => drawRead(draw, `reader_${place + 1}`));
    return { seed, draw, these, all: differ(these) };
  });

  /** Whether marks over several regions tie differences to each other: what is chosen in one is then chosen in all of them. */
  const isTied = (these: LockedRead[]): boolean => these.some((said) => said.marks.some((each) => each.regions.length > 1));

  test("everything is open before anything is said, and one key settles each difference", () => {
    for (const { draw, these, all } of drawn) {
      let content = begin(these, all);
      expect(listOpen(content, all, these)).toEqual(all.map((one) => one.item));
      if (isTied(these)) continue;
      let keys = 0;
      for (const one of all) {
        if (!listOpen(content, all, these).includes(one.item)) continue;
        const sides = these.flatMap((said, side) => (valueOf(said, one) === undefined ? [] : [side]));
        content = follow(content, one, sides[draw(sides.length)]!, all, these);
        keys += 1;
      }
      expect(listOpen(content, all, these)).toEqual([]);
      expect(keys).toBeLessThanOrEqual(all.length);
    }
  });

  test("one reader can be followed throughout with a key for each difference, and then says the same", () => {
    for (const { these, all } of drawn) {
      for (const side of [0, 1]) {
        if (!these[0]!.evaluable && !these[1]!.evaluable) continue;
        let content = begin(these, all);
        let keys = 0;
        for (const one of all) {
          if (!listOpen(content, all, these).includes(one.item)) continue;
          content = follow(content, one, side, all, these);
          keys += 1;
        }
        if (these[side]!.evaluable) {
          for (const item of REGIONS) {
            const place: DifferenceAnswer = { kind: "region", item, first: null, second: null };
            expect(sorted(valueOf(content, place))).toBe(sorted(valueOf(these[side]!, place)));
          }
        }
        expect(content.evaluable).toBe(these[side]!.evaluable);
        expect(listOpen(content, all, these)).toEqual([]);
        expect(keys).toBeLessThanOrEqual(all.length);
      }
    }
  });

  test("who was chosen last is followed there, marks have names of their own, and nothing is settled that nobody said", () => {
    for (const { draw, these, all } of drawn) {
      let content = begin(these, all);
      for (let step = 0; all.length && step < 12; step += 1) {
        const one = all[draw(all.length)]!;
        const side = draw(these.length);
        if (!content.evaluable && one.kind !== "evaluable") continue;
        const before = content;
        content = follow(content, one, side, all, these);
        if (valueOf(these[side]!, one) === undefined) expect(content).toBe(before);
        else expect(pressedOn(content, one.item, all, these)).toContain(side);
        expect(new Set(content.marks.map((each) => each.mark)).size).toBe(content.marks.length);
      }
      // opened elsewhere, a draft may ask again, and never takes for settled what was open
      if (content.evaluable) expect(listOpen(reload(content), all, these)).toEqual(expect.arrayContaining(listOpen(content, all, these)));
    }
  });

  test("following readers never says what none says, where no differences are tied", () => {
    for (const { draw, these, all } of drawn) {
      if (isTied(these) || these.some((said) => !said.evaluable)) continue;
      let content = begin(these, all);
      for (const one of all) content = follow(content, one, draw(2), all, these);
      for (const item of REGIONS) {
        const place: DifferenceAnswer = { kind: "region", item, first: null, second: null };
        expect([these[0]!, these[1]!].map((said) => sorted(valueOf(said, place)))).toContain(sorted(valueOf(content, place)));
      }
    }
  });
});

describe("what was settled", () => {
  function store(): Pick<Storage, "getItem" | "setItem"> {
    const kept = new Map<string, string>();
    return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) };
  }

  test("is found again for the same account, case and draft only", () => {
    const kept = store();
    const content = follow(follow(start, pelvis, 1, differences, reads), thoracic, 1, differences, reads);
    keepSettled(kept, "judge", "0001", content);
    const back = { ...reload(content), marks: [...content.marks].reverse() }; // as the server may give it back
    expect(loadSettled(kept, "judge", "0001", back)).toEqual(["pelvis_right"]);
    expect(loadSettled(kept, "judge", "0001", start)).toEqual([]);
    expect(loadSettled(kept, "judge", "0002", back)).toEqual([]);
    expect(loadSettled(kept, "other", "0001", back)).toEqual([]);
  });

  test.each(["{", "null", "[]", '{"items":["femur_left"]}'])("is nothing where %s is stored", (text) => {
    expect(loadSettled({ getItem: () => text, setItem: () => undefined }, "judge", "0001", start)).toEqual([]);
  });
});

test("the image shows every reader by a shape of their own, and what the adjudicator marked", () => {
  const image = { image: "planar-anterior", kind: "planar", view: "anterior", left_at: "right", rows: 10, columns: 10, frames: 1 } as const;
  const loaded = { ...image, spacing_mm: [2, 2], placement: null, slope: 1, intercept: 0, levels: [], flags: [], pixels: new Uint16Array(0) };
  const at = (x: number): Partial<MarkAnswer> => ({ image: image.image, view: "anterior", x_mm: x, y_mm: 5 });
  const three = [1, 2, 3].map((x) => read(`reader_${x}`, [{ ...femur, ...at(x) }]));
  const content = { ...start, marks: [{ ...femur, ...at(2) }, { ...femur, mark: "5", ...at(8) }] };
  expect(showReaders(three, content, [loaded]).map(({ id, kind, label }) => [id, kind, label])).toEqual([
    ["0 1", "first", "1"],
    ["1 1", "second", "2"],
    ["2 1", "third", "3"],
    ["5", "focal", "5"],
  ]);
});
