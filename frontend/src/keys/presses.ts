/** What key was pressed, whatever the layout of the keyboard and the input method. */

/** What of a keyboard event is looked at. */
export interface Press {
  key: string;
  code: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  isComposing: boolean;
  getModifierState?: (key: string) => boolean;
}

const DIGIT = /^(?:Digit|Numpad)([0-9])$/;
const LETTER = /^Key([A-Z])$/;
const SIGNS: Readonly<Record<string, string>> = {
  Period: ".",
  NumpadDecimal: ".",
  BracketLeft: "[",
  BracketRight: "]",
  Space: "Space",
  Minus: "-",
  Equal: "+",
};

/**
 * Return the name of a press, such as `7`, `l`, `.`, `Enter`, `Shift+z`; null for one that means nothing here.
 *
 * Digits go by their place: on a French keyboard they need Shift otherwise. Letters and signs go by what is printed on
 * them, but by their place while an input method takes what is typed (it then says `Process`).
 */
export function namePress(press: Press): string | null {
  const third = press.getModifierState?.("AltGraph") ?? false; // AltGr + 5 is `[` on a French keyboard, and no 5
  if ((press.altKey && !third) || press.metaKey) return null;
  const digit = DIGIT.exec(press.code)?.[1];
  if (digit !== undefined && !press.ctrlKey && !third) return digit;
  const taken = press.isComposing || press.key === "Process" || press.key === "Unidentified" || press.key === "Dead";
  const letter = LETTER.exec(press.code)?.[1]?.toLowerCase();
  const own = taken ? (letter ?? nameByPlace(press)) : press.key === " " ? "Space" : press.key;
  if (own === null) return null;
  const name = own.length === 1 ? own.toLowerCase() : own;
  const isLetter = /^\p{L}$/u.test(name) || name.length > 1;
  return (press.ctrlKey && !third ? "Control+" : "") + (press.shiftKey && isLetter ? "Shift+" : "") + name;
}

/** Return the sign at the place of a key on an American keyboard, for presses whose own sign means nothing here. */
export function nameByPlace(press: Press): string | null {
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
  return press.shiftKey && press.code === "Slash" ? "?" : (SIGNS[press.code] ?? null);
}

/** Return whether a name is of a character: a letter, a digit or a sign, with Shift or without. */
export function isCharacter(name: string): boolean {
  return /^(Shift\+)?.$/u.test(name);
}
