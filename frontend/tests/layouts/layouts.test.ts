import { describe, expect, test } from "vitest";
import type { ImageKind, View } from "../../src/api/answers";
import { chooseLayout, hang } from "../../src/layouts";
import type { LoadedImage, Pictures } from "../../src/state/bundles";

function image(kind: ImageKind, view: View | null = null): LoadedImage {
  return {
    image: view ? `${kind}-${view}` : kind,
    kind,
    view,
    left_at: null,
    rows: 1,
    columns: 1,
    frames: 1,
    spacing_mm: [1, 1],
    placement: null,
    slope: 1,
    intercept: 0,
    levels: [],
    flags: [],
    pixels: new Uint16Array(1),
  };
}

const planar: Pictures = { state: "ready", images: [image("planar", "posterior"), image("planar", "anterior")] };
const deep: Pictures = { state: "ready", images: [...planar.images, image("spect"), image("ct")] };
const names = (pictures: Pictures, before: Pictures | null, spect = false): string[] =>
  hang(chooseLayout(pictures, before, spect), pictures, before).map(
    (pane) => `${pane.source} ${pane.images.map((one) => one.image).join("+")}`,
  );

describe("hanging protocols", () => {
  test("anterior left, posterior right, whatever order they came in", () => {
    expect(names(planar, null)).toEqual(["this planar-anterior", "this planar-posterior"]);
  });
  test("a follow-up stands beside the earlier scan", () => {
    expect(names(planar, planar)).toEqual([
      "earlier planar-anterior",
      "earlier planar-posterior",
      "this planar-anterior",
      "this planar-posterior",
    ]);
  });
  test("SPECT/CT is the third pane, when it is wanted and there", () => {
    expect(names(deep, null, true)).toEqual(["this planar-anterior", "this planar-posterior", "this spect+ct"]);
    expect(names(deep, null, false)).toHaveLength(2);
    expect(names(planar, null, true)).toHaveLength(2);
  });
  test("one view alone, and spots alone, are shown", () => {
    expect(names({ ...planar, images: planar.images.slice(1) }, null)).toEqual(["this planar-anterior"]);
    const spots: Pictures = { state: "ready", images: [image("spot", "anterior"), { ...image("spot", "anterior"), image: "spot-anterior-2" }] };
    expect(names(spots, null)).toEqual(["this spot-anterior", "this spot-anterior-2"]);
  });
});
