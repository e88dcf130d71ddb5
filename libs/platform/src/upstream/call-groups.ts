import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { GROUP_BODY_BYTES_MAX, GROUPED_ANSWERS_TYPE, HEADER, type GroupedAnswer, type GroupedCall } from '#contracts';
import { attempt, AttemptFailure, type Answer, type AttemptLimits } from './attempt.js';

/** A request as it is sent to a replica. */
export interface ReplicaRequest extends Dispatcher.DispatchOptions {
  readonly headers: Record<string, string>;
  readonly body: Buffer | string | null;
  /** Where the replica takes calls of this kind in groups; by itself where not given. */
  readonly groupPath?: string;
}

/** One call on its way. */
interface WaitingCall {
  readonly request: ReplicaRequest;
  readonly limits: AttemptLimits;
  readonly settle: (outcome: Answer | AttemptFailure | Promise<Answer | AttemptFailure>) => void;
}

/**
 * Sends calls of one kind that are made in one turn of the event loop as one request: a request costs the gateway and the replica more than what is
 * in it. Each is answered by itself as soon as the replica has its answer, and has its own time; one that is alone leaves as it is.
 */
export class CallGroups {
  private readonly waiting = new Map<string, WaitingCall[]>();

  constructor(private readonly replica: Dispatcher) {}

  attempt(request: ReplicaRequest, limits: AttemptLimits): Promise<Answer | AttemptFailure> {
    const { groupPath } = request;
    if (groupPath === undefined) return attempt(this.replica, request, limits);
    return new Promise((settle) => this.join(groupPath, { request, limits, settle }));
  }

  private join(groupPath: string, call: WaitingCall): void {
    const waiting = this.waiting.get(groupPath);
    if (waiting !== undefined) {
      waiting.push(call);
      return;
    }
    this.waiting.set(groupPath, [call]);
    setImmediate(() => this.leave(groupPath));
  }

  private leave(groupPath: string): void {
    const calls = this.waiting.get(groupPath) ?? [];
    this.waiting.delete(groupPath);
    for (const group of groupsOf(calls)) {
      if (group.length === 1) sendAlone(this.replica, group);
      else new GroupRequest(this.replica, group).send(groupPath);
    }
  }
}

function groupsOf(calls: readonly WaitingCall[]): WaitingCall[][] {
  const groups: WaitingCall[][] = [];
  let bytes = Infinity;
  for (const call of calls) {
    const { body } = call.request;
    bytes += body?.length ?? 0;
    if (bytes > GROUP_BODY_BYTES_MAX) {
      groups.push([]);
      bytes = body?.length ?? 0;
    }
    groups.at(-1)?.push(call);
  }
  return groups;
}

function sendAlone(replica: Dispatcher, calls: readonly WaitingCall[]): void {
  for (const { request, limits, settle } of calls) settle(attempt(replica, request, limits));
}

/** Characters of a byte in a JSON string. */
const ESCAPED_BYTE_MAX = 6;

/** The request that a group travels in. */
class GroupRequest implements Dispatcher.DispatchHandler {
  private readonly unanswered = new Map<number, WaitingCall>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly decoder = new TextDecoder();
  private controller: Dispatcher.DispatchController | undefined;
  /** Null where the replica does not take it as a group. */
  private headers: IncomingHttpHeaders | null = null;
  private line = '';
  private readonly lineMax: number;

  constructor(
    private readonly replica: Dispatcher,
    calls: readonly WaitingCall[],
  ) {
    this.lineMax = ESCAPED_BYTE_MAX * Math.max(...calls.map(({ limits }) => limits.bytesMax));
    for (const [index, call] of calls.entries()) {
      this.unanswered.set(index, call);
      this.timers.push(setTimeout(() => this.giveUp(index), call.limits.timeoutMs));
    }
  }

  send(path: string): void {
    // The cluster key is the same for all and goes once, with the group.
    let clusterKey: string | undefined;
    const calls = [...this.unanswered.values()].map(({ request: { path: own, headers, body } }): GroupedCall => {
      const { [HEADER.clusterKey]: key, ...others } = headers;
      clusterKey = key;
      return [own, others, body?.toString() ?? ''];
    });
    const headers = {
      'content-type': 'application/json',
      ...(clusterKey === undefined ? {} : { [HEADER.clusterKey]: clusterKey }),
    };
    this.replica.dispatch({ method: 'POST', path, headers, body: JSON.stringify(calls) }, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.unanswered.size === 0) controller.abort(new Error('given up while waiting for a connection'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status === 200 && headers['content-type'] === GROUPED_ANSWERS_TYPE) this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.headers === null) return;
    const lines = (this.line + this.decoder.decode(chunk, { stream: true })).split('\n');
    this.line = lines.pop() ?? '';
    for (const line of lines) this.answered(JSON.parse(line) as GroupedAnswer, this.headers);
    if (this.line.length > this.lineMax) this.refuse();
  }

  /** A group that was refused as a whole was not begun: its calls find out why by themselves. */
  onResponseEnd(): void {
    if (this.unanswered.size === 0) return;
    if (this.headers !== null) {
      this.fail('lost', new Error('the replica has left out answers'));
      return;
    }
    const calls = [...this.unanswered.values()];
    this.unanswered.clear();
    this.clearTimers();
    sendAlone(this.replica, calls);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(this.controller === undefined ? 'not-connected' : 'lost', error);
  }

  private answered(
    [index, status, headers, body]: GroupedAnswer,
    { [HEADER.servedBy]: servedBy }: IncomingHttpHeaders,
  ) {
    const answer = { status, headers: { ...headers, [HEADER.servedBy]: servedBy }, body };
    const isTaken = Buffer.byteLength(body) <= (this.unanswered.get(index)?.limits.bytesMax ?? Infinity);
    this.settle(index, isTaken ? answer : new AttemptFailure('too-large', true, undefined));
  }

  /** An answer is still coming and already too large, whichever call it is for. */
  private refuse(): void {
    this.fail('too-large', undefined);
    this.controller?.abort(new Error('too-large'));
  }

  private giveUp(index: number): void {
    this.settle(index, new AttemptFailure('timed-out', this.controller !== undefined, undefined));
    if (this.unanswered.size === 0) this.controller?.abort(new Error('timed-out'));
  }

  private fail(reason: AttemptFailure['reason'], cause: Error | undefined): void {
    for (const index of [...this.unanswered.keys()]) {
      this.settle(index, new AttemptFailure(reason, this.controller !== undefined, cause));
    }
  }

  private settle(index: number, outcome: Answer | AttemptFailure): void {
    clearTimeout(this.timers[index]);
    this.unanswered.get(index)?.settle(outcome);
    this.unanswered.delete(index);
  }

  private clearTimers(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }
}
