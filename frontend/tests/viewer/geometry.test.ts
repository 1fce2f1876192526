import { describe, expect, it } from "vitest";
import {
  apply,
  boundsOf,
  extentOf,
  holds,
  invert,
  middleOf,
  mmToVoxels,
  pixelOf,
  placeOf,
  voxelsToMm,
  type Vector,
} from "../../src/viewer/geometry";
import { between, draws, placement, planar, volume } from "./examples";

function expectNear(one: Vector, other: Vector, digits = 6): void {
  one.forEach((value, axis) => expect(value).toBeCloseTo(other[axis] ?? NaN, digits));
}

describe("a projection", () => {
  const image = planar({ rows: 4, columns: 3, spacingMm: [2, 5] });

  it("counts millimetres from the centre of its first pixel", () => {
    expect(placeOf(image, 3, 2)).toEqual({ xMm: 10, yMm: 6 });
    expect(pixelOf(image, { xMm: 10, yMm: 6 })).toEqual({ row: 3, column: 2 });
  });

  it("reaches half a pixel beyond its outermost centres", () => {
    expect(extentOf(image)).toEqual({ left: -2.5, right: 12.5, top: -1, bottom: 7 });
    expect(middleOf(extentOf(image))).toEqual({ xMm: 5, yMm: 3 });
    expect(holds(extentOf(image), { xMm: 12.4, yMm: -0.9 })).toBe(true);
    expect(holds(extentOf(image), { xMm: 12.6, yMm: 0 })).toBe(false);
  });
});

describe("a volume", () => {
  it("has its voxels where slices step downwards", () => {
    const map = voxelsToMm(volume());
    expectNear(apply(map, [0, 0, 0]), [-147.6, -105.6, 334.8]);
    expectNear(apply(map, [1, 2, 3]), [-142.8, -96, 320.4]);
  });

  it("takes rows along the column direction and columns along the row direction", () => {
    const one = volume({
      spacingMm: [2, 3],
      placement: { originMm: [0, 0, 0], rowDirection: [0, 1, 0], columnDirection: [0, 0, -1], stepMm: [-7, 0, 0] },
    });
    expectNear(apply(voxelsToMm(one), [1, 0, 0]), [0, 3, 0]);
    expectNear(apply(voxelsToMm(one), [0, 1, 0]), [0, 0, -2]);
    expectNear(apply(voxelsToMm(one), [0, 0, 1]), [-7, 0, 0]);
  });

  it("gives back the voxel of a position, in any direction and with any sign of the step", () => {
    const draw = draws(1);
    for (let time = 0; time < 200; time++) {
      const one = volume({ placement: placement(draw), spacingMm: [between(draw, 1, 6), between(draw, 1, 6)] });
      const voxel: Vector = [between(draw, -9, 90), between(draw, -9, 90), between(draw, -9, 90)];
      expectNear(apply(mmToVoxels(one), apply(voxelsToMm(one), voxel)), voxel);
    }
  });

  it("of one slice is as thick as a millimetre", () => {
    const one = volume({ frames: 1, placement: { ...volume().placement, stepMm: [0, 0, 0] } });
    expectNear(apply(mmToVoxels(one), [-147.6, -105.6, 336.8]), [0, 0, 2]);
  });

  it("is bounded by the outer sides of its voxels", () => {
    const [least, greatest] = boundsOf(volume());
    expectNear(least, [-150, -108, 308.4]);
    expectNear(greatest, [-130.8, -84, 337.2]);
  });

  it("cannot be turned round where its directions lie in one plane", () => {
    expect(() => invert([1, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1])).toThrow(RangeError);
  });
});
