import { describe, expect, it } from "vitest";
import { boundsOf, type Vector } from "../../src/viewer/geometry";
import {
  keepIn,
  layPlanes,
  middleOfBounds,
  offPlane,
  patchOf,
  planeMm,
  planePoint,
  scroll,
  viewAt,
  type Bounds,
  type Plane,
  type PlaneView,
} from "../../src/viewer/planes";
import { between, draws, volume } from "./examples";

const BOUNDS: Bounds = [
  [-150, -108, -66],
  [196, 89, 337],
];
const PANE = { width: 620, height: 700, ratio: 1 };
const ALL: readonly Plane[] = ["coronal", "sagittal", "axial"];
const CURSOR: Vector = [20, -10, 130];

function lay(planes = ALL, zoom = 1, pane = PANE, cursorMm = CURSOR): Map<Plane, PlaneView> {
  return new Map(layPlanes({ cursorMm, planes, zoom }, BOUNDS, pane).map((view) => [view.plane, view]));
}

function view(plane: Plane, views = lay()): PlaneView {
  const found = views.get(plane);
  if (!found) throw new Error(`no ${plane} plane`);
  return found;
}

describe("planes", () => {
  it("show the patient's left at the right, the head at the top, the front at the top or the left", () => {
    const [left, head, front]: [Vector, Vector, Vector] = [[40, -10, 130], [20, -10, 150], [20, -30, 130]];
    const at = (plane: Plane, mm: Vector) => planePoint(view(plane), mm);
    for (const plane of ["axial", "coronal"] as const) expect(at(plane, left).x).toBeGreaterThan(at(plane, CURSOR).x);
    for (const plane of ["sagittal", "coronal"] as const) expect(at(plane, head).y).toBeLessThan(at(plane, CURSOR).y);
    expect(at("axial", front).y).toBeLessThan(at("axial", CURSOR).y);
    expect(at("sagittal", front).x).toBeLessThan(at("sagittal", CURSOR).x);
  });

  it("find the position under every point again, on the plane of the cursor", () => {
    const draw = draws(7);
    const views = layPlanes({ cursorMm: CURSOR, planes: ALL, zoom: 2.5 }, BOUNDS, PANE);
    for (let time = 0; time < 200; time++) {
      const point = { x: between(draw, 0, 620), y: between(draw, 0, 700) };
      const found = viewAt(views, point);
      if (!found) continue; // between two tiles
      const mm = planeMm(found, point);
      const back = planePoint(found, mm);
      expect(back.x).toBeCloseTo(point.x, 6);
      expect(back.y).toBeCloseTo(point.y, 6);
      expect(offPlane(found, mm)).toBeCloseTo(0);
    }
  });

  it("share one scale and fill the pane without covering each other", () => {
    const views = [...lay().values()];
    expect(new Set(views.map((one) => one.pixelsPerMm)).size).toBe(1);
    const area = views.reduce((sum, one) => sum + one.width * one.height, 0);
    expect(area).toBeGreaterThan(0.98 * 620 * 700);
    expect(area).toBeLessThanOrEqual(620 * 700);
    for (const one of views) expect(planePoint(one, [-150, -108, 337]).y).toBeGreaterThanOrEqual(one.top - 1e-6);
  });

  it("lie in a row on a wide pane and in a column on a high one", () => {
    const wide = lay(["coronal", "axial"], 1, { width: 1200, height: 400, ratio: 1 });
    expect(view("coronal", wide).top).toBe(view("axial", wide).top);
    const high = lay(["coronal", "axial"], 1, { width: 400, height: 900, ratio: 1 });
    expect(view("coronal", high).left).toBe(view("axial", high).left);
  });

  it("follow the cursor when zoomed, as far as they stay on the volume", () => {
    const corner = view("coronal", lay(ALL, 3, PANE, [-150, -10, 337]));
    expect(planePoint(corner, [-150, -10, 337]).x).toBeCloseTo(corner.left);
    expect(planePoint(corner, [-150, -10, 337]).y).toBeCloseTo(corner.top);
    const inside = view("coronal", lay(ALL, 6));
    expect(planePoint(inside, CURSOR).x).toBeCloseTo(inside.left + inside.width / 2);
  });

  it("are cut from the volume tile by tile", () => {
    const one = view("axial");
    const patch = patchOf(one, 2);
    expect(patch.width).toBe(Math.round(one.width * 2));
    expect(patch.across[0]).toBeCloseTo(patch.width / 2 / one.pixelsPerMm);
    expect(patch.down[1]).toBeCloseTo(patch.height / 2 / one.pixelsPerMm);
    expect(patch.origin[2]).toBe(130);
  });
});

describe("a cursor", () => {
  const spect = volume();
  const bounds = boundsOf(spect);
  const middle = middleOfBounds(bounds);

  it("scrolls by voxels towards the feet, the back and the patient's right", () => {
    expect(scroll(middle, "axial", 1, spect, bounds)[2]).toBeCloseTo(middle[2] - 4.8);
    expect(scroll(middle, "coronal", 1, spect, bounds)[1]).toBeCloseTo(middle[1] + 4.8);
    expect(scroll(middle, "sagittal", -1, spect, bounds)[0]).toBeCloseTo(middle[0] + 4.8);
  });

  it("stays in the volume", () => {
    expect(scroll(middle, "axial", 999, spect, bounds)[2]).toBeCloseTo(bounds[0][2]);
    expect(keepIn([999, 0, -999], BOUNDS)).toEqual([196, 0, -66]);
  });
});
