/** Planes of volumes painted without WebGL. */

import type { Pane } from "./camera2d";
import { makeColourer, pack, type Look } from "./colours";
import { apply, type Affine, type Vector, type Volume } from "./geometry";
import { patchOf, type Patch, type PlaneView } from "./planes";

/** A volume with its map from LPS mm to (column, row, frame). */
export interface Mapped {
  volume: Volume;
  map: Affine;
}

/** A row of voxel positions: the first, and the step from one to the next. */
interface Line {
  start: Vector;
  step: Vector;
}

/** Paint planes by hand, as the shader does. */
export function paintPlanes(
  out: Uint32Array,
  size: { width: number; height: number },
  nuclear: Mapped,
  body: Mapped | null,
  shown: { state: Look; pane: Pane; views: readonly PlaneView[] },
): void {
  const look = shown.state;
  const colour = makeColourer(nuclear.volume, (body ?? nuclear).volume, look);
  out.fill(pack([0, 0, 0]));
  for (const view of shown.views) {
    const patch = patchOf(view, shown.pane.ratio);
    const counts = new Float32Array(patch.width);
    const units = new Float32Array(patch.width).fill(NaN);
    for (let y = 0; y < patch.height; y++) {
      sampleLine(counts, nuclear.volume, lineOf(patch, y, nuclear.map), look.smooth);
      if (body && look.colours !== "grey") sampleLine(units, body.volume, lineOf(patch, y, body.map), look.smooth);
      const start = (patch.top + y) * size.width + patch.left;
      for (let x = 0; x < patch.width; x++) out[start + x] = colour(counts[x] as number, units[x] as number);
    }
  }
}

/** Write stored values along a line of voxel positions, NaN outside the volume. */
export function sampleLine(out: Float32Array, volume: Volume, { start, step }: Line, smooth: boolean): void {
  const { columns, rows, frames } = volume;
  let [x, y, z] = start;
  for (let place = 0; place < out.length; place++) {
    const isIn = x >= -0.5 && y >= -0.5 && z >= -0.5 && x < columns - 0.5 && y < rows - 0.5 && z < frames - 0.5;
    out[place] = isIn ? (smooth ? between(volume, x, y, z) : nearest(volume, x, y, z)) : NaN;
    x += step[0];
    y += step[1];
    z += step[2];
  }
}

function nearest({ columns, rows, pixels }: Volume, x: number, y: number, z: number): number {
  return pixels[(Math.floor(z + 0.5) * rows + Math.floor(y + 0.5)) * columns + Math.floor(x + 0.5)] as number;
}

/** Trilinear; beyond the outermost centres the edge goes on. */
function between({ columns, rows, frames, pixels }: Volume, x: number, y: number, z: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const front = Math.floor(z);
  const x0 = left < 0 ? 0 : left;
  const x1 = left + 1 < columns ? left + 1 : left;
  const y0 = (top < 0 ? 0 : top) * columns;
  const y1 = (top + 1 < rows ? top + 1 : top) * columns;
  const near = (front < 0 ? 0 : front) * rows * columns;
  const far = (front + 1 < frames ? front + 1 : front) * rows * columns;
  const restX = x - left;
  const restY = y - top;
  const nearer = mix(alongRow(pixels, near + y0, x0, x1, restX), alongRow(pixels, near + y1, x0, x1, restX), restY);
  const farther = mix(alongRow(pixels, far + y0, x0, x1, restX), alongRow(pixels, far + y1, x0, x1, restX), restY);
  return mix(nearer, farther, z - front);
}

function alongRow(pixels: Uint16Array, row: number, one: number, other: number, rest: number): number {
  return mix(pixels[row + one] as number, pixels[row + other] as number, rest);
}

function mix(one: number, other: number, rest: number): number {
  return one + (other - one) * rest;
}

function lineOf(patch: Patch, y: number, map: Affine): Line {
  const at = (x: number): Vector => {
    const [right, down] = [x / patch.width, (y + 0.5) / patch.height];
    const mm = (axis: 0 | 1 | 2): number => patch.origin[axis] + right * patch.across[axis] + down * patch.down[axis];
    return apply(map, [mm(0), mm(1), mm(2)]);
  };
  const [first, second] = [at(0.5), at(1.5)];
  return { start: first, step: [second[0] - first[0], second[1] - first[1], second[2] - first[2]] };
}
