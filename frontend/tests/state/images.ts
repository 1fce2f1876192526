/** An image of a case, without pixels. */

import type { LoadedImage } from "../../src/state/bundles";

export function image(said: Partial<LoadedImage>): LoadedImage {
  return {
    image: "planar-anterior", kind: "planar", view: "anterior", left_at: "right", rows: 1024, columns: 256, frames: 1,
    spacing_mm: [2, 2.4], placement: null, slope: 1, intercept: 0, levels: [], flags: [], pixels: new Uint16Array(0), ...said,
  };
}
