import type { Report } from './report.js';

const FINDINGS_SHOWN = 5;

const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;
const money = (minorUnits: number): string =>
  (minorUnits / 100).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const number = (value: number): string => value.toLocaleString('en');

/** The report for whoever reads it without having been there. */
export function reportText(report: Report): string {
  return [heading(report), calls(report), faults(report), invariants(report), verdict(report)].join('\n\n');
}

function heading({ seed, minutes, target, sabotage, startedAt, durationMs, faults: injected, kinds }: Report): string {
  return [
    `Chaos, seed ${seed}, ${minutes} min: ${target}`,
    ...(sabotage === null ? [] : [`SABOTAGED with ${sabotage.name}, without ${sabotage.lacks}`]),
    `${startedAt}, ${seconds(durationMs)} of load and faults; ${injected.length} faults of ${kinds.length} kinds`,
  ].join('\n');
}

function calls(report: Report): string {
  const { operations, calls: made, cash, duplicatesAbsorbed, failovers, histories } = report;
  const line = (what: string, value: string, note = '') =>
    `  ${what.padEnd(34)}${value.padStart(12)}   ${note}`.trimEnd();
  return [
    'What the clients did',
    line(
      'operations',
      number(operations.total),
      `${number(operations.ok)} ok, ${number(operations.refused)} refused, ${operations.unknown} unknown`,
    ),
    line(
      'calls',
      number(made.total),
      `median ${made.medianMs} ms, 99 % within ${number(made.p99Ms)} ms, slowest ${number(made.slowestMs)} ms`,
    ),
    line('calls repeated by the client', number(made.failed), 'same key, after a 5xx or no answer at all'),
    line('attempts moved to another gateway', number(made.movedOn)),
    line('answers replayed from the store', number(made.replayed)),
    line(
      'cash given',
      money(cash.amount),
      `${number(cash.byHost)} withdrawals authorised by the host, ${number(cash.byStandIn)} by stand-in`,
    ),
    ...report.refusals.map(({ what, times }) => `  refused ${times}×: ${what}`),
    'What the bank did',
    line(
      'duplicates absorbed by the inbox',
      number(duplicatesAbsorbed),
      'at least: what a replica counts in its last second is not seen',
    ),
    line('channel failovers', number(failovers)),
    line(
      'account histories checked',
      number(histories.checked),
      histories.undecided === 0 ? '' : `${histories.undecided} undecided: too large for the budget`,
    ),
  ].join('\n');
}

function faults({ kinds, faults: injected }: Report): string {
  const rows = kinds.map(
    ({ kind, injected: times, worstRecoveryMs, failed }) =>
      `  ${kind.padEnd(44)}${String(times).padStart(6)}${seconds(worstRecoveryMs).padStart(12)}${String(failed).padStart(14)}`,
  );
  const failed = injected.filter(({ error }) => error !== null);
  const missed = injected.filter(({ missed }) => missed).length;
  return [
    `  ${'fault'.padEnd(44)}${'times'.padStart(6)}${'recovery'.padStart(12)}${'calls repeated'.padStart(16)}`,
    ...rows,
    '  recovery: the longest time in which the calls of one ATM failed or took a second, from the first such call to the last',
    ...(missed === 0 ? [] : [`  armed and not counted, since nobody came by their point in time: ${missed}`]),
    ...failed.map(
      ({ number: which, kind, target, error }) =>
        `  ✗ fault ${which} (${kind}, ${target ?? 'bank'}) could not be done: ${error}`,
    ),
  ].join('\n');
}

function invariants({ invariants: judged }: Report): string {
  return judged
    .flatMap(({ invariant, findings }) => [
      `  ${findings.length === 0 ? '✓' : '✗'} ${invariant}`,
      ...findings.slice(0, FINDINGS_SHOWN).map(({ verdict: kind, what }) => `      ${kind}: ${what}`),
      ...(findings.length > FINDINGS_SHOWN ? [`      and ${findings.length - FINDINGS_SHOWN} more`] : []),
    ])
    .join('\n');
}

function verdict({ verdicts, invariants: judged, faults: injected, sabotage, replay }: Report): string {
  const broken = judged.filter(({ findings }) => findings.length > 0).length;
  const notInjected = injected.filter(({ error }) => error !== null).length;
  const outcome = broken > 0 ? `${broken} of ${judged.length} invariants are broken` : 'every invariant holds';
  return [
    `${verdicts.lost} lost, ${verdicts.doubled} doubled, ${verdicts.unexplained} unexplained: ${outcome}`,
    ...(notInjected === 0 ? [] : [`${notInjected} faults could not be injected`]),
    ...(sabotage === null ? [] : [whatCaught(sabotage)]),
    `Replay: ${replay}`,
  ].join('\n');
}

/** Whether the mutant was noticed, in one line. */
export const whatCaught = ({ name, caughtBy }: NonNullable<Report['sabotage']>): string =>
  caughtBy.length === 0 ? `✗ ${name} was NOT caught` : `✓ ${name} was caught by: ${caughtBy.join('; ')}`;
