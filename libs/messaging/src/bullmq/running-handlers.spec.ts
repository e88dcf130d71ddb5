import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { RunningHandlers } from './running-handlers.js';

/** Goal: a job is done when it has arrived, and no more of them are taken than may be handled at the same time. */
describe('the handlers of a reader', () => {
  const ended: (() => void)[] = [];
  const handle = () => new Promise<void>((resolve) => ended.push(resolve));
  const turn = async () => {
    for (let turns = 0; turns < 4; turns++) await nextTurn();
  };

  /** Hands a job over; tells whether its worker may take another. */
  function take(handlers: RunningHandlers) {
    const job = { isDone: false };
    void handlers.process({ data: null }).then(() => (job.isDone = true));
    return job;
  }

  it('have done a job while it is handled, until as many run as are allowed', async () => {
    const handlers = new RunningHandlers(handle);
    handlers.allow(3);
    const jobs = [take(handlers), take(handlers), take(handlers)];
    await turn();
    expect(jobs.map(({ isDone }) => isDone)).toEqual([true, true, false]);
    ended.shift()?.();
    await turn();
    expect(jobs.map(({ isDone }) => isDone)).toEqual([true, true, true]);
  });

  it('go on when more are allowed', async () => {
    const handlers = new RunningHandlers(handle);
    const job = take(handlers);
    await turn();
    expect(job.isDone).toBe(false);
    handlers.allow(2);
    await turn();
    expect(job.isDone).toBe(true);
  });

  it('fail for themselves', async () => {
    const handlers = new RunningHandlers(() => Promise.reject(new Error('broken')));
    await expect(handlers.process({ data: null })).resolves.toBeUndefined();
  });

  it('are waited for when the reader closes', async () => {
    const handlers = new RunningHandlers(handle);
    handlers.allow(2);
    take(handlers);
    let isClosed = false;
    void handlers.closeAfter(() => Promise.resolve()).then(() => (isClosed = true));
    await turn();
    expect(isClosed).toBe(false);
    for (const end of ended.splice(0)) end();
    await turn();
    expect(isClosed).toBe(true);
  });
});
