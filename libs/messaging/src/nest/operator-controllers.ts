import {
  BadRequestException,
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Query,
  type Type,
} from '@nestjs/common';
import { type MessageTrail, Operations, type Replay } from '../operations.js';
import type { MessageView } from '../ports/quarantine-store.js';
import type { Route } from '../protocol/routing.js';
import { Routes } from '../routes.js';

const STATES = ['queued', 'parked', 'dead'] as const;

const MESSAGES_MAX = 1_000;

/**
 * `Operations` and `Routes` over HTTP, below `path`. Who may call them is for the application to say: they are meant to stand
 * behind something that knows operators.
 */
export function operatorControllers(path: string): Type[] {
  @Controller(`${path}/messages`)
  class MessagesController {
    constructor(@Inject(Operations) private readonly operations: Operations) {}

    @Get()
    read(@Query('state') state?: string, @Query('limit') limit?: string): Promise<MessageView[]> {
      const wanted = STATES.find((one) => one === state) ?? null;
      return this.operations.messages(wanted, Math.min(MESSAGES_MAX, Number(limit) || MESSAGES_MAX));
    }

    @Get(':messageId')
    trail(@Param('messageId') messageId: string): Promise<MessageTrail> {
      return this.operations.trail(messageId);
    }

    @Post(':messageId/replay')
    @HttpCode(200)
    replay(@Param('messageId') messageId: string): Promise<Replay> {
      return this.operations.replay(messageId);
    }
  }

  @Controller(`${path}/routes`)
  class RoutesController {
    constructor(@Inject(Routes) private readonly routes: Routes) {}

    @Get()
    read(): Promise<Route[]> {
      return this.routes.list();
    }

    @Put()
    async replace(@Body() routes: Route[]): Promise<Route[]> {
      await this.routes.put(routes).catch((error: unknown) => {
        throw error instanceof RangeError ? new BadRequestException(error.message) : error;
      });
      return this.routes.list();
    }
  }

  return [MessagesController, RoutesController];
}
