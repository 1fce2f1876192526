/** What is drawn above images: marks, letters of the sides, a scale bar, a crosshair; all words are the caller's. */

import { toScreen, type Camera, type Pane, type Point } from "./camera2d";
import type { Place, Planar } from "./geometry";
import { sharedGl } from "./gl";
import { LINE, outlineOf, placeLabels, type DrawnMark, type MarkShape, type Part } from "./marks";

export type { DrawnMark } from "./marks";

/** A mark on a projection. */
export interface PlacedMark extends Place {
  id: string;
  kind: MarkShape;
  label: string;
  radiusMm: number | null;
}

/** What stands at the left and the right of the screen, or of the patient. */
export interface Sides {
  left: string;
  right: string;
}

/** All that is above an image. */
export interface Drawing {
  marks?: readonly DrawnMark[];
  /** Letters at the left and the right side of the screen. */
  sides?: Sides | null;
  scaleBar?: { pixels: number; text: string } | null;
  crosshair?: Point | null;
  /** Whether lines run from the crosshair through the whole part, as other planes do. */
  lines?: boolean;
  /** Part of the pane to which all this belongs. */
  within?: Part;
  /** Whether the image below is light on black. */
  onDark?: boolean;
}

/** How far from its middle a mark is hit, in CSS pixels: the least size of a target in WCAG 2.2. */
export const REACH = 24;
/** Length of the scale bar. */
export const BAR_MM = 50;

const FONT = `600 ${LINE}px system-ui, sans-serif`;
const SIDE_FONT = "700 20px system-ui, sans-serif";

/** Inks with the halo that parts them from what lies below. */
interface Palette {
  marks: Record<MarkShape, string>;
  halo: string;
  text: string;
}

/** Contrast with white is at least 4.5 to 1. */
const ON_WHITE: Palette = {
  marks: {
    focal: "#b00058",
    diffuse: "#b00058",
    counterpart: "#7b3f5c",
    proposal: "#0a58a8",
    earlier: "#0a58a8",
    first: "#0a58a8",
    second: "#9c3d00",
    third: "#1d6b35",
  },
  halo: "rgba(255, 255, 255, 0.8)",
  text: "#1a1c1f",
};
const ON_BLACK: Palette = {
  marks: {
    focal: "#ff8cc0",
    diffuse: "#ff8cc0",
    counterpart: "#d9a3bd",
    proposal: "#8cc8ff",
    earlier: "#8cc8ff",
    first: "#8cc8ff",
    second: "#ffb070",
    third: "#8fd6a0",
  },
  halo: "rgba(0, 0, 0, 0.7)",
  text: "#f2f3f5",
};
const DASHES: Partial<Record<MarkShape, readonly number[]>> = { diffuse: [6, 4], proposal: [0.1, 6] };

/** What canvases show, as `drawOverlay` was told it. */
const drawn = new WeakMap<HTMLCanvasElement, string>();

/** Return marks of a projection where they lie on its pane. */
export function placeMarks<Mark extends PlacedMark>(
  marks: readonly Mark[],
  camera: Camera,
  pane: Pane,
  selected: string | null = null,
): (Mark & DrawnMark)[] {
  return marks.map((mark) => ({
    ...mark,
    ...toScreen(camera, pane, mark),
    radius: mark.radiusMm === null ? null : mark.radiusMm * camera.pixelsPerMm,
    selected: mark.id === selected,
  }));
}

/** Return which mark lies at a point: the nearest within reach, of two at one place the later, which is drawn above. */
export function markAt<Mark extends Point>(marks: readonly Mark[], { x, y }: Point, reach = REACH): Mark | null {
  let best: Mark | null = null;
  let least = reach;
  for (const mark of marks) {
    const away = Math.hypot(mark.x - x, mark.y - y);
    if (away > least) continue;
    [best, least] = [mark, away];
  }
  return best;
}

/** Return what stands at the left and the right of the screen; nothing where nobody knows the sides. */
export function sidesOf(image: Pick<Planar, "leftAt">, mirrored: boolean, words: Sides): Sides | null {
  if (image.leftAt === null) return null;
  return (image.leftAt === "left") !== mirrored ? words : { left: words.right, right: words.left };
}

/** Give a canvas above an image the size of its pane. */
export function sizeOverlay(canvas: HTMLCanvasElement, pane: Pane): void {
  const width = Math.max(1, Math.round(pane.width * pane.ratio));
  const height = Math.max(1, Math.round(pane.height * pane.ratio));
  if (canvas.width === width && canvas.height === height) return;
  canvas.width = width;
  canvas.height = height;
  drawn.delete(canvas);
}

/** Draw above an image; what is there already is left as it is, since most events change the grey levels only. */
export function drawOverlay(canvas: HTMLCanvasElement, pane: Pane, drawing: Drawing): void {
  const wanted = JSON.stringify([pane, drawing]);
  if (drawn.get(canvas) === wanted) return;
  const context = canvas.getContext("2d", { willReadFrequently: sharedGl() === null });
  if (!context) return;
  drawn.set(canvas, wanted);
  context.setTransform(pane.ratio, 0, 0, pane.ratio, 0, 0);
  context.clearRect(0, 0, pane.width, pane.height);
  drawOver(context, pane, drawing);
}

