import { endProcess, type ProcessIdentity } from '../processes/identity.js';
import { DataFolder } from './data-folder.js';
import { stopLeftovers } from './leftovers.js';

/**
 * What the leash runs when the process that held a scratch cluster has ended: stops what is left of the cluster, and the servers beside it,
 * and takes the folder away. Arguments: the folder, and the servers' identities as JSON.
 */
const STOP_MS_MAX = 5_000;

const [path = '', servers = '[]'] = process.argv.slice(2);
const folder = new DataFolder(path);
await Promise.all([
  stopLeftovers(folder),
  ...(JSON.parse(servers) as ProcessIdentity[]).map((server) => endProcess(server, 'SIGTERM', STOP_MS_MAX)),
]);
folder.remove();
