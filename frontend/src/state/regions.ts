/** Which skeletal region lies at a place of an image, as the server proposes it. */

import type { RegionsAnswer } from "../api/answers";

const OUTSIDE = 255;

export interface RegionMap {
  stepMm: number;
  rows: number;
  columns: number;
  regions: readonly string[];
  first: Uint8Array;
  second: Uint8Array;
}

export function readRegionMaps(answer: RegionsAnswer): Map<string, RegionMap> {
  return new Map(
    answer.maps.map((one) => [
      one.image,
      {
        stepMm: one.step_mm,
        rows: one.rows,
        columns: one.columns,
        regions: one.regions,
        first: decode(one.first),
        second: decode(one.second),
      },
    ]),
  );
}

/** Return the regions at a position (mm, as stored), the likeliest first; none where nothing is known. */
export function regionsAt(map: RegionMap | undefined, xMm: number, yMm: number): string[] {
  if (!map) return [];
  const column = Math.round(xMm / map.stepMm);
  const row = Math.round(yMm / map.stepMm);
  if (row < 0 || column < 0 || row >= map.rows || column >= map.columns) return [];
  const place = row * map.columns + column;
  const found = [map.first[place], map.second[place]].flatMap((index) => {
    const region = index === undefined || index === OUTSIDE ? undefined : map.regions[index];
    return region === undefined ? [] : [region];
  });
  return [...new Set(found)];
}

function decode(base64: string): Uint8Array {
  const bytes = atob(base64);
  return Uint8Array.from(bytes, (one) => one.charCodeAt(0));
}
