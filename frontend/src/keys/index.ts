/** Keys on a page: commands by their bindings, digits by their place. */

import { createContext } from "preact";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import { bind, type Bindings, type Command, type KeySettings } from "./commands";
import { useWords, type Speaker } from "../words";
import { presses } from "../words/presses";
import { isCharacter, nameByPlace, namePress } from "./presses";

export type { Bindings, Command, KeySettings } from "./commands";
export { areaOf, AREA_NAMES, bind, COMMANDS, findClash, loadKeys, saveKeys } from "./commands";
export { isCharacter, namePress } from "./presses";

export const KeysContext = createContext<KeySettings>({ own: {}, off: false });

export type Handlers = Partial<Record<Command, () => void>> & { digit?: (digit: number) => void };

const TYPED = "input:not([type=checkbox]), textarea, select, [contenteditable]";
/** What a key does again and again while it is held; a held digit must not grade every segment. */
const REPEATED = /^(list|mark|score|consensus|site)\.(next|previous)$|^image\.(zoom_in|zoom_out|darker|lighter)$/;

/**
 * Run the command of each key that is pressed outside of fields and dialogs, as long as `active`.
 *
 * With a `part` of the page the keys work while the focus is in it, before those of the page, and even where single keys
 * are switched off.
 */
export function useCommands(handlers: Handlers, active = true, part: { current: HTMLElement | null } | null = null): void {
  const settings = useContext(KeysContext);
  const latest = useRef(handlers);
  latest.current = handlers;
  useLayoutEffect(() => { // with the page itself: what one sees hears keys
    const listening: HTMLElement | Document | null = part ? part.current : document;
    if (!active || !listening) return undefined;
    const bindings = bind(settings);
    const pressed = (event: Event): void => {
      if (!(event instanceof KeyboardEvent)) return;
      const target = event.target instanceof Element ? event.target : null;
      if (event.defaultPrevented || target?.closest(TYPED) || document.querySelector("dialog[open]")) return;
      const name = namePress(event);
      if (name === null || (settings.off && !part && isCharacter(name))) return;
      if (/^(Enter|Space)$/.test(name) && target?.closest("button, a, input, summary, [role=button]")) return;
      const found = findHandler(latest.current, bindings, name) ?? findHandler(latest.current, bindings, nameByPlace(event));
      if (!found) return;
      event.preventDefault();
      if (!event.repeat || REPEATED.test(found.command)) found.run();
    };
    listening.addEventListener("keydown", pressed);
    return () => listening.removeEventListener("keydown", pressed);
  }, [settings, active, part]);
}

/** Return how presses are written on the page, in the language of the reader. */
export function usePressNames(): (press: string) => string {
  const { say } = useWords();
  return (press) => press.split(/(?<=[a-z])\+/).map((part) => showPart(part, say)).join(" ");
}

/** Return how the key of a command is written on the page, as the reader has it. */
export function useKeyNames(): (command: Command) => string {
  const bindings = bind(useContext(KeysContext));
  const show = usePressNames();
  return (command) => show(bindings[command]);
}

function showPart(part: string, say: Speaker["say"]): string {
  if (part.length === 1) return part.toUpperCase();
  const word = `press.${part}`;
  return word in presses ? say(word as keyof typeof presses) : part;
}

interface Found {
  command: Command | "digit";
  run: () => void;
}

/** Return what a page does with a press of that name. */
export function findHandler(handlers: Handlers, bindings: Bindings, name: string | null): Found | null {
  if (name === null) return null;
  for (const command of Object.keys(bindings) as Command[]) {
    const run = handlers[command];
    if (run && bindings[command] === name) return { command, run };
  }
  const { digit } = handlers;
  return digit && /^[0-9]$/.test(name) ? { command: "digit", run: () => digit(Number(name)) } : null;
}