/** Draw one part of an overlay without clearing the rest. */
export function drawOver(context: CanvasRenderingContext2D, pane: Pane, drawing: Drawing): void {
  const within = drawing.within ?? { left: 0, top: 0, width: pane.width, height: pane.height };
  const palette = drawing.onDark ? ON_BLACK : ON_WHITE;
  context.save();
  context.beginPath();
  context.rect(within.left, within.top, within.width, within.height);
  context.clip();
  context.lineJoin = "round";
  if (drawing.lines && drawing.crosshair) drawLines(context, within, drawing.crosshair, palette);
  if (drawing.sides) drawSides(context, within, drawing.sides, palette);
  if (drawing.scaleBar) drawBar(context, within, drawing.scaleBar, palette);
  drawMarks(context, drawing.marks ?? [], within, palette);
  if (drawing.crosshair) drawCrosshair(context, drawing.crosshair, palette);
  context.restore();
}

function drawMarks(
  context: CanvasRenderingContext2D,
  marks: readonly DrawnMark[],
  within: Part,
  palette: Palette,
): void {
  for (const mark of marks) drawShape(context, mark, palette);
  context.font = FONT;
  context.textAlign = "left";
  for (const label of placeLabels(marks, within, (text) => context.measureText(text).width)) {
    const at = { x: label.x, y: label.y + LINE - 2 };
    drawText(context, label.text, at, palette.marks[label.mark.kind], palette.halo);
  }
}

function drawShape(context: CanvasRenderingContext2D, mark: DrawnMark, palette: Palette): void {
  const width = mark.selected ? 4 : mark.kind === "counterpart" ? 1.5 : 2;
  context.save();
  context.translate(mark.x, mark.y);
  context.lineCap = mark.kind === "proposal" ? "round" : "butt";
  const outline = new Path2D(outlineOf(mark.kind, mark.radius));
  strokeTwice(context, outline, { ink: palette.marks[mark.kind], halo: palette.halo, width }, DASHES[mark.kind]);
  context.restore();
}

function strokeTwice(
  context: CanvasRenderingContext2D,
  path: Path2D,
  { ink, halo, width }: { ink: string; halo: string; width: number },
  dashes: readonly number[] = [],
): void {
  context.setLineDash([...dashes]);
  context.lineWidth = width + 2.5;
  context.strokeStyle = halo;
  context.stroke(path);
  context.lineWidth = width;
  context.strokeStyle = ink;
  context.stroke(path);
}

function drawText(context: CanvasRenderingContext2D, text: string, at: Point, ink: string, halo: string): void {
  context.setLineDash([]);
  context.lineWidth = 3.5;
  context.strokeStyle = halo;
  context.strokeText(text, at.x, at.y);
  context.fillStyle = ink;
  context.fillText(text, at.x, at.y);
}

function drawSides(
  context: CanvasRenderingContext2D,
  { left, top, width, height }: Part,
  sides: Sides,
  palette: Palette,
): void {
  const y = top + Math.min(height * 0.5, 40);
  context.font = SIDE_FONT;
  context.textAlign = "left";
  drawText(context, sides.left, { x: left + 8, y }, palette.text, palette.halo);
  context.textAlign = "right";
  drawText(context, sides.right, { x: left + width - 8, y }, palette.text, palette.halo);
}

function drawBar(
  context: CanvasRenderingContext2D,
  { left, top, height }: Part,
  { pixels, text }: { pixels: number; text: string },
  palette: Palette,
): void {
  const [x, y] = [left + 10, top + height - 12];
  const bar = new Path2D(`M${x} ${y - 5}V${y}H${x + pixels}V${y - 5}`);
  strokeTwice(context, bar, { ink: palette.text, halo: palette.halo, width: 2 });
  context.font = FONT;
  context.textAlign = "left";
  drawText(context, text, { x: x + 3, y: y - 8 }, palette.text, palette.halo);
}

/** Open in the middle, so that what it points at is seen. */
function drawCrosshair(context: CanvasRenderingContext2D, { x, y }: Point, palette: Palette): void {
  const arms = [-1, 1].map((way) => `M${x + way * 5} ${y}h${way * 14}M${x} ${y + way * 5}v${way * 14}`).join("");
  strokeTwice(context, new Path2D(arms), { ink: palette.text, halo: palette.halo, width: 1.5 });
}

/** The other planes, as lines with a gap around the cursor. */
function drawLines(context: CanvasRenderingContext2D, view: Part, { x, y }: Point, palette: Palette): void {
  const gap = 14;
  const across = `M${view.left} ${y}H${x - gap}M${x + gap} ${y}H${view.left + view.width}`;
  const down = `M${x} ${view.top}V${y - gap}M${x} ${y + gap}V${view.top + view.height}`;
  context.save();
  context.globalAlpha = 0.5;
  context.setLineDash([]);
  context.lineWidth = 1;
  context.strokeStyle = palette.marks.proposal;
  context.stroke(new Path2D(across + down));
  context.restore();
}
