// Set-up and tear-down are TypeScript that Jest loads outside its own module registry.
import './test/servers/typescript-sources.js';

const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        target: 'es2023',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        keepClassNames: true,
      },
      module: { type: 'es6' },
      sourceMaps: 'inline',
    },
  ],
};

const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^#(contracts|database|ledger|messaging|money|platform|tracing)$': '<rootDir>/libs/$1/src/index.ts',
  },
  transform,
};

/** `unit` needs nothing outside the process; `integration` gets a PostgreSQL and a Redis of its own; `cluster` starts whole clusters, `browser` a Chromium besides. */
export default {
  /** Milliseconds. A machine may be slow; what hangs is found all the same. */
  testTimeout: 30_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/tools', '<rootDir>/test', '<rootDir>/web'],
      testRegex: '(?<!\\.(integration|cluster|browser))\\.spec\\.ts$',
    },
    {
      ...shared,
      displayName: 'integration',
      roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/tools', '<rootDir>/test'],
      testRegex: '\\.integration\\.spec\\.ts$',
      globalSetup: '<rootDir>/test/servers/start-servers.ts',
      globalTeardown: '<rootDir>/test/servers/stop-servers.ts',
    },
    {
      ...shared,
      displayName: 'cluster',
      roots: ['<rootDir>/test'],
      testRegex: '\\.cluster\\.spec\\.ts$',
    },
    {
      ...shared,
      displayName: 'browser',
      roots: ['<rootDir>/test'],
      testRegex: '\\.browser\\.spec\\.ts$',
    },
  ],
};
