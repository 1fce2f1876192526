import { describe, expect, it } from "vitest";
import { makePlace, proposeRegions } from "../../src/state/places";
import { regionsAt, type RegionMap } from "../../src/state/regions";
import { showPlaces } from "../../src/state/shown";
import { image } from "./images";

const map: RegionMap = {
  stepMm: 10, rows: 2, columns: 2, regions: ["sternum", "sacrum"],
  first: Uint8Array.of(0, 1, 255, 1), second: Uint8Array.of(1, 1, 255, 255),
};

describe("a place that was pointed at", () => {
  it("says on which image and view it lies, in tenths of a millimetre", () => {
    expect(makePlace(image({ image: "planar-posterior", view: "posterior" }), 12.345, 6.78, null)).toEqual({
      image: "planar-posterior", view: "posterior", x_mm: 12.3, y_mm: 6.8, z_mm: null, seen_on: ["planar_post"],
    });
    expect(makePlace(image({ image: "spect", kind: "spect", view: null }), 1, 2, -3.04)).toMatchObject({ view: null, z_mm: -3, seen_on: ["spect"] });
  });

  it("has the regions of the map of its image, and none while there is no map", () => {
    const place = makePlace(image({ image: "planar-anterior", view: "anterior" }), 1, 1, null);
    const maps = new Map([["planar-anterior", map]]);
    expect(proposeRegions(maps, place)).toEqual(["sternum", "sacrum"]);
    expect(proposeRegions(maps, place)).toEqual(regionsAt(map, 1, 1));
    expect(proposeRegions(null, place)).toEqual([]);
    expect(proposeRegions(maps, { ...place, image: "spect" })).toEqual([]);
    expect(proposeRegions(maps, { image: null, x_mm: null, y_mm: null })).toEqual([]);
  });

  it("is drawn with a question mark while its region is asked for", () => {
    const place = makePlace(image({ image: "spect", kind: "spect", view: null }), 1, 2, 3);
    expect(showPlaces([place])).toMatchObject([{ label: "?", image: "spect", xMm: 1, yMm: 2, zMm: 3 }]);
  });
});
