import type { OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { HTTP_CALLS, problemSchema, PROBLEMS, type Access, type HttpCall } from '#contracts';
import { EXAMPLES } from './examples.js';

type Json = Readonly<Record<string, unknown>>;

const PROBLEM = { $ref: '#/components/schemas/Problem' };

const SECURITY: Readonly<Record<Access, readonly Json[]>> = {
  public: [],
  terminal: [{ terminalKey: [] }],
  cardholder: [{ sessionToken: [] }, { sessionToken: [], terminalKey: [] }],
  operator: [{ operatorToken: [] }],
};

/** Refusals that come with the access and with being a call at all, beside those that the call names. */
const IMPLIED: Readonly<Record<Access, readonly number[]>> = {
  public: [429],
  terminal: [401, 429, 503],
  cardholder: [401, 429, 503],
  operator: [401, 429, 503],
};

/** The OpenAPI 3.1 description of every call, made from the contract itself, so that it cannot differ from what is served. */
export function openApiDocument(): OpenAPIObject {
  const paths: Record<string, Record<string, Json>> = {};
  for (const call of HTTP_CALLS) (paths[call.path] ??= {})[call.method.toLowerCase()] = operationOf(call);
  for (const [path, summary] of PUBLIC_PAGES) paths[path] = { get: publicPage(path, summary) };
  return {
    openapi: '3.1.0',
    info: { title: 'Cashpoint', version: '1.0.0', description: DESCRIPTION, license: { name: 'MIT' } },
    servers: [{ url: '/', description: 'This gateway; any other one will do as well.' }],
    tags: [
      { name: 'cardholder', description: 'What a customer does at a terminal' },
      { name: 'operator', description: 'What the bank sees and does' },
      { name: 'process', description: 'Health, metrics and this document; open to everybody' },
    ],
    paths,
    components: { schemas: { Problem: jsonSchema(problemSchema, 'output') }, securitySchemes: SECURITY_SCHEMES },
  } as unknown as OpenAPIObject;
}

const DESCRIPTION = [
  'Amounts and denominations are integers in minor units: `20000` is 200.00, a fifty is `5000`.',
  'Refusals are problem documents (RFC 9457). A call that changes something may carry an `Idempotency-Key`: repeated, it answers the same and does nothing again.',
].join(' ');

const SECURITY_SCHEMES = {
  terminalKey: { type: 'apiKey', in: 'header', name: 'X-Terminal-Key', description: 'Identity of the terminal' },
  sessionToken: { type: 'http', scheme: 'bearer', description: 'Token of a session, from `POST /v1/sessions`' },
  operatorToken: { type: 'http', scheme: 'bearer', description: 'Token of the operator' },
};

const PUBLIC_PAGES = [
  ['/health/live', 'The process runs'],
  ['/health/ready', 'It can serve calls: at least one atm-terminal replica is there'],
  ['/metrics', 'Prometheus metrics'],
] as const;

function operationOf(call: HttpCall): Json {
  const example = EXAMPLES[call.name];
  return {
    operationId: call.name,
    summary: call.summary,
    tags: [call.access === 'operator' ? 'operator' : 'cardholder'],
    security: SECURITY[call.access],
    parameters: parametersOf(call),
    ...(call.body === undefined ? {} : { requestBody: content(jsonSchema(call.body, 'input'), example?.request) }),
    responses: { [call.success.status]: successOf(call, example?.answer), ...refusalsOf(call) },
  };
}

function content(schema: Json, example: unknown, type = 'application/json'): Json {
  return { required: true, content: { [type]: { schema, ...(example === undefined ? {} : { example }) } } };
}

function parametersOf(call: HttpCall): Json[] {
  const path = [...call.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const { properties = {} } = (call.query === undefined ? {} : jsonSchema(call.query, 'input')) as {
    properties?: Json;
  };
  const query = Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
  const text = { type: 'string', minLength: 1, maxLength: 128 };
  const headers = [{ name: 'X-Request-Id', in: 'header', required: false, schema: text }];
  if (call.method !== 'GET') headers.push({ name: 'Idempotency-Key', in: 'header', required: false, schema: text });
  return [...path, ...query, ...headers];
}

const text = (description: string) => ({ description, schema: { type: 'string' } });

const ANSWER_HEADERS = {
  'X-Served-By': text('Replica that served the call'),
  'X-Gateway': text('Gateway that it came through'),
  'X-Request-Id': text('Names this call in logs and problems'),
};

const REPLAYED = { 'Idempotency-Replayed': text('`true` where this is the stored answer to an earlier request') };
const RETRY_AFTER = { 'Retry-After': text('Seconds after which to ask again') };

function successOf(call: HttpCall, example: unknown): Json {
  const { status, schema, stream } = call.success;
  const headers = { ...ANSWER_HEADERS, ...(call.method === 'GET' ? {} : REPLAYED) };
  const type = stream === true ? 'text/event-stream' : 'application/json';
  const body = schema === undefined ? {} : { content: content(jsonSchema(schema, 'output'), example, type)['content'] };
  return { description: status === 204 ? 'Done; no content' : 'Done', headers, ...body };
}

function refusalsOf(call: HttpCall): Json {
  const statuses = [...new Set([...call.refusals, ...IMPLIED[call.access], 500])].sort();
  return Object.fromEntries(statuses.map((status) => [status, refusalOf(status)]));
}

function refusalOf(status: number): Json {
  const kinds = Object.entries(PROBLEMS).filter(([, problem]) => problem.status === status);
  const examples = Object.fromEntries(
    kinds.map(([kind, { title }]) => [
      kind,
      { value: { type: `urn:cashpoint:problem:${kind}`, title, status, detail: `${title}.`, requestId: 'a-request' } },
    ]),
  );
  return {
    description: kinds.map(([, { title }]) => title).join('; or: '),
    headers: { ...ANSWER_HEADERS, ...(status === 429 || status === 503 ? RETRY_AFTER : {}) },
    content: { 'application/problem+json': { schema: PROBLEM, examples } },
  };
}

function publicPage(path: string, summary: string): Json {
  const responses = {
    200: { description: 'Yes' },
    ...(path === '/health/ready' ? { 503: { description: 'Not now' } } : {}),
  };
  return { operationId: path.slice(1).replaceAll('/', '-'), summary, tags: ['process'], security: [], responses };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const described = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  delete described.$schema;
  return described;
}
