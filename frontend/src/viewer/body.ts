/** Where the body lies on a projection: a child fills less than half of a whole-body field. */

import { clamp, extentOf, middleOf, type Box, type Planar } from "./geometry";

const BLOCK = 8;
const CLASSES = 64;
/** Counts per pixel from which their logarithm is taken: liver and bladder must not set the limit. */
const LEAST_COUNTS = 0.25;
/** Head and feet are fainter than the limit between body and background. */
const FAINT = 1 / 3;
const MARGIN_MM = 30;
const SAME = 1 - 1e-9;

const known = new WeakMap<Uint16Array, Box>();

/** Return the box around the body with a margin; that of the image where no body stands out. */
export function findBody(image: Planar): Box {
  const found = known.get(image.pixels) ?? search(image);
  known.set(image.pixels, found);
  return found;
}

/** Return the boxes of one body on several views: equally high, and equally far to each side of the patient. */
export function frameBody(images: readonly Planar[]): Box[] {
  const boxes = images.map((image) => ({ image, box: findBody(image), middle: middleOf(extentOf(image)).xMm }));
  const top = Math.min(...boxes.map(({ box }) => box.top));
  const bottom = Math.max(...boxes.map(({ box }) => box.bottom));
  const away = boxes.map(({ image, box, middle }) =>
    isTurned(image, images) ? [middle - box.right, middle - box.left] : [box.left - middle, box.right - middle],
  );
  const from = Math.min(...away.map(([one = 0]) => one));
  const to = Math.max(...away.map(([, one = 0]) => one));
  return boxes.map(({ image, middle }) =>
    isTurned(image, images)
      ? { left: middle - to, right: middle - from, top, bottom }
      : { left: middle + from, right: middle + to, top, bottom },
  );
}

function isTurned(image: Planar, images: readonly Planar[]): boolean {
  const first = images[0]?.leftAt ?? null;
  return first !== null && image.leftAt !== null && image.leftAt !== first;
}

function search(image: Planar): Box {
  const across = Math.ceil(image.columns / BLOCK);
  const blocks = meanBlocks(image, across);
  const limit = findLimit(blocks) * FAINT;
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  blocks.forEach((mean, place) => {
    if (!(mean > limit)) return;
    const [column, row] = [place % across, Math.floor(place / across)];
    [left, right] = [Math.min(left, column), Math.max(right, column + 1)];
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row + 1)];
  });
  const whole = extentOf(image);
  if (left === Infinity) return whole;
  const [down, over] = [image.spacingMm[0] * BLOCK, image.spacingMm[1] * BLOCK];
  return {
    left: clamp(left * over - MARGIN_MM, whole.left, whole.right),
    right: clamp(right * over + MARGIN_MM, whole.left, whole.right),
    top: clamp(top * down - MARGIN_MM, whole.top, whole.bottom),
    bottom: clamp(bottom * down + MARGIN_MM, whole.top, whole.bottom),
  };
}

function meanBlocks(image: Planar, across: number): Float64Array {
  const blocks = new Float64Array(across * Math.ceil(image.rows / BLOCK));
  for (let row = 0; row < image.rows; row++) {
    const first = Math.floor(row / BLOCK) * across;
    for (let column = 0; column < image.columns; column++) {
      const block = first + Math.floor(column / BLOCK);
      const stored = image.pixels[row * image.columns + column] ?? 0;
      blocks[block] = (blocks[block] ?? 0) + stored / (BLOCK * BLOCK);
    }
  }
  return blocks;
}

/** Return the limit that parts means best into two classes (Otsu 1979), on a logarithmic scale. */
function findLimit(means: Float64Array): number {
  const logs = means.map((mean) => Math.log1p(mean / LEAST_COUNTS));
  const width = logs.reduce((one, other) => Math.max(one, other), 0) / CLASSES;
  const classes = new Array<number>(CLASSES).fill(0);
  for (const one of logs) {
    const place = Math.min(Math.floor(one / width) || 0, CLASSES - 1);
    classes[place] = (classes[place] ?? 0) + 1;
  }
  return Math.expm1(parting(classes) * width) * LEAST_COUNTS;
}

/** Return how many of the lowest classes are one of the two; of equally good answers, the middle one. */
function parting(classes: readonly number[]): number {
  const all = classes.reduce((sum, one) => sum + one, 0);
  const total = classes.reduce((sum, one, place) => sum + one * place, 0);
  let [below, sum] = [0, 0];
  const between = classes.map((count, place) => {
    below += count;
    sum += count * place;
    return (total * below - sum * all) ** 2 / (below * (all - below)) || 0;
  });
  const best = Math.max(...between) * SAME;
  return 1 + (between.findIndex((one) => one >= best) + between.findLastIndex((one) => one >= best)) / 2;
}
