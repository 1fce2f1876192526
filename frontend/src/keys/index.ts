/** Keys on a page: commands by their bindings, digits by their place. */

import { createContext } from "preact";
import { useContext, useEffect, useRef } from "preact/hooks";
import { bind, type Command, type KeySettings } from "./commands";
import { namePress } from "./presses";

export type { Bindings, Command, KeySettings } from "./commands";
export { bind, COMMANDS, findClash, loadKeys, saveKeys } from "./commands";
export { namePress } from "./presses";

export const KeysContext = createContext<KeySettings>({ own: {}, off: false });

export type Handlers = Partial<Record<Command, () => void>> & { digit?: (digit: number) => void };

const TYPED = "input, textarea, select, [contenteditable]";

/** Run the command of each key that is pressed outside of fields and dialogs, as long as `active`. */
export function useCommands(handlers: Handlers, active = true): void {
  const settings = useContext(KeysContext);
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    if (!active) return undefined;
    const bindings = bind(settings);
    const pressed = (event: KeyboardEvent): void => {
      const target = event.target instanceof Element ? event.target : null;
      if (event.defaultPrevented || target?.closest(TYPED) || document.querySelector("dialog[open]")) return;
      const name = namePress(event);
      if (name === null || (settings.off && name.length === 1)) return;
      if (/^(Enter|Space)$/.test(name) && target?.closest("button, a, summary, [role=button]")) return;
      const run = findHandler(latest.current, bindings, name);
      if (!run) return;
      event.preventDefault();
      run();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [settings, active]);
}

function findHandler(handlers: Handlers, bindings: Record<Command, string>, name: string): (() => void) | null {
  for (const command of Object.keys(bindings) as Command[]) {
    const run = handlers[command];
    if (run && bindings[command] === name) return run;
  }
  const { digit } = handlers;
  return digit && /^[0-9]$/.test(name) ? () => digit(Number(name)) : null;
}
