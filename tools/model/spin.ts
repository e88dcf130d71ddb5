import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

/** What an exhaustive search of a Promela model found. */
export interface Verdict {
  /** Different states that were looked at. */
  readonly states: number;
  /** Null where nothing is violated; else the comment behind the `assert`, or what kind of run there is that must not be. */
  readonly violated: string | null;
  /** The shortest way to it that the search came by, as steps of the model; empty where nothing is violated. */
  readonly counterexample: string;
}

export interface Search {
  /** Path of the model. */
  readonly model: string;
  /** Preprocessor symbols, as `NO_INBOX` or `FAULTS=2`. */
  readonly defines?: readonly string[];
  /** Looks for runs without an end instead of violated assertions. */
  readonly endless?: boolean;
}

/** Longest run of a model, in steps. */
const DEPTH_MAX = 100_000;

/** Longest that one program may take, milliseconds. */
const STEP_MS_MAX = 300_000;

const run = promisify(execFile);

/** Whether this machine can check a model: Spin makes a C program of it, which a C compiler must compile. */
export const hasSpin = (): boolean =>
  ['spin', 'cc'].every((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined);

/** Searches all runs of the model. Rejects where the search did not come to an end, whatever the reason. */
export async function search({ model, defines = [], endless = false }: Search): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'cashpoint-spin-'));
  const options = { cwd: folder, timeout: STEP_MS_MAX, maxBuffer: 64 * 1024 * 1024 };
  const symbols = defines.map((define) => `-D${define}`);
  const trail = join(folder, `${basename(model)}.trail`);
  try {
    await run('spin', ['-a', ...symbols, model], options);
    await run('cc', ['-O1', '-w', endless ? '-DNP' : '-DSAFETY', '-DCOLLAPSE', '-o', 'pan', 'pan.c'], options);
    const searching = [`-m${DEPTH_MAX}`, ...(endless ? ['-l'] : [])];
    const { stdout } = await run(join(folder, 'pan'), searching, options);
    const states = Number(/(\d+) states, stored/.exec(stdout)?.[1]);
    const errors = /errors: (\d+)/.exec(stdout)?.[1];
    if (errors === undefined || Number.isNaN(states) || /max search depth too small/.test(stdout)) {
      throw new Error(`the search did not come to its end:\n${stdout}`);
    }
    if (errors === '0') return { states, violated: null, counterexample: '' };
    const counterexample = await retold(['-k', trail, ...symbols, model], folder);
    return { states, violated: violationIn(stdout, counterexample, model), counterexample };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Spin goes the way once more and ends as the model does: with a failure. */
async function retold(what: readonly string[], folder: string): Promise<string> {
  const { stdout } = await run('spin', ['-t', '-p', ...what], { cwd: folder, timeout: STEP_MS_MAX }).catch(
    (error: unknown) => error as { stdout: string },
  );
  return stdout;
}

function violationIn(searched: string, told: string, model: string): string {
  if (/non-progress cycle/.test(searched)) return 'a run without an end';
  const line = /:(\d+), Error: assertion violated/.exec(told)?.[1];
  const text = line === undefined ? '' : (readFileSync(model, 'utf8').split('\n')[Number(line) - 1] ?? '');
  return /\/\* (.*) \*\//.exec(text)?.[1] ?? (/^pan:\d*: (.*)$/m.exec(searched)?.[1] || 'something without a name');
}
