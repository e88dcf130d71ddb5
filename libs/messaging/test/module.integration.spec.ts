import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type DynamicModule, Injectable, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { testRedisUrl } from '../../../test/servers/test-servers.js';
import {
  HandleAnswers,
  HandleExpress,
  HandleMessages,
  type JsonValue,
  MessageService,
  Messaging,
  MessagingModule,
  parseChannels,
  type ReceivedAnswer,
  type ReceivedMessage,
} from '../src/index.js';
import { eventually, note, TestBroker } from './test-broker.js';

const noteSchema = z.strictObject({ note: z.string() });
const tookSchema = z.strictObject({ took: z.string() });
type Note = z.infer<typeof noteSchema>;
type Took = z.infer<typeof tookSchema>;

@Injectable()
@MessageService('target')
class Target {
  @HandleMessages<Note>({ type: 'note', version: 1, schema: noteSchema })
  async take(messages: readonly ReceivedMessage<Note>[]): Promise<JsonValue[]> {
    return messages.map(({ body }) => ({ took: body.note }));
  }

  @HandleExpress<Note>({ type: 'ask', version: 1, schema: noteSchema })
  async ask(body: Note): Promise<JsonValue> {
    return { echo: body.note };
  }
}

@Injectable()
@MessageService('source')
class Source {
  readonly answers: string[] = [];

  @HandleAnswers<Took, Note>({ type: 'note', version: 1, schema: tookSchema })
  async settle(answers: readonly ReceivedAnswer<Took, Note>[]): Promise<void> {
    for (const { body, request } of answers) this.answers.push(`${request.note}: ${body.took}`);
  }
}

@Module({})
class TestModule {
  static of(broker: TestBroker, registry: Registry): DynamicModule {
    const silent = () => undefined;
    return {
      module: TestModule,
      providers: [Target, Source],
      imports: [
        MessagingModule.forRootAsync({
          useFactory: () => ({
            broker: broker.name,
            replica: 'replica-1',
            database: broker.database,
            channels: parseChannels(`only=${testRedisUrl() ?? broker.server.url}`),
            routes: [{ service: 'target', broker: broker.name, channels: [] }],
            logger: { debug: silent, info: silent, warn: silent, error: silent },
            registry,
          }),
        }),
      ],
    };
  }
}

/** Goal: the decorators and the module as an application uses them; one broker instance has both services. */
describe('MessagingModule', () => {
  let broker: TestBroker;
  let app: INestApplicationContext;
  let registry: Registry;

  beforeEach(async () => {
    broker = await TestBroker.create('nest');
    registry = new Registry();
    app = await NestFactory.createApplicationContext(TestModule.of(broker, registry), { logger: false });
  });

  afterEach(async () => {
    await app.close();
    await broker.close();
  });

  it('finds the handlers, delivers, brings answers back and shows metrics', async () => {
    const messaging = app.get(Messaging);
    const message = note('', 'hello');
    Reflect.deleteProperty(message, 'toBroker');
    await broker.database.transaction((tx) => messaging.send(tx, [message]));
    await eventually(() => app.get(Source).answers.length === 1);
    expect(app.get(Source).answers).toEqual(['hello: hello']);
    await eventually(async () => (await messaging.stored()).unanswered === 0);
    const metrics = await registry.metrics();
    expect(metrics).toContain('messages_sent_total 1');
    expect(metrics).toContain('inbox_applied_total 1');
    expect(metrics).toContain('outbox_unacknowledged 0');
    expect(metrics).toContain('channel_in_use{channel="only"} 1');
    expect(metrics).toMatch(/^queue_readers\{queue="target\./m);
  });

  it('serves express requests', async () => {
    const outcome = await app.get(Messaging).request({
      fromService: 'source',
      toService: 'target',
      type: 'ask',
      version: 1,
      body: { note: 'anybody there?' },
      attemptTimeoutMs: 2_000,
      attemptsMax: 2,
    });
    expect(outcome).toMatchObject({ outcome: 'answered', body: { echo: 'anybody there?' } });
  });
});
