import { styleText } from 'node:util';
import type { ChannelKind } from '../cluster/channels.js';
import type { StartStep } from '../cluster/cluster.js';
import type { DataFolder } from '../cluster/data-folder.js';
import type { Topology } from '../cluster/topology.js';
import { SABOTAGES, type SabotageName } from '../sabotage/sabotages.js';
import { sameCluster } from './options.js';

export interface Welcome {
  readonly gatewayUrls: readonly string[];
  readonly data: DataFolder;
  readonly detach: boolean;
  readonly channels: ChannelKind;
  readonly topology: Topology;
  readonly milliseconds: number;
}

const bold = (text: string) => styleText('bold', text, { stream: process.stdout });
const dim = (text: string) => styleText('dim', text, { stream: process.stdout });

const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(1)} s`;

export function greeting(): string {
  return `${bold('Cashpoint')} ${dim('· demo profile: its cards, PINs, keys and tokens are published')}\n`;
}

/** Nobody may take this for the bank as it is meant to be. */
export function sabotageWarning(name: SabotageName): string {
  const { lacks, caughtBy } = SABOTAGES[name];
  const lines = [
    `SABOTAGED BUILD: ${name}. This bank loses its way on purpose.`,
    `It does without ${lacks}.`,
    `Its audit turns red once that matters: ${caughtBy}.`,
  ];
  return `${lines.map((line) => styleText(['bold', 'red'], line, { stream: process.stdout })).join('\n')}\n`;
}

export function stepLine({ name, milliseconds }: StartStep): string {
  return `  ${dim(seconds(milliseconds).padStart(6))}  ${name}`;
}

/** What a stranger wants to know once the cluster is ready. */
export function welcome({ gatewayUrls, data, detach, channels, topology, milliseconds }: Welcome): string {
  const rows = [
    ['gateways', `${gatewayUrls.join('   ')}   ${dim('either will do; /docs describes the API')}`],
    [
      'pages',
      `${gatewayUrls[0]}/atm   ${gatewayUrls[0]}/console   ${dim('a cash machine, and the cluster to watch and break')}`,
    ],
    ['channels', channels === 'redis' ? 'two Redis, redis-active and redis-passive' : ON_POSTGRES],
    ['cards', '4000001000000001 … 4000001000000100, PIN 1234, at terminals ATM-001 … ATM-008'],
    ...(topology === 'sharded' ? [['brokers', SHARDED]] : []),
    ['operator', 'token demo-operator'],
    ['data', `${data.path}   ${dim('logs in logs/')}`],
  ];
  const same = sameCluster(data);
  const tries = [
    ['take cash, step by step', `./cashpoint withdraw 200${same}`],
    ['take a replica down, then take cash again', `./cashpoint kill atm-terminal-1${same}`],
    ['see what runs; kill -9 any pid, it comes back', `./cashpoint status${same}`],
    ['is all the money there?', `curl -s -H 'Authorization: Bearer demo-operator' ${gatewayUrls[0]}/v1/operator/audit`],
  ];
  return [
    `\n${bold(`Ready in ${seconds(milliseconds)}`)}\n`,
    ...rows.map(([what = '', value = '']) => `  ${what.padEnd(10)}${value}`),
    `\nTry`,
    ...tries.map(([why = '', command = '']) => `  ${dim(why.padEnd(47))}${bold(command)}`),
    detach ? `\n\`./cashpoint down${same}\` stops it.` : '\nCtrl-C stops everything.',
  ].join('\n');
}

const ON_POSTGRES = 'two PostgreSQL databases, since neither redis-server nor valkey-server is on the PATH';

const SHARDED = 'cards and accounts up to …0050 live at account-a, those from …0051 on at account-b';
