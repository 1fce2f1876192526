/** What is drawn on the images: marks, their counterparts on the other view, proposals. */

import type { MarkAnswer, PriorMark, ProposalAnswer } from "../api/answers";
import type { LoadedImage } from "./bundles";
import { listPending, type Content } from "./draft";
import { seenOn, type Place } from "./places";

export type ShownKind = "focal" | "diffuse" | "counterpart" | "proposal" | "earlier" | "first" | "second" | "third";

export interface ShownMark {
  id: string;
  kind: ShownKind;
  label: string;
  /** Name of the image within its case, and whether that is the earlier case. */
  image: string;
  earlier: boolean;
  xMm: number;
  yMm: number;
  zMm: number | null;
  /** Of the circle within which the place is expected; null for what was pointed at. */
  radiusMm: number | null;
}

const SAME = 1e-6;

/** Return the conjugate view of a whole-body view: the same matrix, seen from the other side. */
export function findConjugate(image: LoadedImage, images: readonly LoadedImage[]): LoadedImage | null {
  const other = image.view === "anterior" ? "posterior" : "anterior";
  return (
    images.find(
      (one) =>
        image.kind === "planar" &&
        one.kind === "planar" &&
        one.view === other &&
        one.rows === image.rows &&
        one.columns === image.columns &&
        isNear(one.spacing_mm, image.spacing_mm),
    ) ?? null
  );
}

/** Return the x at which a place of one view lies on its conjugate. */
export function mirrorX(xMm: number, image: LoadedImage, conjugate: LoadedImage): number {
  if (image.left_at === conjugate.left_at) return xMm;
  return (image.columns - 1) * (image.spacing_mm?.[1] ?? 0) - xMm;
}

/** Return the marks of a read, each with its counterpart on the other view. */
export function showMarks(marks: readonly MarkAnswer[], images: readonly LoadedImage[]): ShownMark[] {
  return marks.flatMap((mark) => {
    const image = images.find((one) => one.image === mark.image);
    if (!image || mark.x_mm === null || mark.y_mm === null) return [];
    const own: ShownMark = {
      id: mark.mark,
      kind: mark.pattern,
      label: mark.mark,
      image: image.image,
      earlier: false,
      xMm: mark.x_mm,
      yMm: mark.y_mm,
      zMm: mark.z_mm,
      radiusMm: null,
    };
    const conjugate = findConjugate(image, images);
    if (!conjugate) return [own];
    const there = mark.seen_on.includes(seenOn(conjugate));
    const other = { ...own, image: conjugate.image, xMm: mirrorX(own.xMm, image, conjugate) };
    return [own, { ...other, kind: there ? own.kind : ("counterpart" as const) }];
  });
}

/** Return the places whose region is asked for. */
export function showPlaces(places: readonly Place[]): ShownMark[] {
  return places.map(({ image, x_mm, y_mm, z_mm }) => ({
    id: "?", kind: "focal", label: "?", image, earlier: false, xMm: x_mm, yMm: y_mm, zMm: z_mm, radiusMm: null,
  }));
}

/** Return where prior marks that wait are expected, and where they were on the earlier scan. */
export function showProposals(
  content: Content,
  priors: readonly PriorMark[],
  proposals: readonly ProposalAnswer[],
): ShownMark[] {
  const pending = new Set(listPending(content, priors).map((one) => one.mark));
  const expected = proposals
    .filter((one) => pending.has(one.from_mark))
    .map((one) => ({ ...proposalPlace(one), kind: "proposal" as const, earlier: false, radiusMm: one.error_mm }));
  const before = priors.flatMap((one) =>
    one.image === null || one.x_mm === null || one.y_mm === null
      ? []
      : [{ id: one.mark, kind: "earlier" as const, label: one.mark, image: one.image, earlier: true, xMm: one.x_mm, yMm: one.y_mm, zMm: one.z_mm, radiusMm: null }],
  );
  return [...expected, ...before];
}

function proposalPlace(one: ProposalAnswer) {
  return { id: one.from_mark, label: one.from_mark, image: one.image, xMm: one.x_mm, yMm: one.y_mm, zMm: one.z_mm };
}

function isNear(one: readonly number[] | null, other: readonly number[] | null): boolean {
  if (!one || !other) return false;
  return one.every((value, place) => Math.abs(value - (other[place] ?? NaN)) <= SAME * value);
}
