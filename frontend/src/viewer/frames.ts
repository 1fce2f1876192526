/** One frame for many events: who changed asks for a frame, and all that asked are drawn in it. */

export type Painter = () => void;

/** How long one frame took, in ms. */
export interface FrameTime {
  /** Drawing itself. */
  drawing: number;
  /** From the first request to the end of drawing. */
  untilDrawn: number;
  /** From the first request to the frame after, when the picture is on the screen. */
  untilShown: number;
  painters: number;
}

export interface Clock {
  request(callback: () => void): number;
  cancel(handle: number): void;
  now(): number;
}

export interface Frames {
  /** Draw once in the next frame, however often asked; in this frame where another painter asks. */
  ask(painter: Painter): void;
  /** Never draw again unless asked again. */
  drop(painter: Painter): void;
  /** Tell how long frames take; the answer ends it. */
  measure(listener: (time: FrameTime) => void): () => void;
}

const BROWSER: Clock = {
  request: (callback) => requestAnimationFrame(callback),
  cancel: (handle) => cancelAnimationFrame(handle),
  now: () => performance.now(),
};

export function makeFrames(clock: Clock = BROWSER): Frames {
  const waiting = new Set<Painter>();
  const listeners = new Set<(time: FrameTime) => void>();
  /** Who has drawn in the frame that is being drawn. */
  let drawn: Set<Painter> | null = null;
  let handle: number | null = null;
  let askedAt = 0;

  function tell(time: Omit<FrameTime, "untilShown">, from: number): void {
    clock.request(() => {
      const full = { ...time, untilShown: clock.now() - from };
      for (const listener of listeners) listener(full);
    });
  }

  function draw(): void {
    const [from, begun] = [askedAt, clock.now()];
    const done = new Set<Painter>();
    handle = null;
    drawn = done;
    try {
      paintAll(done);
    } finally {
      drawn = null;
      if (waiting.size) request(); // those that one which failed has kept from drawing
    }
    const now = clock.now();
    if (listeners.size) tell({ drawing: now - begun, untilDrawn: now - from, painters: done.size }, from);
  }

  function paintAll(done: Set<Painter>): void {
    for (const painter of waiting) {
      if (done.has(painter)) continue;
      done.add(painter);
      waiting.delete(painter);
      painter();
    }
  }

  function request(): void {
    askedAt = clock.now();
    handle = clock.request(draw);
  }

  return {
    ask(painter) {
      waiting.add(painter);
      if (handle === null && drawn === null) request();
    },
    drop(painter) {
      waiting.delete(painter);
      if (waiting.size || handle === null) return;
      clock.cancel(handle);
      handle = null;
    },
    measure(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The frames of the page. */
export const frames = makeFrames();
