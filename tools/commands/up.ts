import { join } from 'node:path';
import type { Command } from 'commander';
import { availableChannels } from '../cluster/channels.js';
import type { StartStep } from '../cluster/cluster.js';
import type { DataFolder } from '../cluster/data-folder.js';
import { checkedSize, DEFAULT_SIZES, type Sizes } from '../cluster/sizes.js';
import { supervise, type SuperviseOptions } from '../cluster/supervise.js';
import { superviseDetached } from '../cluster/supervise-detached.js';
import { checkedTopology } from '../cluster/topology.js';
import { buildSabotaged } from '../sabotage/build.js';
import { checkedSabotage, SABOTAGE_NAMES, type SabotageName } from '../sabotage/sabotages.js';
import { DEFAULT_PORT, dataOption, portNumber, wholeNumber } from './options.js';
import { greeting, sabotageWarning, stepLine, welcome } from './welcome.js';

/** Account replicas of each broker instance that `--autoscale` adds up to where it is not told how many. */
const AUTOSCALE_MOST = 6;

interface UpOptions extends Sizes {
  readonly detach?: boolean;
  readonly fresh?: boolean;
  readonly port: number;
  readonly topology: string;
  readonly ha?: boolean;
  readonly autoscale?: number | true;
  readonly sabotage?: SabotageName;
  readonly data: DataFolder;
}

export function addUp(program: Command): void {
  program
    .command('up')
    .description('start the cluster; Ctrl-C stops it')
    .option('--detach', 'return when it is ready and leave it running')
    .option('--fresh', 'forget what earlier runs have left in the data folder')
    .option('--port <port>', 'port of the first gateway; the others follow', portNumber, DEFAULT_PORT)
    .option('--gateways <count>', 'how many gateways', wholeNumber, DEFAULT_SIZES.gateways)
    .option('--terminals <count>', 'how many replicas of atm-terminal', wholeNumber, DEFAULT_SIZES.terminals)
    .option('--accounts <count>', 'how many replicas of account', wholeNumber, DEFAULT_SIZES.accounts)
    .option('--topology <topology>', 'single, or sharded: two account brokers with half of the accounts each', 'single')
    .option('--sabotage <protection>', `run without one protection: ${SABOTAGE_NAMES.join(', ')}`, checkedSabotage)
    .option('--ha', 'a mirrored database: primary and synchronous standby under Patroni and etcd')
    .option('--autoscale [most]', 'let the queues decide how many account replicas there are', wholeNumber)
    .addOption(dataOption())
    .action(up);
}

async function up(options: UpOptions): Promise<void> {
  const { data, detach = false } = options;
  const plan: SuperviseOptions = {
    dataDir: data.path,
    port: options.port,
    gateways: checkedSize('gateways', options.gateways),
    terminals: checkedSize('terminals', options.terminals),
    accounts: checkedSize('accounts', options.accounts),
    channels: availableChannels(),
    topology: checkedTopology(options.topology),
    ha: options.ha ?? false,
    fresh: options.fresh ?? false,
    ...autoscaling(options.autoscale),
    ...(await sabotaged(options)),
  };
  const startedAt = Date.now();
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort());
  console.log(greeting());
  if (options.sabotage !== undefined) console.log(sabotageWarning(options.sabotage));
  const report = (step: StartStep) => console.log(stepLine(step));
  const ready = (gatewayUrls: readonly string[]) =>
    console.log(welcome({ ...plan, gatewayUrls, data, detach, milliseconds: Date.now() - startedAt }));

  if (detach) return ready(await superviseDetached(plan, report, abort.signal));
  const { cluster, stopped } = await supervise(plan, report, abort.signal);
  ready(cluster.gatewayUrls);
  abort.signal.addEventListener('abort', () =>
    console.log('\nStopping: gateways, terminals, accounts, channels, database …'),
  );
  await stopped;
  console.log('Stopped.');
}

function autoscaling(most: UpOptions['autoscale']): Pick<SuperviseOptions, 'autoscaleMax'> {
  if (most === undefined) return {};
  return { autoscaleMax: checkedSize('accounts', most === true ? AUTOSCALE_MOST : most) };
}

async function sabotaged({ sabotage, data }: UpOptions): Promise<Pick<SuperviseOptions, 'build'>> {
  return sabotage === undefined ? {} : { build: await buildSabotaged(sabotage, join(data.sabotage, sabotage)) };
}
