import { describe, expect, test } from "vitest";
import type { LoadedImage } from "../../src/state/bundles";
import { Stage } from "../../src/state/stage";
import { toPlace } from "../../src/viewer/camera2d";

function image(view: "anterior" | "posterior", levels = [10, 20, 30, 40, 50, 60, 70]): LoadedImage {
  return {
    image: view,
    kind: "planar",
    view,
    left_at: view === "anterior" ? "right" : "left",
    rows: 100,
    columns: 50,
    frames: 1,
    spacing_mm: [4, 4],
    placement: null,
    slope: 1,
    intercept: 0,
    levels,
    flags: [],
    pixels: new Uint16Array(5000),
  };
}

const PANE = { width: 300, height: 600, ratio: 1 };

function stage(): Stage {
  const made = new Stage();
  made.add("a", "this", image("anterior"), PANE);
  made.add("p", "this", image("posterior"), PANE);
  made.add("e", "earlier", image("anterior", [1, 2, 3, 4, 5, 6, 7]), PANE);
  return made;
}

describe("a stage", () => {
  test("links views of one scan: the same height, the same side of the patient", () => {
    const made = stage();
    made.zoom("a", { x: 100, y: 100 }, 3);
    made.pan("a", { x: 30, y: -40 });
    const [front, back, earlier] = ["a", "p", "e"].map((id) => made.get(id)!);
    expect(back!.camera.pixelsPerMm).toBeCloseTo(front!.camera.pixelsPerMm);
    expect(back!.camera.centreMm.yMm).toBeCloseTo(front!.camera.centreMm.yMm);
    const width = 49 * 4;
    expect(back!.camera.centreMm.xMm).toBeCloseTo(width - front!.camera.centreMm.xMm);
    expect(earlier!.camera.pixelsPerMm).toBeCloseTo(front!.camera.pixelsPerMm);
  });

  test("keeps what lies under the pointer while zooming", () => {
    const made = stage();
    const at = { x: 120, y: 222 };
    const before = toPlace(made.get("a")!.camera, PANE, at);
    made.zoom("a", at, 2);
    const after = toPlace(made.get("a")!.camera, PANE, at);
    expect(after.xMm).toBeCloseTo(before.xMm);
    expect(after.yMm).toBeCloseTo(before.yMm);
  });

  test("shares grey levels in proportion to how each scan opens", () => {
    const made = stage();
    expect([made.window("a").upper, made.window("e").upper]).toEqual([40, 4]);
    made.step("darker");
    expect(made.window("p").upper).toBeCloseTo(30);
    expect(made.window("e").upper).toBeCloseTo(3);
    made.invert();
    expect(made.window("e").inverse).toBe(false);
  });

  test("fits whole bodies again when panes change, until somebody zooms", () => {
    const made = stage();
    const before = made.get("a")!.camera.pixelsPerMm;
    made.resize("a", { ...PANE, height: 300 });
    expect(made.get("a")!.camera.pixelsPerMm).toBeCloseTo(before / 2);
    made.zoom("a", { x: 1, y: 1 }, 4);
    const zoomed = made.get("a")!.camera.pixelsPerMm;
    made.resize("a", PANE);
    expect(made.get("a")!.camera.pixelsPerMm).toBe(zoomed);
  });

  test("tells those who listen, and mirrors posterior views alone", () => {
    const made = stage();
    let told = 0;
    const end = made.listen(() => told++);
    made.toggleMirror();
    end();
    made.toggleSmooth();
    expect(told).toBe(1);
    expect([made.get("a")!.camera.mirrored, made.get("p")!.camera.mirrored]).toEqual([false, true]);
  });
});
