import { afterEach, expect, test } from '@jest/globals';
import { closeEdges, openEdge } from '@verdikt/test/support/producer/edge.ts';
import { docsAssets } from '../console/docs.ts';
import { consoleAssets } from '../console/assets.ts';

afterEach(closeEdges);

test('each file comes with its type, a strict policy and a version', async () => {
  const { app } = openEdge({ tokens: [{ principal: 'a', sha256: '0'.repeat(64) }] });
  for (const { path, type, content } of [...consoleAssets(), ...docsAssets()]) {
    const r = await app.inject(path);
    expect([path, r.statusCode, r.headers['content-type']]).toEqual([path, 200, type]);
    expect(r.body).toBe(content().body);
    expect(r.headers['content-security-policy']).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self'",
    );
    expect(r.headers['content-security-policy']).not.toContain('unsafe');
    const again = await app.inject({ url: path, headers: { 'if-none-match': String(r.headers.etag) } });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  }
});

test('nothing else is there, and only GET', async () => {
  const { app } = openEdge();
  for (const path of [
    '/console/',
    '/console/../package.json',
    '/console/%2e%2e/assets.ts',
    '/console/model/tail.test.ts',
    '/docs/',
    '/docs/http-api.html',
  ])
    expect([path, (await app.inject(path)).statusCode]).toEqual([path, 404]);
  for (const url of ['/console', '/docs', '/docs/topics', '/docs/openapi.json']) {
    const r = await app.inject({ method: 'POST', url });
    expect([url, r.statusCode, r.headers.allow]).toEqual([url, 405, 'GET']);
  }
});
