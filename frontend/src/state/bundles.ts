/** Everything of a case that its page shows, fetched once, and the next case before it is asked for. */

import { api, ApiError } from "../api/client";
import type { ImageAnswer, ImagesAnswer, ReadAnswer, RegionsAnswer } from "../api/answers";

export interface LoadedImage extends ImageAnswer {
  pixels: Uint16Array;
}

export interface Pictures {
  state: ImagesAnswer["state"];
  images: LoadedImage[];
}

export interface Bundle {
  read: ReadAnswer;
  pictures: Pictures;
  /** Of the earlier scan, in paired order. */
  before: Pictures | null;
}

const AGAIN_MS = 1000;
const KEPT = 4;
const pictures = new Map<string, Promise<Pictures>>();
const regions = new Map<string, Promise<RegionsAnswer>>();

/** Return what a case needs to be shown. The read is always fetched anew: it may have been changed elsewhere. */
export async function loadBundle(number: string): Promise<Bundle> {
  const [read, shown] = await Promise.all([api.read(number), loadPictures(number)]);
  return { read, pictures: shown, before: read.earlier === null ? null : await loadPictures(read.earlier) };
}

/** Fetch pictures and regions of a case that will probably be opened next, and have the server register it. */
export function prefetch(number: string, paired: boolean): void {
  void loadPictures(number).catch(() => undefined);
  void loadRegions(number).catch(() => undefined);
  if (paired) void api.proposals(number).catch(() => undefined); // its marks may still change
}

/** Return the images of a case; where they are being made, wait until they are. */
export function loadPictures(number: string): Promise<Pictures> {
  return remember(pictures, number, async () => {
    const answer = await api.images(number);
    const images = await Promise.all(
      answer.images.map(async (image) => ({ ...image, pixels: await api.pixels(number, image.image) })),
    );
    return { state: answer.state, images };
  });
}

/** Return the images of a case that were being made, once they are there. */
export async function awaitPictures(number: string, isWanted: () => boolean): Promise<Pictures> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    if (!isWanted()) throw new ApiError(0, "gone", "the page was left");
    const answer = await api.images(number);
    if (answer.state === "being_made") continue;
    for (const kept of [pictures, regions]) kept.delete(number);
    return loadPictures(number);
  }
}

export function loadRegions(number: string): Promise<RegionsAnswer> {
  return remember(regions, number, () => api.regions(number));
}

/** Forget everything, as whoever signs out expects. */
export function forgetBundles(): void {
  for (const kept of [pictures, regions]) kept.clear();
}

function remember<T>(kept: Map<string, Promise<T>>, number: string, load: () => Promise<T>): Promise<T> {
  const found = kept.get(number);
  if (found) return found;
  const begun = load();
  kept.set(number, begun);
  begun.catch(() => kept.delete(number));
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
  }
  return begun;
}
