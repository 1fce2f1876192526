import { describe, expect, it } from "vitest";
import type { Point } from "../../src/viewer/camera2d";
import { makeColourer, makeTable, pack, SURROUND, type Colours, type Look } from "../../src/viewer/colours";
import { apply, boundsOf, mmToVoxels, voxelsToMm, type Vector, type Volume } from "../../src/viewer/geometry";
import { layPlanes, middleOfBounds, planePoint, type PlanesState } from "../../src/viewer/planes";
import { paintPlanes, sampleLine } from "../../src/viewer/sampling";
import { CT_WINDOWS, openWindow } from "../../src/viewer/window";
import { draws, placement, volume } from "./examples";

const LOOK: Look = {
  spect: { ...openWindow([100]), upper: 100 },
  ct: CT_WINDOWS.soft,
  colours: "grey",
  mix: 1,
  smooth: true,
};

function withHotVoxel(frame: number, row: number, column: number, changes: Partial<Volume> = {}): Volume {
  const made = volume({ frames: 12, rows: 10, columns: 8, ...changes });
  made.pixels[(frame * made.rows + row) * made.columns + column] = 1000;
  return made;
}

describe("sampling", () => {
  it("gives stored values at voxels and means between them", () => {
    const one = volume({ pixels: Uint16Array.from({ length: 120 }, (_, place) => place) });
    const out = new Float32Array(3);
    sampleLine(out, one, { start: [1, 2, 3], step: [0.5, 0, 0] }, true);
    expect([...out]).toEqual([69, 69.5, 70]);
    sampleLine(out, one, { start: [1, 2, 3], step: [0, 0.5, 0.5] }, true);
    expect([...out]).toEqual([69, 69 + 2 + 10, 69 + 4 + 20]);
    sampleLine(out, one, { start: [1.2, 2, 3], step: [0.5, 0, 0] }, false);
    expect([...out]).toEqual([69, 70, 70]);
  });

  it("says where there is nothing, and goes on to the outer sides of the voxels", () => {
    const one = volume({ pixels: new Uint16Array(120).fill(7) });
    const out = new Float32Array(4);
    sampleLine(out, one, { start: [-0.6, 0, 0], step: [0.2, 0, 0] }, true);
    expect([...out]).toEqual([NaN, 7, 7, 7]);
    sampleLine(out, one, { start: [3.4, -0.5, 5.4], step: [0.2, 0, 0] }, true);
    expect([...out]).toEqual([7, NaN, NaN, NaN]);
  });
});

describe("planes painted by hand", () => {
  const pane = { width: 300, height: 400, ratio: 1 };

  function paint(spect: Volume, ct: Volume | null, look: Look, cursorMm?: Vector) {
    const bounds = boundsOf(spect);
    const state: PlanesState & Look = {
      cursorMm: cursorMm ?? middleOfBounds(bounds),
      planes: ["coronal", "sagittal", "axial"],
      zoom: 1,
      ...look,
    };
    const views = layPlanes(state, bounds, pane);
    const out = new Uint32Array(pane.width * pane.height);
    const body = ct && { volume: ct, map: mmToVoxels(ct) };
    paintPlanes(out, pane, { volume: spect, map: mmToVoxels(spect) }, body, { state, pane, views });
    const at = ({ x, y }: Point): number => out[Math.floor(y) * pane.width + Math.floor(x)] ?? NaN;
    return { views, at };
  }

  it("show a hot voxel where it lies in the patient, whichever way slices are stored", () => {
    for (const step of [4.8, -4.8]) {
      const spect = withHotVoxel(9, 2, 1, {
        placement: { ...volume().placement, originMm: [-20, -30, 5], stepMm: [0, 0, step] },
      });
      const hot = apply(voxelsToMm(spect), [1, 2, 9]);
      const { views, at } = paint(spect, null, LOOK, hot);
      for (const view of views) {
        expect(at(planePoint(view, hot))).toBe(pack([0, 0, 0]));
        const beside: Vector = [hot[0] + 12, hot[1] + 12, hot[2] - Math.sign(step) * 12];
        expect(at(planePoint(view, beside))).toBe(pack([255, 255, 255]));
      }
    }
  });

  it("show it in grids that are turned", () => {
    const draw = draws(8);
    for (let time = 0; time < 20; time++) {
      const spect = withHotVoxel(5, 4, 3, { placement: placement(draw), spacingMm: [5, 6] });
      const hot = apply(voxelsToMm(spect), [3, 4, 5]);
      const { views, at } = paint(spect, null, LOOK, hot);
      for (const view of views) expect(at(planePoint(view, hot))).toBe(pack([0, 0, 0]));
    }
  });

  it("lay colours over the CT of another grid", () => {
    const spect = withHotVoxel(6, 5, 4);
    const hot = apply(voxelsToMm(spect), [4, 5, 6]);
    const ct = volume({
      frames: 60,
      rows: 60,
      columns: 60,
      spacingMm: [2, 2],
      placement: { ...volume().placement, originMm: [-180, -140, 260], stepMm: [0, 0, 2] },
      intercept: -1024,
      pixels: new Uint16Array(216000).fill(1064),
    });
    const { views, at } = paint(spect, ct, { ...LOOK, colours: "hot_iron" }, hot);
    const [coronal] = views;
    if (!coronal) throw new Error("no plane");
    expect(at(planePoint(coronal, hot))).toBe(pack([255, 255, 255]));
    expect(at(planePoint(coronal, [hot[0] - 13, hot[1], hot[2] + 13]))).toBe(pack([128, 128, 128]));
  });
});

describe("colours", () => {
  it("are those of DICOM PS3.6 B.1, to two levels", () => {
    // pydicom.pixel_data_handlers.util.apply_color_lut(palette="HOT_IRON"), then "HOT_METAL_BLUE"
    const known: Record<Colours, Record<number, readonly number[]>> = {
      hot_iron: { 32: [64, 0, 0], 96: [192, 0, 0], 160: [255, 64, 0], 192: [255, 128, 4], 224: [255, 192, 132] },
      hot_metal: { 32: [0, 0, 63], 96: [32, 0, 188], 128: [116, 17, 97], 160: [217, 77, 0], 224: [255, 198, 159] },
    };
    for (const colours of ["hot_iron", "hot_metal"] as const) {
      const table = makeTable(colours);
      for (const [place, colour] of Object.entries(known[colours])) {
        colour.forEach((level, channel) => {
          expect(Math.abs((table[Number(place) * 4 + channel] ?? NaN) - level)).toBeLessThanOrEqual(4);
        });
      }
      expect([...table.subarray(0, 4), ...table.subarray(1020)]).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
    }
  });

  it("let the CT through where counts are few, and leave it alone without a share", () => {
    const values = { slope: 1, intercept: 0 };
    const ct = { slope: 1, intercept: -1024 };
    const covered = makeColourer(values, ct, { ...LOOK, colours: "hot_iron" });
    expect(covered(0, 1064)).toBe(pack([128, 128, 128]));
    const bare = makeColourer(values, ct, { ...LOOK, colours: "hot_iron", mix: 0 });
    expect(bare(100, 1064)).toBe(pack([128, 128, 128]));
    expect(covered(NaN, 1064)).toBe(pack([128, 128, 128]));
    expect(covered(NaN, NaN)).toBe(pack(SURROUND));
    expect(covered(0, NaN)).toBe(pack([0, 0, 0]));
  });
});
