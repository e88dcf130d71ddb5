import { Controller, Get, Headers, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { EventStream } from './event-stream.js';

/** `GET /v1/operator/events`; what comes is described in `libs/contracts` (`OPERATOR_EVENTS`). */
@Controller('v1/operator/events')
export class EventsController {
  constructor(private readonly stream: EventStream) {}

  @Get()
  watch(@Headers('last-event-id') lastEventId: string | undefined, @Res() reply: FastifyReply): void {
    const body = this.stream.open(lastEventId ?? null);
    // Proxies that collect answers would keep the events to themselves.
    void reply.header('content-type', 'text/event-stream').header('x-accel-buffering', 'no').send(body);
  }
}
