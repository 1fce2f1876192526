/** Every key, and another one for whoever wants it. */

import { useState } from "preact/hooks";
import { bind, COMMANDS, findClash, namePress, type Command, type KeySettings } from "../keys";
import { useWords } from "../words";
import { Modal } from "./Modal";

interface Props {
  settings: KeySettings;
  onKeys: (settings: KeySettings) => void;
  onClose: () => void;
}

export function KeysDialog({ settings, onKeys, onClose }: Props) {
  const { say } = useWords();
  const [changing, setChanging] = useState<Command | null>(null);
  const [clash, setClash] = useState<{ key: string; command: Command } | null>(null);
  const bindings = bind(settings);
  const take = (event: KeyboardEvent): void => {
    if (!changing) return;
    event.preventDefault();
    event.stopPropagation();
    const key = namePress(event);
    if (key === null || /^(Shift|Control|Alt|Meta|Tab)$/.test(key) || /^[0-9]$/.test(key)) return;
    const other = findClash(changing, key, bindings);
    setClash(other && { key, command: other });
    if (!other) onKeys({ ...settings, own: { ...settings.own, [changing]: key } });
    setChanging(null);
  };
  return (
    <Modal title={say("keys_title")} onClose={onClose}>
      <p class="quiet">{say("keys_mouse")}</p>
      <label class="check">
        <input type="checkbox" checked={settings.off} onChange={(event) => onKeys({ ...settings, off: event.currentTarget.checked })} />
        {say("keys_off")}
      </label>
      {clash && (
        <p class="problem" role="alert">{say("keys_clash", { key: clash.key, command: say(`key.${clash.command}`) })}</p>
      )}
      <div class="keys-table" tabIndex={0} role="region" aria-label={say("keys_title")}>
        <table>
          <thead>
            <tr><th scope="col">{say("keys_command")}</th><th scope="col">{say("keys_key")}</th><td /></tr>
          </thead>
          <tbody>
            {(Object.keys(COMMANDS) as Command[]).map((command) => (
              <tr key={command}>
                <th scope="row">{say(`key.${command}`)}</th>
                <td><kbd>{bindings[command]}</kbd></td>
                <td>
                  <button
                    aria-label={`${say("keys_change")}: ${say(`key.${command}`)}`}
                    onClick={() => setChanging(command)}
                    onKeyDown={take}
                  >
                    {say(changing === command ? "keys_press" : "keys_change")}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="actions">
        <button onClick={() => onKeys({ own: {}, off: false })}>{say("keys_reset")}</button>{" "}
        <button class="main" onClick={onClose}>{say("close")}</button>
      </p>
    </Modal>
  );
}
