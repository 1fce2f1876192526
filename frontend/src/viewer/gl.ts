/** One WebGL2 context for all panes: a browser allows few, and one that is lost is told to all of them. */

import { LOG_SPREAD } from "./window";

export interface Program {
  use(): void;
  /** Return where a uniform lies; null where the shader does not need it. */
  at(name: string): WebGLUniformLocation | null;
}

export interface Gl {
  gl: WebGL2RenderingContext;
  canvas: HTMLCanvasElement;
  /** Number of this life of the context: textures of an earlier one are gone. */
  life(): number;
  isLost(): boolean;
  program(fragment: string): Program;
  /** Make room for a picture and draw what follows into its part of the canvas, at the bottom left. */
  begin(width: number, height: number): void;
  /** Fill the rectangle (device pixels from the top left of the picture) by the program in use. */
  fill(left: number, top: number, width: number, height: number): void;
  /** Be told when the context was lost or is back; the answer ends it. */
  watch(listener: () => void): () => void;
}

/** `t` runs from the top left (0, 0) to the bottom right (1, 1) of what is filled. */
const VERTEX = `#version 300 es
out vec2 t;
void main() {
  vec2 corner = vec2(float((gl_VertexID << 1) & 2), float(gl_VertexID & 2));
  t = vec2(corner.x, 1.0 - corner.y);
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

/** Shares of a window to grey, as `greyOf`. */
export const GREY_SHADER = `
float greyOf(float share, int scale, bool inverse) {
  float grey = clamp(share, 0.0, 1.0);
  if (scale == 1) grey = sqrt(grey);
  if (scale == 2) grey = log(1.0 + grey * ${LOG_SPREAD - 1}.0) / log(${LOG_SPREAD}.0);
  return inverse ? 1.0 - grey : grey;
}`;

let shared: Gl | null | undefined;

/** Return the context of the page; null where the browser has none, or only a slow imitation. */
export function sharedGl(): Gl | null {
  if (shared === undefined) shared = openGl(true);
  return shared;
}

export function openGl(failIfMajorPerformanceCaveat: boolean): Gl | null {
  const canvas = document.createElement("canvas");
  const wanted = { alpha: false, antialias: false, depth: false, failIfMajorPerformanceCaveat };
  const gl = canvas.getContext("webgl2", wanted) as WebGL2RenderingContext | null;
  return gl && wrap(gl, canvas);
}

function wrap(gl: WebGL2RenderingContext, canvas: HTMLCanvasElement): Gl {
  const programs = new Map<string, Program>();
  const listeners = new Set<() => void>();
  let life = 1;
  let height = 0;

  canvas.addEventListener("webglcontextlost", (event) => {
    event.preventDefault(); // otherwise the browser never gives it back
    programs.clear();
    for (const listener of listeners) listener();
  });
  canvas.addEventListener("webglcontextrestored", () => {
    life += 1;
    for (const listener of listeners) listener();
  });

  return {
    gl,
    canvas,
    life: () => life,
    isLost: () => gl.isContextLost(),
    program(fragment) {
      const found = programs.get(fragment) ?? build(gl, fragment);
      programs.set(fragment, found);
      return found;
    },
    begin(width, high) {
      // Growing only: a new size costs a new buffer, and panes of several sizes take turns.
      if (canvas.width < width) canvas.width = width;
      if (canvas.height < high) canvas.height = high;
      height = high;
    },
    fill(left, top, width, high) {
      gl.viewport(left, height - top - high, width, high);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    },
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function build(gl: WebGL2RenderingContext, fragment: string): Program {
  const program = gl.createProgram();
  gl.attachShader(program, compile(gl, gl.VERTEX_SHADER, VERTEX));
  gl.attachShader(program, compile(gl, gl.FRAGMENT_SHADER, fragment));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`shaders do not fit together: ${gl.getProgramInfoLog(program) ?? ""}`);
  }
  const places = new Map<string, WebGLUniformLocation | null>();
  return {
    use: () => gl.useProgram(program),
    at(name) {
      const known = places.get(name);
      if (known !== undefined) return known;
      const place = gl.getUniformLocation(program, name);
      places.set(name, place);
      return place;
    },
  };
}

function compile(gl: WebGL2RenderingContext, kind: number, source: string): WebGLShader {
  const shader = gl.createShader(kind);
  if (!shader) throw new Error("the context gives no shader");
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
    throw new Error(`shader: ${gl.getShaderInfoLog(shader) ?? ""}`);
  }
  return shader;
}

/** Load stored values as they are; integer textures are not filtered by the hardware, so shaders interpolate. */
export function loadTexture(gl: WebGL2RenderingContext, size: readonly number[], stored: Uint16Array): WebGLTexture {
  const [columns = 1, rows = 1, frames] = size;
  const target = frames === undefined ? gl.TEXTURE_2D : gl.TEXTURE_3D;
  const texture = gl.createTexture();
  gl.bindTexture(target, texture);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 2);
  const format = [gl.RED_INTEGER, gl.UNSIGNED_SHORT] as const;
  if (frames === undefined) gl.texImage2D(target, 0, gl.R16UI, columns, rows, 0, ...format, stored);
  else gl.texImage3D(target, 0, gl.R16UI, columns, rows, frames, 0, ...format, stored);
  for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(target, filter, gl.NEAREST);
  return texture;
}
