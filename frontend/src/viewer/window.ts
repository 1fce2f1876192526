/** Which values are shown as which grey. */

import { clamp } from "./geometry";

export type Scale = "linear" | "sqrt" | "log";

/** Values up to `lower` have one end of the scale of greys, those from `upper` the other. */
export interface Window {
  lower: number;
  upper: number;
  /** High values are dark. */
  inverse: boolean;
  scale: Scale;
}

/** Stored value to share of the window, before its scale: share = gain * stored + offset. */
export interface Gain {
  gain: number;
  offset: number;
}

/** How far the logarithm spreads low values: they gain what a change of the upper level by about this factor gives. */
export const LOG_SPREAD = 100;

const SCALES: readonly Scale[] = ["linear", "sqrt", "log"];
const START = 3;
const SAME = 1e-3;
const LEAST_WIDTH = 1;
const PER_PIXEL = 0.006;

/** CT windows in HU, by centre and width of common use. */
export const CT_WINDOWS = {
  bone: { lower: -450, upper: 1050, inverse: false, scale: "linear" },
  soft: { lower: -160, upper: 240, inverse: false, scale: "linear" },
} as const satisfies Record<string, Window>;

/** Return the window in which a scan opens: inverse grey from 0 to the middle one of its levels, or to another one. */
export function openWindow(levels: readonly number[], start = START): Window {
  const upper = levels[Math.min(start, levels.length - 1)] ?? 1;
  return { lower: 0, upper: Math.max(upper, LEAST_WIDTH), inverse: true, scale: "linear" };
}

/** Return the window with the next level of the list below (darker images) or above the one it has. */
export function stepLevel(window: Window, levels: readonly number[], way: "darker" | "lighter"): Window {
  const rising = levels.filter((one) => one > window.lower).sort((one, other) => one - other);
  const next =
    way === "darker"
      ? rising.findLast((one) => one < window.upper * (1 - SAME))
      : rising.find((one) => one > window.upper * (1 + SAME));
  return next === undefined ? window : { ...window, upper: next };
}

/** Return the window after a drag by CSS pixels: down lowers the upper level (darker), right raises the lower one. */
export function dragWindow(window: Window, x: number, y: number): Window {
  const width = (window.upper - window.lower) * Math.exp(-y * PER_PIXEL);
  const lower = Math.max(window.lower + x * PER_PIXEL * width, Math.min(window.lower, 0));
  return withUpper({ ...window, lower }, lower + width);
}

/** Return the window after a turn of the wheel; `turn` is in CSS pixels as events tell it. */
export function wheelWindow(window: Window, turn: number): Window {
  return withUpper(window, window.lower + (window.upper - window.lower) * Math.exp(turn * PER_PIXEL * 0.25));
}

export function invert(window: Window): Window {
  return { ...window, inverse: !window.inverse };
}

export function nextScale(window: Window): Window {
  return { ...window, scale: SCALES[(SCALES.indexOf(window.scale) + 1) % SCALES.length] ?? "linear" };
}

export function gainOf(window: Window, image: { slope: number; intercept: number }): Gain {
  const width = Math.max(window.upper - window.lower, 1e-6);
  return { gain: image.slope / width, offset: (image.intercept - window.lower) / width };
}

/** Return the grey (0 black, 1 white) of a share of the window. */
export function greyOf(share: number, window: Pick<Window, "inverse" | "scale">): number {
  const bent = bend(clamp(share, 0, 1), window.scale);
  return window.inverse ? 1 - bent : bent;
}

export function bend(share: number, scale: Scale): number {
  if (scale === "sqrt") return Math.sqrt(share);
  return scale === "log" ? Math.log1p(share * (LOG_SPREAD - 1)) / Math.log(LOG_SPREAD) : share;
}

/** Return the number of a scale in shaders. */
export function scaleNumber(scale: Scale): number {
  return SCALES.indexOf(scale);
}

function withUpper(window: Window, upper: number): Window {
  return { ...window, upper: Math.max(upper, window.lower + LEAST_WIDTH) };
}
