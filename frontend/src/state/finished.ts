/** Which drafts an account has finished in this sitting and will sign later. */

type Store = Pick<Storage, "getItem" | "setItem">;

function nameStored(account: string): string {
  return `residuum.finished.${account}`; // the next account in the same window has cases of the same numbers
}

export function listFinished(store: Store, account: string): string[] {
  return (store.getItem(nameStored(account)) ?? "").split(" ").filter(Boolean);
}

export function finish(store: Store, account: string, number: string): void {
  store.setItem(nameStored(account), [...new Set([...listFinished(store, account), number])].join(" "));
}

export function unfinish(store: Store, account: string, numbers: readonly string[]): void {
  store.setItem(nameStored(account), listFinished(store, account).filter((one) => !numbers.includes(one)).join(" "));
}
