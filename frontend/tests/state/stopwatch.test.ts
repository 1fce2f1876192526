import { expect, test } from "vitest";
import { Stopwatch } from "../../src/state/stopwatch";

test("time at work counts, and at most a minute without a sign of the reader", () => {
  const watch = new Stopwatch();
  watch.act(0);
  watch.act(10_000);
  expect(watch.seconds(25_000)).toBe(25);
  expect(watch.seconds(600_000)).toBe(70);
  watch.act(600_000);
  expect(watch.seconds(601_000)).toBe(71);
});

test("a hidden page does not count", () => {
  const watch = new Stopwatch();
  watch.act(0);
  watch.pause(5_000);
  expect(watch.seconds(90_000)).toBe(5);
  watch.act(90_000);
  expect(watch.seconds(92_040)).toBe(7);
});

test("earlier sittings count, and a clock that goes back takes nothing away", () => {
  const watch = new Stopwatch(12.5);
  expect(watch.seconds(0)).toBe(12.5);
  watch.act(1_000);
  watch.act(500);
  expect(watch.seconds(400)).toBe(12.5);
});
