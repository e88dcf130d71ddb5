import { connectOnce, launchPostgres, postgresUrl } from '../servers/postgres-server.js';
import type { DataFolder } from './data-folder.js';
import type { MemberPlan } from './member.js';

export const POSTGRES = 'postgres';

export function postgresPlan(port: number, folder: DataFolder): MemberPlan {
  const logFile = folder.log(POSTGRES);
  const options = { dataDir: folder.postgres, passwordFile: folder.postgresPassword, port, logFile };
  return {
    section: 'databases',
    name: POSTGRES,
    kind: 'postgres',
    role: 'primary',
    url: `postgres://127.0.0.1:${port}`,
    logFile,
    // Fast shutdown: sessions are ended, everything is written.
    stopSignal: 'SIGINT',
    launch: () => launchPostgres(options),
    probe: () => connectOnce(postgresUrl(options)('postgres')),
  };
}
