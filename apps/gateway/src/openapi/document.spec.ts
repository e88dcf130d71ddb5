import { describe, expect, it } from '@jest/globals';
import { HTTP_CALLS } from '#contracts';
import { openApiDocument } from './document.js';
import { EXAMPLES } from './examples.js';

describe('the OpenAPI document', () => {
  const document = openApiDocument();
  const operations = HTTP_CALLS.map((call) => {
    const item = document.paths[call.path] as Record<string, unknown> | undefined;
    return { call, operation: item?.[call.method.toLowerCase()] as Record<string, never> | undefined };
  });

  it('is valid JSON in which every reference resolves', () => {
    const text = JSON.stringify(document);
    for (const [, pointer = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = pointer.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document);
      expect(target).toBeDefined();
    }
  });

  it.each(operations)(
    'describes $call.name with its success, its refusals and its path parameters',
    ({ call, operation }) => {
      const responses = Object.keys(operation?.['responses'] ?? {}).map(Number);
      expect(responses).toEqual(expect.arrayContaining([call.success.status, ...call.refusals, 500]));
      expect(responses.includes(401)).toBe(call.access !== 'public');
      const named = (operation?.['parameters'] as unknown as { name: string; in: string }[]).filter(
        (each) => each.in === 'path',
      );
      expect(named.map(({ name }) => `{${name}}`)).toEqual(call.path.match(/\{\w+\}/g) ?? []);
      expect(operation?.['requestBody'] !== undefined).toBe(call.body !== undefined);
    },
  );

  it('has no two operations of one name', () => {
    const ids = operations.map(({ operation }) => operation?.['operationId']);
    expect(new Set(ids).size).toBe(HTTP_CALLS.length);
  });

  it('has only examples that its own schemas accept, for calls that exist', () => {
    for (const [name, { request, answer }] of Object.entries(EXAMPLES)) {
      const call = HTTP_CALLS.find((each) => each.name === name);
      expect(call).toBeDefined();
      if (request !== undefined) expect(call?.body?.safeParse(request).error).toBeUndefined();
      if (answer !== undefined) expect(call?.success.schema?.safeParse(answer).error).toBeUndefined();
    }
  });
});
