/** The projections on the screen: they share zoom, place and grey levels, so that what is changed in one changes in all. */

import { fitTogether, follow, keepOn, pan, zoomAt, type Camera, type Pane, type Point } from "../viewer/camera2d";
import { frameBody } from "../viewer/body";
import { extentOf, type Box, type Planar } from "../viewer/geometry";
import {
  dragWindow,
  invert,
  nextScale,
  openWindow,
  stepLevel,
  wheelWindow,
  type Window,
} from "../viewer/window";
import type { LoadedImage } from "./bundles";

/** A projection in its pane. Those of one group are views of one scan. */
export interface Shown {
  id: string;
  group: string;
  image: Planar;
  levels: readonly number[];
  pane: Pane;
  camera: Camera;
}

const STEP = 1.25;

export class Stage {
  smooth = true;
  mirrored = false;
  /** Grey levels in units of those in which the scan of each group opens. */
  #relative: Window = { lower: 0, upper: 1, inverse: true, scale: "linear" };
  readonly #shown = new Map<string, Shown>();
  readonly #listeners = new Set<() => void>();
  #fitted = true;

  /** Tell when something has changed; the answer ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  add(id: string, group: string, source: LoadedImage, pane: Pane): void {
    const image = planarOf(source);
    const camera: Camera = { centreMm: { xMm: 0, yMm: 0 }, pixelsPerMm: 1, mirrored: false };
    this.#shown.set(id, { id, group, image, levels: source.levels, pane, camera });
    this.fit();
  }

  remove(id: string): void {
    this.#shown.delete(id);
  }

  get(id: string): Shown | undefined {
    return this.#shown.get(id);
  }

  /** Give a pane its new size; whole bodies stay whole. */
  resize(id: string, pane: Pane): void {
    const shown = this.#shown.get(id);
    if (!shown) return;
    shown.pane = pane;
    if (this.#fitted) this.fit();
    else this.#changed();
  }

  /** Show the whole body in every image, all at one zoom. */
  fit(): void {
    const all = [...this.#shown.values()].filter((one) => one.pane.width > 0 && one.pane.height > 0);
    const cameras = fitTogether(all.map((one) => this.#box(one)), all.map((one) => one.pane));
    all.forEach((one, place) => {
      const camera = cameras[place];
      if (camera) one.camera = { ...camera, mirrored: this.#isMirrored(one) };
    });
    this.#fitted = true;
    this.#changed();
  }

  pan(id: string, by: Point): void {
    this.#lead(id, (one) => pan(one.camera, by));
  }

  zoom(id: string, at: Point, factor: number): void {
    this.#lead(id, (one) => zoomAt(one.camera, one.pane, at, factor));
  }

  /** Zoom all about their middles. */
  zoomBy(factor: 1 | -1): void {
    const first = this.#shown.values().next().value;
    if (first) this.zoom(first.id, { x: first.pane.width / 2, y: first.pane.height / 2 }, factor > 0 ? STEP : 1 / STEP);
  }

  window(id: string): Window {
    const shown = this.#shown.get(id);
    const base = shown ? this.#base(shown.group) : 1;
    return { ...this.#relative, lower: this.#relative.lower * base, upper: this.#relative.upper * base };
  }

  drag(id: string, x: number, y: number): void {
    this.#set(id, (window) => dragWindow(window, x, y));
  }

  wheel(id: string, turn: number): void {
    this.#set(id, (window) => wheelWindow(window, turn));
  }

  step(way: "darker" | "lighter"): void {
    const first = this.#shown.values().next().value;
    if (first) this.#set(first.id, (window) => stepLevel(window, first.levels, way));
  }

  invert(): void {
    this.#relative = invert(this.#relative);
    this.#changed();
  }

  nextScale(): void {
    this.#relative = nextScale(this.#relative);
    this.#changed();
  }

  toggleSmooth(): void {
    this.smooth = !this.smooth;
    this.#changed();
  }

  /** Show posterior views with their sides exchanged, or as they were acquired. */
  toggleMirror(): void {
    this.mirrored = !this.mirrored;
    for (const one of this.#shown.values()) one.camera = { ...one.camera, mirrored: this.#isMirrored(one) };
    this.#changed();
  }

  /** What of an image is shown at first: the body, the same part of it on all views of a scan. */
  #box(shown: Shown): Box {
    const views = [...this.#shown.values()].filter((one) => one.group === shown.group).map((one) => one.image);
    return frameBody(views)[views.indexOf(shown.image)] ?? extentOf(shown.image);
  }

  #isMirrored(one: Shown): boolean {
    return this.mirrored && one.image.view === "posterior";
  }

  #set(id: string, change: (window: Window) => Window): void {
    const shown = this.#shown.get(id);
    if (!shown) return;
    const base = this.#base(shown.group);
    const changed = change(this.window(id));
    this.#relative = { ...changed, lower: changed.lower / base, upper: changed.upper / base };
    this.#changed();
  }

  /** Upper level in which the views of a scan open: one for all of them, or one view would look sicker than the other. */
  #base(group: string): number {
    const uppers = [...this.#shown.values()].filter((one) => one.group === group).map((one) => openWindow(one.levels).upper);
    return uppers.length ? uppers.reduce((sum, one) => sum + one, 0) / uppers.length : 1;
  }

  #lead(id: string, move: (shown: Shown) => Camera): void {
    const leader = this.#shown.get(id);
    if (!leader) return;
    leader.camera = keepOn(move(leader), leader.pane, leader.image);
    for (const one of this.#shown.values()) {
      if (one === leader) continue;
      one.camera =
        one.group === leader.group
          ? follow(leader.camera, leader.image, one.image, one.camera.mirrored)
          : { ...one.camera, pixelsPerMm: leader.camera.pixelsPerMm };
    }
    this.#fitted = false;
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

export function planarOf(image: LoadedImage): Planar {
  const [down = 1, across = 1] = image.spacing_mm ?? [];
  return {
    rows: image.rows,
    columns: image.columns,
    spacingMm: [down, across],
    slope: image.slope,
    intercept: image.intercept,
    leftAt: image.left_at,
    view: image.view,
    pixels: image.pixels,
  };
}
