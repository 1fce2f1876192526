/** The marks of a read: what an earlier scan proposes, the skeleton, and every mark with what can be said of it. */

import type { ComponentChildren } from "preact";
import type { Confidence, MarkAnswer, Pattern, PriorMark, SeenOn } from "../api/answers";
import { useKeyNames } from "../keys";
import { continues, listPending, type Content, type Draft, type Step } from "../state/draft";
import { useWords } from "../words";
import { CONFIDENCES, REGIONS } from "./codes";
import { SkeletonMap } from "./SkeletonMap";

interface Props {
  draft: Draft;
  priors: readonly PriorMark[];
  /** Why places of prior marks could not be carried over, null where they were. */
  proposalFault: string | null;
  /** Whether places are still computed. */
  proposalsWait?: boolean;
  locked: boolean;
  send: (step: Step) => void;
  onConfirm: (prior: PriorMark) => void;
  onRegion: (region: string) => void;
  /** What is asked above the skeleton. */
  children?: ComponentChildren;
}

const EXTENTS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const SEEN: readonly SeenOn[] = ["planar_ant", "planar_post", "spot", "spect"];
const FIRST_EXTENT = 0.5;

export function MarksPanel({ draft, priors, proposalFault, proposalsWait = false, locked, send, onConfirm, onRegion, children }: Props) {
  const { say } = useWords();
  const { content } = draft;
  const chosen = content.marks.find((one) => one.mark === draft.selected);
  if (!content.evaluable) return <p role="status">{say("lock_not_evaluable")}</p>;
  return (
    <>
      {priors.length > 0 && (
        <Priors {...{ content, priors, proposalFault, proposalsWait, locked, send, onConfirm }} />
      )}
      {children}
      <SkeletonMap
        counts={countRegions(content.marks)}
        selected={chosen?.regions ?? []}
        disabled={locked}
        onRegion={onRegion}
      />
      {!locked && <AddByName onRegion={onRegion} />}
      <MarkList {...{ draft, locked, send }} />
    </>
  );
}

export function countRegions(marks: readonly MarkAnswer[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const region of marks.flatMap((one) => one.regions)) counts.set(region, (counts.get(region) ?? 0) + 1);
  return counts;
}

/** Return what makes a mark focal, or diffuse with the extent that it had or half of the segment. */
export function turn(mark: MarkAnswer, pattern: Pattern): Partial<MarkAnswer> {
  return pattern === "focal" ? { pattern, extent: null } : { pattern, extent: mark.extent ?? FIRST_EXTENT };
}

function AddByName({ onRegion }: { onRegion: (region: string) => void }) {
  const { say, nameOf } = useWords();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    onRegion(String(new FormData(form).get("region")));
  };
  return (
    <form class="add-by-name" onSubmit={submit}>
      <label>
        {say("add_region")}
        <select name="region">
          {REGIONS.map((region) => (
            <option key={region} value={region}>{nameOf("region", region)}</option>
          ))}
        </select>
      </label>
      <button type="submit">{say("add")}</button>
    </form>
  );
}

interface PriorProps {
  content: Content;
  priors: readonly PriorMark[];
  proposalFault: string | null;
  /** Whether places are still computed. */
  proposalsWait?: boolean;
  locked: boolean;
  send: (step: Step) => void;
  onConfirm: (prior: PriorMark) => void;
}

