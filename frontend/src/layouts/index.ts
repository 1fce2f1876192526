/** Hanging protocols: which images stand where, as data. */

import type { LoadedImage, Pictures } from "../state/bundles";

export type Source = "this" | "earlier";

export type PaneSpec =
  | { show: "projection"; source: Source; kind: "planar" | "spot"; view: "anterior" | "posterior" }
  | { show: "fusion"; source: Source };

export interface Layout {
  id: "first_read" | "paired_follow_up" | "spect_ct" | "spots";
  panes: readonly PaneSpec[];
}

const ANTERIOR: PaneSpec = { show: "projection", source: "this", kind: "planar", view: "anterior" };
const POSTERIOR: PaneSpec = { show: "projection", source: "this", kind: "planar", view: "posterior" };

/** Anterior stands left, posterior right; what is earlier stands before what is read. */
export const LAYOUTS: Record<Layout["id"], Layout> = {
  first_read: { id: "first_read", panes: [ANTERIOR, POSTERIOR] },
  paired_follow_up: {
    id: "paired_follow_up",
    panes: [{ ...ANTERIOR, source: "earlier" }, { ...POSTERIOR, source: "earlier" }, ANTERIOR, POSTERIOR],
  },
  spect_ct: { id: "spect_ct", panes: [ANTERIOR, POSTERIOR, { show: "fusion", source: "this" }] },
  spots: {
    id: "spots",
    panes: [
      { show: "projection", source: "this", kind: "spot", view: "anterior" },
      { show: "projection", source: "this", kind: "spot", view: "posterior" },
    ],
  },
};

export interface Pane {
  source: Source;
  /** One projection, or a SPECT with the CT that lies over it. */
  images: readonly LoadedImage[];
  show: PaneSpec["show"];
}

/** Return the layout for what there is; `spect` says that the reader wants to see depth. */
export function chooseLayout(pictures: Pictures, before: Pictures | null, spect: boolean): Layout {
  if (spect && hasSpect(pictures)) return LAYOUTS.spect_ct;
  if (!pictures.images.some((one) => one.kind === "planar")) return LAYOUTS.spots;
  return before?.images.some((one) => one.kind === "planar") ? LAYOUTS.paired_follow_up : LAYOUTS.first_read;
}

export function hasSpect(pictures: Pictures): boolean {
  return pictures.images.some((one) => one.kind === "spect");
}

/** Return the panes of a layout with their images; a pane without one is left out, further images of its kind are added. */
export function hang(layout: Layout, pictures: Pictures, before: Pictures | null): Pane[] {
  return layout.panes.flatMap((spec): Pane[] => {
    const images = (spec.source === "this" ? pictures : before)?.images ?? [];
    if (spec.show === "fusion") {
      const volumes = ["spect", "ct"].flatMap((kind) => images.find((one) => one.kind === kind) ?? []);
      return volumes.length ? [{ source: spec.source, images: volumes, show: "fusion" }] : [];
    }
    const found = images.filter((one) => one.kind === spec.kind && one.view === spec.view);
    return found.map((image) => ({ source: spec.source, images: [image], show: "projection" }));
  });
}
