/** Name and password, with what the server says of them. */

import { useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import type { SessionAnswer } from "../api/answers";
import { useWords } from "../words";
import { Refusal, useWait } from "./Refusal";

interface Props {
  /** Whose password is asked for; null lets the name be typed. */
  account: string | null;
  onEnter: (session: SessionAnswer) => void | Promise<void>;
}

export function SignInForm({ account, onEnter }: Props) {
  const { say } = useWords();
  const [fault, setFault] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const left = useWait(fault);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const typed = new FormData(form);
    setBusy(true);
    try {
      await onEnter(await api.signIn(account ?? String(typed.get("account")), String(typed.get("password"))));
    } catch (error) {
      setFault(error instanceof ApiError ? error : new ApiError(0, "fault", String(error)));
      form.querySelector<HTMLInputElement>("[name=password]")?.select();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="sign-in-form" onSubmit={(event) => void submit(event)}>
      {account === null && (
        <label>
          {say("name")}
          <input name="account" autocomplete="username" autocapitalize="none" spellcheck={false} required autofocus />
        </label>
      )}
      {account !== null && <input class="unseen" name="account" autocomplete="username" value={account} readOnly tabIndex={-1} aria-hidden="true" />}
      <label>
        {say("password")}
        <input name="password" type="password" autocomplete="current-password" required autofocus={account !== null} />
      </label>
      <button class="main" type="submit" disabled={busy || left > 0}>{say("sign_in")}</button>
      {fault?.code === "unauthenticated" ? (
        <p class="problem" role="alert">{say(account === null ? "sign_in_wrong" : "refusal.password")}</p>
      ) : (
        fault && <Refusal fault={fault} left={left} />
      )}
    </form>
  );
}
