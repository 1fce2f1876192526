/** Every key, and another one for whoever wants it. */

import { useState } from "preact/hooks";
import { areaOf, AREA_NAMES, bind, COMMANDS, findClash, namePress, usePressNames, type Command, type KeySettings } from "../keys";
import { useWords } from "../words";
import { Modal } from "./Modal";

interface Props {
  settings: KeySettings;
  onKeys: (settings: KeySettings) => void;
  onClose: () => void;
}

type Refused = { key: string; command: Command } | "digit";

const MOUSE = ["mouse_click", "mouse_drag", "mouse_wheel", "mouse_zoom", "mouse_levels"] as const;
const MODIFIER = /^(Control\+)?(Shift\+)?(Shift|Control|Alt|AltGraph|Meta|CapsLock|Tab)$/;

export function KeysDialog({ settings, onKeys, onClose }: Props) {
  const { say } = useWords();
  const [changing, setChanging] = useState<Command | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const bindings = bind(settings);
  const show = usePressNames();

  const begin = (command: Command, button: HTMLElement): void => {
    setRefused(null);
    setChanging(command);
    button.focus(); // a click alone does not give it the focus in every browser
  };
  const take = (event: KeyboardEvent): void => {
    const key = namePress(event);
    if (!changing || key === null || MODIFIER.test(key)) return;
    event.preventDefault();
    event.stopPropagation();
    setChanging(null);
    if (key === "Escape" && COMMANDS[changing] !== key) return;
    if (/^[0-9]$/.test(key) && COMMANDS[changing] !== key) return setRefused("digit");
    const other = findClash(changing, key, bindings);
    setRefused(other && { key, command: other });
    if (!other) onKeys({ ...settings, own: { ...settings.own, [changing]: key } });
  };
  const row = (command: Command) => (
    <tr key={command}>
      <th scope="row">{say(`key.${command}`)}</th>
      <td>
        <button
          class={changing === command ? "changing" : ""}
          aria-label={`${say(`key.${command}`)}: ${changing === command ? say("keys_press") : show(bindings[command])}. ${say("keys_change")}`}
          onClick={(event) => begin(command, event.currentTarget)}
          onKeyDown={take}
          onKeyUp={(event) => event.key === " " && event.preventDefault()}
          onBlur={() => setChanging(null)}
        >
          {changing === command ? say("keys_press") : <kbd>{show(bindings[command])}</kbd>}
        </button>
        {bindings[command] !== COMMANDS[command] && <span class="quiet"> ({show(COMMANDS[command])})</span>}
      </td>
    </tr>
  );
  return (
    <Modal title={say("keys_title")} onClose={onClose}>
      <p class="quiet">{say("keys_how")}</p>
      <p class="problem" role="alert">
        {refused === "digit" && say("keys_digit")}
        {refused && refused !== "digit" && say("keys_clash", { key: show(refused.key), command: say(`key.${refused.command}`) })}
      </p>
      <div class="keys-table" tabIndex={0} role="region" aria-label={say("keys_title")}>
        <div>
          {AREA_NAMES.map((area) => (
            <table key={area}>
              <caption>{say(`key_area.${area}`)}</caption>
              <tbody>{(Object.keys(COMMANDS) as Command[]).filter((one) => areaOf(one) === area).map(row)}</tbody>
            </table>
          ))}
          <table>
            <caption>{say("mouse_title")}</caption>
            <tbody>
              {MOUSE.map((one) => (
                <tr key={one}>
                  <th scope="row">{say(`${one}_does`)}</th>
                  <td>{say(one)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
      <label class="check">
        <input type="checkbox" checked={settings.off} onChange={(event) => onKeys({ ...settings, off: event.currentTarget.checked })} />
        {say("keys_off")}
      </label>
      <p class="actions">
        <button onClick={() => onKeys({ ...settings, own: {} })}>{say("keys_reset")}</button>
        <button class="main" onClick={onClose}>{say("close")}</button>
      </p>
    </Modal>
  );
}
