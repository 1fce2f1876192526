import { describe, expect, test } from "vitest";
import { isCharacter, nameByPlace, namePress, type Press } from "../../src/keys/presses";

function press(key: string, code: string, others: Partial<Press> = {}): Press {
  return { key, code, ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, isComposing: false, ...others };
}

const graph = (name: string): boolean => name === "AltGraph";

describe("a press is named", () => {
  test.each([
    ["a letter", press("l", "KeyL"), "l"],
    ["a letter with Caps Lock", press("L", "KeyL"), "l"],
    ["a letter with Shift", press("Z", "KeyZ", { shiftKey: true }), "Shift+z"],
    ["a letter with Control", press("z", "KeyZ", { ctrlKey: true }), "Control+z"],
    ["a letter of a French keyboard by what is printed on it", press("z", "KeyW"), "z"],
    ["a digit", press("7", "Digit7"), "7"],
    ["a digit of a French keyboard, which needs no Shift", press("è", "Digit7"), "7"],
    ["a digit of a French keyboard with Shift", press("7", "Digit7", { shiftKey: true }), "7"],
    ["a digit of the key pad", press("4", "Numpad4"), "4"],
    ["the full stop of a French keyboard", press(".", "Comma", { shiftKey: true }), "."],
    ["the point of the key pad", press(".", "NumpadDecimal"), "."],
    ["a question mark", press("?", "Slash", { shiftKey: true }), "?"],
    ["a bracket of a French keyboard on Windows", press("[", "Digit5", { ctrlKey: true, altKey: true, getModifierState: graph }), "["],
    ["a bracket of a French keyboard on Linux", press("[", "Digit5", { getModifierState: graph }), "["],
    ["the space bar", press(" ", "Space"), "Space"],
    ["an arrow with Shift", press("ArrowRight", "ArrowRight", { shiftKey: true }), "Shift+ArrowRight"],
  ])("%s", (_, pressed, name) => expect(namePress(pressed)).toBe(name));

  test.each([
    ["a letter", press("Process", "KeyX", { isComposing: true }), "x"],
    ["a letter that is not composed yet", press("Process", "KeyX"), "x"],
    ["a digit", press("Process", "Digit3"), "3"],
    ["the full stop", press("Process", "Period"), "."],
    ["the space bar", press("Process", "Space"), "Space"],
    ["a question mark", press("Process", "Slash", { shiftKey: true }), "?"],
    ["a dead key", press("Dead", "BracketLeft"), "["],
  ])("with an input method, %s by its place", (_, pressed, name) => expect(namePress(pressed)).toBe(name));

  test.each([
    ["with Alt", press("l", "KeyL", { altKey: true })],
    ["with the key of the system", press("l", "KeyL", { metaKey: true })],
    ["without a name", press("Unidentified", "F13")],
  ])("not %s", (_, pressed) => expect(namePress(pressed)).toBeNull());
});

describe("a sign by its place", () => {
  test.each([
    ["the Chinese full stop", press("。", "Period"), "."],
    ["what a French keyboard has right of P", press("$", "BracketRight"), "]"],
    ["the key of the plus without Shift", press("=", "Equal"), "+"],
    ["a letter", press("l", "KeyL"), null],
    ["what belongs to the browser", press("-", "Minus", { ctrlKey: true }), null],
  ])("%s", (_, pressed, sign) => expect(nameByPlace(pressed)).toBe(sign));
});

test("characters are letters, digits and signs, with Shift or without", () => {
  expect(["l", "7", ".", "Shift+z", "é"].every(isCharacter)).toBe(true);
  expect(["Enter", "Space", "Shift+ArrowRight", "Control+z", "Delete"].some(isCharacter)).toBe(false);
});
