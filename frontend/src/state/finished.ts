/** Which drafts the reader has finished in this sitting and will sign later. */

const STORED = "residuum.finished";

type Store = Pick<Storage, "getItem" | "setItem">;

export function listFinished(store: Store): string[] {
  return (store.getItem(STORED) ?? "").split(" ").filter(Boolean);
}

export function finish(store: Store, number: string): void {
  store.setItem(STORED, [...new Set([...listFinished(store), number])].join(" "));
}

export function unfinish(store: Store, numbers: readonly string[]): void {
  store.setItem(STORED, listFinished(store).filter((one) => !numbers.includes(one)).join(" "));
}
