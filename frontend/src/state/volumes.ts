/** Volumes as the viewer takes them. */

import type { Vector, Volume } from "../viewer/geometry";
import type { LoadedImage } from "./bundles";

/** Return the volume of a SPECT or CT, null where nobody said where it lies. */
export function volumeOf(image: LoadedImage): Volume | null {
  const { placement, spacing_mm: spacing } = image;
  if (!placement || !spacing) return null;
  return {
    frames: image.frames,
    rows: image.rows,
    columns: image.columns,
    placement: {
      originMm: vector(placement.origin_mm),
      rowDirection: vector(placement.row_direction),
      columnDirection: vector(placement.column_direction),
      stepMm: vector(placement.step_mm),
    },
    spacingMm: [spacing[0] ?? 1, spacing[1] ?? 1],
    slope: image.slope,
    intercept: image.intercept,
    pixels: image.pixels,
  };
}

function vector([x = 0, y = 0, z = 0]: readonly number[]): Vector {
  return [x, y, z];
}
