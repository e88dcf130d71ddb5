import { Inject, Injectable } from '@nestjs/common';
import { Database, type DatabaseStatus } from '#database';
import { Messaging, type MessagingStatus, type StoredMessages } from '#messaging';
import { type Load, ProcessLoad, VERSION } from '#platform';
import { CONFIG, type Config } from '../config.js';
import { AccountHost } from '../host/account-host.js';

/** Below the time that the gateway waits for a replica's status, milliseconds. */
const DATABASE_MS_MAX = 300;

export interface ReplicaStatusBody {
  readonly name: string;
  readonly kind: 'replica';
  readonly role: 'atm-terminal';
  readonly state: 'up';
  readonly pid: number;
  readonly version: string | null;
  readonly load: Load;
  readonly broker: string;
  /** Calls that account replicas have answered this one, by their names. */
  readonly calls: Readonly<Record<string, number>>;
  /** Without what is stored while the database is away. */
  readonly messaging: MessagingStatus & Partial<StoredMessages>;
  readonly database: DatabaseStatus;
}

/** What the operator's view of the cluster shows of this replica. Answers also while its database is away. */
@Injectable()
export class ReplicaStatus {
  private readonly load = new ProcessLoad();

  constructor(
    private readonly database: Database,
    private readonly messaging: Messaging,
    private readonly host: AccountHost,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async read(): Promise<ReplicaStatusBody> {
    const database = await this.database.status(DATABASE_MS_MAX);
    return {
      name: this.config.REPLICA_NAME,
      kind: 'replica',
      role: 'atm-terminal',
      state: 'up',
      pid: process.pid,
      version: VERSION,
      load: this.load.read(),
      broker: this.config.BROKER,
      calls: this.host.answersByReplica(),
      messaging: { ...this.messaging.status(), ...(database.state === 'up' ? await this.messaging.stored() : {}) },
      database,
    };
  }
}
