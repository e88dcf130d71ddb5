import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import {
  brokerReplaySchema,
  messageSchema,
  messagesQuerySchema,
  type BrokerReplay,
  type MessagesBody,
  type ReplayBody,
} from '#contracts';
import { Problem, validate } from '#platform';
import { Brokers } from './brokers.js';

/** As one broker instance knows its own. */
const messagesAtSchema = z.array(messageSchema.omit({ broker: true }));

/** Messages that wait somewhere, whichever broker instance keeps them. */
@Controller('v1/operator/messages')
export class MessagesController {
  constructor(private readonly brokers: Brokers) {}

  @Get()
  async read(@Query() query: unknown): Promise<MessagesBody> {
    const { state, limit } = validate(messagesQuerySchema, query);
    const wanted = state === undefined ? '' : `state=${state}&`;
    const path = `/internal/messaging/messages?${wanted}limit=${limit}`;
    const heard = await this.brokers.askAll(messagesAtSchema, { method: 'GET', path });
    const messages = heard.flatMap(({ broker, answer }) => (answer ?? []).map((message) => ({ ...message, broker })));
    messages.sort((one, other) => one.since.localeCompare(other.since) || one.sequence - other.sequence);
    return {
      messages: messages.slice(0, limit),
      unheard: heard.filter(({ answer }) => answer === null).map(({ broker }) => broker),
    };
  }

  /** Throws 404 where no broker instance has it, 409 where it waits for something that a replay cannot give. */
  @Post(':messageId/replay')
  @HttpCode(200)
  async replay(@Param('messageId') messageId: string): Promise<ReplayBody> {
    if (!z.guid().safeParse(messageId).success) throw unknown();
    const path = `/internal/messaging/messages/${messageId}/replay`;
    const heard = await this.brokers.askAll(brokerReplaySchema, { method: 'POST', path });
    const answers = heard.flatMap(({ broker, answer }) => (answer === null ? [] : [{ broker, ...answer }]));
    const [best] = answers.sort((one, other) => RANK[one.outcome] - RANK[other.outcome]);
    if (best === undefined || (best.outcome === 'unknown' && answers.length < heard.length)) {
      throw new Problem('unavailable', 'Not every broker instance answers; the message may be there.', {}, 1);
    }
    const { broker, outcome, lastError } = best;
    if (outcome === 'unknown') throw unknown();
    if (outcome === 'waiting') throw new Problem('conflict', 'It waits for a message before it, or for its initiator.');
    return { messageId, broker, outcome, lastError };
  }
}

/** What its target says comes before what its source does. */
const RANK: Readonly<Record<BrokerReplay['outcome'], number>> = {
  applied: 0,
  failed: 1,
  waiting: 2,
  sent: 3,
  unknown: 4,
};

const unknown = () => new Problem('not-found', 'No such message waits anywhere.');
