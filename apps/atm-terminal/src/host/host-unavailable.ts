import { Problem } from '#platform';

/** Seconds after which a repeat is worth while. */
const RETRY_AFTER_SECONDS = 2;

/** 503 with Retry-After: the host is out of reach. `what` says what that means for the customer. */
export function hostUnavailable(what: string): Problem {
  return new Problem('unavailable', `${what} Please try again shortly.`, {}, RETRY_AFTER_SECONDS);
}
