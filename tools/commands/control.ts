import { type Command, InvalidArgumentError } from 'commander';
import { readRecord } from '../cluster/cluster-record.js';
import { askSupervisor, type ControlRequest } from '../cluster/control.js';
import type { DataFolder } from '../cluster/data-folder.js';
import { stopLeftovers, supervisorOf } from '../cluster/leftovers.js';
import { lockFolder, unlockFolder } from '../cluster/lock.js';
import { isRunning, signalProcess } from '../processes/identity.js';
import { Refusal } from '../refusal.js';
import { dataOption, wholeNumber } from './options.js';

interface DataOptions {
  readonly data: DataFolder;
}

/** Commands that change a running cluster. */
export function addControlCommands(program: Command): void {
  program
    .command('kill')
    .argument('<name>', 'as `status` has it: account-a-2, gateway-1, redis-active, postgres …')
    .description('take a process down; it stays down until `start`')
    .option('--signal <signal>', 'KILL, TERM, INT, QUIT, ABRT; or STOP and CONT to freeze and wake it', 'KILL')
    .addOption(dataOption())
    .action(kill);
  program
    .command('start')
    .argument('<name>', 'as `status` has it')
    .description('bring a process back; returns when it is ready')
    .addOption(dataOption())
    .action(start);
  program
    .command('restart')
    .argument('[name]', 'as `status` has it; not given: everything but the database')
    .description('replace processes one after the other; nobody who uses the bank notices')
    .addOption(dataOption())
    .action(restart);
  program
    .command('scale')
    .argument('<app=count>', 'account=5, atm-terminal=3, gateway=2', scaleArgument)
    .description('change how many replicas there are')
    .addOption(dataOption())
    .action(scale);
  program.command('down').description('stop everything that `up` has started').addOption(dataOption()).action(down);
}

async function kill(name: string, { data, signal: given }: DataOptions & { signal: string }): Promise<void> {
  const signal = `SIG${given.toUpperCase().replace(/^SIG/, '')}` as NodeJS.Signals;
  if (supervisorOf(data) === null) killUnsupervised(data, name, signal);
  else await ask(data, { do: 'kill', name, signal });
  console.log(`${name}: ${signal} sent`);
}

/** A supervisor that died has left its processes running; nobody restarts what is killed now. */
function killUnsupervised(data: DataFolder, name: string, signal: NodeJS.Signals): void {
  const members = (readRecord(data.record)?.members ?? []).filter(
    ({ process }) => process !== null && isRunning(process),
  );
  const process = members.find((member) => member.name === name)?.process ?? null;
  if (process !== null) return void signalProcess(process, signal);
  const running = members.map((member) => member.name).join(', ');
  throw new Refusal(running === '' ? nothingRuns(data) : `there is no ${name}; there are ${running}`);
}

async function start(name: string, { data }: DataOptions): Promise<void> {
  await ask(data, { do: 'start', name });
  console.log(`${name} is up`);
}

async function restart(name: string | undefined, { data }: DataOptions): Promise<void> {
  const startedAt = Date.now();
  await ask(data, { do: 'restart', name: name ?? null });
  console.log(`${name ?? 'everything'} is new, after ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`);
}

async function scale(wanted: { what: string; count: number }, { data }: DataOptions): Promise<void> {
  await ask(data, { do: 'scale', ...wanted });
  console.log(`${wanted.what}: ${wanted.count} up`);
}

async function down({ data }: DataOptions): Promise<void> {
  if (supervisorOf(data) !== null) {
    await ask(data, { do: 'down' });
    return console.log('stopped');
  }
  const stopped = readRecord(data.record) === null ? [] : await stopUnsupervised(data);
  console.log(stopped.length === 0 ? `nothing runs on ${data.path}` : `stopped what was left: ${stopped.join(', ')}`);
}

/** Under the lock, lest an `up` begins meanwhile. */
async function stopUnsupervised(data: DataFolder): Promise<string[]> {
  lockFolder(data);
  try {
    return await stopLeftovers(data);
  } finally {
    unlockFolder(data);
  }
}

async function ask(data: DataFolder, request: ControlRequest): Promise<void> {
  const record = readRecord(data.record);
  if (record === null || supervisorOf(data) === null) throw new Refusal(nothingRuns(data));
  await askSupervisor(record.control, request);
}

const nothingRuns = (data: DataFolder): string => `no supervised cluster runs on ${data.path}; \`up\` starts one`;

function scaleArgument(given: string): { what: string; count: number } {
  const [, what, count] = /^([a-z][a-z-]*)=(\d+)$/.exec(given) ?? [];
  if (what === undefined || count === undefined) throw new InvalidArgumentError('It must look like account=5.');
  return { what, count: wholeNumber(count) };
}
