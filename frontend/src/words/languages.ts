/** The languages of the page, and which of them a browser asks for. */

export const LANGUAGES = ["en", "fr", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];
export const NAMES: Record<Language, string> = { en: "English", fr: "Français", zh: "中文" };
export type Dictionary = Record<string, Record<Language, string>>;

/** Return the first language of a list such as `navigator.languages` that the page speaks, else English. */
export function chooseLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().split("-")[0] === language);
    if (found) return found;
  }
  return "en";
}
