import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { GroupCommit } from '#database';
import { CHECKOUT } from '../../../checkout.js';
import { columnsOf, CREDIT_ONCE, INSERT_TRANSFERS } from '../books.js';
import { type Applied, GROUPS, POOL_SIZE, type Source, type Style, type Transfer } from '../contestant.js';

/** Where the peers' packages are installed, on demand. */
export const PEERS_FOLDER = join(CHECKOUT, 'tools', 'bench', 'peers');

/** One of the peers' packages. Rejects where it is not installed. */
export async function peerPackage<Exports>(name: string): Promise<Exports> {
  const path = createRequire(join(PEERS_FOLDER, 'package.json')).resolve(name);
  return (await import(pathToFileURL(path).href)) as Exports;
}

export const openPool = (url: string): pg.Pool => new pg.Pool({ connectionString: url, max: POOL_SIZE });

export interface SourceOfPeer {
  readonly url: string;
  readonly style: Style;
  /** Hands the messages to the peer's queue, in the transaction that `client` has open. */
  readonly enqueue: (client: pg.PoolClient, transfers: readonly Transfer[]) => Promise<unknown>;
  /** For queues that have no part in the transaction: after its commit. */
  readonly afterCommit?: (transfers: readonly Transfer[]) => Promise<unknown>;
  readonly close: () => Promise<unknown>;
}

/** A source that commits rows with a peer's messages: each by itself, or those that arrive together. */
export function sourceOf({ url, style, enqueue, afterCommit, close }: SourceOfPeer): Source {
  const pool = openPool(url);
  const commit = async (transfers: readonly Transfer[]) => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await client.query({ ...INSERT_TRANSFERS, values: columnsOf(transfers) });
      await enqueue(client, transfers);
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
    await afterCommit?.(transfers);
  };
  return {
    commit: inStyle(style, commit),
    close: async () => {
      await close();
      await pool.end();
    },
  };
}

/** Applies transfers that may be told twice: each by itself, or those that arrive together. */
export function applying(pool: pg.Pool, style: Style, applied: Applied): (transfer: Transfer) => Promise<void> {
  return inStyle(style, async (transfers) => {
    await pool.query({ ...CREDIT_ONCE, values: columnsOf(transfers) });
    applied(transfers);
  });
}

function inStyle(
  style: Style,
  work: (transfers: readonly Transfer[]) => Promise<void>,
): (transfer: Transfer) => Promise<void> {
  if (style === 'documented') return (transfer) => work([transfer]);
  const groups = new GroupCommit<Transfer, void>({
    ...GROUPS,
    run: async (transfers) => {
      await work(transfers);
      return transfers.map(() => undefined);
    },
  });
  return (transfer) => groups.submit(transfer);
}
