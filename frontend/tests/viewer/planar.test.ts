import { describe, expect, it } from "vitest";
import { fit, toPlace, type Pane } from "../../src/viewer/camera2d";
import { pack, SURROUND } from "../../src/viewer/colours";
import { extentOf, pixelOf, type Planar } from "../../src/viewer/geometry";
import { paintPlanar, spansOf } from "../../src/viewer/planar";
import { greyOf, gainOf, type Window } from "../../src/viewer/window";
import { between, draws, planar } from "./examples";

const WINDOW: Window = { lower: 0, upper: 100, inverse: true, scale: "linear" };

function paint(image: Planar, pane: Pane, changes: { mirrored?: boolean; smooth?: boolean; window?: Window } = {}) {
  const [width, height] = [pane.width * pane.ratio, pane.height * pane.ratio];
  const out = new Uint32Array(width * height);
  const camera = fit(extentOf(image), pane, changes.mirrored ?? false);
  const [window, smooth] = [changes.window ?? WINDOW, changes.smooth ?? false];
  paintPlanar(out, width, height, image, { camera, pane, window, smooth });
  return { camera, at: (x: number, y: number): number => out[y * width + x] ?? NaN };
}

/** The grey that is packed in one pixel. */
function grey(packed: number): number {
  return packed & 255;
}

describe("a projection painted by hand", () => {
  const quarters = planar({ rows: 2, columns: 2, pixels: Uint16Array.of(0, 100, 50, 25) });
  const pane = { width: 8, height: 8, ratio: 1 };

  it("has its head up, its left where it is stored, and high counts black", () => {
    const { at } = paint(quarters, pane);
    expect([at(1, 1), at(6, 1), at(1, 6), at(6, 6)].map(grey)).toEqual([255, 0, 128, 191]);
  });

  it("exchanges its sides when mirrored, and its greys when not inverse", () => {
    expect(grey(paint(quarters, pane, { mirrored: true }).at(1, 1))).toBe(0);
    expect(grey(paint(quarters, pane, { window: { ...WINDOW, inverse: false } }).at(1, 1))).toBe(0);
  });

  it("is surrounded by neither black nor white", () => {
    const { at } = paint(quarters, { width: 20, height: 8, ratio: 1 });
    expect(at(0, 4)).toBe(pack(SURROUND));
    expect(at(19, 4)).toBe(pack(SURROUND));
    expect(grey(at(7, 1))).toBe(255);
  });

  it("keeps the proportions of pixels that are not square", () => {
    const image = planar({ rows: 4, columns: 2, spacingMm: [1, 2], pixels: new Uint16Array(8) });
    const { at } = paint(image, { width: 16, height: 8, ratio: 1 });
    expect([3, 4, 11, 12].map((x) => at(x, 4) === pack(SURROUND))).toEqual([true, false, false, true]);
  });

  it("covers as much with more device pixels", () => {
    const { at } = paint(quarters, { ...pane, ratio: 2 });
    expect([at(3, 3), at(12, 3)].map(grey)).toEqual([255, 0]);
  });

  it("interpolates counts, and only then makes greys of them", () => {
    const edge = planar({ rows: 1, columns: 2, spacingMm: [2, 1], pixels: Uint16Array.of(0, 400) });
    const { at } = paint(edge, pane, { smooth: true });
    // Three eighths of the way from 0 to 400 are beyond the upper level of 100; greys interpolated would not be black.
    expect(grey(at(3, 4))).toBe(0);
    expect(grey(at(0, 4))).toBe(255);
    expect(grey(paint(edge, pane, { smooth: false }).at(3, 4))).toBe(255);
  });

  it("shows at every point what the camera says lies there", () => {
    const draw = draws(6);
    const pixels = Uint16Array.from({ length: 600 }, () => draw() * 120);
    const image = planar({ rows: 30, columns: 20, spacingMm: [3, 2], pixels });
    const large = { width: 90, height: 140, ratio: 1 };
    const { camera, at } = paint(image, large, { mirrored: true });
    const { gain, offset } = gainOf(WINDOW, image);
    for (let time = 0; time < 200; time++) {
      const [x, y] = [Math.floor(between(draw, 0, 90)), Math.floor(between(draw, 0, 140))];
      const { row, column } = pixelOf(image, toPlace(camera, large, { x: x + 0.5, y: y + 0.5 }));
      const stored = image.pixels[Math.round(row) * 20 + Math.round(column)] ?? NaN;
      if (Math.round(row) < 0 || Math.round(row) > 29 || Math.round(column) < 0 || Math.round(column) > 19) continue;
      expect(Math.abs(grey(at(x, y)) - greyOf(gain * stored + offset, WINDOW) * 255)).toBeLessThanOrEqual(1);
    }
  });

  it("runs from edge to edge of what the pane shows", () => {
    const image = planar();
    const large = { width: 256, height: 1024, ratio: 1 };
    const [across, down] = spansOf(image, fit(extentOf(image), large), large);
    expect(across.start).toBeCloseTo(-0.5);
    expect(across.span).toBeCloseTo(256);
    expect(down.start).toBeCloseTo(-0.5);
    expect(down.span).toBeCloseTo(1024);
  });
});
