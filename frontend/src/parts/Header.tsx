/** The bar above every page: which study, who, language and keys. */

import { useEffect, useState } from "preact/hooks";
import { api, hasEnded, lastAnswerAt } from "../api/client";
import { useCommands, useKeyNames, type KeySettings } from "../keys";
import { useRoom } from "../state/room";
import { useWords, type Language } from "../words";
import { KeysDialog } from "./KeysDialog";
import { LanguageChoice } from "./LanguageChoice";

interface Props {
  onLanguage: (language: Language) => void;
  keys: KeySettings;
  onKeys: (settings: KeySettings) => void;
}

const SESSION_MS = 15 * 60_000;
const WARNED_MS = 2 * 60_000;
const LOOK_MS = 5_000;

export function Header({ onLanguage, keys, onKeys }: Props) {
  const { session, study, signOut } = useRoom();
  const { say, nameOf } = useWords();
  const keyOf = useKeyNames();
  const [shown, setShown] = useState(false);
  useCommands({ help: () => setShown(true) });
  return (
    <header class="header">
      <span class="title">{study.title || "Residuum"}</span>
      {study.synthetic && <span class="badge">{say("synthetic")}</span>}
      <span class="quiet disclaimer">{say("disclaimer")}</span>
      <Ending />
      <span class="quiet who">{session.account} · {nameOf("role", session.role)}</span>
      <LanguageChoice onLanguage={onLanguage} />
      <button onClick={() => setShown(true)}>{say("settings")} <kbd>{keyOf("help")}</kbd></button>
      <button onClick={() => void signOut()}>{say("sign_out")}</button>
      {shown && <KeysDialog settings={keys} onKeys={onKeys} onClose={() => setShown(false)} />}
    </header>
  );
}

/** Warn two minutes before a session ends for want of use. */
function Ending() {
  const { say } = useWords();
  const { signInAgain } = useRoom();
  const [ends, setEnds] = useState(false);
  const look = (): void => setEnds(Date.now() - lastAnswerAt() > SESSION_MS - WARNED_MS);
  useEffect(() => {
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const stay = (): void => {
    api.session().then(look, (error: unknown) => (hasEnded(error) ? signInAgain().then(look) : look()));
  };
  if (!ends) return null;
  return (
    <span class="ending" role="alert">
      {say("session_ends")} <button onClick={stay}>{say("stay")}</button>
    </span>
  );
}
