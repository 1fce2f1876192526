/** Name and password, with what the server says of them. */

import { useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import type { SessionAnswer } from "../api/answers";
import { useWords } from "../words";
import { speakRefusal } from "../words/speaking";

interface Props {
  /** Whose password is asked for; null lets the name be typed. */
  account: string | null;
  onEnter: (session: SessionAnswer) => void;
}

export function SignInForm({ account, onEnter }: Props) {
  const words = useWords();
  const { say } = words;
  const [fault, setFault] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const typed = new FormData(form);
    setBusy(true);
    try {
      onEnter(await api.signIn(account ?? String(typed.get("account")), String(typed.get("password"))));
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
          <input name="account" autocomplete="username" required autofocus />
        </label>
      )}
      <label>
        {say("password")}
        <input name="password" type="password" autocomplete="current-password" required autofocus={account !== null} />
      </label>
      <button class="main" type="submit" disabled={busy}>{say("sign_in")}</button>
      {fault && <p class="problem" role="alert">{speakRefusal(words, fault)}</p>}
    </form>
  );
}
