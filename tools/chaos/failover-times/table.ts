import { type FailoverTime, median } from './measure.js';

const MEASURES: Readonly<Record<FailoverTime['measure'], string>> = {
  'added-latency': 'slowest withdrawal, less the usual time',
  'added-settlement': 'slowest settlement, less the usual time',
  'writes-again': 'until the next withdrawal succeeds',
};

export const isWithin = ({ roundsMs, limitMs, measure, failedCalls }: FailoverTime): boolean =>
  Math.max(...roundsMs) < limitMs && (measure === 'writes-again' || failedCalls === 0);

export function failoverTable(times: readonly FailoverTime[], target: string): string {
  const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(2)} s`;
  const rows = times.map((time) => {
    const { what, measure, limitMs, roundsMs, failedCalls } = time;
    const worst = seconds(Math.max(...roundsMs));
    const numbers = `${worst.padStart(9)}${seconds(median(roundsMs)).padStart(9)}${seconds(limitMs).padStart(10)}${String(failedCalls).padStart(8)}`;
    return `  ${isWithin(time) ? '✓' : '✗'} ${what.padEnd(30)}${numbers}   ${MEASURES[measure]}`;
  });
  const head = `    ${'killed with SIGKILL'.padEnd(30)}${'worst'.padStart(9)}${'median'.padStart(9)}${'limit'.padStart(10)}${'failed'.padStart(8)}`;
  return [`Failover times of ${times[0]?.roundsMs.length ?? 0} rounds each: ${target}`, head, ...rows].join('\n');
}
