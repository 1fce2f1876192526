import { describe, expect, it, vi } from "vitest";
import { makeFrames, type Clock, type FrameTime } from "../../src/viewer/frames";

/** A clock that stands still between frames of 16 ms. */
function clock(): Clock & { tick(): void; pending(): number } {
  let [now, last] = [0, 0];
  let waiting = new Map<number, () => void>();
  return {
    request(callback) {
      waiting.set(++last, callback);
      return last;
    },
    cancel: (handle) => void waiting.delete(handle),
    now: () => now,
    pending: () => waiting.size,
    tick() {
      const due = waiting;
      waiting = new Map();
      now += 16;
      for (const callback of due.values()) callback();
    },
  };
}

describe("frames", () => {
  it("draw once for many requests", () => {
    const time = clock();
    const frames = makeFrames(time);
    const [one, other] = [vi.fn(), vi.fn()];
    for (let event = 0; event < 50; event++) frames.ask(one);
    frames.ask(other);
    expect(time.pending()).toBe(1);
    time.tick();
    time.tick();
    expect(one).toHaveBeenCalledTimes(1);
    expect(other).toHaveBeenCalledTimes(1);
  });

  it("draw in the same frame what a painter asks for", () => {
    const time = clock();
    const frames = makeFrames(time);
    const pixels = vi.fn();
    frames.ask(() => frames.ask(pixels));
    time.tick();
    expect(pixels).toHaveBeenCalledTimes(1);
    expect(time.pending()).toBe(0);
  });

  it("leave a painter that asks for itself to the next one", () => {
    const time = clock();
    const frames = makeFrames(time);
    const again = vi.fn(() => frames.ask(again));
    frames.ask(again);
    time.tick();
    expect(again).toHaveBeenCalledTimes(1);
    time.tick();
    expect(again).toHaveBeenCalledTimes(2);
  });

  it("forget a painter that is gone", () => {
    const time = clock();
    const frames = makeFrames(time);
    const gone = vi.fn();
    frames.ask(gone);
    frames.drop(gone);
    time.tick();
    expect(gone).not.toHaveBeenCalled();
    frames.ask(gone);
    time.tick();
    expect(gone).toHaveBeenCalledTimes(1);
  });

  it("go on where one painter fails", () => {
    const time = clock();
    const frames = makeFrames(time);
    const other = vi.fn();
    frames.ask(() => {
      throw new Error("no canvas");
    });
    frames.ask(other);
    expect(() => time.tick()).toThrow("no canvas");
    frames.ask(other);
    time.tick();
    expect(other).toHaveBeenCalled();
  });

  it("tell how long they took, to those who still listen", () => {
    const time = clock();
    const frames = makeFrames(time);
    const times: FrameTime[] = [];
    const stop = frames.measure((one) => times.push(one));
    frames.ask(() => undefined);
    time.tick();
    time.tick();
    expect(times).toEqual([{ drawing: 0, untilDrawn: 16, untilShown: 32, painters: 1 }]);
    stop();
    frames.ask(() => undefined);
    time.tick();
    time.tick();
    expect(times).toHaveLength(1);
  });
});
