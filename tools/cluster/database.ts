import { connectOnce, launchPostgres, postgresUrl } from '../servers/postgres-server.js';
import type { DataFolder } from './data-folder.js';
import type { MemberPlan } from './member.js';

/** The servers that have the cluster's databases. */
export interface Databases {
  /** Members in the order in which they start; those of one step start together. */
  readonly steps: readonly (readonly MemberPlan[])[];
  /** Connection string of a database, with all of its servers. */
  url(database: string): string;
  /** Resolves when, beyond that its members are, it is as safe as it promises to be. */
  ready(): Promise<void>;
}

const POSTGRES = 'postgres';

/** One PostgreSQL. */
export async function singleServer(
  folder: DataFolder,
  claimPort: (name: string) => Promise<number>,
): Promise<Databases> {
  const port = await claimPort(POSTGRES);
  const logFile = folder.log(POSTGRES);
  const options = { dataDir: folder.postgres, passwordFile: folder.postgresPassword, port, logFile };
  const url = (database: string) => postgresUrl(options)(database);
  const plan: MemberPlan = {
    section: 'databases',
    name: POSTGRES,
    kind: 'postgres',
    role: 'primary',
    url: `postgres://127.0.0.1:${port}`,
    logFile,
    // Fast shutdown: sessions are ended, everything is written.
    stopSignal: 'SIGINT',
    launch: () => launchPostgres(options),
    probe: async () => void (await connectOnce(url('postgres'))),
  };
  return { steps: [[plan]], url, ready: () => Promise.resolve() };
}