function Priors({ content, priors, proposalFault, proposalsWait, locked, send, onConfirm }: PriorProps) {
  const { say, nameOf } = useWords();
  const keyOf = useKeyNames();
  const pending = listPending(content, priors);
  const current = pending[0];
  return (
    <section class="priors" aria-labelledby="priors">
      <h2 id="priors">
        {say("prior_title", { case: priors[0]?.case ?? "" })}{" "}
        <small class="quiet" role="status">
          {pending.length ? say("prior_pending", { count: pending.length }) : say("prior_done")}
        </small>
      </h2>
      <ul>
        {priors.map((prior) => {
          const isPending = pending.includes(prior);
          const stays = content.marks.some((mark) => continues(mark, prior));
          return (
            <li key={prior.mark} class={prior === current ? "current" : ""} aria-current={prior === current ? "true" : undefined}>
              <span class="name">{prior.regions.map((region) => nameOf("region", region)).join(", ")}</span>
              <span class="quiet">{describePattern(prior, nameOf)}</span>
              {isPending && !locked ? (
                <span class="choice">
                  <button onClick={() => onConfirm(prior)}>{say("prior_confirm")}{prior === current && <kbd>{keyOf("prior.confirm")}</kbd>}</button>
                  <button onClick={() => send({ do: "clear", priors: [prior] })}>{say("prior_clear")}{prior === current && <kbd>{keyOf("prior.clear")}</kbd>}</button>
                </span>
              ) : (
                <button class="settled" disabled={locked} onClick={() => (stays ? send({ do: "clear", priors: [prior] }) : onConfirm(prior))}>
                  {isPending ? "?" : stays ? `✓ ${say("prior_there")}` : `– ${say("prior_gone")}`}
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {!locked && pending.length > 1 && (
        <button onClick={() => send({ do: "clear", priors: pending })}>{say("prior_clear_rest")} <kbd>{keyOf("prior.clear_rest")}</kbd></button>
      )}
      <p class="quiet">{say(proposalsWait ? "proposals_wait" : proposalFault === null ? "proposed" : faultWord(proposalFault))}</p>
    </section>
  );
}

function faultWord(fault: string): `proposal_fault.${"no_body" | "cut" | "no_ct" | "other"}` {
  return fault === "no_body" || fault === "cut" || fault === "no_ct" ? `proposal_fault.${fault}` : "proposal_fault.other";
}

export function describePattern(mark: MarkAnswer, nameOf: (kind: string, code: string) => string): string {
  const extent = mark.extent === null ? "" : ` ${Math.round(100 * mark.extent)} %`;
  return nameOf("pattern", mark.pattern) + extent;
}

function MarkList({ draft, locked, send }: { draft: Draft; locked: boolean; send: (step: Step) => void }) {
  const { say, nameOf } = useWords();
  const { marks } = draft.content;
  return (
    <section class="mark-list" aria-labelledby="marks">
      <h2 id="marks">{say("marks")} ({marks.length})</h2>
      {!marks.length && !locked && <p class="quiet">{say("marks_none")}</p>}
      <ol>
        {marks.map((mark) => {
          const isOpen = mark.mark === draft.selected;
          return (
            <li key={mark.mark} class={isOpen ? "open" : ""}>
              <div class="row">
                <button
                  class="name"
                  aria-expanded={isOpen}
                  onClick={() => send({ do: "select", mark: isOpen ? null : mark.mark })}
                >
                  <b>{mark.mark}</b> {mark.regions.map((region) => nameOf("region", region)).join(", ")}
                  <span class="quiet"> · {describePattern(mark, nameOf)}</span>
                </button>
                {!locked && (
                  <button
                    class="remove"
                    aria-label={say("remove_mark", { mark: mark.mark })}
                    onClick={() => send({ do: "remove", mark: mark.mark })}
                  >
                    ×
                  </button>
                )}
              </div>
              {isOpen && <MarkForm {...{ mark, locked, send }} />}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function MarkForm({ mark, locked, send }: { mark: MarkAnswer; locked: boolean; send: (step: Step) => void }) {
  const { say, nameOf } = useWords();
  const change = (changes: Partial<MarkAnswer>): void => send({ do: "change", mark: mark.mark, changes });
  const [main, ...others] = mark.regions;
  return (
    <fieldset class="mark-form" disabled={locked}>
      <label>
        {say("region")}
        <select value={main ?? ""} onChange={(event) => change({ regions: [event.currentTarget.value, ...others.filter((one) => one !== event.currentTarget.value)] })}>
          {REGIONS.map((region) => <option key={region} value={region}>{nameOf("region", region)}</option>)}
        </select>
      </label>
      <label>
        {say("also_region")}
        <select value={others[0] ?? ""} onChange={(event) => change({ regions: [main ?? "", event.currentTarget.value].filter(Boolean) })}>
          <option value="">{say("also_none")}</option>
          {REGIONS.filter((region) => region !== main).map((region) => (
            <option key={region} value={region}>{nameOf("region", region)}</option>
          ))}
        </select>
      </label>
      <div class="patterns" role="group" aria-label={say("pattern")}>
        {(["focal", "diffuse"] as const).map((pattern) => (
          <button key={pattern} aria-pressed={mark.pattern === pattern} onClick={() => change(turn(mark, pattern))}>
            {nameOf("pattern", pattern)}
          </button>
        ))}
      </div>
      {mark.pattern === "diffuse" && (
        <div class="extents" role="group" aria-label={say("extent")}>
          {EXTENTS.map((extent) => (
            <button key={extent} aria-pressed={mark.extent === extent} onClick={() => change({ extent })}>
              {Math.round(100 * extent)}
            </button>
          ))}
          <span class="quiet">%</span>
        </div>
      )}
      <label>
        {say("confidence")}
        <select value={mark.confidence ?? ""} onChange={(event) => change({ confidence: (event.currentTarget.value || null) as Confidence | null })}>
          <option value="">{say("confidence_none")}</option>
          {CONFIDENCES.map((one) => <option key={one} value={one}>{nameOf("confidence", one)}</option>)}
        </select>
      </label>
      <div class="seen" role="group" aria-label={say("seen_on")}>
        {SEEN.map((one) => (
          <label key={one}>
            <input
              type="checkbox"
              checked={mark.seen_on.includes(one)}
              onChange={(event) => change({ seen_on: toggle(mark.seen_on, one, event.currentTarget.checked) })}
            />
            {nameOf("seen_on", one)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Return the list with an entry in it or not, in the order of `SEEN`. */
export function toggle(list: readonly SeenOn[], one: SeenOn, isIn: boolean): SeenOn[] {
  return SEEN.filter((entry) => (entry === one ? isIn : list.includes(entry)));
}
