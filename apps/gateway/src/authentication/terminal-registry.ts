import { hash } from 'node:crypto';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { terminalRegistrySchema } from '#contracts';
import { Problem } from '#platform';
import { LOGGER } from '../config.js';
import { Upstreams } from '../upstreams.js';

/** A terminal that is taken off the registry is refused after this at the latest, milliseconds. */
const REFRESH_MS = 30_000;

/** An unknown key makes the registry be read again, so that a new terminal works at once, but no more often than this, milliseconds. */
const UNKNOWN_KEY_REFRESH_MS = 1_000;

const FETCH_TIMEOUT_MS = 3_000;

/** Which terminal a key belongs to: a copy of the registry that the atm-terminal service keeps. It has hashes only, never keys. */
@Injectable()
export class TerminalRegistry implements OnApplicationShutdown {
  private terminals: ReadonlyMap<string, string> | null = null;
  private refreshing: Promise<void> | null = null;
  private refreshedAt = -Infinity;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly upstreams: Upstreams,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    void this.refresh();
    this.timer = setInterval(() => void this.refresh(), REFRESH_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** The terminal's id, or null where no terminal has this key. Throws 503 where the registry was never within reach. */
  async identify(key: string): Promise<string | null> {
    const keyHash = hash('sha256', key);
    const known = this.terminals?.get(keyHash);
    if (known !== undefined) return known;
    const stale = performance.now() - this.refreshedAt > UNKNOWN_KEY_REFRESH_MS;
    if (this.terminals === null || stale) await this.refresh();
    if (this.terminals === null) {
      throw new Problem(
        'unavailable',
        'Terminals cannot be told apart right now: no atm-terminal replica answers.',
        {},
        1,
      );
    }
    return this.terminals.get(keyHash) ?? null;
  }

  private refresh(): Promise<void> {
    this.refreshing ??= this.fetch().finally(() => {
      this.refreshing = null;
      this.refreshedAt = performance.now();
    });
    return this.refreshing;
  }

  /** Failing keeps the copy there is. */
  private async fetch(): Promise<void> {
    try {
      const answer = await this.upstreams.terminals.request({
        method: 'GET',
        path: '/internal/terminals',
        timeoutMs: FETCH_TIMEOUT_MS,
        retry: 'other-replicas',
      });
      const registry = terminalRegistrySchema.parse(JSON.parse(answer.body.toString()));
      this.terminals = new Map(registry.map(({ keyHash, terminalId }) => [keyHash, terminalId]));
    } catch (error) {
      this.logger.warn({ err: error }, 'terminal registry not refreshed');
    }
  }
}
