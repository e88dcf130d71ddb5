import { ConfigurationError } from '../config/config.js';

/** sysexits.h EX_CONFIG: the environment is wrong, and starting again will not help. */
const EXIT_CONFIGURATION = 78;

/** Runs `start`; where it rejects, says why on stderr and ends the process: in the user's words if the environment is at fault, else with the stack. */
export function runProcess(name: string, start: () => Promise<void>): void {
  start().catch((error: unknown) => {
    const isConfiguration = error instanceof ConfigurationError;
    const reason = error instanceof Error ? (isConfiguration ? error.message : error.stack) : String(error);
    process.stderr.write(`${name}: ${reason}\n`);
    process.exit(isConfiguration ? EXIT_CONFIGURATION : 1);
  });
}
