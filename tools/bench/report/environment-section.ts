import type { BenchReport } from './bench-report.js';
import type { Section } from './section.js';

/** What everything was measured on, with the settings that the servers themselves say. */
export function environmentSection({
  machine,
  servers,
  at,
  seconds,
  pacedSeconds,
  rounds,
  tookSeconds,
}: BenchReport): Section {
  const { cores, model, memoryGiB, system, node, commit } = machine;
  const settings = ({ server, settings }: BenchReport['servers'][number]) => [
    server,
    Object.entries(settings)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
  ];
  const distinct = new Map(servers.map((one) => [JSON.stringify(settings(one)), settings(one)]));
  const rows = [
    ['machine', `${cores} × ${model}, ${memoryGiB} GiB, ${system}; the load runs on it as well`],
    ['Node.js', node],
    ...(commit === null ? [] : [['commit', commit]]),
    ...distinct.values(),
  ];
  return {
    name: 'environment',
    title: 'Where',
    about:
      `${at.slice(0, 16).replace('T', ' ')} UTC; ${seconds} s for each row and round (${pacedSeconds} s where paced), medians of ${rounds} ` +
      `round${rounds === 1 ? '' : 's in turn'}; ${Math.round(tookSeconds / 60)} min in all.`,
    tables: [{ head: ['', ''], rows }],
    remarks: [],
  };
}
