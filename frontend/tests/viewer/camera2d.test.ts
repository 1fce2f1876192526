import { describe, expect, it } from "vitest";
import {
  fit,
  fitTogether,
  follow,
  keepOn,
  pan,
  toPlace,
  toScreen,
  zoomAt,
  type Camera,
  type Pane,
} from "../../src/viewer/camera2d";
import { extentOf } from "../../src/viewer/geometry";
import { between, draws, planar } from "./examples";

const PANE: Pane = { width: 400, height: 700, ratio: 2 };

function anyCamera(draw: () => number): Camera {
  return {
    centreMm: { xMm: between(draw, -50, 700), yMm: between(draw, -50, 2500) },
    pixelsPerMm: between(draw, 0.1, 20),
    mirrored: draw() < 0.5,
  };
}

describe("a camera", () => {
  it("finds the place under every point again", () => {
    const draw = draws(2);
    for (let time = 0; time < 300; time++) {
      const camera = anyCamera(draw);
      const point = { x: between(draw, -20, 420), y: between(draw, -20, 720) };
      const back = toScreen(camera, PANE, toPlace(camera, PANE, point));
      expect(back.x).toBeCloseTo(point.x, 6);
      expect(back.y).toBeCloseTo(point.y, 6);
    }
  });

  it("keeps what is under the pointer while zooming, mirrored or not", () => {
    const draw = draws(3);
    for (let time = 0; time < 300; time++) {
      const camera = anyCamera(draw);
      const point = { x: between(draw, 0, 400), y: between(draw, 0, 700) };
      const under = toPlace(camera, PANE, point);
      const after = toScreen(zoomAt(camera, PANE, point, between(draw, 0.3, 3)), PANE, under);
      expect(after.x).toBeCloseTo(point.x, 6);
      expect(after.y).toBeCloseTo(point.y, 6);
    }
  });

  it("moves the image with the pointer, mirrored or not", () => {
    for (const mirrored of [false, true]) {
      const camera = { centreMm: { xMm: 300, yMm: 1200 }, pixelsPerMm: 0.5, mirrored };
      const place = { xMm: 310, yMm: 1180 };
      const [before, after] = [toScreen(camera, PANE, place), toScreen(pan(camera, { x: 12, y: -7 }), PANE, place)];
      expect(after.x - before.x).toBeCloseTo(12);
      expect(after.y - before.y).toBeCloseTo(-7);
    }
  });

  it("fits all of an image, whatever its pixels", () => {
    const image = planar({ rows: 100, columns: 50, spacingMm: [2, 8] });
    const camera = fit(extentOf(image), PANE);
    expect(camera.pixelsPerMm).toBe(1);
    const corner = toScreen(camera, PANE, { xMm: -4, yMm: -1 });
    expect(corner).toEqual({ x: 0, y: 250 });
  });

  it("shows the patient's right where the left was when mirrored", () => {
    const camera = fit(extentOf(planar()), PANE, true);
    expect(toScreen(camera, PANE, { xMm: 0, yMm: 0 }).x).toBeGreaterThan(PANE.width / 2);
  });

  it("stays on the image", () => {
    const lost = { centreMm: { xMm: 9999, yMm: -9999 }, pixelsPerMm: 1e-9, mirrored: false };
    const kept = keepOn(lost, PANE, planar());
    const whole = fit(extentOf(planar()), PANE);
    expect(kept.centreMm.xMm).toBeCloseTo(613.2);
    expect(kept.centreMm.yMm).toBeCloseTo(-1.2);
    expect(kept.pixelsPerMm).toBeCloseTo(whole.pixelsPerMm / 2);
  });
});

describe("linked panes", () => {
  const [anterior, posterior] = [planar(), planar({ leftAt: "left", view: "posterior" })];

  it("are fitted with the zoom of the tightest", () => {
    const small = { ...PANE, height: 350 };
    const [one, other] = fitTogether([extentOf(anterior), extentOf(posterior)], [PANE, small]);
    expect(one?.pixelsPerMm).toBe(other?.pixelsPerMm);
    expect(one?.pixelsPerMm).toBeCloseTo(350 / 2457.6);
  });

  it("show the same side of the patient after a pan", () => {
    const moved = pan(fit(extentOf(anterior), PANE), { x: -40, y: 25 });
    const there = follow(moved, anterior, posterior, false);
    // 100 mm to the patient's left of the middle, which is mirrored from one view to the other.
    const middle = 255 * 1.2;
    const front = toScreen(moved, PANE, { xMm: middle + 100, yMm: 900 });
    const back = toScreen(there, PANE, { xMm: middle - 100, yMm: 900 });
    expect(front.x - PANE.width / 2).toBeCloseTo(PANE.width / 2 - back.x);
    expect(front.y).toBeCloseTo(back.y);
  });

  it("lie one over the other where the posterior view is mirrored", () => {
    const moved = zoomAt(fit(extentOf(anterior), PANE), PANE, { x: 90, y: 200 }, 2);
    const there = follow(moved, anterior, posterior, true);
    const middle = 255 * 1.2;
    const front = toScreen(moved, PANE, { xMm: middle + 60, yMm: 700 });
    const back = toScreen(there, PANE, { xMm: middle - 60, yMm: 700 });
    expect(back.x).toBeCloseTo(front.x);
    expect(back.y).toBeCloseTo(front.y);
  });

  it("come back to where they were", () => {
    const draw = draws(4);
    for (let time = 0; time < 50; time++) {
      const camera = { ...anyCamera(draw), mirrored: false };
      const back = follow(follow(camera, anterior, posterior, true), posterior, anterior, false);
      expect(back.centreMm.xMm).toBeCloseTo(camera.centreMm.xMm);
      expect(back.pixelsPerMm).toBe(camera.pixelsPerMm);
    }
  });

  it("move alike where nobody knows a side", () => {
    const camera = { centreMm: { xMm: 200, yMm: 0 }, pixelsPerMm: 1, mirrored: false };
    expect(follow(camera, anterior, planar({ leftAt: null }), false).centreMm.xMm).toBeCloseTo(200);
  });
});
