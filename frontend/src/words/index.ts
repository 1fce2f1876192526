/** What the page says, in each language; every text stands beside its translations in the file of its area. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { codes } from "./codes";
import { common } from "./common";
import { consensus } from "./consensus";
import { keys } from "./keys";
import { presses } from "./presses";
import { reading } from "./reading";
import { refusals } from "./refusals";
import { score } from "./score";
import { signing } from "./signing";
import { sites } from "./sites";
import { study } from "./study";
import { worklist } from "./worklist";
import type { Language } from "./languages";

export { LANGUAGES, NAMES, chooseLanguage } from "./languages";
export type { Language } from "./languages";

export const WORDS = { ...common, ...reading, ...consensus, ...study, ...worklist, ...signing, ...score, ...sites, ...keys, ...presses, ...refusals, ...codes };

export type Word = keyof typeof WORDS;
export type Values = Record<string, string | number>;

/** Return a text with its places, such as `{count}`, filled. */
export function say(language: Language, word: Word, values: Values = {}): string {
  const text: string = WORDS[word][language];
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** Return the name of a code (a region, a segment, a time point, ...), the code itself where there is none. */
export function nameOf(language: Language, kind: string, code: string): string {
  const found = (codes as Record<string, Record<Language, string>>)[`${kind}.${code}`];
  return found ? found[language] : code;
}

export const LanguageContext = createContext<Language>("en");

export interface Speaker {
  language: Language;
  say: (word: Word, values?: Values) => string;
  nameOf: (kind: string, code: string) => string;
}

/** Return how to speak in the language that is chosen. */
export function useWords(): Speaker {
  const language = useContext(LanguageContext);
  return {
    language,
    say: (word, values) => say(language, word, values),
    nameOf: (kind, code) => nameOf(language, kind, code),
  };
}
