/** What the readers say differently, one key for each: `1` follows the first, `2` the second, `3` the third. */

import type { ComponentChild } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, ApiError, hasEnded } from "../api/client";
import type { Compared, DifferenceAnswer, DifferencesAnswer, LockedRead } from "../api/answers";
import { useCommands, useKeyNames } from "../keys";
import { begin, follow, listOpen, sayNothing, standingOf, valueOf, type Side } from "../state/consensus";
import type { Content, Draft, Step } from "../state/draft";
import { useRoom } from "../state/room";
import { useWords, type Speaker } from "../words";
import { speakRefusal } from "../words/speaking";
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
  /** Tells which differences are open. */
  onOpen: (open: readonly string[]) => void;
  onRegion: (region: string) => void;
  /** What is asked of a place that was pointed at; the skeleton is shown with it. */
  children: ComponentChild;
}

const COMMANDS = ["consensus.first", "consensus.second", "consensus.third"] as const;

export function ConsensusPanel({ number, version, draft, entry, locked, send, onReads, onOpen, onRegion, children }: Props) {
  const words = useWords();
  const { say } = words;
  const { signInAgain } = useRoom();
  const [found, setFound] = useState<DifferencesAnswer | ApiError | null>(null);
  const [at, setAt] = useState(0);
  const comment = useRef<string | null>(null);
  comment.current = draft.content.comment;

  const load = (): void => {
    api.differences(number).then(
      (answer) => {
        setFound(answer);
        onReads(answer.reads);
        if (version === 0 && !locked) send({ do: "open", content: { ...begin(answer.reads, answer.differences), comment: comment.current } });
      },
      (error: unknown) => {
        if (hasEnded(error)) void signInAgain().then(load);
        else setFound(error instanceof ApiError ? error : new ApiError(0, "fault", String(error)));
      },
    );
  };
  useEffect(load, [number]);

  const answer = found instanceof ApiError ? null : found;
  const { reads = [], differences = [] } = answer ?? {};
  const content = locked ? settleAll(draft.content, differences) : draft.content;
  const open = listOpen(content, differences, reads);
  const shown = content.evaluable ? differences : differences.filter((one) => one.kind === "evaluable");
  const here = Math.min(at, Math.max(shown.length - 1, 0));
  useEffect(() => {
    if (answer) onOpen(open);
  }, [answer, open.join()]);

  const change = (place: number, to: (one: DifferenceAnswer) => Content): void => {
    const one = shown[place];
    if (!one || locked) return;
    const changed = to(one);
    send({ do: "replace", content: changed });
    setAt(nextOpen(differences, listOpen(changed, differences, reads), place));
  };
  const choose = (place: number, side: Side): void => {
    if (side < reads.length) change(place, (one) => follow(content, one, side, differences, reads));
  };
  const empty = (place: number): void => change(place, (one) => (needsNothing(one, reads) ? sayNothing(content, one.item) : content));
  useCommands({
    "consensus.first": () => choose(here, 0),
    "consensus.second": () => choose(here, 1),
    "consensus.third": () => choose(here, 2),
    "consensus.nothing": () => empty(here),
    "consensus.next": () => setAt(Math.min(here + 1, shown.length - 1)),
    "consensus.previous": () => setAt(Math.max(here - 1, 0)),
  }, !locked);

  if (found instanceof ApiError) {
    return <p role="alert">{found.code === "blinded" ? say("not_yet_revealed") : speakRefusal(words, found)}</p>;
  }
  if (!answer) return <p role="status">{say("loading")}</p>;
  return (
    <>
      {children}
      <section class="differences" aria-labelledby="differences">
        <h2 id="differences">{say("consensus")}</h2>
        <p role="status" class="quiet">
          {differences.length ? say("differences_count", { open: open.length, count: differences.length }) : say("differences_none")}
        </p>
        <ol>
          {shown.map((one, place) => (
            <Item
              key={one.item}
              {...{ one, reads, content, locked }}
              current={place === here && !locked}
              onSide={(side) => choose(place, side)}
              onNothing={() => empty(place)}
            />
          ))}
        </ol>
        {!locked && differences.length > 0 && content.evaluable && <p class="quiet">{say("own_marks")}</p>}
      </section>
      <details open={locked || Boolean(children)}>
        <summary>{say(entry === "marks" ? "marks" : "siopen")}</summary>
        {entry === "marks" ? (
          <MarksPanel {...{ draft, locked, send }} priors={[]} proposalFault={null} onConfirm={() => undefined} onRegion={onRegion} />
        ) : (
          <ScorePass content={draft.content} scores={null} keysOnPage={false} {...{ locked, send }} />
        )}
      </details>
    </>
  );
}

