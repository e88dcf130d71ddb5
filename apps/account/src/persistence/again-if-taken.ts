/** PostgreSQL's unique_violation. */
const UNIQUE_VIOLATION = '23505';

/**
 * Runs `work` a second time where an id was taken by somebody else while it ran. Requests with one id are serialised by
 * their account's lock; only those that name different accounts can meet at the primary key. The second run finds
 * the other's row and answers accordingly.
 */
export async function againIfTaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
    return work();
  }
}
