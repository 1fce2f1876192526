/** Clicks told from drags, and which drag it is. */

import type { Point } from "../viewer/camera2d";

export interface PointerHandlers {
  click: (at: Point) => void;
  /** The main button moves the image, the second one changes its grey levels. */
  drag: (by: Point, second: boolean) => void;
  /** The wheel changes grey levels, with Control it zooms; so does a pinch. */
  wheel: (at: Point, turn: number, zooms: boolean) => void;
}

const STILL = 4;
/** Firefox tells turns of a wheel in lines. */
const LINE_PX = 33;

/** Listen to an element; the answer ends it. */
export function watchPointer(element: HTMLElement, handlers: () => PointerHandlers): () => void {
  let begun: Point | null = null;
  let last: Point = { x: 0, y: 0 };
  let moved = false;
  const at = (event: MouseEvent): Point => {
    const frame = element.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  };
  const down = (event: PointerEvent): void => {
    begun = last = at(event);
    moved = false;
    element.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent): void => {
    if (!begun) return;
    const now = at(event);
    moved ||= Math.hypot(now.x - begun.x, now.y - begun.y) > STILL;
    if (moved) handlers().drag({ x: now.x - last.x, y: now.y - last.y }, (event.buttons & 2) !== 0 || event.shiftKey);
    last = now;
  };
  const up = (event: PointerEvent): void => {
    if (begun && !moved && event.button === 0) handlers().click(at(event));
    begun = null;
  };
  const turn = (event: WheelEvent): void => {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
    handlers().wheel(at(event), event.deltaY * lines, event.ctrlKey);
  };
  const menu = (event: Event): void => event.preventDefault();
  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("wheel", turn, { passive: false });
  element.addEventListener("contextmenu", menu);
  return () => {
    element.removeEventListener("pointerdown", down);
    element.removeEventListener("pointermove", move);
    element.removeEventListener("pointerup", up);
    element.removeEventListener("wheel", turn);
    element.removeEventListener("contextmenu", menu);
  };
}
