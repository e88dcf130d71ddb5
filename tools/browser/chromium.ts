import { type Browser, chromium } from 'playwright-core';
import { findProgram } from '../servers/find-program.js';

/** Debian's name first; all of them speak the protocol that Playwright needs. */
const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Nothing but the page talks to the network, and containers without user namespaces will do. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Path of a Chromium on this machine, or null. */
export function findChromium(): string | null {
  return findProgram(PROGRAMS);
}

/** A headless Chromium. Throws where there is none. */
export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('there is no Chromium on the PATH');
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}
