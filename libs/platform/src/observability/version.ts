import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** Version of the release that this process runs: of the package.json above the running code. */
export const VERSION: string = readVersion();

function readVersion(): string {
  const file = findPackageJSON(import.meta.url);
  if (file === undefined) throw new Error('no package.json above the running code');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
