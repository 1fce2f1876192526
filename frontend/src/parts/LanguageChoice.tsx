/** The choice of a language, each named in itself. */

import { LANGUAGES, NAMES, useWords, type Language } from "../words";

export function LanguageChoice({ onLanguage }: { onLanguage: (language: Language) => void }) {
  const { say, language } = useWords();
  return (
    <select aria-label={say("language")} value={language} onChange={(event) => onLanguage(event.currentTarget.value as Language)}>
      {LANGUAGES.map((one) => <option key={one} value={one} lang={one}>{NAMES[one]}</option>)}
    </select>
  );
}
