/** SPECT over CT in three planes through one place; a click goes there, a second click or Enter marks it. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useCommands, useKeyNames } from "../keys";
import type { LoadedImage } from "../state/bundles";
import type { PointedAt } from "../state/places";
import type { ShownMark } from "../state/shown";
import { volumeOf } from "../state/volumes";
import type { Pane, Point } from "../viewer/camera2d";
import { frames } from "../viewer/frames";
import { FUSED_LEVEL, makeFusion, openFusion, type Fusion, type FusionState } from "../viewer/fusion";
import type { Vector } from "../viewer/geometry";
import { drawOver, markAt, sizeOverlay, type DrawnMark } from "../viewer/overlay";
import { offPlane, planePoint, scroll, type PlaneView } from "../viewer/planes";
import { CT_WINDOWS, dragWindow, openWindow, stepLevel } from "../viewer/window";
import { useWords } from "../words";
import { watchPointer, type PointerHandlers } from "./pointer";
import { measure, usePane } from "./usePane";

interface Props {
  /** A SPECT, and the CT of the same patient where there is one. */
  images: readonly LoadedImage[];
  shown: readonly ShownMark[];
  selected: string | null;
  canMark: boolean;
  onPoint: (place: PointedAt) => void;
  onPick: (id: string, kind: ShownMark["kind"], image: string) => void;
}

const NEAR_MM = 12;
const REACH_PX = 14;
const WHEEL_PX = 60;
const LOOKS = ["hot_iron", "hot_metal", "grey"] as const;

