/** Projections on a canvas: counts interpolated first, then windowed, by WebGL2 or by hand with the same look. */

import { toPlace, type Camera, type Pane } from "./camera2d";
import { greyIndex, makeGreys, pack, SURROUND } from "./colours";
import { frames } from "./frames";
import { pixelOf, type Planar } from "./geometry";
import { GREY_SHADER, loadTexture, sharedGl, type Gl } from "./gl";
import { HeldTexture, makeSurface, type Kind, type Painting } from "./surface";
import { gainOf, scaleNumber, type Window } from "./window";

export interface PlanarRenderer {
  readonly kind: Kind;
  resize(pane: Pane): void;
  /** Show the image in the next frame. */
  draw(camera: Camera, window: Window, smooth: boolean): void;
  dispose(): void;
}

export interface PlanarPicture {
  camera: Camera;
  pane: Pane;
  window: Window;
  smooth: boolean;
}

/** Stored columns and rows from shares of the pane: index = start + share * span. */
export interface Span {
  start: number;
  span: number;
}

const FRAGMENT = `#version 300 es
precision highp float;
uniform highp usampler2D stored;
uniform vec4 place;
uniform vec2 gain;
uniform int scale;
uniform bool inverse, smoothly;
uniform vec3 surround;
in vec2 t;
out vec4 colour;
float at(ivec2 pixel) {
  return float(texelFetch(stored, clamp(pixel, ivec2(0), textureSize(stored, 0) - 1), 0).r);
}
float between(vec2 pixel) {
  ivec2 first = ivec2(floor(pixel));
  vec2 rest = fract(pixel);
  float upper = mix(at(first), at(first + ivec2(1, 0)), rest.x);
  float lower = mix(at(first + ivec2(0, 1)), at(first + ivec2(1, 1)), rest.x);
  return mix(upper, lower, rest.y);
}
${GREY_SHADER}
void main() {
  vec2 pixel = place.xy + t * place.zw;
  if (any(lessThan(pixel, vec2(-0.5))) || any(greaterThanEqual(pixel, vec2(textureSize(stored, 0)) - 0.5))) {
    colour = vec4(surround, 1.0);
    return;
  }
  float value = smoothly ? between(pixel) : at(ivec2(floor(pixel + 0.5)));
  colour = vec4(vec3(greyOf(gain.x * value + gain.y, scale, inverse)), 1.0);
}`;


/** Return the renderer of an image; `gl` null has it painted by hand. */
export function makePlanarRenderer(
  canvas: HTMLCanvasElement,
  image: Planar,
  gl: Gl | null = sharedGl(),
): PlanarRenderer {
  let pane: Pane = { width: canvas.width, height: canvas.height, ratio: 1 };
  let shown: Omit<PlanarPicture, "pane"> | null = null;
  const picture = (): PlanarPicture | null => shown && { ...shown, pane };
  const surface = makeSurface(canvas, planarPainting(image, picture), ask, gl);

  function paint(): void {
    if (shown) surface.paint();
  }
  function ask(): void {
    frames.ask(paint);
  }
  return {
    get kind() {
      return surface.kind;
    },
    resize(to) {
      pane = to;
      surface.resize(to);
      ask();
    },
    draw(camera, window, smooth) {
      shown = { camera, window, smooth };
      ask();
    },
    dispose() {
      frames.drop(paint);
      surface.dispose();
    },
  };
}

function planarPainting(image: Planar, picture: () => PlanarPicture | null): Painting {
  const texture = new HeldTexture((gl) => loadTexture(gl, [image.columns, image.rows], image.pixels));
  return {
    byGl(gl, width, height) {
      const shown = picture();
      if (!shown) return;
      const program = gl.program(FRAGMENT);
      program.use();
      texture.bind(gl, 0, gl.gl.TEXTURE_2D);
      setUniforms(gl.gl, (name) => program.at(name), image, shown);
      gl.fill(0, 0, width, height);
    },
    byHand(out, width, height) {
      const shown = picture();
      if (shown) paintPlanar(out, width, height, image, shown);
    },
    fits: (gl) => Math.max(image.rows, image.columns) <= Number(gl.gl.getParameter(gl.gl.MAX_TEXTURE_SIZE)),
    release: (gl) => texture.release(gl),
  };
}

