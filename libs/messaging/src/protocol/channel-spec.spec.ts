import { describe, expect, it } from '@jest/globals';
import { ChannelSpecError, parseChannels } from './channel-spec.js';

describe('channel configuration', () => {
  it('is read in the order of preference', () => {
    expect(parseChannels('active=redis://127.0.0.1:6379, passive=postgres://u:p@h/db?sslmode=disable')).toEqual([
      { name: 'active', kind: 'redis', url: 'redis://127.0.0.1:6379' },
      { name: 'passive', kind: 'postgres', url: 'postgres://u:p@h/db?sslmode=disable' },
    ]);
  });

  it.each([
    ['', 'at least one channel'],
    ['redis://127.0.0.1', 'channel 1 is not of the form name=url'],
    ['a=redis://h,b', 'channel 2 is not of the form name=url'],
    ['a=http://h', 'channel a needs a redis:// or postgres:// address'],
    ['a=nonsense', 'channel a needs a redis:// or postgres:// address'],
    ['a=redis://h,a=redis://i', 'channel a is given twice'],
  ])('refuses "%s" with "%s"', (text, message) => {
    expect(() => parseChannels(text)).toThrow(ChannelSpecError);
    expect(() => parseChannels(text)).toThrow(message);
  });

  it('never repeats an address, since it may hold a password', () => {
    expect(() => parseChannels('a=htp://user:secret@host')).toThrow(/^(?!.*secret)/);
  });
});
