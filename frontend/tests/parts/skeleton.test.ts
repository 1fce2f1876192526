import { describe, expect, test } from "vitest";
import { REGIONS } from "../../src/parts/codes";
import { BACK, FIGURE_HEIGHT, FIGURE_WIDTH, FRONT } from "../../src/parts/skeleton";

describe("the skeleton", () => {
  test("shows each of the 28 regions, and nothing else", () => {
    const shown = new Set([...FRONT, ...BACK].map((one) => one.region));
    expect([...shown].sort()).toEqual(REGIONS.filter((region) => region !== "soft_tissue").sort());
  });
  test("has the patient's left at the right in front and at the left behind", () => {
    const across = (shapes: typeof FRONT, region: string): number => shapes.find((one) => one.region === region)!.at[0];
    expect(across(FRONT, "femur_left")).toBeGreaterThan(across(FRONT, "femur_right"));
    expect(across(BACK, "femur_left")).toBeLessThan(across(BACK, "femur_right"));
  });
  test("fits its frame", () => {
    for (const { at, path } of [...FRONT, ...BACK]) {
      expect(at[0]).toBeGreaterThan(0);
      expect(at[0]).toBeLessThan(FIGURE_WIDTH);
      expect(at[1]).toBeLessThan(FIGURE_HEIGHT);
      expect(path).not.toContain("NaN");
    }
  });
});
