/** Marks on the screen: told apart by their shape, never by colour alone, and named beside it. */

import type { Point } from "./camera2d";

/**
 * - `focal`, `diffuse`: circle, dashed square with rounded corners;
 * - `counterpart`: the place of a mark on a view on which it is not seen: four corners;
 * - `proposal`: dotted circle within which an earlier mark is expected;
 * - `earlier`: the mark on the earlier scan: diamond;
 * - `first`, `second`, `third`: marks of readers side by side: square, triangle, hexagon.
 */
export type MarkShape = "focal" | "diffuse" | "counterpart" | "proposal" | "earlier" | "first" | "second" | "third";

/** Part of a pane, in CSS pixels. */
export interface Part {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A mark on the pane, in CSS pixels. */
export interface DrawnMark extends Point {
  id: string;
  kind: MarkShape;
  label: string;
  /** Of a proposal; other shapes have one size on the screen. */
  radius: number | null;
  selected: boolean;
}

const RADIUS = 12;
/** Height of a line of text. */
export const LINE = 13;

/** Return the outline of a mark about (0, 0). */
export function outlineOf(kind: MarkShape, radius: number | null): string {
  const r = radius ?? RADIUS;
  switch (kind) {
    case "focal":
    case "proposal":
      return `M${r} 0A${r} ${r} 0 1 1 ${-r} 0A${r} ${r} 0 1 1 ${r} 0Z`;
    case "diffuse":
      return [
        `M${-r} ${4 - r}Q${-r} ${-r} ${4 - r} ${-r}H${r - 4}Q${r} ${-r} ${r} ${4 - r}`,
        `V${r - 4}Q${r} ${r} ${r - 4} ${r}H${4 - r}Q${-r} ${r} ${-r} ${r - 4}Z`,
      ].join("");
    case "counterpart":
      return [-1, 1].flatMap((x) => [-1, 1].map((y) => `M${x * r} ${y * (r - 6)}V${y * r}H${x * (r - 6)}`)).join("");
    case "earlier":
      return `M0 ${-r}L${r} 0L0 ${r}L${-r} 0Z`;
    case "first":
      return `M${-r} ${-r}H${r}V${r}H${-r}Z`;
    case "second":
      return `M0 ${-r * 1.2}L${r * 1.1} ${r * 0.8}H${-r * 1.1}Z`;
    case "third":
      return `M${-r * 1.2} 0L${-r * 0.6} ${-r}H${r * 0.6}L${r * 1.2} 0L${r * 0.6} ${r}H${-r * 0.6}Z`;
  }
}

/** A label with its place, the top left of its text. */
export interface Label extends Point {
  text: string;
  mark: DrawnMark;
  width: number;
}

/** Return the labels beside their marks: on the first of four sides that is on its part of the pane and free. */
export function placeLabels(
  marks: readonly DrawnMark[],
  within: Part,
  measure: (text: string) => number,
): Label[] {
  const placed: Label[] = [];
  for (const mark of marks) {
    const text = mark.kind === "proposal" ? `${mark.label}?` : mark.label;
    const choices = labelPlaces(mark, measure(text)).map((at) => ({ ...at, text, mark, width: measure(text) }));
    const free = choices.find((one) => isOn(one, within) && !placed.some((other) => overlap(one, other)));
    const label = free ?? choices.find((one) => isOn(one, within)) ?? choices[0];
    if (label) placed.push(label);
  }
  return placed;
}

function labelPlaces({ x, y, radius }: DrawnMark, width: number): Point[] {
  const away = Math.max((radius ?? RADIUS) * 0.75, RADIUS * 0.75) + 3;
  const [right, left] = [x + away, x - away - width];
  const [above, below] = [y - away - LINE + 3, y + away - 3];
  return [
    { x: right, y: above },
    { x: right, y: below },
    { x: left, y: above },
    { x: left, y: below },
  ];
}

function isOn({ x, y, width }: Label, within: Part): boolean {
  const [right, bottom] = [within.left + within.width, within.top + within.height];
  return x >= within.left && y >= within.top && x + width <= right && y + LINE <= bottom;
}

function overlap(one: Label, other: Label): boolean {
  return (
    one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + LINE && other.y < one.y + LINE
  );
}
