/** What is printed on keys that have more than one sign. */

import type { Dictionary } from "./languages";

export const presses = {
  "press.Enter": { en: "Enter", fr: "Entrée", zh: "Enter" },
  "press.Space": { en: "Space", fr: "Espace", zh: "空格" },
  "press.Shift": { en: "Shift", fr: "Maj", zh: "Shift" },
  "press.Control": { en: "Ctrl", fr: "Ctrl", zh: "Ctrl" },
  "press.Escape": { en: "Esc", fr: "Échap", zh: "Esc" },
  "press.Delete": { en: "Del", fr: "Suppr", zh: "Del" },
  "press.Backspace": { en: "⌫", fr: "⌫", zh: "⌫" },
  "press.ArrowUp": { en: "↑", fr: "↑", zh: "↑" },
  "press.ArrowDown": { en: "↓", fr: "↓", zh: "↓" },
  "press.ArrowLeft": { en: "←", fr: "←", zh: "←" },
  "press.ArrowRight": { en: "→", fr: "→", zh: "→" },
  "press.PageUp": { en: "Page ↑", fr: "Page ↑", zh: "Page ↑" },
  "press.PageDown": { en: "Page ↓", fr: "Page ↓", zh: "Page ↓" },
} satisfies Dictionary;
