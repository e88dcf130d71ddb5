/**
 * SQLSTATEs after which the same transaction may simply be run again, because PostgreSQL rolled it back for a
 * reason that lies in its neighbours and not in it (PostgreSQL manual, "Serialization Failure Handling").
 */
const RETRYABLE_SQLSTATES: ReadonlySet<string> = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available: the transaction itself chose not to wait (NOWAIT), so as not to deadlock
]);

/** Whether `error` is PostgreSQL's word that the transaction left no trace and may be run again at once. */
export function isRetryable(error: unknown): boolean {
  return RETRYABLE_SQLSTATES.has(String((error as { code?: unknown } | null)?.code));
}
