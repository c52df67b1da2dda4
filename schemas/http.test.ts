import { describe, expect, test } from '@jest/globals';
import { registryAddress, unavailable } from './http.ts';

describe('the address of the registry', () => {
  test('takes credentials out of the URL', () => {
    expect(registryAddress({ url: 'http://us%40er:p%25w@host:1/apis/ccompat/v7/' })).toMatchObject({
      base: 'http://host:1/apis/ccompat/v7',
      auth: { username: 'us@er', password: 'p%w' },
    });
  });

  test.each([
    ['password', 'http://user:hunter2%@host/'],
    ['user name', 'http://hunter2%:x@host/'],
  ])('a % in the %s that begins no escape is told, and not repeated', (part, url) => {
    let error: unknown;
    try {
      registryAddress({ url });
    } catch (e) {
      error = e;
    }
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', details: { field: 'schemaRegistryUrl' } });
    expect((error as Error).message).toMatch(new RegExp(`^schemaRegistryUrl: the ${part} .*write %25`));
    expect(String(error)).not.toContain('hunter2');
  });
});

describe('a registry that cannot be used', () => {
  const says = (url: string): string =>
    unavailable(registryAddress({ url }), 'GET /subjects answers 404').message;

  test('has perhaps a path that the URL lacks', () => {
    for (const url of ['http://r:8080', 'http://r:8080/'])
      expect(says(url)).toContain('Its URL has no path: Apicurio answers below /apis/ccompat/v7');
  });

  test('or a wrong one', () => {
    expect(says('http://r:8080/apis')).toMatch(/Check its URL \(with base path\)/);
  });
});
