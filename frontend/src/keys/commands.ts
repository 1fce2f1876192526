/** Every command that has a key, with the key that it has unless it is given another one. */

export const COMMANDS = {
  "list.open": "Enter",
  "list.next": "ArrowDown",
  "list.previous": "ArrowUp",
  "read.lock": "l",
  "read.back": "Escape",
  "read.next": "Shift+ArrowRight",
  "read.previous": "Shift+ArrowLeft",
  "read.not_evaluable": "e",
  "read.comment": "c",
  undo: "z",
  redo: "Shift+z",
  "mark.region": "r",
  "mark.diffuse": "d",
  "mark.confidence": "q",
  "mark.remove": "Delete",
  "mark.next": "ArrowDown",
  "mark.previous": "ArrowUp",
  "prior.confirm": "y",
  "prior.clear": "n",
  "prior.clear_rest": ".",
  "score.rest": ".",
  "score.not_assessable": "x",
  "score.next": "ArrowDown",
  "score.previous": "ArrowUp",
  "score.back": "Backspace",
  "consensus.first": "1",
  "consensus.second": "2",
  "consensus.third": "3",
  "consensus.nothing": "0",
  "consensus.next": "ArrowDown",
  "consensus.previous": "ArrowUp",
  "site.confirm": "y",
  "site.next": "ArrowDown",
  "site.previous": "ArrowUp",
  "site.down": "Shift+ArrowDown",
  "site.up": "Shift+ArrowUp",
  "site.part": "n",
  "site.whole": "w",
  "site.back": "Escape",
  "image.inverse": "i",
  "image.fit": "f",
  "image.zoom_in": "+",
  "image.zoom_out": "-",
  "image.darker": "]",
  "image.lighter": "[",
  "image.scale": "g",
  "image.smooth": "b",
  "image.mirror": "m",
  "image.spect": "Space",
  "image.marks": "h",
  help: "?",
} as const;

export type Command = keyof typeof COMMANDS;
export type Bindings = Record<Command, string>;

const STORED = "residuum.keys";

/** The keys as the reader has them: the ones of `COMMANDS`, with own ones in their place; `off` takes all single keys away. */
export interface KeySettings {
  own: Partial<Bindings>;
  off: boolean;
}

export function loadKeys(storage: Pick<Storage, "getItem">): KeySettings {
  try {
    const found = JSON.parse(storage.getItem(STORED) ?? "{}") as Partial<KeySettings>;
    const own = Object.fromEntries(
      Object.entries(found.own ?? {}).filter(([name, key]) => name in COMMANDS && typeof key === "string"),
    );
    return { own, off: found.off === true };
  } catch {
    return { own: {}, off: false };
  }
}

export function saveKeys(storage: Pick<Storage, "setItem">, settings: KeySettings): void {
  storage.setItem(STORED, JSON.stringify(settings));
}

export function bind(settings: KeySettings): Bindings {
  return { ...COMMANDS, ...settings.own };
}

export const AREA_NAMES = ["list", "read", "image", "mark", "prior", "score", "consensus", "site", "all"] as const;
export type Area = (typeof AREA_NAMES)[number];

/** Return the part of the room in which a command works. */
export function areaOf(command: Command): Area {
  return AREA_NAMES.find((area) => command.startsWith(`${area}.`)) ?? "all";
}

/** Commands of one page are told apart by their key, so two of one page must not share one. */
const PAGES: readonly (readonly Area[])[] = [
  ["list", "all"],
  ["read", "mark", "prior", "image", "all"],
  ["read", "score", "image", "all"],
  ["read", "consensus", "image", "all"],
  ["site", "all"],
];

/** Return the command that would have the same key on some page, null where the key is free for this one. */
export function findClash(command: Command, key: string, bindings: Bindings): Command | null {
  const isBeside = (other: Command): boolean =>
    PAGES.some((areas) => areas.includes(areaOf(command)) && areas.includes(areaOf(other)));
  const all = Object.keys(COMMANDS) as Command[];
  return all.find((other) => other !== command && bindings[other] === key && isBeside(other)) ?? null;
}
