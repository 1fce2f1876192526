/** One projection with the marks on it. */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { LoadedImage } from "../state/bundles";
import type { PointedAt } from "../state/places";
import type { ShownMark } from "../state/shown";
import { planarOf, type Stage } from "../state/stage";
import { toPlace, toScreen, type Point } from "../viewer/camera2d";
import { frames } from "../viewer/frames";
import { clamp, extentOf, holds, middleOf, type Place } from "../viewer/geometry";
import { BAR_MM, drawOverlay, markAt, placeMarks, sidesOf, sizeOverlay } from "../viewer/overlay";
import { makePlanarRenderer, type PlanarRenderer } from "../viewer/planar";
import { useWords } from "../words";
import { watchPointer, type PointerHandlers } from "./pointer";
import { measure, usePane } from "./usePane";

interface Props {
  stage: Stage;
  image: LoadedImage;
  earlier: boolean;
  shown: readonly ShownMark[];
  selected: string | null;
  canMark: boolean;
  onPoint: (place: PointedAt) => void;
  onPick: (id: string, kind: ShownMark["kind"], image: string) => void;
}

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const STEP_MM = 5;
const LEAP = 5;
/** Nearer than this a click means a mark that is there; farther lesions get marks of their own. */
const REACH_PX = 14;

export function ProjectionPane(props: Props) {
  const { stage, image, earlier, canMark, onPoint, onPick } = props;
  const { say, nameOf } = useWords();
  const id = useId();
  const canvas = useRef<HTMLCanvasElement | null>(null);
  const above = useRef<HTMLCanvasElement | null>(null);
  const renderer = useRef<PlanarRenderer | null>(null);
  const cross = useRef<Place | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [caption, setCaption] = useState("");

  const draw = (): void => {
    const own = stage.get(id);
    if (!own) return;
    const levels = stage.window(id);
    renderer.current?.draw(own.camera, levels, stage.smooth);
    if (above.current) {
      drawOverlay(above.current, own.pane, {
        marks: placeMarks(latest.current.shown, own.camera, own.pane, latest.current.selected),
        sides: sidesOf(own.image, own.camera.mirrored, { left: say("left_mark"), right: say("right_mark") }),
        scaleBar: image.spacing_mm ? { pixels: BAR_MM * own.camera.pixelsPerMm, text: say("five_cm") } : null,
        crosshair: cross.current && toScreen(own.camera, own.pane, cross.current),
        onDark: !levels.inverse,
      });
    }
    const parts = [
      nameOf("view", image.view ?? ""),
      image.kind === "spot" ? nameOf("kind", "spot") : "",
      earlier ? say("earlier") : "",
      own.camera.mirrored ? say("mirrored") : "",
      say("upper", { value: Math.round(levels.upper) }),
      levels.scale === "linear" ? "" : say(`scale_${levels.scale}`),
    ];
    setCaption(parts.filter(Boolean).join(" · "));
  };
  const frame = usePane<HTMLDivElement>((pane) => {
    renderer.current?.resize(pane);
    if (above.current) sizeOverlay(above.current, pane);
    stage.resize(id, pane);
  });

  useEffect(() => {
    if (!canvas.current || !above.current || !frame.current) return undefined;
    const planar = planarOf(image);
    renderer.current = makePlanarRenderer(canvas.current, planar);
    const pane = measure(frame.current);
    renderer.current.resize(pane);
    sizeOverlay(above.current, pane);
    const unlisten = stage.listen(() => frames.ask(paint.current));
    stage.add(id, earlier ? "earlier" : "this", image, pane);
    return () => {
      unlisten();
      stage.remove(id);
      frames.drop(paint.current);
      renderer.current?.dispose();
    };
  }, [image]);
  const paint = useRef(() => drawing.current());
  const drawing = useRef(draw);
  drawing.current = draw;
  useEffect(() => frames.ask(paint.current));

  const placeAt = (at: Point): Place | null => {
    const own = stage.get(id);
    if (!own) return null;
    const place = toPlace(own.camera, own.pane, at);
    return holds(extentOf(own.image), place) ? place : null;
  };
  const use = (at: Point): void => {
    const own = stage.get(id);
    const place = placeAt(at);
    if (!own || !place) return;
    const found = markAt(placeMarks(latest.current.shown, own.camera, own.pane), at, REACH_PX);
    if (found) onPick(found.id, found.kind, image.image);
    else if (canMark) onPoint({ image, ...place, zMm: null });
  };
  const handlers = useRef<PointerHandlers | null>(null);
  handlers.current = {
    click: use,
    drag: (by, second) => (second ? stage.drag(id, by.x, by.y) : stage.pan(id, by)),
    wheel: (at, turn, zooms) => (zooms ? stage.zoom(id, at, Math.exp(-turn * 0.01)) : stage.wheel(id, turn)),
  };
  useEffect(() => {
    const target = frame.current;
    return target ? watchPointer(target, () => handlers.current as PointerHandlers) : undefined;
  }, []);

  const press = (event: KeyboardEvent): void => {
    const own = stage.get(id);
    const way = ARROWS[event.key];
    if (!own || event.ctrlKey || event.altKey || event.metaKey) return;
    if (way) {
      const box = extentOf(own.image);
      const from = cross.current ?? middleOf(box);
      const step = STEP_MM * (event.shiftKey ? LEAP : 1) * (own.camera.mirrored ? -1 : 1);
      cross.current = {
        xMm: clamp(from.xMm + way[0] * step, box.left, box.right),
        yMm: clamp(from.yMm + way[1] * Math.abs(step), box.top, box.bottom),
      };
      frames.ask(paint.current);
    } else if (event.key === "Enter" && cross.current) use(toScreen(own.camera, own.pane, cross.current));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const name = say("pane_name", { kind: nameOf("kind", image.kind), view: nameOf("view", image.view ?? "") });
  return (
    <div
      ref={frame}
      class={earlier ? "pane earlier" : "pane"}
      role="application"
      tabIndex={0}
      aria-label={earlier ? `${name} (${say("earlier")})` : name}
      aria-description={say("pane_help")}
      data-image={image.image}
      onKeyDown={press}
      onBlur={() => {
        cross.current = null;
        frames.ask(paint.current);
      }}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <canvas ref={above} aria-hidden="true" />
      <span class="caption">{caption}</span>
    </div>
  );
}
