import { describe, expect, test } from "vitest";
import { areaOf, bind, COMMANDS, findClash, findHandler, loadKeys, saveKeys, type Command } from "../../src/keys";

const ALL = Object.keys(COMMANDS) as Command[];
const OURS = bind({ own: {}, off: false });

test("no two commands of a page have the same key", () => {
  expect(ALL.map((one) => findClash(one, OURS[one], OURS)).filter(Boolean)).toEqual([]);
});

describe("a clash", () => {
  test.each([
    ["of two areas of one page", "mark.region", "i", "image.inverse"],
    ["with what works everywhere", "list.open", "?", "help"],
    ["of one area", "score.rest", "x", "score.not_assessable"],
  ] as const)("%s is named", (_, command, key, other) => expect(findClash(command, key, OURS)).toBe(other));

  test.each([
    ["of pages that are never shown together", "list.open", "l"],
    ["of entering marks and grades", "score.not_assessable", "y"],
    ["with its own key", "read.lock", "l"],
    ["with a key that nobody has", "read.lock", "v"],
  ] as const)("is none %s", (_, command, key) => expect(findClash(command, key, OURS)).toBeNull());

  test("goes by the keys as the reader has them", () => {
    const moved = bind({ own: { "image.inverse": "v" }, off: false });
    expect(findClash("mark.region", "i", moved)).toBeNull();
    expect(findClash("mark.region", "v", moved)).toBe("image.inverse");
  });
});

describe("own keys", () => {
  function store(text: string | null) {
    const kept = { text };
    return { kept, getItem: () => kept.text, setItem: (_: string, value: string) => void (kept.text = value) };
  }

  test("are kept", () => {
    const { getItem, setItem } = store(null);
    saveKeys({ setItem }, { own: { "read.lock": "v" }, off: true });
    expect(loadKeys({ getItem })).toEqual({ own: { "read.lock": "v" }, off: true });
  });

  test.each([
    ["nothing", null],
    ["something else", "not JSON"],
    ["a command that is no more, and a key that is none", '{"own": {"gone": "v", "read.lock": 7}, "off": "yes"}'],
  ])("are those of the page where %s is stored", (_, text) => {
    expect(loadKeys(store(text))).toEqual({ own: {}, off: false });
  });
});

describe("a press finds", () => {
  const run = (): void => undefined;

  test("the command of the page that it stands for", () => {
    const found = findHandler({ "mark.next": run, "list.next": run }, OURS, "ArrowDown");
    expect(found?.command).toBe("list.next");
    expect(findHandler({ "mark.next": run }, OURS, "ArrowDown")?.command).toBe("mark.next");
    expect(findHandler({ "mark.next": run }, OURS, "ArrowUp")).toBeNull();
    expect(findHandler({ "mark.next": run }, OURS, null)).toBeNull();
  });

  test("the digit, unless a command of the page has it", () => {
    const digits: number[] = [];
    const digit = (value: number): void => void digits.push(value);
    findHandler({ digit }, OURS, "1")?.run();
    expect(digits).toEqual([1]);
    expect(findHandler({ digit, "consensus.first": run }, OURS, "1")?.command).toBe("consensus.first");
  });
});

test("every command has an area", () => {
  expect(areaOf("score.rest")).toBe("score");
  expect(ALL.filter((one) => areaOf(one) === "all")).toEqual(["undo", "redo", "help"]);
});
