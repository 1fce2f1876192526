/** What the server refused, with the seconds that are still to be waited. */

import { useEffect, useState } from "preact/hooks";
import type { ApiError } from "../api/client";
import { useWords } from "../words";
import { secondsOf, speakRefusal } from "../words/speaking";

const SECOND_MS = 1000;

/** Return how many seconds a refusal still asks to wait, 0 where nothing is to be waited for. */
export function useWait(fault: ApiError | null): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const end = performance.now() + SECOND_MS * (fault ? secondsOf(fault) : 0);
    const look = (): void => setLeft(Math.max(0, Math.ceil((end - performance.now()) / SECOND_MS)));
    look();
    const timer = setInterval(look, SECOND_MS / 4);
    return () => clearInterval(timer);
  }, [fault]);
  return left;
}

export function Refusal({ fault, left, before = "" }: { fault: ApiError; left: number; before?: string }) {
  const words = useWords();
  return (
    <div class="problem">
      <p role="alert">{before}{speakRefusal(words, fault)}</p>
      {left > 0 && <p>{words.say("wait_seconds", { seconds: left })}</p>}
    </div>
  );
}
