/** Below the marks or grades: not evaluable, comment, undo, lock; of a locked read, how to open it again. */

import { useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import type { ReadAnswer } from "../api/answers";
import { useKeyNames } from "../keys";
import type { Draft, Step } from "../state/draft";
import { useWords } from "../words";
import { speakRefusal } from "../words/speaking";

interface Props {
  read: ReadAnswer;
  draft: Draft;
  locked: boolean;
  send: (step: Step) => void;
  onLock: () => void;
  onReload: () => void;
}

export function ReadFoot({ read, draft, locked, send, onLock, onReload }: Props) {
  const { say } = useWords();
  const keyOf = useKeyNames();
  const { content } = draft;
  return (
    <section class="read-foot">
      <label class="check">
        <input
          type="checkbox"
          disabled={locked}
          checked={!content.evaluable}
          onChange={(event) => send({ do: "evaluable", evaluable: !event.currentTarget.checked })}
        />
        {say("not_evaluable")}
      </label>
      <label>
        {say("comment")}
        <textarea
          name="comment"
          rows={2}
          maxLength={10000}
          disabled={locked}
          value={content.comment ?? ""}
          onChange={(event) => send({ do: "comment", comment: event.currentTarget.value })}
          onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
        />
      </label>
      {locked ? (
        <Unlock {...{ read, onReload }} />
      ) : (
        <div class="actions">
          <button disabled={!draft.past.length} onClick={() => send({ do: "undo" })}>{say("undo")} <kbd>{keyOf("undo")}</kbd></button>
          <button disabled={!draft.future.length} onClick={() => send({ do: "redo" })}>{say("redo")}</button>
          <button class="main" onClick={onLock}>{say("lock")} <kbd>{keyOf("read.lock")}</kbd></button>
        </div>
      )}
    </section>
  );
}

function Unlock({ read, onReload }: { read: ReadAnswer; onReload: () => void }) {
  const words = useWords();
  const { say } = words;
  const [fault, setFault] = useState<ApiError | null>(null);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get("reason"));
    api.unlock(read.case, read.version, reason).then(onReload, (error: unknown) => {
      setFault(error instanceof ApiError ? error : new ApiError(0, "fault", String(error)));
    });
  };
  return (
    <form class="unlock" onSubmit={submit}>
      <p>{say("locked_note")}</p>
      <label>
        {say("unlock_reason")} <input name="reason" required minLength={3} maxLength={2000} />
      </label>
      <button type="submit">{say("unlock")}</button>
      {fault && <p class="problem" role="alert">{speakRefusal(words, fault)}</p>}
    </form>
  );
}
