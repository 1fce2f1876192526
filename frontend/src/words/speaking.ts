/** Refusals in the language of the reader. */

import type { ApiError } from "../api/client";
import { refusals } from "./refusals";
import type { Speaker, Word } from "./index";

/** Return what a refusal says; what the server said where its code has no words. */
export function speakRefusal({ say }: Speaker, error: ApiError): string {
  const word = `refusal.${error.code}`;
  if (!(word in refusals)) return error.message || error.code;
  const seconds = error.details["seconds"];
  const wait = typeof seconds === "number" ? ` ${say("wait_seconds", { seconds: Math.ceil(seconds) })}` : "";
  return say(word as Word) + wait;
}
