/** A canvas that is painted by WebGL2 while there is a context, and by plain JavaScript while there is none. */

import type { Pane } from "./camera2d";
import { sharedGl, type Gl } from "./gl";

export type Kind = "webgl2" | "canvas2d";

/** The two ways to paint the same picture; sizes in device pixels. */
export interface Painting {
  /** Fill rectangles after `begin`; `fresh` where textures of an earlier life are gone. */
  byGl(gl: Gl, width: number, height: number): void;
  /** Write greys or colours as 0xAABBGGRR, row after row. */
  byHand(out: Uint32Array, width: number, height: number): void;
  /** Whether the context can hold the textures. */
  fits(gl: Gl): boolean;
  release(gl: Gl): void;
}

export interface Surface {
  readonly kind: Kind;
  resize(pane: Pane): void;
  paint(): void;
  dispose(): void;
}

/**
 * Return the surface of a canvas. `gl` null has it painted by hand.
 *
 * The canvas itself is always two-dimensional, so whoever paints can change while it is on the screen.
 */
export function makeSurface(
  canvas: HTMLCanvasElement,
  painting: Painting,
  repaint: () => void,
  gl: Gl | null = sharedGl(),
): Surface {
  const usable = gl !== null && painting.fits(gl) ? gl : null;
  // Pixels painted by hand reach a canvas in main memory sooner than one on the graphics card.
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: usable === null });
  if (!context) throw new Error("the browser draws no canvas");
  const unwatch = usable?.watch(repaint);
  let image: ImageData | null = null;

  function paintByHand(target: CanvasRenderingContext2D): void {
    const { width, height } = canvas;
    if (image?.width !== width || image.height !== height) image = target.createImageData(width, height);
    painting.byHand(new Uint32Array(image.data.buffer), width, height);
    target.putImageData(image, 0, 0);
  }

  const isGl = (): boolean => usable !== null && !usable.isLost();
  return {
    get kind() {
      return isGl() ? "webgl2" : "canvas2d";
    },
    resize(pane) {
      const width = Math.max(1, Math.round(pane.width * pane.ratio));
      const height = Math.max(1, Math.round(pane.height * pane.ratio));
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
    },
    paint() {
      const { width, height } = canvas;
      if (!usable || !isGl()) return paintByHand(context);
      usable.begin(width, height);
      painting.byGl(usable, width, height);
      const top = usable.canvas.height - height;
      context.drawImage(usable.canvas, 0, top, width, height, 0, 0, width, height);
    },
    dispose() {
      unwatch?.();
      if (usable) painting.release(usable);
      image = null;
    },
  };
}

/** A texture of the current life of a context, loaded when it is first needed. */
export class HeldTexture {
  #texture: WebGLTexture | null = null;
  #life = 0;
  readonly #load: (gl: WebGL2RenderingContext) => WebGLTexture;

  constructor(load: (gl: WebGL2RenderingContext) => WebGLTexture) {
    this.#load = load;
  }

  bind(gl: Gl, unit: number, target: number): void {
    gl.gl.activeTexture(gl.gl.TEXTURE0 + unit);
    if (this.#texture === null || this.#life !== gl.life()) {
      this.#texture = this.#load(gl.gl);
      this.#life = gl.life();
    }
    gl.gl.bindTexture(target, this.#texture);
  }

  release(gl: Gl): void {
    if (this.#life === gl.life()) gl.gl.deleteTexture(this.#texture);
    this.#texture = null;
  }
}
