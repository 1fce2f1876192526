/** What an adjudicator has settled without a trace in the draft, kept by this window with the draft that it belongs to. */

import type { Content } from "./draft";

type Store = Pick<Storage, "getItem" | "setItem">;
type Said = Pick<Content, "evaluable" | "marks" | "grades">;

interface Kept {
  said: string;
  items: string[];
}

function nameStored(account: string, number: string): string {
  return `residuum.settled.${account}.${number}`;
}

export function keepSettled(store: Store, account: string, number: string, content: Content): void {
  const kept: Kept = { said: write(content), items: [...content.settled] };
  store.setItem(nameStored(account, number), JSON.stringify(kept));
}

/** Return what was settled when the draft said what it says now; nothing where it was changed elsewhere since. */
export function loadSettled(store: Store, account: string, number: string, said: Said): string[] {
  try {
    const kept = JSON.parse(store.getItem(nameStored(account, number)) ?? "null") as Partial<Kept> | null;
    return kept?.said === write(said) && Array.isArray(kept.items) ? kept.items.filter((item) => typeof item === "string") : [];
  } catch {
    return [];
  }
}

function write({ evaluable, marks, grades }: Said): string {
  const places = marks.map(({ mark, regions, pattern, extent }) => JSON.stringify([mark, [...regions].sort(), pattern, extent]));
  const given = grades.map(({ system, segment, grade }) => `${system} ${segment} ${grade}`);
  return JSON.stringify([evaluable, places.sort(), given.sort()]);
}
