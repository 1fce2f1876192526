import { describe, expect, test } from "vitest";
import type { CaseAnswer, ReadState } from "../../src/api/answers";
import { findNeighbours, findNext } from "../../src/state/worklist";

const SHORT: Record<string, ReadState> = { u: "unread", d: "draft", l: "locked" };

/** Return a worklist with one letter for the state of each case: 1, 2, ... */
function list(states: string): CaseAnswer[] {
  return [...states].map((letter, place) => ({
    case: String(place + 1),
    position: place + 1,
    state: SHORT[letter] ?? "unread",
    version: 0,
    training: false,
    patient: null,
    timepoint: null,
    day: null,
    images: true,
  }));
}

describe("the next case", () => {
  test.each([
    ["the first that is unread", "llu", [], 2],
    ["a draft that was begun", "ldu", [], 1],
    ["not a draft that is finished", "ldu", ["2"], 2],
    ["a finished draft where nothing else is left", "ldl", ["2"], 1],
    ["the first where all is locked", "lll", [], 0],
    ["the first of none", "", [], 0],
  ])("is %s", (_, states, finished, place) => expect(findNext(list(states), finished)).toBe(place));
});

describe("from a case", () => {
  test.each([
    ["in the middle", "uuu", "2", { before: "1", after: "3", unread: "3" }],
    ["at the end, back to what was left out", "uul", "3", { before: "2", after: null, unread: "1" }],
    ["to unread ones before drafts", "udu", "1", { before: null, after: "2", unread: "3" }],
    ["to drafts when nothing is unread", "dll", "3", { before: "2", after: null, unread: "1" }],
    ["nowhere when all is locked", "lll", "1", { before: null, after: "2", unread: null }],
    ["that is not in the list", "ul", "9", { before: null, after: "1", unread: "1" }],
  ])("%s", (_, states, number, neighbours) => expect(findNeighbours(list(states), number)).toEqual(neighbours));

  test("never to a draft that is finished", () => {
    expect(findNeighbours(list("dll"), "3", ["1"]).unread).toBeNull();
  });
});
