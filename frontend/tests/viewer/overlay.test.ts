import { describe, expect, it } from "vitest";
import { fit, type Pane } from "../../src/viewer/camera2d";
import { extentOf } from "../../src/viewer/geometry";
import { outlineOf, placeLabels, type DrawnMark, type MarkShape } from "../../src/viewer/marks";
import { markAt, placeMarks, sidesOf } from "../../src/viewer/overlay";
import { planar } from "./examples";

const PANE: Pane = { width: 400, height: 700, ratio: 1 };
const WITHIN = { left: 0, top: 0, width: 400, height: 700 };
const KINDS: MarkShape[] = ["focal", "diffuse", "counterpart", "proposal", "earlier", "first", "second", "third"];

function mark(x: number, y: number, changes: Partial<DrawnMark> = {}): DrawnMark {
  return { id: "1", kind: "focal", label: "1", radius: null, selected: false, x, y, ...changes };
}

describe("marks", () => {
  it("lie where the camera shows their place, proposals as large as their error", () => {
    const camera = fit(extentOf(planar()), PANE);
    const place = { kind: "proposal" as const, label: "3", xMm: 306, yMm: 1227.6, radiusMm: 40 };
    const [drawn] = placeMarks([{ id: "3", ...place }], camera, PANE, "3");
    expect(drawn?.x).toBeCloseTo(200);
    expect(drawn?.y).toBeCloseTo(350);
    expect(drawn?.radius).toBeCloseTo(40 * camera.pixelsPerMm);
    expect(drawn?.selected).toBe(true);
  });

  it("are hit within 24 pixels, the nearest first", () => {
    const marks = [mark(100, 100, { id: "a" }), mark(120, 100, { id: "b" })];
    expect(markAt(marks, { x: 108, y: 100 })?.id).toBe("a");
    expect(markAt(marks, { x: 112, y: 100 })?.id).toBe("b");
    expect(markAt(marks, { x: 100, y: 124 })?.id).toBe("a");
    expect(markAt(marks, { x: 100, y: 125 })).toBeNull();
    expect(markAt(marks, { x: 100, y: 110 }, 5)).toBeNull();
  });

  it("that lie at one place are hit from above", () => {
    expect(markAt([mark(5, 5, { id: "below" }), mark(5, 5, { id: "above" })], { x: 5, y: 5 })?.id).toBe("above");
  });

  it("are told apart by their shape, without colour", () => {
    const shapes = KINDS.filter((kind) => kind !== "proposal").map((kind) => outlineOf(kind, null));
    expect(new Set(shapes).size).toBe(KINDS.length - 1);
  });
});

describe("labels", () => {
  const measure = (text: string): number => text.length * 8;

  it("stand beside their mark, on the pane", () => {
    for (const [x, y] of [[5, 5], [395, 5], [5, 695], [395, 695], [200, 300]] as const) {
      const [label] = placeLabels([mark(x, y)], WITHIN, measure);
      expect(label?.x).toBeGreaterThanOrEqual(0);
      expect(label?.y).toBeGreaterThanOrEqual(0);
      expect((label?.x ?? NaN) + 8).toBeLessThanOrEqual(400);
      expect((label?.y ?? NaN) + 13).toBeLessThanOrEqual(700);
    }
  });

  it("do not cover each other where there is room", () => {
    const labels = placeLabels([mark(200, 300), mark(203, 302, { label: "2" })], WITHIN, measure);
    const [one, other] = labels;
    const apart = Math.abs((one?.x ?? 0) - (other?.x ?? 0)) >= 8 || Math.abs((one?.y ?? 0) - (other?.y ?? 0)) >= 13;
    expect(labels).toHaveLength(2);
    expect(apart).toBe(true);
  });

  it("of proposals ask", () => {
    const proposal = mark(90, 90, { kind: "proposal", label: "4", radius: 30 });
    expect(placeLabels([proposal], WITHIN, measure)[0]?.text).toBe("4?");
  });
});

describe("letters of the sides", () => {
  const words = { left: "L", right: "R" };

  it("follow the image and its mirror", () => {
    expect(sidesOf({ leftAt: "right" }, false, words)).toEqual({ left: "R", right: "L" });
    expect(sidesOf({ leftAt: "left" }, false, words)).toEqual({ left: "L", right: "R" });
    expect(sidesOf({ leftAt: "left" }, true, words)).toEqual({ left: "R", right: "L" });
  });

  it("are not there where nobody knows the sides", () => {
    expect(sidesOf({ leftAt: null }, false, words)).toBeNull();
  });
});
