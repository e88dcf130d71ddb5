import { describe, expect, it } from '@jest/globals';
import { EventReader } from './server-sent-events.js';

const STREAM =
  'retry: 500\n\nid: a-1\nevent: traffic\ndata: {"x":1}\n\n:\n\nid: a-2\nevent: notice\ndata: one\ndata: two\n\n';

const EVENTS = [
  { id: 'a-1', kind: 'traffic', data: '{"x":1}' },
  { id: 'a-2', kind: 'notice', data: 'one\ntwo' },
];

describe('the reader of server-sent events', () => {
  it('finds the same events wherever the text is cut', () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      const reader = new EventReader();
      expect([...reader.take(STREAM.slice(0, cut)), ...reader.take(STREAM.slice(cut))]).toEqual(EVENTS);
    }
  });

  it('holds back what is not complete', () => {
    expect(new EventReader().take('id: a-1\ndata: {"x"')).toEqual([]);
  });
});
