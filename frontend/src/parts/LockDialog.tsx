/** The lock: what was said, what still hinders it, and the password. */

import { useState } from "preact/hooks";
import { api, ApiError, hasEnded } from "../api/client";
import type { ScoresAnswer } from "../api/answers";
import type { Content } from "../state/draft";
import { finish, unfinish } from "../state/finished";
import { useRoom } from "../state/room";
import type { Segment } from "../state/score_pass";
import { useWords, type Speaker } from "../words";
import { speakRefusal } from "../words/speaking";
import { Modal } from "./Modal";

interface Props {
  number: string;
  content: Content;
  scores: ScoresAnswer;
  entry: "marks" | "grades";
  /** Prior marks or differences without a decision. */
  pending: number;
  missing: readonly Segment[];
  /** Save what is not saved yet; false where that failed. */
  save: () => Promise<boolean>;
  version: () => number;
  onSigned: () => void;
  onLater: () => void;
  onClose: () => void;
}

export function LockDialog(props: Props) {
  const { number, content, pending, missing, save, version, onSigned, onLater, onClose } = props;
  const words = useWords();
  const { say, nameOf } = words;
  const { signInAgain } = useRoom();
  const [fault, setFault] = useState<ApiError | "not_saved" | null>(null);
  const [items, setItems] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const hindered = pending > 0 || missing.length > 0;

  const sign = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget as HTMLFormElement);
    const reasons = Object.fromEntries(items.map((item) => [item, String(typed.get(`reason ${item}`) ?? "")]));
    setBusy(true);
    setFault(null);
    try {
      if (!(await save())) setFault("not_saved");
      else {
        await api.sign(String(typed.get("password")), [{ case: number, version: version(), reasons }]);
        unfinish(sessionStorage, [number]);
        onSigned();
      }
    } catch (error) {
      if (hasEnded(error)) await signInAgain();
      const told = error instanceof ApiError ? error : new ApiError(0, "fault", String(error));
      const asked = told.details["items"];
      if (told.code === "reason_missing" && Array.isArray(asked)) setItems(asked.map(String));
      setFault(told);
    } finally {
      setBusy(false);
    }
  };
  const later = async (): Promise<void> => {
    if (await save()) {
      finish(sessionStorage, number);
      onLater();
    } else setFault("not_saved");
  };
  return (
    <Modal title={say("lock_title", { case: number })} onClose={onClose}>
      <Summary {...props} />
      {pending > 0 && <p class="problem" role="alert">{say("lock_pending", { count: pending })}</p>}
      {missing.length > 0 && (
        <p class="problem" role="alert">
          {say("lock_missing", { segments: missing.map((one) => nameOf(one.system, one.segment)).join(", ") })}
        </p>
      )}
      {hindered ? (
        <p class="actions"><button class="main" autofocus onClick={onClose}>{say("close")}</button></p>
      ) : (
        <form onSubmit={(event) => void sign(event)}>
          {items.length > 0 && <p>{say("lock_reasons")}</p>}
          {items.map((item) => (
            <label key={item} class="reason">
              {say("lock_reason", { item: nameItem(item, words) })}
              <input name={`reason ${item}`} required minLength={3} maxLength={2000} />
            </label>
          ))}
          <p class="quiet">{say("lock_what")}</p>
          <label>
            {say("password")} <input name="password" type="password" autocomplete="current-password" required autofocus />
          </label>
          {fault && (
            <p class="problem" role="alert">{fault === "not_saved" ? say("not_saved") : speakRefusal(words, fault)}</p>
          )}
          <p class="actions">
            <button type="button" onClick={onClose}>{say("cancel")}</button>{" "}
            <button type="button" disabled={busy || !content} onClick={() => void later()}>{say("sign_later")}</button>{" "}
            <button class="main" type="submit" disabled={busy}>{say("sign")}</button>
          </p>
        </form>
      )}
    </Modal>
  );
}

function Summary({ content, scores, entry }: Props) {
  const { say } = useWords();
  if (!content.evaluable) return <p>{say("lock_not_evaluable")}</p>;
  const negative = entry === "marks" && !content.marks.length;
  return (
    <p class="summary">
      {scores.siopen && <span>{say("siopen")} <b>{scores.siopen.total ?? say("total_none")}</b></span>}
      {scores.curie && <span>{say("curie")} <b>{scores.curie.total ?? say("total_none")}</b></span>}
      <span>{negative ? say("lock_negative") : entry === "marks" && say("lock_marks", { count: content.marks.length })}</span>
    </p>
  );
}

function nameItem(item: string, { say, nameOf }: Speaker): string {
  if (item === "evaluable") return say("item_evaluable");
  const [system = "", segment] = item.split(" ");
  return segment === undefined ? nameOf("region", item) : nameOf(system, segment);
}
