/** What a pane shows of a projection: from the screen to millimetres of the image and back. */

import { clamp, extentOf, middleOf, type Box, type Place, type Planar } from "./geometry";

/** A pane in CSS pixels; `ratio` device pixels make one of them. */
export interface Pane {
  width: number;
  height: number;
  ratio: number;
}

/** CSS pixels from the top-left corner of a pane. */
export interface Point {
  x: number;
  y: number;
}

export interface Camera {
  /** What lies in the middle of the pane. */
  centreMm: Place;
  /** CSS pixels. */
  pixelsPerMm: number;
  /** Whether the image is shown with its sides exchanged. */
  mirrored: boolean;
}

const MOST_PIXELS_PER_MM = 40;
const LEAST_SHARE = 0.5;

/** Return the camera that shows all of a box, in the middle of the pane. */
export function fit(box: Box, pane: Pane, mirrored = false): Camera {
  const wide = pane.width / (box.right - box.left);
  const high = pane.height / (box.bottom - box.top);
  return { centreMm: middleOf(box), pixelsPerMm: Math.min(wide, high), mirrored };
}

/** Return the cameras that show boxes in panes of their own, all with the zoom of the tightest. */
export function fitTogether(boxes: readonly Box[], panes: readonly Pane[]): Camera[] {
  const alone = boxes.flatMap((box, place) => {
    const pane = panes[place];
    return pane ? [fit(box, pane)] : [];
  });
  const pixelsPerMm = Math.min(...alone.map((one) => one.pixelsPerMm));
  return alone.map((one) => ({ ...one, pixelsPerMm }));
}

export function toScreen(camera: Camera, pane: Pane, place: Place): Point {
  return {
    x: pane.width / 2 + (place.xMm - camera.centreMm.xMm) * across(camera),
    y: pane.height / 2 + (place.yMm - camera.centreMm.yMm) * camera.pixelsPerMm,
  };
}

export function toPlace(camera: Camera, pane: Pane, point: Point): Place {
  return {
    xMm: camera.centreMm.xMm + (point.x - pane.width / 2) / across(camera),
    yMm: camera.centreMm.yMm + (point.y - pane.height / 2) / camera.pixelsPerMm,
  };
}

/** Return the camera after the image was dragged by some CSS pixels. */
export function pan(camera: Camera, by: Point): Camera {
  return {
    ...camera,
    centreMm: {
      xMm: camera.centreMm.xMm - by.x / across(camera),
      yMm: camera.centreMm.yMm - by.y / camera.pixelsPerMm,
    },
  };
}

/** Return the camera with another zoom; what lies under the point stays there. */
export function zoomAt(camera: Camera, pane: Pane, point: Point, factor: number): Camera {
  const under = toPlace(camera, pane, point);
  const zoomed = { ...camera, pixelsPerMm: Math.min(camera.pixelsPerMm * factor, MOST_PIXELS_PER_MM) };
  const moved = toScreen(zoomed, pane, under);
  return pan(zoomed, { x: point.x - moved.x, y: point.y - moved.y });
}

/** Return the nearest camera that does not lose the image: its centre lies on it, and it is not tiny. */
export function keepOn(camera: Camera, pane: Pane, image: Planar): Camera {
  const box = extentOf(image);
  const least = fit(box, pane).pixelsPerMm * LEAST_SHARE;
  return {
    ...camera,
    pixelsPerMm: clamp(camera.pixelsPerMm, least, MOST_PIXELS_PER_MM),
    centreMm: {
      xMm: clamp(camera.centreMm.xMm, box.left, box.right),
      yMm: clamp(camera.centreMm.yMm, box.top, box.bottom),
    },
  };
}

/**
 * Return the camera with which a linked pane shows the same part of the patient.
 *
 * Zoom and height are those of the other pane. Across, both are as far from the middle of their image, towards the same
 * side of the patient.
 */
export function follow(camera: Camera, image: Planar, linked: Planar, mirrored: boolean): Camera {
  const opposite = image.leftAt !== null && linked.leftAt !== null && image.leftAt !== linked.leftAt;
  const away = camera.centreMm.xMm - middleOf(extentOf(image)).xMm;
  const xMm = middleOf(extentOf(linked)).xMm + (opposite ? -away : away);
  return { centreMm: { xMm, yMm: camera.centreMm.yMm }, pixelsPerMm: camera.pixelsPerMm, mirrored };
}

function across(camera: Camera): number {
  return camera.mirrored ? -camera.pixelsPerMm : camera.pixelsPerMm;
}
