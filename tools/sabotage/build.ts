import { cpSync, copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../checkout.js';
import { applyEdit, type Sabotage } from './sabotage.js';
import { SABOTAGES, type SabotageName } from './sabotages.js';
import { transpile } from './transpile.js';

/**
 * Makes `folder` a second checkout in which only replicas can be run: today's build, with the sabotaged files in the place of the real ones.
 * The build must be up to date. Answers the folder, for `startCluster({ build })`.
 */
export async function buildSabotaged(name: SabotageName, folder: string): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // `#messaging` and the like are resolved from the nearest package.json, packages from the nearest node_modules.
  copyFileSync(join(CHECKOUT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(CHECKOUT, 'node_modules'), join(folder, 'node_modules'));
  cpSync(join(CHECKOUT, 'dist'), join(folder, 'dist'), { recursive: true });
  for (const [file, text] of await sabotagedFiles(SABOTAGES[name])) writeFileSync(join(folder, 'dist', file), text);
  return folder;
}

/** Compiled text by path in the build. Throws `EditDoesNotApply` where a source is no longer what the mutant was written for. */
export async function sabotagedFiles({ edits }: Sabotage): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const file of new Set(edits.map((edit) => edit.file))) {
    const source = edits
      .filter((edit) => edit.file === file)
      .reduce(applyEdit, readFileSync(join(CHECKOUT, file), 'utf8'));
    files.set(file.replace(/\.ts$/, '.js'), await transpile(file, source));
  }
  return files;
}
