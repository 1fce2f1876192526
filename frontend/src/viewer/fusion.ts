/** SPECT over CT in planes through one position, sampled in patient millimetres, whatever the grids of the two. */

import type { Pane, Point } from "./camera2d";
import { COVERING, makeTable, SURROUND, TABLE_LENGTH, type Colours, type Look } from "./colours";
import { frames } from "./frames";
import { boundsOf, mmToVoxels, type Vector, type Volume } from "./geometry";
import { GREY_SHADER, loadTexture, sharedGl, type Gl, type Program } from "./gl";
import {
  layPlanes,
  middleOfBounds,
  patchOf,
  planeMm,
  viewAt,
  type Bounds,
  type PlanesState,
  type PlaneView,
} from "./planes";
import { paintPlanes, type Mapped } from "./sampling";
import { HeldTexture, makeSurface, type Kind, type Painting } from "./surface";
import { gainOf, scaleNumber, type Window } from "./window";

export type FusionState = PlanesState & Look;

export interface Fusion {
  readonly kind: Kind;
  readonly bounds: Bounds;
  resize(pane: Pane): void;
  /** Show a state in the next frame. */
  draw(state: FusionState): void;
  /** Return the planes of a state with their places on the pane. */
  views(state: PlanesState): PlaneView[];
  /** Return the plane and the position under a point of the pane. */
  locate(state: PlanesState, point: Point): { view: PlaneView; mm: Vector } | null;
  dispose(): void;
}

interface Shown {
  state: FusionState;
  pane: Pane;
  views: PlaneView[];
}

/** The level with which colours open: they hide the CT where grey does not, so it is a higher one. */
export const FUSED_LEVEL = 5;

const FRAGMENT = `#version 300 es
precision highp float;
uniform highp usampler3D spect, ct;
uniform sampler2D table;
uniform mat4 spectMap, ctMap;
uniform vec3 origin, across, down, surround;
uniform vec2 spectGain, ctGain;
uniform int scale;
uniform bool inverse, coloured, hasCt, smoothly;
uniform float cover;
in vec2 t;
out vec4 colour;
float at(highp usampler3D stored, ivec3 voxel) {
  return float(texelFetch(stored, clamp(voxel, ivec3(0), textureSize(stored, 0) - 1), 0).r);
}
bool isIn(highp usampler3D stored, vec3 voxel) {
  return all(greaterThanEqual(voxel, vec3(-0.5))) && all(lessThan(voxel, vec3(textureSize(stored, 0)) - 0.5));
}
float sampleAt(highp usampler3D stored, vec3 voxel) {
  if (!smoothly) return at(stored, ivec3(floor(voxel + 0.5)));
  ivec3 first = ivec3(floor(voxel));
  vec3 rest = fract(voxel);
  float value = 0.0;
  for (int corner = 0; corner < 8; corner++) {
    ivec3 step = ivec3(corner & 1, (corner >> 1) & 1, corner >> 2);
    vec3 weight = mix(1.0 - rest, rest, vec3(step));
    value += weight.x * weight.y * weight.z * at(stored, first + step);
  }
  return value;
}
${GREY_SHADER}
void main() {
  vec4 mm = vec4(origin + t.x * across + t.y * down, 1.0);
  vec3 nuclear = (spectMap * mm).xyz;
  bool there = isIn(spect, nuclear);
  float share = there ? spectGain.x * sampleAt(spect, nuclear) + spectGain.y : 0.0;
  colour = vec4(surround, 1.0);
  if (!coloured) {
    if (there) colour.rgb = vec3(greyOf(share, scale, inverse));
    return;
  }
  vec3 body = (ctMap * mm).xyz;
  bool onCt = hasCt && isIn(ct, body);
  if (onCt) colour.rgb = vec3(greyOf(ctGain.x * sampleAt(ct, body) + ctGain.y, 0, false));
  else if (there) colour.rgb = vec3(0.0);
  if (!there) return;
  float bent = greyOf(share, scale, false);
  vec3 hot = texelFetch(table, ivec2(int(bent * 255.0 + 0.5), 0), 0).rgb;
  colour.rgb = mix(colour.rgb, hot, cover * min(1.0, bent * ${COVERING}.0));
}`;

/** Return the planes of a SPECT and the CT of the same patient; `gl` null has them painted by hand. */
export function makeFusion(
  canvas: HTMLCanvasElement,
  spect: Volume,
  ct: Volume | null,
  gl: Gl | null = sharedGl(),
): Fusion {
  const bounds = boundsOf(spect);
  let pane: Pane = { width: canvas.width, height: canvas.height, ratio: 1 };
  let state: FusionState | null = null;
  const views = (of: PlanesState): PlaneView[] => layPlanes(of, bounds, pane);
  const shown = (): Shown | null => state && { state, pane, views: views(state) };
  const surface = makeSurface(canvas, fusionPainting(spect, ct, shown), ask, gl);

  function paint(): void {
    if (state) surface.paint();
  }
  function ask(): void {
    frames.ask(paint);
  }
  return {
    get kind() {
      return surface.kind;
    },
    bounds,
    resize(to) {
      pane = to;
      surface.resize(to);
      ask();
    },
    draw(next) {
      state = next;
      ask();
    },
    views,
    locate(of, point) {
      const view = viewAt(views(of), point);
      return view && { view, mm: planeMm(view, point) };
    },
    dispose() {
      frames.drop(paint);
      surface.dispose();
    },
  };
}

