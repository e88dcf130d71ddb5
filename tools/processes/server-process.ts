import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { lastLines } from './log-file.js';

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Standard output and standard error are appended here. */
  readonly logFile: string;
  /** The user that runs it; given only where this process is root and the server refuses to be. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** How a process ended: its exit code, or the signal that ended it. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A child in a process group of its own with its output in a file: neither Ctrl-C in the terminal nor the end of this process
 * reaches it. Stopping it is always somebody's deliberate act.
 */
export interface ServerProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  readonly hasEnded: () => boolean;
  /** Sends the signal; false where the process is gone. */
  readonly signal: (signal: NodeJS.Signals) => boolean;
}

export async function startProcess(command: ServerCommand): Promise<ServerProcess> {
  const log = openSync(command.logFile, 'a', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(command.command, command.args, {
      cwd: command.cwd,
      env: command.environment,
      detached: true,
      stdio: ['ignore', log, log],
      ...command.user,
    });
  } finally {
    closeSync(log);
  }
  const ended = new Promise<ProcessEnd>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`cannot start ${command.command}: ${error.message}`)));
  });
  return {
    pid: child.pid as number,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    signal: (signal) => child.kill(signal),
  };
}

/** Asks for an orderly end, wakes a frozen process so that it can hear that, and forces it after `graceMs`. */
export async function stopProcess(server: ServerProcess, signal: NodeJS.Signals, graceMs: number): Promise<ProcessEnd> {
  server.signal(signal);
  server.signal('SIGCONT');
  const force = setTimeout(() => server.signal('SIGKILL'), graceMs);
  try {
    return await server.ended;
  } finally {
    clearTimeout(force);
  }
}

const READY_POLL_MS = 50;

/** Waits until `probe` resolves. Rejects with the end of the log where the process ends first, or with the probe's last error. */
export async function untilReady(
  name: string,
  server: ServerProcess,
  logFile: string,
  timeoutMs: number,
  probe: () => Promise<void>,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let reason = '';
  while (Date.now() < deadline) {
    if (server.hasEnded()) throw new Error(`${name} ended while it started:\n${lastLines(logFile)}`);
    try {
      return await probe();
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  throw new Error(`${name} was not ready within ${timeoutMs} ms (${reason}):\n${lastLines(logFile)}`);
}
