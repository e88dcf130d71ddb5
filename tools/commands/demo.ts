import { Argument, type Command } from 'commander';
import { DEMOS } from '../demos/demos.js';
import { runDemo } from '../demos/run-demo.js';

export function addDemo(program: Command): void {
  const list = DEMOS.map(({ name, title }) => `  ${name.padEnd(16)}${title}`).join('\n');
  program
    .command('demo')
    .addArgument(new Argument('<name>', 'which one').choices(DEMOS.map(({ name }) => name)))
    .description('a told story on a bank of its own, with expected against observed')
    .addHelpText('after', `\nDemos:\n${list}`)
    .action(tell);
}

async function tell(name: string): Promise<void> {
  const demo = DEMOS.find((one) => one.name === name);
  if (demo === undefined) throw new Error(`there is no demo ${name}`);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort());
  if (!(await runDemo(demo, abort.signal))) process.exitCode = 1;
  // Its servers are gone, but whoever was telling it may still be waiting for them.
  if (abort.signal.aborted) process.exit();
}
