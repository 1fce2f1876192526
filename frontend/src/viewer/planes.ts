/** Axial, coronal and sagittal planes of a patient on one pane, in the radiological convention. */

import type { Pane, Point } from "./camera2d";
import { clamp, voxelsToMm, type Vector, type Volume } from "./geometry";

export type Plane = "axial" | "coronal" | "sagittal";
type Axis = 0 | 1 | 2;

/** Axes of LPS that run to the right and downwards on the screen, and through it; the head is up in upright planes. */
interface Axes {
  across: Axis;
  down: Axis;
  downwards: 1 | -1;
  through: Axis;
}

/** LPS x grows to the patient's left, which is the viewer's right; sagittal planes look from the patient's left. */
const AXES: Record<Plane, Axes> = {
  axial: { across: 0, down: 1, downwards: 1, through: 2 },
  coronal: { across: 0, down: 2, downwards: -1, through: 1 },
  sagittal: { across: 1, down: 2, downwards: -1, through: 0 },
};

export type Bounds = readonly [Vector, Vector];

/** What planes show: through which position, which planes in which order, and how much larger than to fit. */
export interface PlanesState {
  cursorMm: Vector;
  planes: readonly Plane[];
  zoom: number;
}

/** One plane on its tile; CSS pixels of the pane. */
export interface PlaneView {
  plane: Plane;
  left: number;
  top: number;
  width: number;
  height: number;
  /** In the middle of the tile. */
  centreMm: Vector;
  pixelsPerMm: number;
}

const GAP = 2;

/** Return the planes with their tiles: in the rows in which they are largest, all on one scale. */
export function layPlanes(state: PlanesState, bounds: Bounds, pane: Pane): PlaneView[] {
  const choices = rowsOf(state.planes).map((rows) => ({ rows, scale: scaleOf(rows, bounds, pane) }));
  const best = choices.reduce((one, other) => (other.scale > one.scale ? other : one));
  const pixelsPerMm = best.scale * state.zoom;
  return tile(best.rows, bounds, pane).map((one) => ({
    ...one,
    pixelsPerMm,
    centreMm: centreOf(one, state.cursorMm, bounds, pixelsPerMm),
  }));
}

export function planePoint(view: PlaneView, mm: Vector): Point {
  const { across, down, downwards } = AXES[view.plane];
  return {
    x: view.left + view.width / 2 + (mm[across] - view.centreMm[across]) * view.pixelsPerMm,
    y: view.top + view.height / 2 + (mm[down] - view.centreMm[down]) * view.pixelsPerMm * downwards,
  };
}

/** Return the position under a point; across the plane it is that of the plane. */
export function planeMm(view: PlaneView, point: Point): Vector {
  const { across, down, downwards } = AXES[view.plane];
  const x = (point.x - view.left - view.width / 2) / view.pixelsPerMm;
  const y = ((point.y - view.top - view.height / 2) / view.pixelsPerMm) * downwards;
  return move(move(view.centreMm, across, x), down, y);
}

export function viewAt(views: readonly PlaneView[], { x, y }: Point): PlaneView | null {
  const isIn = (one: PlaneView): boolean =>
    x >= one.left && x < one.left + one.width && y >= one.top && y < one.top + one.height;
  return views.find(isIn) ?? null;
}

/** Return how far a position lies off a plane, in mm. */
export function offPlane(view: PlaneView, mm: Vector): number {
  const { through } = AXES[view.plane];
  return Math.abs(mm[through] - view.centreMm[through]);
}

/** Return the cursor some voxels further through a plane: towards the feet, the back or the patient's right. */
export function scroll(cursor: Vector, plane: Plane, voxels: number, volume: Volume, bounds: Bounds): Vector {
  const { through } = AXES[plane];
  const away = voxels * stepAlong(volume, through) * (through === 1 ? 1 : -1);
  return keepIn(move(cursor, through, away), bounds);
}

export function keepIn(mm: Vector, [least, greatest]: Bounds): Vector {
  const at = (axis: Axis): number => clamp(mm[axis], least[axis], greatest[axis]);
  return [at(0), at(1), at(2)];
}

export function middleOfBounds([least, greatest]: Bounds): Vector {
  const at = (axis: Axis): number => (least[axis] + greatest[axis]) / 2;
  return [at(0), at(1), at(2)];
}

