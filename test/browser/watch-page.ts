import type { Page } from 'playwright-core';

export interface PageWatch {
  /** What the browser complained of: errors of the page, and everything that its policy has refused. */
  faults(): readonly string[];
  /** Requests to anywhere but these origins. */
  foreign(origins: readonly string[]): readonly string[];
  /** Drops what was seen so far: a gateway that is killed is complained of. */
  forget(): void;
}

/** Watches a page from before it is opened. */
export function watchPage(page: Page): PageWatch {
  const faults: string[] = [];
  const requested = new Set<string>();
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    // Refusals of the bank are answers, which Chromium reports like failures to load.
    if (message.type() === 'error' && !/status of 4\d\d/.test(text)) faults.push(text);
  });
  page.on('request', (request) => requested.add(new URL(request.url()).origin));
  return {
    faults: () => faults,
    foreign: (origins) => [...requested].filter((origin) => !origins.includes(origin)),
    forget: () => void faults.splice(0),
  };
}
