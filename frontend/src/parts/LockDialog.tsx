/** The lock: what was said, what still hinders it, and the password. */

import { useEffect, useRef, useState } from "preact/hooks";
import { api, ApiError, hasEnded } from "../api/client";
import type { ScoresAnswer } from "../api/answers";
import type { Content } from "../state/draft";
import { finish, unfinish } from "../state/finished";
import { useRoom } from "../state/room";
import type { Segment } from "../state/score_pass";
import { useWords, type Speaker } from "../words";
import { Modal } from "./Modal";
import { ReadSummary } from "./ReadSummary";
import { Refusal, useWait } from "./Refusal";

interface Props {
  number: string;
  content: Content;
  scores: ScoresAnswer;
  entry: "marks" | "grades";
  /** Prior marks or differences without a decision, null while that is not known. */
  pending: number | null;
  missing: readonly Segment[];
  /** Save what is not saved yet; false where that failed. */
  save: () => Promise<boolean>;
  version: () => number;
  onSigned: () => void;
  onLater: () => void;
  onClose: () => void;
}

export function LockDialog(props: Props) {
  const { number, pending, missing, onClose } = props;
  const { say, nameOf } = useWords();
  const hindered = pending !== 0 || missing.length > 0;
  return (
    <Modal title={say("lock_title", { case: number })} onClose={onClose}>
      <ReadSummary {...props} />
      {pending === null && <p class="problem" role="alert">{say("lock_unknown")}</p>}
      {pending !== null && pending > 0 && <p class="problem" role="alert">{say("lock_pending", { count: pending })}</p>}
      {missing.length > 0 && (
        <p class="problem" role="alert">
          {say("lock_missing", { segments: missing.map((one) => nameOf(one.system, one.segment)).join(say("comma")) })}
        </p>
      )}
      {hindered ? (
        <p class="actions"><button class="main" autofocus onClick={onClose}>{say("lock_back")}</button></p>
      ) : (
        <Signature {...props} />
      )}
    </Modal>
  );
}

function Signature({ number, save, version, onSigned, onLater, onClose }: Props) {
  const words = useWords();
  const { say } = words;
  const { session, signInAgain } = useRoom();
  const [fault, setFault] = useState<ApiError | "not_saved" | null>(null);
  const [items, setItems] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement | null>(null);
  const left = useWait(fault === "not_saved" ? null : fault);

  useEffect(() => {
    const wanted = fault === "not_saved" || !fault ? null : fault.code === "password" ? "[name=password]" : items.length ? ".reason input" : null;
    if (wanted) form.current?.querySelector<HTMLInputElement>(wanted)?.select();
  }, [fault]);

  const fail = async (error: unknown): Promise<void> => {
    if (hasEnded(error)) return signInAgain(); // the password is still in its field
    const told = error instanceof ApiError ? error : new ApiError(0, "fault", String(error));
    const asked = told.details["items"];
    if (told.code === "reason_missing" && Array.isArray(asked)) setItems(asked.map(String));
    setFault(told);
  };
  const sign = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget as HTMLFormElement);
    const reasons = Object.fromEntries(items.map((item) => [item, String(typed.get(`reason ${item}`) ?? "")]));
    setBusy(true);
    setFault(null);
    try {
      if (await save()) {
        await api.sign(String(typed.get("password")), [{ case: number, version: version(), reasons }]);
        unfinish(sessionStorage, session.account, [number]);
        onSigned();
      } else setFault("not_saved");
    } catch (error) {
      await fail(error);
    } finally {
      setBusy(false);
    }
  };
  const later = async (): Promise<void> => {
    setBusy(true);
    if (await save()) {
      finish(sessionStorage, session.account, number);
      onLater();
    } else setFault("not_saved");
    setBusy(false);
  };
  return (
    <form ref={form} onSubmit={(event) => void sign(event)}>
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
      {fault && (fault === "not_saved" ? <p class="problem" role="alert">{say("not_saved")}</p> : <Refusal fault={fault} left={left} />)}
      <p class="actions">
        <button type="button" onClick={onClose}>{say("cancel")}</button>
        <button type="button" disabled={busy} onClick={() => void later()}>{say("sign_later")}</button>
        <button class="main" type="submit" disabled={busy || left > 0}>{say("sign")}</button>
      </p>
    </form>
  );
}

function nameItem(item: string, { say, nameOf }: Speaker): string {
  if (item === "evaluable") return say("item_evaluable");
  const [system = "", segment] = item.split(" ");
  return segment === undefined ? nameOf("region", item) : nameOf(system, segment);
}
