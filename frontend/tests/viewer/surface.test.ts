import { describe, expect, it, vi } from "vitest";
import type { Gl } from "../../src/viewer/gl";
import { makeSurface, type Painting } from "../../src/viewer/surface";

/** A canvas that remembers what reached it, and a context that can be lost. */
function stage(fits = true) {
  const context = {
    createImageData(width: number, height: number) {
      return { width, height, data: new Uint8ClampedArray(width * height * 4) };
    },
    putImageData: vi.fn(),
    drawImage: vi.fn(),
  };
  const canvas = { width: 10, height: 10, getContext: vi.fn(() => context) };
  const state = { lost: false, listeners: new Set<() => void>() };
  const gl = {
    canvas: { width: 500, height: 400 },
    isLost: () => state.lost,
    begin: vi.fn(),
    watch(listener: () => void) {
      state.listeners.add(listener);
      return () => state.listeners.delete(listener);
    },
  };
  const painting: Painting = { byGl: vi.fn(), byHand: vi.fn(), fits: () => fits, release: vi.fn() };
  const repaint = vi.fn();
  const make = (with_: unknown = gl) =>
    makeSurface(canvas as unknown as HTMLCanvasElement, painting, repaint, with_ as Gl | null);
  return { canvas, context, gl, make, painting, repaint, state };
}

describe("a surface", () => {
  it("has device pixels", () => {
    const { canvas, make } = stage();
    make().resize({ width: 100.4, height: 50, ratio: 2 });
    expect([canvas.width, canvas.height]).toEqual([201, 100]);
  });

  it("takes its picture from the bottom left of the shared canvas", () => {
    const { context, gl, make } = stage();
    make().paint();
    expect(context.drawImage).toHaveBeenCalledWith(gl.canvas, 0, 390, 10, 10, 0, 0, 10, 10);
  });

  it("is painted by hand while the context is lost, and by WebGL2 again when it is back", () => {
    const { make, painting, repaint, state } = stage();
    const surface = make();
    expect(surface.kind).toBe("webgl2");
    state.lost = true;
    for (const listener of state.listeners) listener();
    expect(repaint).toHaveBeenCalledTimes(1);
    surface.paint();
    expect([surface.kind, vi.mocked(painting.byHand).mock.calls.length]).toEqual(["canvas2d", 1]);
    state.lost = false;
    surface.paint();
    expect([surface.kind, vi.mocked(painting.byGl).mock.calls.length]).toEqual(["webgl2", 1]);
  });

  it("is painted by hand where there is no context, or one that cannot hold the image", () => {
    for (const surface of [stage().make(null), stage(false).make()]) expect(surface.kind).toBe("canvas2d");
  });

  it("frees what it held", () => {
    const { gl, make, painting, state } = stage();
    make().dispose();
    expect(painting.release).toHaveBeenCalledWith(gl);
    expect(state.listeners.size).toBe(0);
  });
});
