import { describe, expect, it } from "vitest";
import {
  bend,
  CT_WINDOWS,
  dragWindow,
  gainOf,
  greyOf,
  invert,
  nextScale,
  openWindow,
  stepLevel,
  wheelWindow,
  type Window,
} from "../../src/viewer/window";

const LEVELS = [5, 10, 20, 40, 80, 160, 320];
const OPEN = openWindow(LEVELS);

describe("a window", () => {
  it("opens in inverse grey from 0 to the middle level", () => {
    expect(OPEN).toEqual({ lower: 0, upper: 40, inverse: true, scale: "linear" });
    expect(openWindow(LEVELS, 5).upper).toBe(160);
    expect(openWindow([]).upper).toBe(1);
    expect(openWindow([0, 0, 0, 0]).upper).toBe(1);
  });

  it("steps from level to level and stops at the ends", () => {
    expect(stepLevel(OPEN, LEVELS, "darker").upper).toBe(20);
    expect(stepLevel(OPEN, LEVELS, "lighter").upper).toBe(80);
    expect(stepLevel({ ...OPEN, upper: 5 }, LEVELS, "darker").upper).toBe(5);
    expect(stepLevel({ ...OPEN, upper: 320 }, LEVELS, "lighter").upper).toBe(320);
  });

  it("steps from between two levels to the nearest on that side", () => {
    expect(stepLevel({ ...OPEN, upper: 50 }, LEVELS, "darker").upper).toBe(40);
    expect(stepLevel({ ...OPEN, upper: 50 }, LEVELS, "lighter").upper).toBe(80);
  });

  it("takes a level that rounding moved a little for the level itself", () => {
    expect(stepLevel({ ...OPEN, upper: 39.999 }, LEVELS, "lighter").upper).toBe(80);
    expect(stepLevel({ ...OPEN, upper: 40.001 }, LEVELS, "darker").upper).toBe(20);
  });

  it("grows by a drag down and by a turn of the wheel, and is never empty", () => {
    expect(dragWindow(OPEN, 0, 50).upper).toBeLessThan(40);
    expect(dragWindow(OPEN, 0, -50).upper).toBeGreaterThan(40);
    expect(dragWindow(OPEN, 0, 5000).upper).toBeGreaterThanOrEqual(1);
    expect(dragWindow(OPEN, 30, 0).lower).toBeGreaterThan(0);
    expect(dragWindow(OPEN, -300, 0).lower).toBe(0);
    expect(wheelWindow(OPEN, 100).upper).toBeGreaterThan(40);
    expect(wheelWindow(wheelWindow(OPEN, 100), -100).upper).toBeCloseTo(40);
  });

  it("keeps Hounsfield units below zero", () => {
    const ct: Window = { lower: -160, upper: 240, inverse: false, scale: "linear" };
    expect(dragWindow(ct, 0, 0)).toEqual(ct);
    expect(dragWindow(ct, 10, 0).lower).toBeCloseTo(-136);
  });

  it("changes polarity and scale alone", () => {
    expect(invert(OPEN)).toEqual({ ...OPEN, inverse: false });
    const all = [OPEN, nextScale(OPEN), nextScale(nextScale(OPEN))];
    expect(all.map((one) => one.scale)).toEqual(["linear", "sqrt", "log"]);
    expect(nextScale(nextScale(nextScale(OPEN)))).toEqual(OPEN);
  });
});

describe("a grey", () => {
  it("is white for nothing and black for much in inverse grey", () => {
    expect(greyOf(0, OPEN)).toBe(1);
    expect(greyOf(1, OPEN)).toBe(0);
    expect(greyOf(7, OPEN)).toBe(0);
    expect(greyOf(-1, { ...OPEN, inverse: false })).toBe(0);
  });

  it("rises with the share on every scale, from 0 to 1", () => {
    for (const scale of ["linear", "sqrt", "log"] as const) {
      const greys = Array.from({ length: 101 }, (_, share) => bend(share / 100, scale));
      expect(greys[0]).toBe(0);
      expect(greys[100]).toBeCloseTo(1);
      greys.slice(1).forEach((grey, place) => expect(grey).toBeGreaterThan(greys[place] ?? NaN));
    }
    expect(bend(0.25, "sqrt")).toBe(0.5);
    expect(bend(0.1, "log")).toBeGreaterThan(bend(0.1, "sqrt"));
  });

  it("comes from values, not from what is stored", () => {
    const { gain, offset } = gainOf(CT_WINDOWS.soft, { slope: 1, intercept: -1024 });
    expect(gain * (1024 + 40) + offset).toBeCloseTo(0.5);
    const falling = gainOf({ ...OPEN, upper: 10 }, { slope: -1, intercept: 10 });
    expect(falling.gain * 10 + falling.offset).toBeCloseTo(0);
    expect(falling.gain * 0 + falling.offset).toBeCloseTo(1);
  });
});
