import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WORD_SUBMITTED_SCHEMA } from '@verdikt/schemas/types.ts';
import { SCHEMA_ID } from './words.ts';

/** A registry that knows one schema under every id: workers ask it once, so it costs them what any registry does. */
export const startRegistryStub = async (): Promise<{ readonly url: string; close(): void }> => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
    response.end(JSON.stringify({ id: SCHEMA_ID, schema: WORD_SUBMITTED_SCHEMA }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