export function FusionPane(props: Props) {
  const { images, canMark, onPoint, onPick } = props;
  const { say } = useWords();
  const keyOf = useKeyNames();
  const canvas = useRef<HTMLCanvasElement | null>(null);
  const above = useRef<HTMLCanvasElement | null>(null);
  const fusion = useRef<Fusion | null>(null);
  const pane = useRef<Pane>({ width: 1, height: 1, ratio: 1 });
  const latest = useRef(props);
  latest.current = props;
  const [state, setState] = useState<FusionState | null>(null);
  const spect = images[0];
  const volume = useMemo(() => spect && volumeOf(spect), [spect]);
  const body = useMemo(() => (images[1] ? volumeOf(images[1]) : null), [images[1]]);

  const paint = (): void => {
    if (!state || !fusion.current || !above.current) return;
    fusion.current.draw(state);
    const context = above.current.getContext("2d");
    if (!context) return;
    context.setTransform(pane.current.ratio, 0, 0, pane.current.ratio, 0, 0);
    context.clearRect(0, 0, pane.current.width, pane.current.height);
    for (const view of fusion.current.views(state)) {
      const upright = view.plane === "sagittal" ? null : { left: say("right_mark"), right: say("left_mark") };
      drawOver(context, pane.current, {
        marks: marksIn(view, latest.current.shown, latest.current.selected),
        crosshair: planePoint(view, state.cursorMm),
        lines: true,
        sides: upright,
        within: view,
        onDark: state.colours !== "grey" || !state.spect.inverse,
      });
    }
  };
  const painting = useRef(paint);
  painting.current = paint;
  const ask = useRef(() => painting.current());

  const frame = usePane<HTMLDivElement>((size) => {
    pane.current = size;
    fusion.current?.resize(size);
    if (above.current) sizeOverlay(above.current, size);
    frames.ask(ask.current);
  });
  useEffect(() => {
    if (!canvas.current || !volume || !frame.current || !spect) return undefined;
    const made = makeFusion(canvas.current, volume, body);
    fusion.current = made;
    pane.current = measure(frame.current);
    made.resize(pane.current);
    if (above.current) sizeOverlay(above.current, pane.current);
    setState(openFusion(made, openWindow(spect.levels, body ? FUSED_LEVEL : undefined), CT_WINDOWS.bone, body !== null));
    return () => {
      frames.drop(ask.current);
      made.dispose();
    };
  }, [volume, body]);
  useEffect(() => frames.ask(ask.current));

  const change = (changes: (before: FusionState) => Partial<FusionState>): void =>
    setState((before) => before && { ...before, ...changes(before) });
  const step = (way: "darker" | "lighter"): void =>
    change((before) => ({ spect: stepLevel(before.spect, spect?.levels ?? [], way) }));
  useCommands({ "image.darker": () => step("darker"), "image.lighter": () => step("lighter") }, true, frame);
  const mark = (mm: Vector): void => {
    if (canMark && spect) onPoint({ image: spect, xMm: mm[0], yMm: mm[1], zMm: mm[2] });
  };
  const click = (at: Point): void => {
    if (!state || !fusion.current || !spect) return;
    const found = fusion.current.locate(state, at);
    if (!found) return;
    const picked = markAt(marksIn(found.view, latest.current.shown, null), at, REACH_PX);
    if (picked) onPick(picked.id, picked.kind, spect.image);
    else if (distance(planePoint(found.view, state.cursorMm), at) <= REACH_PX) mark(state.cursorMm);
    else change(() => ({ cursorMm: found.mm }));
  };
  const wheel = (at: Point, turn: number): void => {
    if (!state || !fusion.current || !volume) return;
    const found = fusion.current.locate(state, at);
    const steps = Math.sign(turn) * Math.max(1, Math.round(Math.abs(turn) / WHEEL_PX));
    const { bounds } = fusion.current;
    if (found) change((before) => ({ cursorMm: scroll(before.cursorMm, found.view.plane, steps, volume, bounds) }));
  };
  const handlers = useRef<PointerHandlers | null>(null);
  handlers.current = {
    click,
    drag: (by, second) => {
      if (second) change((before) => ({ spect: dragWindow(before.spect, by.x, by.y) }));
    },
    wheel: (at, turn, zooms) => {
      if (zooms) change((before) => ({ zoom: Math.min(Math.max(before.zoom * Math.exp(-turn * 0.01), 1), 8) }));
      else wheel(at, turn);
    },
  };
  useEffect(() => {
    const target = frame.current;
    return target ? watchPointer(target, () => handlers.current as PointerHandlers) : undefined;
  }, []);

  const press = (event: KeyboardEvent): void => {
    if (!state || !fusion.current || !volume || event.ctrlKey || event.altKey || event.metaKey) return;
    const { bounds } = fusion.current;
    const move = MOVES[event.key];
    if (move) {
      change((before) => ({ cursorMm: scroll(before.cursorMm, move[0], move[1], volume, bounds) }));
    } else if (event.key === "Enter") mark(state.cursorMm);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="fusion">
      <div
        ref={frame}
        class="pane"
        role="application"
        tabIndex={0}
        aria-label={say("spect_open")}
        aria-description={say("fusion_help")}
        data-image={spect?.image}
        onKeyDown={press}
      >
        <canvas ref={canvas} aria-hidden="true" />
        <canvas ref={above} aria-hidden="true" />
      </div>
      {state && (
        <div class="fusion-tools">
          {body && (
            <>
              <label>
                {say("ct_share")}
                <input
                  type="range"
                  min="0"
                  max="1"
                  step="0.05"
                  value={state.mix}
                  onInput={(event) => change(() => ({ mix: Number(event.currentTarget.value) }))}
                />
              </label>
              <button onClick={() => change((before) => ({ ct: before.ct === CT_WINDOWS.bone ? CT_WINDOWS.soft : CT_WINDOWS.bone }))}>
                {say(state.ct === CT_WINDOWS.bone ? "ct_bone" : "ct_soft")}
              </button>
              <button onClick={() => change((before) => ({ colours: LOOKS[(LOOKS.indexOf(before.colours) + 1) % LOOKS.length] ?? "grey" }))}>
                {say(`look_${state.colours}`)}
              </button>
            </>
          )}
          {(["lighter", "darker"] as const).map((way) => (
            <button key={way} onClick={() => step(way)}>{say(`spect_${way}`)} <kbd>{keyOf(`image.${way}`)}</kbd></button>
          ))}
          {canMark && <button onClick={() => mark(state.cursorMm)}>{say("mark_here")}</button>}
        </div>
      )}
    </div>
  );
}

/** Through which plane the arrow and page keys go, and which way. */
const MOVES: Record<string, readonly ["axial" | "coronal" | "sagittal", 1 | -1]> = {
  ArrowLeft: ["sagittal", 1],
  ArrowRight: ["sagittal", -1],
  ArrowUp: ["axial", -1],
  ArrowDown: ["axial", 1],
  PageUp: ["coronal", -1],
  PageDown: ["coronal", 1],
};

/** Return the marks that lie near a plane. */
function marksIn(view: PlaneView, shown: readonly ShownMark[], selected: string | null): DrawnMark[] {
  return shown.flatMap(({ id, kind, label, xMm, yMm, zMm }) => {
    if (zMm === null) return [];
    const mm: Vector = [xMm, yMm, zMm];
    if (offPlane(view, mm) > NEAR_MM) return [];
    return [{ id, kind, label, radius: null, selected: id === selected, ...planePoint(view, mm) }];
  });
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
