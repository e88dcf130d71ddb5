import { Body, Controller, Get, Put } from '@nestjs/common';
import { z } from 'zod';
import { brokerRouteSchema, routesSchema, type RoutesBody } from '#contracts';
import { Problem, validate } from '#platform';
import { Brokers } from './brokers.js';

const routesAtSchema = z.array(brokerRouteSchema);

const PATH = '/internal/messaging/routes';

/** The route tables of all broker instances as one. */
@Controller('v1/operator/routes')
export class RoutesController {
  constructor(private readonly brokers: Brokers) {}

  /** Throws 503 where a broker instance cannot be heard: a part of the table would read like the whole. */
  @Get()
  async read(): Promise<RoutesBody> {
    const tables = await this.brokers.askAll(routesAtSchema, { method: 'GET', path: PATH });
    return { routes: tables.flatMap(({ broker: at, answer }) => heard(at, answer).map((route) => ({ at, ...route }))) };
  }

  /** Throws 400 for a broker instance or a channel that is not there. */
  @Put()
  async replace(@Body() body: unknown): Promise<RoutesBody> {
    const { routes } = validate(routesSchema, body);
    const names = this.brokers.names();
    const stranger = routes.find(({ at }) => !names.includes(at));
    if (stranger !== undefined) throw new Problem('malformed', `There is no broker instance ${stranger.at}.`);
    await Promise.all(
      names.map(async (broker) => {
        const table = routes
          .filter(({ at }) => at === broker)
          .map(({ service, broker: leadsTo, channels }) => ({ service, broker: leadsTo, channels }));
        heard(broker, await this.brokers.ask(broker, routesAtSchema, { method: 'PUT', path: PATH, body: table }));
      }),
    );
    return this.read();
  }
}

function heard<T>(broker: string, answer: T | null): T {
  if (answer === null) throw new Problem('unavailable', `Broker instance ${broker} does not answer.`, {}, 1);
  return answer;
}
