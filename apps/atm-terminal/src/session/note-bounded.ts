/** Keeps so many entries at most: the one that came first goes first. One that is there stays where it is. */
export function noteBounded<Key, Value>(entries: Map<Key, Value>, key: Key, value: Value, max: number): void {
  if (!entries.has(key) && entries.size >= max) {
    const [first] = entries.keys();
    if (first !== undefined) entries.delete(first);
  }
  entries.set(key, value);
}
