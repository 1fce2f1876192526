/** Places that were pointed at: what a mark says of them, and which regions are proposed there. */

import type { MarkAnswer, SeenOn } from "../api/answers";
import type { LoadedImage } from "./bundles";
import { regionsAt, type RegionMap } from "./regions";

export interface PointedAt {
  image: LoadedImage;
  xMm: number;
  yMm: number;
  /** Of a place in a volume. */
  zMm: number | null;
}

export type Place = Pick<MarkAnswer, "view" | "seen_on"> & { image: string; x_mm: number; y_mm: number; z_mm: number | null };

/** Return on what a mark is seen that was pointed at on an image. */
export function seenOn(image: LoadedImage): SeenOn {
  if (image.kind === "spect" || image.kind === "ct") return "spect";
  if (image.kind === "spot") return "spot";
  return image.view === "posterior" ? "planar_post" : "planar_ant";
}

/** Return what a mark says of a place of an image (mm as stored; `zMm` in volumes). */
export function makePlace(image: LoadedImage, xMm: number, yMm: number, zMm: number | null): Place {
  return {
    image: image.image,
    view: image.kind === "planar" ? image.view : null,
    x_mm: round(xMm),
    y_mm: round(yMm),
    z_mm: zMm === null ? null : round(zMm),
    seen_on: [seenOn(image)],
  };
}

/** Return the regions that are proposed at a place, the likeliest first; none where nothing is known, or not yet. */
export function proposeRegions(
  maps: ReadonlyMap<string, RegionMap> | null,
  { image, x_mm, y_mm }: Pick<MarkAnswer, "image" | "x_mm" | "y_mm">,
): string[] {
  return image === null || x_mm === null || y_mm === null ? [] : regionsAt(maps?.get(image), x_mm, y_mm);
}

function round(mm: number): number {
  return Math.round(10 * mm) / 10;
}
