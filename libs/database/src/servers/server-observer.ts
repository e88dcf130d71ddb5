import { Client } from 'pg';

/** Between two questions to a server that answers, milliseconds. */
const ASK_MS = 500;
/** The same while nobody knows a primary: whoever is promoted is to be found at once. */
const ASK_URGENTLY_MS = 100;
/** A server that does not answer within this is asked once more over a new connection, milliseconds. */
const ANSWER_MS_MAX = 1_000;
/** Between two attempts to connect to a server that is down, milliseconds. */
const RECONNECT_MS = 250;

/** What a server says of itself. The timeline counts promotions: it grows by one whenever a standby becomes the primary. */
export interface Standing {
  readonly role: 'primary' | 'standby' | 'unknown';
  readonly state: 'up' | 'down';
  /** 0 where it is not known; only a primary says it. */
  readonly timeline: number;
}

export const DOWN: Standing = { role: 'unknown', state: 'down', timeline: 0 };

/**
 * A server in recovery, or one that takes no writes by default, is a standby (what libpq's target_session_attrs=read-write asks). The
 * timeline is the first eight hexadecimal digits of a WAL file's name.
 */
const READ_STANDING = `
  SELECT CASE WHEN pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' THEN 'standby' ELSE 'primary' END AS role,
    CASE WHEN pg_is_in_recovery() THEN 0
      ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END AS timeline`;

/**
 * Keeps a connection to one server and asks it again and again what it is. `down` where the connection ends, or where two answers in a
 * row, the second one over a new connection, take longer than a second each: a frozen server, or one whose network swallows
 * everything, counts as down after two seconds.
 */
export class ServerObserver {
  standing: Standing | null = null;
  private client: Client | null = null;
  private timer: NodeJS.Timeout | undefined;
  private wake: () => void = () => undefined;
  private closed = false;

  constructor(
    private readonly url: string,
    private readonly urgent: () => boolean,
    /** `standing` may have changed. */
    private readonly changed: () => void,
  ) {
    void this.observe();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.drop();
  }

  private async observe(): Promise<void> {
    while (!this.closed) {
      const standing = (await this.ask()) ?? (await this.ask());
      if (this.closed) return;
      this.standing = standing ?? DOWN;
      this.changed();
      await this.pause(standing === null ? RECONNECT_MS : this.urgent() ? ASK_URGENTLY_MS : ASK_MS);
    }
  }

  /** Null where the server gives no answer; the connection is gone then. */
  private async ask(): Promise<Standing | null> {
    if (this.closed) return null;
    const hadConnection = this.client !== null;
    const client = this.client ?? this.introduce();
    const late = setTimeout(() => client.connection.stream.destroy(), ANSWER_MS_MAX);
    try {
      if (!hadConnection) await client.connect();
      const { rows } = await client.query<Pick<Standing, 'role' | 'timeline'>>(READ_STANDING);
      const [row] = rows;
      return row === undefined ? null : { ...row, state: 'up' };
    } catch {
      this.drop();
      return null;
    } finally {
      clearTimeout(late);
    }
  }

  /** A connection that ends between two questions is told at once. */
  private introduce(): Client {
    const client = new Client({ connectionString: this.url, application_name: 'observer' });
    this.client = client;
    client.on('error', () => undefined);
    client.once('end', () => {
      if (this.client !== client || this.closed) return;
      this.client = null;
      if (this.standing?.state !== 'up') return;
      this.standing = DOWN;
      this.changed();
      this.wake();
    });
    return client;
  }

  private drop(): void {
    const { client } = this;
    this.client = null;
    if (client === null) return;
    client.connection.stream.destroy();
  }

  private pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.timer = setTimeout(resolve, delayMs).unref();
      this.wake = () => {
        clearTimeout(this.timer);
        resolve();
      };
    });
  }
}
