import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '#platform';
import { GATEWAY_CONFIG, type GatewayConfig } from '../config.js';
import { TokenBuckets } from './token-buckets.js';

/** How much one caller may ask of this gateway, and how often it may be wrong about who it is. */
@Injectable()
export class RateLimits {
  private readonly calls: TokenBuckets;
  private readonly failures: TokenBuckets;

  constructor(@Inject(GATEWAY_CONFIG) config: GatewayConfig) {
    this.calls = new TokenBuckets(config.RATE_LIMIT_PER_SECOND, config.RATE_LIMIT_PER_SECOND);
    this.failures = new TokenBuckets(config.AUTH_FAILURES_PER_MINUTE / 60, config.AUTH_FAILURES_PER_MINUTE);
  }

  /** Counts one call of a terminal or an address. Throws 429. */
  countCall(caller: string): void {
    refuseFor(this.calls.take(caller, performance.now()), 'Too many calls.');
  }

  /** Refuses before a key or token is looked at, so that the right one cannot be found by trying. Throws 429. */
  refuseGuessing(address: string): void {
    refuseFor(this.failures.wait(address, performance.now()), 'Too many keys or tokens were refused.');
  }

  countFailure(address: string): void {
    this.failures.take(address, performance.now());
  }
}

function refuseFor(seconds: number, reason: string): void {
  if (seconds === 0) return;
  const whole = Math.max(1, Math.ceil(seconds));
  throw new Problem('too-many-requests', `${reason} Ask again in ${whole} s.`, {}, whole);
}
