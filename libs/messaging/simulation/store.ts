import type { Endpoint, DialogSide } from '../src/protocol/dialog/index.js';
import type { Route } from '../src/protocol/routing.js';
import type { DialogParcel } from './parcel.js';

/** A message in the transmission queue, until it is answered. */
export interface Queued {
  readonly messageId: string;
  readonly dialogId: string;
  /** The sender's end; null where the message is a dialog of its own. */
  readonly side: DialogSide | null;
  readonly sequence: number;
  readonly fromService: string;
  readonly toService: string;
  /** Of a dialog of its own; for others their endpoint knows. */
  readonly toBroker: string | null;
  /** What an open broker is chosen by. */
  readonly routingKey: string;
  readonly type: string;
  readonly body: string;
  readonly attempts: number;
  readonly nextAttemptAt: number;
}

export interface Parked {
  readonly parcel: DialogParcel;
  readonly reason: 'gap' | 'unconfirmed';
  readonly parkedAt: number;
}

/** What the inbox keeps of a message that was applied. */
export interface Processed {
  readonly answer: string;
}

/** What one broker instance keeps through every crash: its database. */
export class Store {
  readonly transmission = new Map<string, Queued>();
  readonly processed = new Map<string, Processed>();
  /** By dialog and side. */
  readonly endpoints = new Map<string, Endpoint>();
  readonly parked = new Map<string, Parked>();
  routes: readonly Route[] = [];

  endpoint(dialogId: string, side: DialogSide): Endpoint | null {
    return this.endpoints.get(endpointKey(dialogId, side)) ?? null;
  }

  /** What is under way or waits; empty once everything is done. */
  waiting(): string[] {
    const unanswered = [...this.transmission.values()].map(({ body }) => `${body} in the transmission queue`);
    const parked = [...this.parked.values()].map(({ parcel, reason }) => `${parcel.body} parked (${reason})`);
    return [...unanswered, ...parked];
  }
}

export const endpointKey = (dialogId: string, side: DialogSide) => `${dialogId}/${side}`;
