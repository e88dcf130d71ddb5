import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Path of the first of the programs that is installed, or null. */
export function findProgram(names: readonly string[], path = process.env['PATH'] ?? ''): string | null {
  const candidates = names.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name)));
  return candidates.find(isExecutable) ?? null;
}

/** Where Debian keeps each version's programs. */
const DEBIAN_VERSIONS = '/usr/lib/postgresql';

/** Folder with the programs of a whole PostgreSQL (`pg_basebackup` and `pg_rewind` included), the newest one installed, or null. */
export function findPostgresPrograms(): string | null {
  const onPath = findProgram(['pg_rewind']);
  const folders = [...debianFolders(), ...(onPath === null ? [] : [join(onPath, '..')])];
  return folders.find((folder) => ['postgres', 'pg_rewind'].every((name) => isExecutable(join(folder, name)))) ?? null;
}

function debianFolders(): string[] {
  try {
    const versions = readdirSync(DEBIAN_VERSIONS).sort((left, right) => Number(right) - Number(left));
    return versions.map((version) => join(DEBIAN_VERSIONS, version, 'bin'));
  } catch {
    return [];
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
