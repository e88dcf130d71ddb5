import type { Command } from 'commander';
import { styleText } from 'node:util';
import { SECTIONS } from '../cluster/cluster-record.js';
import type { DataFolder } from '../cluster/data-folder.js';
import { supervisorOf } from '../cluster/leftovers.js';
import { type ClusterStatus, type MemberStatus, statusOf } from '../cluster/status.js';
import { dataOption } from './options.js';

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('what runs')
    .option('--json', 'as {gateways, replicas, channels, databases}')
    .addOption(dataOption())
    .action(async ({ json, data }: { json?: boolean; data: DataFolder }) => {
      const status = await statusOf(data);
      console.log(json === true ? asJson(status) : asTable(status, data));
    });
}

function asJson(status: ClusterStatus): string {
  const line = ({ name, kind, url, pid, state, role }: MemberStatus) => ({ name, kind, url, pid, state, role });
  return JSON.stringify(Object.fromEntries(SECTIONS.map((section) => [section, status[section].map(line)])), null, 2);
}

function asTable(status: ClusterStatus, data: DataFolder): string {
  const members = SECTIONS.flatMap((section) => status[section]);
  if (members.length === 0) return `No cluster runs on ${data.path}; \`up\` starts one.`;
  const width = Math.max(...members.map(({ name }) => name.length)) + 2;
  const row = (name: string, state: string, pid: string, role: string, url: string) =>
    `${name.padEnd(width)}${state.padEnd(10)}${pid.padEnd(9)}${role.padEnd(9)}${url}`;
  const lines = members.flatMap(({ name, state, pid, role, url, lastError }) => [
    coloured(state, row(name, state, pid === null ? '–' : String(pid), role, url)),
    ...(state === 'crashing' && lastError !== null ? [`${' '.repeat(width)}${lastError}`] : []),
  ]);
  const gone = supervisorOf(data) === null ? ['', SUPERVISOR_GONE] : [];
  return [styleText('bold', row('NAME', 'STATE', 'PID', 'ROLE', 'ADDRESS')), ...lines, ...gone].join('\n');
}

const SUPERVISOR_GONE =
  'The supervisor is gone: nothing is restarted any more. `up` starts anew, `down` stops what is left.';

function coloured(state: MemberStatus['state'], text: string): string {
  if (state === 'up') return text;
  return styleText(state === 'starting' ? 'yellow' : 'red', text, { stream: process.stdout });
}
