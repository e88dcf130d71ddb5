import { programOf, runNode } from './run-node.js';
import type { Tally } from './tally.js';

export interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** What is judged without running it. Each counts as one test. */
export const CHECKS: readonly Check[] = [
  { name: 'types', command: [programOf('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'tsconfig.json'] },
  {
    name: 'types of the pages',
    command: [programOf('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'web/tsconfig.json'],
  },
  { name: 'lint', command: [programOf('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0'] },
  {
    name: 'format',
    command: [programOf('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'],
  },
];

export async function runCheck({ name, command }: Check): Promise<Tally> {
  const ok = (await runNode(...command)) === 0;
  console.log(`${ok ? '✓' : '✗'} ${name}`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}
