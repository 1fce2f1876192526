/** Above the images: which case this is, its totals, and whether everything is saved. */

import type { ReadAnswer, ScoresAnswer } from "../api/answers";
import type { Content, Step } from "../state/draft";
import { go } from "../state/route";
import type { Saver, SaveState } from "../state/saver";
import type { Neighbours } from "../state/worklist";
import { useWords } from "../words";
import { speakRefusal } from "../words/speaking";

interface Props {
  read: ReadAnswer;
  content: Content;
  scores: ScoresAnswer;
  saved: SaveState;
  saver: Saver;
  neighbours: Neighbours;
  withSpect: boolean;
  spect: boolean;
  setSpect: (shown: boolean) => void;
  send: (step: Step) => void;
  leave: (where: () => void) => Promise<void>;
  onReload: () => void;
}

export function CaseBar(props: Props) {
  const { say, nameOf } = useWords();
  const { read, content, scores, neighbours, leave } = props;
  const open = (number: string | null) => (): void => void leave(() => number && go({ page: "case", number }));
  return (
    <div class="case-bar">
      <button onClick={() => void leave(() => go({ page: "list" }))}>☰ {say("worklist")}</button>
      <button aria-label={say("previous_case")} disabled={!neighbours.before} onClick={open(neighbours.before)}>‹</button>
      <h1>
        {say("case_of", { case: read.case })}
        {read.patient !== null && <> · {read.patient}</>}
        {read.timepoint !== null && <> · {nameOf("timepoint", read.timepoint)}</>}
        {read.day !== null && <> · {say("day", { day: read.day })}</>}
        {read.training && <small> {say("training")}</small>}
      </h1>
      <button aria-label={say("next_case")} disabled={!neighbours.after} onClick={open(neighbours.after)}>›</button>
      {props.withSpect && (
        <button aria-pressed={props.spect} onClick={() => props.setSpect(!props.spect)}>{say("spect_open")}</button>
      )}
      <output class="totals" aria-live="polite">
        {!content.evaluable && <span>{say("not_evaluable")}</span>}
        {content.evaluable && <Total name={say("siopen")} value={scores.siopen?.total} none={say("total_none")} />}
        {content.evaluable && scores.curie && <Total name={say("curie")} value={scores.curie.total} none={say("total_none")} />}
      </output>
      <Saved {...props} />
    </div>
  );
}

function Total({ name, value, none }: { name: string; value: number | null | undefined; none: string }) {
  return <span>{name} <b>{value ?? none}</b></span>;
}

function Saved({ read, saved, saver, send, content, onReload }: Props) {
  const words = useWords();
  const { say } = words;
  switch (saved.kind) {
    case "saved":
      return <span class="saved quiet" role="status">{read.state === "locked" ? nameLocked(words) : say("saved")}</span>;
    case "waiting":
    case "saving":
      return <span class="saved quiet" role="status">{say("saving")}</span>;
    case "offline":
      return <span class="saved problem" role="alert">{say("unsaved")}</span>;
    case "signed_out":
      return <span class="saved problem" role="alert">{say("signed_out_note")}</span>;
    case "refused":
      return (
        <span class="saved problem" role="alert">
          {speakRefusal(words, saved.error)} <button onClick={onReload}>{say("take_stored")}</button>
        </span>
      );
    case "conflict":
      return (
        <span class="saved problem" role="alert">
          {say("conflict")}{" "}
          <button onClick={onReload}>{say("take_stored")}</button>{" "}
          <button
            onClick={() => {
              saver.resume(saved.stored.version);
              send({ do: "comment", comment: content.comment ?? "" });
            }}
          >
            {say("keep_mine")}
          </button>
        </span>
      );
  }
}

function nameLocked({ nameOf }: ReturnType<typeof useWords>): string {
  return nameOf("state", "locked");
}
