/** The first page: who is it? */

import type { SessionAnswer } from "../api/answers";
import { LanguageChoice } from "../parts/LanguageChoice";
import { SignInForm } from "../parts/SignInForm";
import { useWords, type Language } from "../words";

interface Props {
  onLanguage: (language: Language) => void;
  onEnter: (session: SessionAnswer) => void | Promise<void>;
}

export function SignIn({ onLanguage, onEnter }: Props) {
  const { say } = useWords();
  return (
    <main class="sign-in">
      <h1>Residuum</h1>
      <SignInForm account={null} onEnter={onEnter} />
      <LanguageChoice onLanguage={onLanguage} />
      <p class="quiet">{say("disclaimer")}</p>
    </main>
  );
}