interface ItemProps {
  one: DifferenceAnswer;
  reads: readonly LockedRead[];
  content: Content;
  locked: boolean;
  current: boolean;
  onSide: (side: Side) => void;
  onNothing: () => void;
}

function Item({ one, reads, content, locked, current, onSide, onNothing }: ItemProps) {
  const words = useWords();
  const { say } = words;
  const keyOf = useKeyNames();
  const row = useRef<HTMLLIElement | null>(null);
  const standing = standingOf(content, one, reads);
  const own = standing.kind === "own" ? valueOf(content, one) : undefined;
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <li ref={row} class={current ? "current" : ""} aria-current={current ? "true" : undefined}>
      <h3>
        {nameItem(one, words)}
        {standing.kind === "open" && <small class="open-item">{say("item_open")}</small>}
        {own !== undefined && own !== null && <small class="own-item">{say("item_own", { value: describe(own, one.item, words) })}</small>}
      </h3>
      <div class="sides">
        {reads.map((read, side) => {
          const command = COMMANDS[side];
          const value = valueOf(read, one);
          return (
            <button
              key={side}
              disabled={locked || value === undefined}
              aria-pressed={standing.kind === "followed" && standing.sides.includes(side)}
              onClick={() => onSide(side)}
            >
              <span class="quiet who">{current && command && <kbd>{keyOf(command)}</kbd>} {say("reader_side", { side: side + 1 })}</span>{" "}
              <span>{value === undefined ? say("side_silent") : describe(value, one.item, words)}</span>
            </button>
          );
        })}
      </div>
      {needsNothing(one, reads) && (!locked || own === null) && (
        <button class="nothing" disabled={locked} aria-pressed={own === null} onClick={onNothing}>
          {current && <kbd>{keyOf("consensus.nothing")}</kbd>} {say("item_nothing")}
        </button>
      )}
    </li>
  );
}

/** Return whether only the adjudicator could say that nothing is there: no reader does. */
function needsNothing(one: DifferenceAnswer, reads: readonly LockedRead[]): boolean {
  return one.kind === "region" && !reads.some((read) => valueOf(read, one) === null);
}

/** Of a locked consensus nothing is open. */
function settleAll(content: Content, differences: readonly DifferenceAnswer[]): Content {
  return { ...content, settled: differences.map((one) => one.item) };
}

/** Return the next open difference after a place, from the beginning where there is none, the same where all are settled. */
function nextOpen(differences: readonly DifferenceAnswer[], open: readonly string[], place: number): number {
  const isOpen = (one: DifferenceAnswer): boolean => open.includes(one.item);
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

function describe(value: Compared, item: string, { say, nameOf }: Speaker): string {
  if (value === null) return say("nothing_there");
  if (typeof value === "number") return String(value);
  if (typeof value === "string") {
    return value === "yes" ? say("is_evaluable") : value === "no" ? say("not_evaluable") : say("not_assessable");
  }
  return value
    .map(({ pattern, extent, regions }) => {
      const share = extent === null ? "" : ` ${Math.round(100 * extent)}\u00a0%`;
      const others = regions.filter((region) => region !== item).map((region) => nameOf("region", region));
      const over = others.length ? ` (${say("side_also", { regions: others.join(say("comma")) })})` : "";
      return nameOf("pattern", pattern) + share + over;
    })
    .join(" + ");
}
