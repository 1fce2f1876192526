import { describe, expect, it } from "vitest";
import { findBody, frameBody } from "../../src/viewer/body";
import { extentOf, type Planar } from "../../src/viewer/geometry";
import { draws, planar } from "./examples";

/** A body of faint counts on less background, with a hot liver. */
function scan(left: number, right: number, changes: Partial<Planar> = {}): Planar {
  const draw = draws(5);
  const pixels = new Uint16Array(1024 * 256);
  for (let row = 0; row < 1024; row++) {
    for (let column = 0; column < 256; column++) {
      const isBody = row >= 300 && row < 700 && column >= left && column < right;
      const isLiver = isBody && row >= 420 && row < 470 && column < left + 40;
      pixels[row * 256 + column] = isLiver ? 400 : isBody ? 3 + 3 * draw() : Number(draw() < 0.02);
    }
  }
  return planar({ pixels, ...changes });
}

describe("the box around the body", () => {
  it("holds the body with a margin, whatever its hottest organ", () => {
    const box = findBody(scan(80, 176));
    expect(box.top).toBeLessThan(300 * 2.4 - 20);
    expect(box.top).toBeGreaterThan(300 * 2.4 - 60);
    expect(box.bottom).toBeGreaterThan(700 * 2.4 + 20);
    expect(box.bottom).toBeLessThan(700 * 2.4 + 60);
    expect(box.left).toBeCloseTo(80 * 2.4 - 30, -1);
    expect(box.right).toBeCloseTo(176 * 2.4 + 30, -1);
  });

  it("is that of the image where nothing stands out", () => {
    expect(findBody(planar())).toEqual(extentOf(planar()));
  });

  it("never leaves the image", () => {
    const image = planar({ rows: 60, columns: 40, pixels: new Uint16Array(2400).fill(9) });
    const [box, whole] = [findBody(image), extentOf(image)];
    expect(box.left).toBeGreaterThanOrEqual(whole.left);
    expect(box.bottom).toBeLessThanOrEqual(whole.bottom);
  });

  it("is mirrored between views with sides exchanged", () => {
    const front = scan(60, 160);
    const back = scan(96, 196, { leftAt: "left", view: "posterior" });
    const [one, other] = frameBody([front, back]);
    const middle = 255 * 1.2;
    expect(other?.right).toBeCloseTo(2 * middle - (one?.left ?? NaN));
    expect(other?.left).toBeCloseTo(2 * middle - (one?.right ?? NaN));
    expect([other?.top, other?.bottom]).toEqual([one?.top, one?.bottom]);
  });
});
