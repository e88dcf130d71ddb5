import type { Channel } from '../ports/channel.js';
import type { ChannelSpec } from '../protocol/channel-spec.js';
import { PostgresChannel } from './postgres-channel.js';
import { RedisChannel } from './redis-channel.js';

/** The channel that `spec` describes. Connects in the background. */
export function openChannel(spec: ChannelSpec): Channel {
  switch (spec.kind) {
    case 'redis':
      return new RedisChannel(spec.name, spec.url);
    case 'postgres':
      return new PostgresChannel(spec.name, spec.url);
  }
}
