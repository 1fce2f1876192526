/** Refusals in the language of the reader. */

import type { ApiError } from "../api/client";
import { refusals } from "./refusals";
import type { Speaker, Word } from "./index";

/** Return what a refusal says; what the server said where its code has no words. */
export function speakRefusal({ say }: Pick<Speaker, "say">, error: ApiError): string {
  const word = `refusal.${error.code}`;
  return word in refusals ? say(word as Word) : error.message || error.code;
}

/** Return how many seconds a refusal asks to wait. */
export function secondsOf(error: ApiError): number {
  const seconds = error.details["seconds"];
  return typeof seconds === "number" ? Math.ceil(seconds) : 0;
}
