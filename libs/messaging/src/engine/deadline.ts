/** Rejects where `work` takes longer than `delayMs`; the work itself goes on, unheeded. */
export async function within<T>(delayMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${delayMs} ms`)), delayMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when `work` has settled in whatever way, or after `delayMs`. */
export async function settlesWithin(delayMs: number, work: Promise<unknown>): Promise<void> {
  await within(delayMs, work).catch(() => undefined);
}
