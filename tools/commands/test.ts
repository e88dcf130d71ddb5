import type { Command } from 'commander';
import { NO_TALLY, plus, type Tally, tallyLine } from '../testing/tally.js';
import { CHECKS, runCheck } from '../testing/checks.js';
import { installChromium } from '../testing/install-chromium.js';
import { installPatroni } from '../testing/install-patroni.js';
import { installRedis } from '../testing/install-redis.js';
import { installSpin } from '../testing/install-spin.js';
import { PROJECTS, runJest } from '../testing/jest-run.js';

export function addTest(program: Command): void {
  program.command('test').description('everything the tests need, then all tests').action(test);
}

/** All of it, whatever fails on the way; the last line is the total. */
async function test(): Promise<void> {
  installRedis();
  installSpin();
  installChromium();
  installPatroni();
  let total: Tally = NO_TALLY;
  for (const check of CHECKS) total = plus(total, await runCheck(check));
  for (const project of PROJECTS) total = plus(total, await runJest(project));
  console.log(`\n${tallyLine(total)}`);
  if (total.failed > 0) process.exitCode = 1;
}
