import { Command } from 'commander';
import { addBench } from './commands/bench.js';
import { addChaos } from './commands/chaos.js';
import { addControlCommands } from './commands/control.js';
import { addDemo } from './commands/demo.js';
import { addStatus } from './commands/status.js';
import { addTest } from './commands/test.js';
import { addUp } from './commands/up.js';
import { addWithdraw } from './commands/withdraw.js';
import { Refusal } from './refusal.js';

// Somebody who reads only the beginning (`… | head`) has not asked for a crash.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const program = new Command('cashpoint')
  .description('A clustered ATM bank on this machine: kill any replica and watch nothing go wrong.')
  .helpCommand(false)
  .showHelpAfterError('(add --help for what there is)');

addUp(program);
addStatus(program);
addControlCommands(program);
addWithdraw(program);
addDemo(program);
addChaos(program);
addBench(program);
addTest(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
