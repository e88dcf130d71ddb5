import { join } from 'node:path';
import { findRedis, launchRedis, ping } from '../servers/redis-server.js';
import type { MemberPlan } from './member.js';
import type { DataFolder } from './data-folder.js';

export type ChannelKind = 'redis' | 'postgres';

export const CHANNEL_ROLES = ['active', 'passive'] as const;

export type ChannelRole = (typeof CHANNEL_ROLES)[number];

/** A Redis or Valkey where one is installed, else the PostgreSQL that is there anyway. */
export function availableChannels(): ChannelKind {
  return findRedis() === null ? 'postgres' : 'redis';
}

/** Database in which a channel on PostgreSQL lives. */
export const channelDatabase = (role: ChannelRole): string => `channel_${role}`;

export function redisPlan(role: ChannelRole, port: number, folder: DataFolder): MemberPlan {
  const name = `redis-${role}`;
  const logFile = folder.log(name);
  return {
    section: 'channels',
    name,
    kind: 'redis',
    role,
    url: `redis://127.0.0.1:${port}`,
    logFile,
    stopSignal: 'SIGTERM',
    launch: () => {
      const program = findRedis();
      if (program === null) throw new Error('neither redis-server nor valkey-server is on the PATH');
      return launchRedis(program, { dataDir: join(folder.redisFolder(name)), port, logFile });
    },
    probe: () => ping(port),
  };
}
