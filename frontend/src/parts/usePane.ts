/** How big an element is on the screen, told whenever that changes. */

import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Pane } from "../viewer/camera2d";

export function usePane<T extends HTMLElement>(told: (pane: Pane) => void): RefObject<T | null> {
  const element = useRef<T | null>(null);
  const latest = useRef(told);
  latest.current = told;
  useEffect(() => {
    const target = element.current;
    if (!target) return undefined;
    const observer = new ResizeObserver(() => latest.current(measure(target)));
    observer.observe(target);
    return () => observer.disconnect();
  }, []);
  return element;
}

export function measure(element: HTMLElement): Pane {
  return { width: element.clientWidth, height: element.clientHeight, ratio: window.devicePixelRatio || 1 };
}
