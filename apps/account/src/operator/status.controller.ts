import { Controller, Get, Inject } from '@nestjs/common';
import { performance } from 'node:perf_hooks';
import { Database, type DatabaseStatus } from '#database';
import { Messaging, type MessagingStatus } from '#messaging';
import { VERSION } from '#platform';
import { ACCOUNT_CONFIG, type AccountConfig } from '../config.js';

/** Below the time that the gateway waits for a replica's status, milliseconds. */
const DATABASE_MS_MAX = 300;

export interface ReplicaStatus {
  readonly name: string;
  readonly kind: 'replica';
  readonly role: 'account';
  readonly state: 'up';
  readonly pid: number;
  readonly version: string | null;
  /** Of this process: share of the event loop in use since the last question (0 to 1), and resident memory. */
  readonly load: Readonly<Record<'eventLoop' | 'memoryMegabytes', number>>;
  readonly broker: string;
  readonly messaging: MessagingStatus | null;
  readonly database: DatabaseStatus;
}

/** What the operator's view of the cluster shows of this replica. Answers also while its database is away. */
@Controller('internal/status')
export class StatusController {
  private lastUtilisation = performance.eventLoopUtilization();

  constructor(
    private readonly database: Database,
    private readonly messaging: Messaging,
    @Inject(ACCOUNT_CONFIG) private readonly config: AccountConfig,
  ) {}

  @Get()
  async read(): Promise<ReplicaStatus> {
    const database = await this.database.status(DATABASE_MS_MAX);
    return {
      name: this.config.REPLICA_NAME,
      kind: 'replica',
      role: 'account',
      state: 'up',
      pid: process.pid,
      version: VERSION,
      load: this.load(),
      broker: this.config.BROKER,
      messaging: database.state === 'up' ? await this.messaging.status() : null,
      database,
    };
  }

  private load(): ReplicaStatus['load'] {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.lastUtilisation);
    this.lastUtilisation = now;
    return {
      eventLoop: Math.round(utilization * 100) / 100,
      memoryMegabytes: Math.round(process.memoryUsage.rss() / 1_048_576),
    };
  }
}
