import { Controller, Get, Inject } from '@nestjs/common';
import { Database, type DatabaseStatus } from '#database';
import { Messaging, type MessagingStatus, type StoredMessages } from '#messaging';
import { type Load, ProcessLoad, VERSION } from '#platform';
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
  readonly load: Load;
  readonly broker: string;
  readonly messaging: MessagingStatus & Partial<StoredMessages>;
  readonly database: DatabaseStatus;
}

/** What the operator's view of the cluster shows of this replica. Answers also while its database is away. */
@Controller('internal/status')
export class StatusController {
  private readonly load = new ProcessLoad();

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
      load: this.load.read(),
      broker: this.config.BROKER,
      messaging: { ...this.messaging.status(), ...(database.state === 'up' ? await this.messaging.stored() : {}) },
      database,
    };
  }
}