function setUniforms(
  gl: WebGL2RenderingContext,
  at: (name: string) => WebGLUniformLocation | null,
  image: Planar,
  { camera, pane, window, smooth }: PlanarPicture,
): void {
  const [across, down] = spansOf(image, camera, pane);
  const { gain, offset } = gainOf(window, image);
  gl.uniform1i(at("stored"), 0);
  gl.uniform4f(at("place"), across.start, down.start, across.span, down.span);
  gl.uniform2f(at("gain"), gain, offset);
  gl.uniform1i(at("scale"), scaleNumber(window.scale));
  gl.uniform1i(at("inverse"), Number(window.inverse));
  gl.uniform1i(at("smoothly"), Number(smooth));
  gl.uniform3f(at("surround"), SURROUND[0] / 255, SURROUND[1] / 255, SURROUND[2] / 255);
}

/** Return which stored columns and rows a pane shows from edge to edge. */
export function spansOf(image: Planar, camera: Camera, pane: Pane): readonly [Span, Span] {
  const first = pixelOf(image, toPlace(camera, pane, { x: 0, y: 0 }));
  const last = pixelOf(image, toPlace(camera, pane, { x: pane.width, y: pane.height }));
  return [
    { start: first.column, span: last.column - first.column },
    { start: first.row, span: last.row - first.row },
  ];
}

/** Paint an image by hand, as the shader does. */
export function paintPlanar(
  out: Uint32Array,
  width: number,
  height: number,
  image: Planar,
  { camera, pane, window, smooth }: PlanarPicture,
): void {
  const [across, down] = spansOf(image, camera, pane);
  const columns = sample(across, width, image.columns, smooth);
  const rows = sample(down, height, image.rows, smooth);
  const { gain, offset } = gainOf(window, image);
  const greys = makeGreys(window);
  const surround = pack(SURROUND);
  const { pixels } = image;
  for (let y = 0; y < height; y++) {
    const line = out.subarray(y * width, (y + 1) * width);
    const rest = rows.rest[y] ?? -1;
    if (rest < 0) {
      line.fill(surround);
      continue;
    }
    const upper = (rows.first[y] ?? 0) * image.columns;
    const lower = (rows.second[y] ?? 0) * image.columns;
    for (let x = 0; x < width; x++) {
      const part = columns.rest[x] as number;
      if (part < 0) {
        line[x] = surround;
        continue;
      }
      const [one, two] = [columns.first[x] as number, columns.second[x] as number];
      const above = (pixels[upper + one] as number) * (1 - part) + (pixels[upper + two] as number) * part;
      const below = (pixels[lower + one] as number) * (1 - part) + (pixels[lower + two] as number) * part;
      const share = gain * (above * (1 - rest) + below * rest) + offset;
      line[x] = greys[greyIndex(share)] as number;
    }
  }
}

/** Neighbours and weights of the device pixels along one side; a weight below zero lies beyond the image. */
interface Samples {
  first: Int32Array;
  second: Int32Array;
  rest: Float32Array;
}

function sample({ start, span }: Span, length: number, stored: number, smooth: boolean): Samples {
  const samples: Samples = {
    first: new Int32Array(length),
    second: new Int32Array(length),
    rest: new Float32Array(length).fill(-1),
  };
  for (let place = 0; place < length; place++) {
    const index = start + ((place + 0.5) / length) * span;
    if (index < -0.5 || index >= stored - 0.5) continue;
    const below = smooth ? Math.floor(index) : Math.round(index);
    samples.first[place] = Math.max(below, 0);
    samples.second[place] = Math.min(below + 1, stored - 1);
    samples.rest[place] = smooth ? index - below : 0;
  }
  return samples;
}
