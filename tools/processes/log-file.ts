import { closeSync, copyFileSync, openSync, readSync, statSync, truncateSync } from 'node:fs';

/** A log grows to this size, bytes; then it becomes `<name>.1` and starts again. */
const BYTES_MAX = 20 * 1024 * 1024;

const TAIL_BYTES = 32 * 1024;

/** Characters of a line that are shown; the file has the rest. */
const LINE_MAX = 400;

/** The last lines of a log, or a word that there is none. */
export function lastLines(file: string, lines = 8): string {
  const found = tail(file).trimEnd();
  const shown = found.split('\n').slice(-lines).map(shortened);
  return found === '' ? '(its log is empty)' : shown.join('\n');
}

/** The last thing that went wrong according to a log: an error of the apps' JSON lines, else the last line. */
export function lastError(file: string): string {
  const lines = tail(file).trimEnd().split('\n').slice(-50);
  const errors = lines.map(errorOf).filter((error) => error !== null);
  return shortened(errors.at(-1) ?? lines.at(-1) ?? '');
}

/** The processes append to their open log, so it is emptied in place rather than replaced. */
export function keepLogSmall(file: string, bytesMax = BYTES_MAX): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= bytesMax) return;
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
}

/** pino's levels: 50 is error, 60 fatal. */
const LEVEL_ERROR = 50;

interface LogLine {
  readonly level?: number;
  readonly msg?: string;
  readonly err?: { readonly message?: string };
}

function errorOf(line: string): string | null {
  if (!line.startsWith('{')) return /error|fatal|cannot/i.test(line) ? line.trim() : null;
  try {
    const { level = 0, msg, err } = JSON.parse(line) as LogLine;
    return level < LEVEL_ERROR ? null : [msg, err?.message].filter(Boolean).join(': ');
  } catch {
    return null;
  }
}

const shortened = (line: string): string => (line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)} …` : line);

function tail(file: string): string {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return '';
  const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
  const opened = openSync(file, 'r');
  try {
    return buffer.toString('utf8', 0, readSync(opened, buffer, 0, buffer.length, size - buffer.length));
  } finally {
    closeSync(opened);
  }
}