/** A tile in device pixels, and the positions that it shows from its top left along both sides. */
export interface Patch {
  left: number;
  top: number;
  width: number;
  height: number;
  origin: Vector;
  across: Vector;
  down: Vector;
}

/** Return the device pixels of a tile. */
export function patchOf(view: PlaneView, ratio: number): Patch {
  const [left, top] = [Math.round(view.left * ratio), Math.round(view.top * ratio)];
  const width = Math.round((view.left + view.width) * ratio) - left;
  const height = Math.round((view.top + view.height) * ratio) - top;
  const at = (x: number, y: number): Vector => planeMm(view, { x: x / ratio, y: y / ratio });
  const origin = at(left, top);
  const away = (to: Vector): Vector => [to[0] - origin[0], to[1] - origin[1], to[2] - origin[2]];
  return { left, top, width, height, origin, across: away(at(left + width, top)), down: away(at(left, top + height)) };
}

function stepAlong(volume: Volume, axis: Axis): number {
  const map = voxelsToMm(volume);
  return Math.max(...[0, 4, 8].map((start) => Math.abs(map[start + axis] ?? 0)));
}

/** All orders of rows worth a try: one row, one column, and two above the rest. */
function rowsOf(planes: readonly Plane[]): (readonly Plane[])[][] {
  const column = planes.map((one) => [one]);
  const both = planes.length > 2 ? [[planes.slice(0, 2), planes.slice(2)]] : [];
  return [[planes], column, ...both];
}

function sizeOf(plane: Plane, [least, greatest]: Bounds): { wide: number; high: number } {
  const { across, down } = AXES[plane];
  return { wide: greatest[across] - least[across], high: greatest[down] - least[down] };
}

function wideOf(row: readonly Plane[], bounds: Bounds): number {
  return row.reduce((sum, plane) => sum + sizeOf(plane, bounds).wide, 0);
}

function highOf(row: readonly Plane[], bounds: Bounds): number {
  return Math.max(...row.map((plane) => sizeOf(plane, bounds).high));
}

function scaleOf(rows: readonly (readonly Plane[])[], bounds: Bounds, pane: Pane): number {
  const wide = rows.map((row) => (pane.width - GAP * (row.length - 1)) / wideOf(row, bounds));
  const high = rows.reduce((sum, row) => sum + highOf(row, bounds), 0);
  return Math.max(Math.min(...wide, (pane.height - GAP * (rows.length - 1)) / high), 0);
}

type Tile = Omit<PlaneView, "centreMm" | "pixelsPerMm">;

/** Share a pane among planes, by their sizes. */
function tile(rows: readonly (readonly Plane[])[], bounds: Bounds, pane: Pane): Tile[] {
  const high = rows.reduce((sum, row) => sum + highOf(row, bounds), 0);
  const room = pane.height - GAP * (rows.length - 1);
  let top = 0;
  return rows.flatMap((row) => {
    const height = (room * highOf(row, bounds)) / high;
    const tiles = tileRow(row, bounds, pane.width, { top, height });
    top += height + GAP;
    return tiles;
  });
}

function tileRow(
  row: readonly Plane[],
  bounds: Bounds,
  width: number,
  place: { top: number; height: number },
): Tile[] {
  const room = width - GAP * (row.length - 1);
  let left = 0;
  return row.map((plane) => {
    const one = { plane, left, width: (room * sizeOf(plane, bounds).wide) / wideOf(row, bounds), ...place };
    left += one.width + GAP;
    return one;
  });
}

/** The cursor stands in the middle of a tile as far as no room is left empty beside the volume. */
function centreOf(one: Tile, cursor: Vector, [least, greatest]: Bounds, pixelsPerMm: number): Vector {
  const { across, down } = AXES[one.plane];
  const along = (axis: Axis, pixels: number): number => {
    const [from, to] = [least[axis], greatest[axis]];
    const half = Math.min(pixels / pixelsPerMm, to - from) / 2;
    return clamp(cursor[axis], from + half, to - half);
  };
  return move(
    move(cursor, across, along(across, one.width) - cursor[across]),
    down,
    along(down, one.height) - cursor[down],
  );
}

function move(mm: Vector, axis: Axis, by: number): Vector {
  const [x, y, z] = mm;
  return axis === 0 ? [x + by, y, z] : axis === 1 ? [x, y + by, z] : [x, y, z + by];
}
