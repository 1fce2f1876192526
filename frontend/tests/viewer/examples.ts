/** Images and numbers that tests of the viewer draw. */

import type { Planar, Vector, Volume } from "../../src/viewer/geometry";

/** Return numbers from 0 to 1 that are the same in every run (mulberry32). */
export function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function between(draw: () => number, least: number, greatest: number): number {
  return least + (greatest - least) * draw();
}

export function planar(changes: Partial<Planar> = {}): Planar {
  const { rows = 1024, columns = 256 } = changes;
  return {
    rows,
    columns,
    spacingMm: [2.4, 2.4],
    slope: 1,
    intercept: 0,
    leftAt: "right",
    view: "anterior",
    pixels: new Uint16Array(rows * columns),
    ...changes,
  };
}

export function volume(changes: Partial<Volume> = {}): Volume {
  const { frames = 6, rows = 5, columns = 4 } = changes;
  return {
    frames,
    rows,
    columns,
    placement: {
      originMm: [-147.6, -105.6, 334.8],
      rowDirection: [1, 0, 0],
      columnDirection: [0, 1, 0],
      stepMm: [0, 0, -4.8],
    },
    spacingMm: [4.8, 4.8],
    slope: 1,
    intercept: 0,
    pixels: new Uint16Array(frames * rows * columns),
    ...changes,
  };
}

/** Return two unit vectors at right angles and a step along their normal, of either sign. */
export function placement(draw: () => number): Volume["placement"] {
  const [a, b, c] = [between(draw, 0, 6), between(draw, 0, 6), between(draw, 0, 6)];
  const row: Vector = [Math.cos(a) * Math.cos(b), Math.sin(a) * Math.cos(b), Math.sin(b)];
  const aside: Vector = [-Math.sin(a), Math.cos(a), 0];
  const normal: Vector = [-Math.cos(a) * Math.sin(b), -Math.sin(a) * Math.sin(b), Math.cos(b)];
  const turn = (one: number, other: number): Vector => [
    aside[0] * one + normal[0] * other,
    aside[1] * one + normal[1] * other,
    aside[2] * one + normal[2] * other,
  ];
  const [column, through] = [turn(Math.cos(c), Math.sin(c)), turn(-Math.sin(c), Math.cos(c))];
  const size = between(draw, 1, 8) * (draw() < 0.5 ? -1 : 1);
  return {
    originMm: [between(draw, -300, 300), between(draw, -300, 300), between(draw, -300, 300)],
    rowDirection: row,
    columnDirection: column,
    stepMm: [through[0] * size, through[1] * size, through[2] * size],
  };
}
