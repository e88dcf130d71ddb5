import type { ReadinessCheck, UpstreamPool } from '#platform';

const ANSWER_TIMEOUT_MS = 1_000;

/** `/health/ready` is open to everybody, so however often it is asked, the replicas are not asked more often than this, milliseconds. */
const FRESH_MS = 500;

/** A gateway is ready where at least one atm-terminal replica is. */
export function terminalsReady(terminals: UpstreamPool): ReadinessCheck {
  let asked: Promise<void> = Promise.resolve();
  let askedAt = -Infinity;
  return () => {
    if (performance.now() - askedAt < FRESH_MS) return asked;
    askedAt = performance.now();
    asked = ask(terminals);
    return asked;
  };
}

async function ask(terminals: UpstreamPool): Promise<void> {
  const { status } = await terminals.request({
    method: 'GET',
    path: '/health/ready',
    timeoutMs: ANSWER_TIMEOUT_MS,
    failFastMs: ANSWER_TIMEOUT_MS / 2,
    retry: 'other-replicas',
  });
  if (status >= 300) throw new Error('no atm-terminal replica is ready');
}
