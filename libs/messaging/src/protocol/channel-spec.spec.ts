import { describe, expect, it } from '@jest/globals';
import { ChannelSpecError, parseChannels } from './channel-spec.js';

describe('channels in a configuration value', () => {
  it('are active/passive in the order of preference', () => {
    expect(parseChannels('active=redis://one:6379, passive=postgres://two/db')).toEqual({
      policy: 'active-passive',
      channels: [
        { name: 'active', kind: 'redis', url: 'redis://one:6379' },
        { name: 'passive', kind: 'postgres', url: 'postgres://two/db' },
      ],
    });
  });

  it('are active/active where it says so', () => {
    const plan = parseChannels('active-active: one=redis://one, other=rediss://two');
    expect(plan.policy).toBe('active-active');
    expect(plan.channels.map(({ name }) => name)).toEqual(['one', 'other']);
  });

  it('may lie in a database with several servers', () => {
    const { channels } = parseChannels('one=postgres://u:p@a:1,b:2/db, other=redis://two');
    expect(channels.map(({ url }) => url)).toEqual(['postgres://u:p@a:1,b:2/db', 'redis://two']);
  });

  it.each([
    ['', /at least one/],
    ['active-active:', /at least one/],
    ['one=redis://a,one=redis://b', /given twice/],
    ['one=http://a', /redis:\/\/ or postgres:/],
    ['one=postgres://', /redis:\/\/ or postgres:/],
    ['round-robin:one=redis://a', /not of the form/],
  ])('are refused where they make no sense: %s', (text, reason) => {
    expect(() => parseChannels(text)).toThrow(ChannelSpecError);
    expect(() => parseChannels(text)).toThrow(reason);
  });

  it('never show a password when they are refused', () => {
    expect(() => parseChannels('one=amqp://user:secret@host')).toThrow(/^(?!.*secret)/);
  });
});
