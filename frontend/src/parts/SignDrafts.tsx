/** Several drafts, locked with one password. */

import { useEffect, useState } from "preact/hooks";
import { api, ApiError, hasEnded } from "../api/client";
import type { CaseAnswer, ReadAnswer } from "../api/answers";
import { listPending } from "../state/draft";
import { listFinished, unfinish } from "../state/finished";
import { useRoom } from "../state/room";
import { listMissing } from "../state/score_pass";
import { useWords } from "../words";
import { Modal } from "./Modal";
import { ReadSummary } from "./ReadSummary";
import { Refusal, useWait } from "./Refusal";

interface Props {
  drafts: readonly CaseAnswer[];
  onSigned: () => void;
  onClose: () => void;
}

export function SignDrafts({ drafts, onSigned, onClose }: Props) {
  const { say } = useWords();
  const { session, study, signInAgain } = useRoom();
  const [reads, setReads] = useState<ReadAnswer[] | null>(null);
  const [finished] = useState(() => listFinished(sessionStorage, session.account));
  const [ticked, setTicked] = useState<ReadonlySet<string>>(() => new Set(finished));
  const [fault, setFault] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const left = useWait(fault);
  const fail = (error: unknown): void => {
    setBusy(false);
    if (hasEnded(error)) void signInAgain();
    else setFault(error instanceof ApiError ? error : new ApiError(0, "fault", String(error)));
  };
  useEffect(() => {
    Promise.all(drafts.map((one) => api.read(one.case))).then(setReads, fail);
  }, []);

  /** Whether differences of a consensus may be open: only its own page tells. */
  const isUnsettled = (read: ReadAnswer): boolean =>
    session.role === "adjudicator" && study.design === "independent" && !finished.includes(read.case);
  /** Return how much a draft still lacks, so that it cannot be locked from here. */
  const countOpen = (read: ReadAnswer): number =>
    listPending(read, read.prior).length + (study.entry === "grades" ? listMissing(read).length : 0);
  const chosen = (reads ?? []).filter((one) => ticked.has(one.case) && !countOpen(one) && !isUnsettled(one));
  const sign = (event: SubmitEvent): void => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget as HTMLFormElement).get("password"));
    const signed = chosen.map((one) => one.case);
    setBusy(true);
    setFault(null);
    api.sign(password, chosen.map((one) => ({ case: one.case, version: one.version, reasons: {} }))).then(() => {
      unfinish(sessionStorage, session.account, signed);
      onSigned();
    }, fail);
  };
  const tick = (number: string, isOn: boolean): void => {
    const others = [...ticked].filter((one) => one !== number);
    setTicked(new Set(isOn ? [...others, number] : others));
  };
  const refused = fault?.details["case"];
  return (
    <Modal title={say("sign_drafts")} onClose={onClose}>
      <p class="quiet">{say("sign_drafts_why")}</p>
      {!reads && !fault && <p role="status">{say("loading")}</p>}
      <form onSubmit={sign}>
        <ul class="drafts">
          {(reads ?? []).map((one) => {
            const open = countOpen(one);
            const isHindered = open > 0 || isUnsettled(one);
            return (
              <li key={one.case}>
                <label class="check">
                  <input
                    type="checkbox"
                    disabled={isHindered}
                    checked={ticked.has(one.case) && !isHindered}
                    onChange={(event) => tick(one.case, event.currentTarget.checked)}
                  />
                  {say("case_of", { case: one.case })}
                </label>
                <ReadSummary content={one} scores={one.scores} entry={study.entry} />
                {open > 0 && <p class="quiet">{say("sign_drafts_open", { count: open })}</p>}
                {!open && isHindered && <p class="quiet">{say("sign_drafts_unsettled")}</p>}
              </li>
            );
          })}
        </ul>
        <label>
          {say("password")} <input name="password" type="password" autocomplete="current-password" required autofocus />
        </label>
        {fault && (
          <Refusal fault={fault} left={left} before={typeof refused === "string" ? `${say("case_of", { case: refused })}: ` : ""} />
        )}
        <p class="actions">
          <button type="button" onClick={onClose}>{say("cancel")}</button>
          <button class="main" type="submit" disabled={!chosen.length || busy || left > 0}>{say("sign")} ({chosen.length})</button>
        </p>
      </form>
    </Modal>
  );
}
