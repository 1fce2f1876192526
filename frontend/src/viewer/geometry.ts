/** Images with their geometry: from pixels and voxels to millimetres and back. */

export type Side = "left" | "right";
export type View = "anterior" | "posterior";
export type Vector = readonly [number, number, number];

/** A place of a projection: mm from the centre of the top-left stored pixel, x to the right, y down, as stored. */
export interface Place {
  xMm: number;
  yMm: number;
}

/** Sides of a rectangle of a projection, in mm as `Place`. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Counts of a projection; the value of a pixel is slope * stored + intercept. */
export interface Planar {
  rows: number;
  columns: number;
  /** Between rows and between columns. */
  spacingMm: readonly [number, number];
  slope: number;
  intercept: number;
  /** Side of the stored image on which the patient's left lies; null where nobody knows. */
  leftAt: Side | null;
  view: View | null;
  pixels: Uint16Array;
}

/** Where the slices of a volume lie, in patient (LPS) millimetres. */
export interface Placement {
  /** Centre of the first stored voxel. */
  originMm: Vector;
  /** Unit vectors along which the column index and the row index grow. */
  rowDirection: Vector;
  columnDirection: Vector;
  /** From one slice to the next as stored; zero where there is one slice. */
  stepMm: Vector;
}

export interface Volume {
  frames: number;
  rows: number;
  columns: number;
  placement: Placement;
  /** Between rows and between columns. */
  spacingMm: readonly [number, number];
  slope: number;
  intercept: number;
  pixels: Uint16Array;
}

/** 4x4 matrix of an affine map, column after column as WebGL takes it. */
export type Affine = readonly number[];

export function placeOf(image: Planar, row: number, column: number): Place {
  return { xMm: column * image.spacingMm[1], yMm: row * image.spacingMm[0] };
}

/** Return the pixel of a place, not rounded: centres of pixels are whole numbers. */
export function pixelOf(image: Planar, place: Place): { row: number; column: number } {
  return { row: place.yMm / image.spacingMm[0], column: place.xMm / image.spacingMm[1] };
}

/** Return the rectangle that an image covers: half a pixel beyond the outermost centres. */
export function extentOf(image: Planar): Box {
  const [down, across] = image.spacingMm;
  const [right, bottom] = [(image.columns - 0.5) * across, (image.rows - 0.5) * down];
  return { left: -across / 2, top: -down / 2, right, bottom };
}

export function middleOf(box: Box): Place {
  return { xMm: (box.left + box.right) / 2, yMm: (box.top + box.bottom) / 2 };
}

export function holds(box: Box, place: Place): boolean {
  return place.xMm >= box.left && place.xMm <= box.right && place.yMm >= box.top && place.yMm <= box.bottom;
}

/** Return the map from (column, row, frame) to LPS millimetres. */
export function voxelsToMm(volume: Volume): Affine {
  const { originMm, rowDirection, columnDirection, stepMm } = volume.placement;
  const step = stepMm.some((one) => one !== 0) ? stepMm : cross(rowDirection, columnDirection);
  return [
    ...scale(rowDirection, volume.spacingMm[1]),
    0,
    ...scale(columnDirection, volume.spacingMm[0]),
    0,
    ...step,
    0,
    ...originMm,
    1,
  ];
}

/** Return the map from LPS millimetres to (column, row, frame), not rounded. */
export function mmToVoxels(volume: Volume): Affine {
  return invert(voxelsToMm(volume));
}

export function apply(map: Affine, [x, y, z]: Vector): Vector {
  const at = (row: number): number =>
    pick(map, row) * x + pick(map, 4 + row) * y + pick(map, 8 + row) * z + pick(map, 12 + row);
  return [at(0), at(1), at(2)];
}

/** Return the inverse of an affine map; a map that flattens space has none. */
export function invert(map: Affine): Affine {
  const [a, b, c, from] = [0, 4, 8, 12].map((start) => vectorAt(map, start)) as [Vector, Vector, Vector, Vector];
  const [bc, ca, ab] = [cross(b, c), cross(c, a), cross(a, b)];
  const size = dot(a, bc);
  if (!(Math.abs(size) > 0)) throw new RangeError("the directions of the volume lie in one plane");
  const rows = [bc, ca, ab].map((one) => scale(one, 1 / size)) as [Vector, Vector, Vector];
  const column = (axis: 0 | 1 | 2): number[] => [...rows.map((row) => row[axis]), 0];
  return [...column(0), ...column(1), ...column(2), ...rows.map((row) => -dot(row, from)), 1];
}

/** Return the corners of a volume, half a voxel beyond the outermost centres, as least and greatest LPS millimetres. */
export function boundsOf(volume: Volume): readonly [Vector, Vector] {
  const map = voxelsToMm(volume);
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((corner) =>
    apply(map, [
      corner & 1 ? volume.columns - 0.5 : -0.5,
      corner & 2 ? volume.rows - 0.5 : -0.5,
      corner & 4 ? volume.frames - 0.5 : -0.5,
    ]),
  );
  const reach = (pickOne: (...all: number[]) => number): Vector => [
    pickOne(...corners.map((one) => one[0])),
    pickOne(...corners.map((one) => one[1])),
    pickOne(...corners.map((one) => one[2])),
  ];
  return [reach(Math.min), reach(Math.max)];
}

export function clamp(value: number, least: number, greatest: number): number {
  return Math.min(Math.max(value, least), greatest);
}

function pick(values: readonly number[], index: number): number {
  return values[index] ?? 0;
}

function vectorAt(map: Affine, start: number): Vector {
  return [pick(map, start), pick(map, start + 1), pick(map, start + 2)];
}

function scale(one: Vector, by: number): Vector {
  return [one[0] * by, one[1] * by, one[2] * by];
}

function dot(one: Vector, other: Vector): number {
  return one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
}

function cross(one: Vector, other: Vector): Vector {
  return [
    one[1] * other[2] - one[2] * other[1],
    one[2] * other[0] - one[0] * other[2],
    one[0] * other[1] - one[1] * other[0],
  ];
}
