/** Asks for the region of a place for which none is proposed, or not yet: in volumes, outside the body. */

import { useKeyNames } from "../keys";
import { useWords } from "../words";

export function AskRegion({ isKnown, onDrop }: { isKnown: boolean; onDrop: () => void }) {
  const { say } = useWords();
  const keyOf = useKeyNames();
  return (
    <p class="ask-region" role="alert">
      {say(isKnown ? "place_asked" : "place_waits")}{" "}
      <button onClick={onDrop}>{say("place_drop")} <kbd>{keyOf("mark.remove")}</kbd></button>
    </p>
  );
}