/** Return the state in which planes open: all three through the middle of the SPECT, in grey where there is no CT. */
export function openFusion(fusion: Pick<Fusion, "bounds">, spect: Window, ct: Window, hasCt: boolean): FusionState {
  return {
    cursorMm: middleOfBounds(fusion.bounds),
    planes: ["coronal", "sagittal", "axial"],
    zoom: 1,
    spect,
    ct,
    colours: hasCt ? "hot_iron" : "grey",
    mix: 0.7,
    smooth: true,
  };
}

function fusionPainting(spect: Volume, ct: Volume | null, shown: () => Shown | null): Painting {
  const nuclear = { volume: spect, map: mmToVoxels(spect) };
  const body = ct && { volume: ct, map: mmToVoxels(ct) };
  const textures = [spect, ...(ct ? [ct] : [])].map(
    (one) => new HeldTexture((gl) => loadTexture(gl, [one.columns, one.rows, one.frames], one.pixels)),
  );
  const tables = { hot_iron: heldTable("hot_iron"), hot_metal: heldTable("hot_metal") };
  return {
    byGl(gl) {
      const now = shown();
      if (!now) return;
      const program = gl.program(FRAGMENT);
      program.use();
      // Samplers of two kinds must never share a unit, so the second volume is the first where there is no CT.
      textures[0]?.bind(gl, 0, gl.gl.TEXTURE_3D);
      (textures[1] ?? textures[0])?.bind(gl, 1, gl.gl.TEXTURE_3D);
      tables[now.state.colours === "grey" ? "hot_iron" : now.state.colours].bind(gl, 2, gl.gl.TEXTURE_2D);
      setUniforms(gl.gl, program, nuclear, body, now.state);
      clear(gl);
      for (const view of now.views) fillPlane(gl, program, view, now.pane.ratio);
    },
    byHand(out, width, height) {
      const now = shown();
      if (now) paintPlanes(out, { width, height }, nuclear, body, now);
    },
    fits: (gl) => [spect, ...(ct ? [ct] : [])].every((one) => fitsIn(gl, one)),
    release: (gl) => [...textures, ...Object.values(tables)].forEach((one) => one.release(gl)),
  };
}

function heldTable(colours: Colours): HeldTexture {
  return new HeldTexture((gl) => {
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, TABLE_LENGTH, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, makeTable(colours));
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    return texture;
  });
}

function fitsIn(gl: Gl, { columns, rows, frames: slices }: Volume): boolean {
  return Math.max(columns, rows, slices) <= Number(gl.gl.getParameter(gl.gl.MAX_3D_TEXTURE_SIZE));
}

function clear({ gl }: Gl): void {
  gl.clearColor(0, 0, 0, 1);
  gl.clear(gl.COLOR_BUFFER_BIT);
}

function setUniforms(
  gl: WebGL2RenderingContext,
  program: Program,
  nuclear: Mapped,
  body: Mapped | null,
  state: FusionState,
): void {
  const spectGain = gainOf(state.spect, nuclear.volume);
  const ctGain = gainOf(state.ct, (body ?? nuclear).volume);
  gl.uniform1i(program.at("spect"), 0);
  gl.uniform1i(program.at("ct"), 1);
  gl.uniform1i(program.at("table"), 2);
  gl.uniformMatrix4fv(program.at("spectMap"), false, nuclear.map);
  gl.uniformMatrix4fv(program.at("ctMap"), false, (body ?? nuclear).map);
  gl.uniform2f(program.at("spectGain"), spectGain.gain, spectGain.offset);
  gl.uniform2f(program.at("ctGain"), ctGain.gain, ctGain.offset);
  gl.uniform1i(program.at("scale"), scaleNumber(state.spect.scale));
  gl.uniform1i(program.at("inverse"), Number(state.spect.inverse));
  gl.uniform1i(program.at("coloured"), Number(state.colours !== "grey"));
  gl.uniform1i(program.at("hasCt"), Number(body !== null));
  gl.uniform1i(program.at("smoothly"), Number(state.smooth));
  gl.uniform1f(program.at("cover"), state.mix);
  gl.uniform3f(program.at("surround"), SURROUND[0] / 255, SURROUND[1] / 255, SURROUND[2] / 255);
}

function fillPlane(gl: Gl, program: Program, view: PlaneView, ratio: number): void {
  const patch = patchOf(view, ratio);
  gl.gl.uniform3fv(program.at("origin"), patch.origin);
  gl.gl.uniform3fv(program.at("across"), patch.across);
  gl.gl.uniform3fv(program.at("down"), patch.down);
  gl.fill(patch.left, patch.top, patch.width, patch.height);
}
