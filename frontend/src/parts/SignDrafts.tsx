/** Several drafts, locked with one password. */

import { useEffect, useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import type { CaseAnswer, ReadAnswer } from "../api/answers";
import { listFinished, unfinish } from "../state/finished";
import { useWords } from "../words";
import { speakRefusal } from "../words/speaking";
import { Modal } from "./Modal";

interface Props {
  drafts: readonly CaseAnswer[];
  onSigned: () => void;
  onClose: () => void;
}

export function SignDrafts({ drafts, onSigned, onClose }: Props) {
  const words = useWords();
  const { say } = words;
  const [reads, setReads] = useState<ReadAnswer[]>([]);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(() => new Set(listFinished(sessionStorage)));
  const [fault, setFault] = useState<ApiError | null>(null);
  const fail = (error: unknown): void => setFault(error instanceof ApiError ? error : new ApiError(0, "fault", String(error)));
  useEffect(() => {
    Promise.all(drafts.map((one) => api.read(one.case))).then(setReads, fail);
  }, []);
  const chosen = reads.filter((one) => ticked.has(one.case));
  const sign = (event: SubmitEvent): void => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget as HTMLFormElement).get("password"));
    const signed = chosen.map((one) => one.case);
    api.sign(password, chosen.map((one) => ({ case: one.case, version: one.version, reasons: {} }))).then(() => {
      unfinish(sessionStorage, signed);
      onSigned();
    }, fail);
  };
  const tick = (number: string, isOn: boolean): void => {
    const next = new Set(ticked);
    if (isOn) next.add(number);
    else next.delete(number);
    setTicked(next);
  };
  return (
    <Modal title={say("sign_drafts")} onClose={onClose}>
      <p class="quiet">{say("sign_drafts_why")}</p>
      <form onSubmit={sign}>
        <ul class="drafts">
          {reads.map((one) => (
            <li key={one.case}>
              <label class="check">
                <input type="checkbox" checked={ticked.has(one.case)} onChange={(event) => tick(one.case, event.currentTarget.checked)} />
                {say("case_of", { case: one.case })} · {say("siopen")} {one.scores.siopen?.total ?? say("total_none")}
                {!one.evaluable && <> · {say("not_evaluable")}</>}
              </label>
            </li>
          ))}
        </ul>
        <label>
          {say("password")} <input name="password" type="password" autocomplete="current-password" required />
        </label>
        {fault && (
          <p class="problem" role="alert">
            {typeof fault.details["case"] === "string" && <>{say("case_of", { case: fault.details["case"] })}: </>}
            {speakRefusal(words, fault)}
          </p>
        )}
        <p class="actions">
          <button type="button" onClick={onClose}>{say("cancel")}</button>{" "}
          <button class="main" type="submit" disabled={!chosen.length}>{say("sign")} ({chosen.length})</button>
        </p>
      </form>
    </Modal>
  );
}
