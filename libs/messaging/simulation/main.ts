import { parseArgs } from 'node:util';
import { runHistory } from './history.js';
import { MUTANTS } from './mutants.js';
import { PROTECTED, type Protections } from './protocol.js';
import { objectionsTo, replayCommand, survey } from './survey.js';

/** Histories that are run where no number is given. */
const HISTORIES = 10_000;

const USAGE = `npm run simulate -- [--seed N] [--histories N] [--from N] [--mutant ${Object.keys(MUTANTS).join('|')}]
  --seed N       one history, told step by step
  --histories N  as many, from seed --from on (default ${HISTORIES}, from 1); stops at the first that fails
  --mutant NAME  without one protection
`;

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Exits with 1 where a history is objected to. */
function main(): void {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      histories: { type: 'string', default: String(HISTORIES) },
      from: { type: 'string', default: '1' },
      mutant: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const protections = values.mutant === undefined ? PROTECTED : MUTANTS[values.mutant]?.protections;
  if (values.help || protections === undefined) print(USAGE);
  else if (values.seed !== undefined) tell(Number(values.seed), protections);
  else run(Number(values.from), Number(values.histories), protections, values.mutant);
}

function tell(seed: number, protections: Protections): void {
  const objections = objectionsTo(runHistory(seed, { protections, trace: print }));
  for (const objection of objections) print(`seed ${seed}: ${objection}`);
  process.exitCode = objections.length > 0 ? 1 : 0;
}

function run(firstSeed: number, count: number, protections: Protections, mutant?: string): void {
  const begun = Date.now();
  const { failures, histories, steps, landmarks } = survey({
    firstSeed,
    histories: count,
    failuresMax: 1,
    protections,
  });
  for (const [landmark, times] of landmarks) print(`${String(times).padStart(9)} × ${landmark}`);
  print(`${histories} histories, ${steps} steps, ${Date.now() - begun} ms`);
  for (const { seed, objections } of failures) {
    for (const objection of objections) print(`seed ${seed}: ${objection}`);
    print(`replay with: ${replayCommand(seed, mutant)}`);
    process.exitCode = 1;
  }
}

main();
