import { findChromium } from '../browser/chromium.js';
import { installDebianPackages } from './debian-packages.js';

/** Installs a Chromium where that needs no question, else says what to run; tests of the pages are skipped without one. */
export function installChromium(): void {
  if (findChromium() !== null) return;
  installDebianPackages(['chromium']);
  if (findChromium() === null) {
    console.log('There is no Chromium: tests of the pages are skipped. To run them too: sudo apt-get install chromium');
  }
}
