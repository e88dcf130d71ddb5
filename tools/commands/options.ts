import { join, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { CHECKOUT } from '../checkout.js';
import { DataFolder } from '../cluster/data-folder.js';

export const DEFAULT_DATA = join(CHECKOUT, '.cashpoint');
export const DEFAULT_PORT = 8080;

/** `--data DIR`, relative to where the user stands. */
export function dataOption(): Option {
  return new Option('--data <dir>', 'folder that keeps the cluster')
    .default(new DataFolder(DEFAULT_DATA), '.cashpoint in the checkout')
    .argParser((given) => new DataFolder(resolve(given)));
}

export function wholeNumber(given: string): number {
  if (!/^\d{1,9}$/.test(given)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(given);
}

export function portNumber(given: string): number {
  const port = wholeNumber(given);
  if (port > 65_535 - 100) throw new InvalidArgumentError('It must be at most 65435, so that the next gateways fit.');
  return port;
}

/** The options that the other commands need to speak of the same cluster; empty for the usual one. */
export function sameCluster(folder: DataFolder): string {
  return folder.path === DEFAULT_DATA ? '' : ` --data ${folder.path}`;
}
