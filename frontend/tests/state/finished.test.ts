import { expect, test } from "vitest";
import { finish, listFinished, unfinish } from "../../src/state/finished";

function store() {
  const kept = new Map<string, string>();
  return { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) };
}

test("finished drafts are remembered once, until they are signed", () => {
  const kept = store();
  for (const number of ["0002", "0001", "0002"]) finish(kept, "anne", number);
  expect(listFinished(kept, "anne")).toEqual(["0002", "0001"]);
  unfinish(kept, "anne", ["0002", "0007"]);
  expect(listFinished(kept, "anne")).toEqual(["0001"]);
});

test("drafts of another account are not finished", () => {
  const kept = store();
  finish(kept, "anne", "0001");
  expect(listFinished(kept, "bela")).toEqual([]);
});
