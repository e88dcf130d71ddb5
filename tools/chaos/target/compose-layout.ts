import type { Shape } from '../schedule/plan-faults.js';

/** Which containers there are, by the names that chaos gives them: those of their containers without the project's name. */
export interface ComposeLayout {
  /** As reports tell it. */
  readonly description: string;
  /** What `docker compose` is told to read. */
  readonly files: readonly string[];
  readonly shape: Shape;
  /** Servers of PostgreSQL; one of them takes writes. */
  readonly databases: readonly string[];
  /** The service that a container belongs to. */
  readonly serviceOf: (name: string) => string;
  readonly containerOf: (name: string) => string;
  /** Containers that live in the network of another one, and have to be started again after it. */
  readonly companionsOf: (name: string) => readonly string[];
}

const SHAPE: Shape = {
  gateways: ['gateway-1', 'gateway-2'],
  terminals: ['atm-terminal-1', 'atm-terminal-2'],
  accounts: ['account-1', 'account-2', 'account-3'],
  channels: ['redis-active-1', 'redis-passive-1'],
  capabilities: ['channel-processes', 'channel-links', 'scaling', 'restart'],
};

const withoutNumber = (name: string): string => name.replace(/-\d+$/, '');

/** `docker-compose.yml` as it is. */
export const SIMPLE: ComposeLayout = {
  description: 'containers, docker compose, single topology, channels on redis',
  files: ['docker-compose.yml'],
  shape: SHAPE,
  databases: ['postgres-1'],
  serviceOf: withoutNumber,
  containerOf: (name) => name,
  companionsOf: () => [],
};

/** Services that have a number in their names, and one container. */
const NUMBERED = new Set(['gateway-2', 'postgres-1', 'postgres-2']);

/** With a mirrored database, and one address that two gateways share. */
export const MIRRORED: ComposeLayout = {
  description: `${SIMPLE.description}, mirrored database, virtual address`,
  files: ['docker-compose.yml', 'docker-compose.ha.yml', 'docker-compose.vip.yml'],
  shape: { ...SHAPE, capabilities: [...SHAPE.capabilities, 'standby'] },
  databases: ['postgres-1', 'postgres-2'],
  serviceOf: (name) => (NUMBERED.has(name) ? name : withoutNumber(name)),
  containerOf: (name) => (NUMBERED.has(name) ? `${name}-1` : name),
  companionsOf: (name) => ({ 'gateway-1': ['keepalived-1'], 'gateway-2': ['keepalived-2-1'] })[name] ?? [],
};
