/** What two readers say differently, one key for each: `1` follows the first, `2` the second. */

import { useEffect, useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import type { Compared, DifferenceAnswer, DifferencesAnswer, LockedRead } from "../api/answers";
import { useCommands } from "../keys";
import { deriveChoices, listOpen, resolve, type Choices, type Side } from "../state/consensus";
import type { Draft, Step } from "../state/draft";
import { useWords, type Speaker } from "../words";
import { MarksPanel } from "./MarksPanel";
import { ScorePass } from "./ScorePass";

interface Props {
  number: string;
  /** Of the draft when the page was opened, 0 where there was none. */
  version: number;
  draft: Draft;
  entry: "marks" | "grades";
  locked: boolean;
  send: (step: Step) => void;
  onReads: (reads: LockedRead[]) => void;
  /** Tells how many differences are open. */
  onOpen: (open: number) => void;
}

export function ConsensusPanel({ number, version, draft, entry, locked, send, onReads, onOpen }: Props) {
  const words = useWords();
  const { say } = words;
  const [found, setFound] = useState<DifferencesAnswer | ApiError | null>(null);
  const [choices, setChoices] = useState<Choices>({});
  const [at, setAt] = useState(0);
  const [isNew] = useState(version === 0);

  useEffect(() => {
    api.differences(number).then(
      (answer) => {
        setFound(answer);
        onReads(answer.reads);
        if (!isNew || locked) setChoices(deriveChoices(draft.content, answer.differences));
        else send({ do: "replace", content: resolve(answer.reads, answer.differences, {}) });
      },
      (error: unknown) => setFound(error instanceof ApiError ? error : new ApiError(0, "fault", String(error))),
    );
  }, [number]);

  const answer = found instanceof ApiError ? null : found;
  const differences = answer?.differences ?? [];
  const open = listOpen(differences, choices);
  useEffect(() => onOpen(locked || !isNew ? 0 : open.length), [open.length, locked]);

  const choose = (place: number, side: Side): void => {
    const item = differences[place]?.item;
    if (!answer || item === undefined || locked) return;
    const chosen = { ...choices, [item]: side };
    setChoices(chosen);
    send({ do: "replace", content: { ...resolve(answer.reads, differences, chosen), comment: draft.content.comment } });
    setAt(nextOpen(differences, chosen, place));
  };
  useCommands({
    "consensus.first": () => choose(at, 0),
    "consensus.second": () => choose(at, 1),
    "consensus.next": () => setAt(Math.min(at + 1, differences.length - 1)),
    "consensus.previous": () => setAt(Math.max(at - 1, 0)),
  }, !locked);

  if (found instanceof ApiError) return <p role="alert">{found.code === "blinded" ? say("not_yet_revealed") : found.message}</p>;
  if (!answer) return <p role="status">{say("loading")}</p>;
  return (
    <>
      <section class="differences" aria-labelledby="differences">
        <h2 id="differences">{say("consensus")}</h2>
        <p role="status" class="quiet">
          {differences.length ? say("differences_count", { open: open.length, count: differences.length }) : say("differences_none")}
        </p>
        <ol>
          {differences.map((one, place) => (
            <li key={one.item} class={place === at ? "current" : ""} aria-current={place === at ? "true" : undefined}>
              <h3>{nameItem(one, words)}</h3>
              {([0, 1] as const).map((side) => (
                <button key={side} class={`side-${side + 1}`} disabled={locked} aria-pressed={choices[one.item] === side} onClick={() => choose(place, side)}>
                  <kbd>{side + 1}</kbd> <span class="quiet">{say(side ? "reader_second" : "reader_first")}</span>{" "}
                  {describe(side ? one.second : one.first, words)}
                </button>
              ))}
            </li>
          ))}
        </ol>
        {!locked && differences.length > 0 && <p class="quiet">{say("own_marks")}</p>}
      </section>
      <details open={locked}>
        <summary>{say(entry === "marks" ? "marks" : "siopen")}</summary>
        {entry === "marks" ? (
          <MarksPanel {...{ draft, locked, send }} priors={[]} proposalFault={null} onConfirm={() => undefined} onRegion={(region) => send({ do: "add", region })} />
        ) : (
          <ScorePass content={draft.content} scores={null} keysOnPage={false} {...{ locked, send }} />
        )}
      </details>
    </>
  );
}

/** Return the next open difference after a place, from the beginning where there is none, the same where all are settled. */
function nextOpen(differences: readonly DifferenceAnswer[], choices: Choices, place: number): number {
  const isOpen = (one: DifferenceAnswer): boolean => choices[one.item] === undefined;
  const later = differences.findIndex((one, number) => number > place && isOpen(one));
  const first = differences.findIndex(isOpen);
  return later >= 0 ? later : first >= 0 ? first : place;
}

function nameItem(one: DifferenceAnswer, { say, nameOf }: Speaker): string {
  if (one.kind === "evaluable") return say("item_evaluable");
  if (one.kind === "region") return nameOf("region", one.item);
  const [system = "", segment = ""] = one.item.split(" ");
  return `${system === "curie" ? say("curie") : say("siopen")}: ${nameOf(system, segment)}`;
}

function describe(value: Compared, { say, nameOf }: Speaker): string {
  if (value === null) return say("nothing_there");
  if (typeof value === "number") return String(value);
  if (typeof value === "string") {
    return value === "yes" ? say("is_evaluable") : value === "no" ? say("not_evaluable") : say("not_assessable");
  }
  return value
    .map(({ pattern, extent, regions }) => {
      const share = extent === null ? "" : ` ${Math.round(100 * extent)} %`;
      const over = regions.length > 1 ? ` (${regions.map((region) => nameOf("region", region)).join(", ")})` : "";
      return nameOf("pattern", pattern) + share + over;
    })
    .join(" + ");
}
