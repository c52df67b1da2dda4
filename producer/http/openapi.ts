import swagger from '@fastify/swagger';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { buildApp, type AppDeps } from './app.ts';

const unused = (): never => {
  throw new Error('only the routes are asked');
};

/** Everything that routes take, and nothing behind it. */
const deps = (): AppDeps =>
  ({
    limits: {
      headersTimeoutMs: 1000,
      bodyTimeoutMs: 1000,
      keepAliveTimeoutMs: 1000,
      streamIdleTimeoutMs: 1000,
      streamMaxMs: 1000,
      maxConnections: 1,
    },
    view: undefined,
    operators: undefined,
    partitions: 1,
    random: unused,
    ingest: { facts: unused, submission: unused },
    identify: unused,
    clock: systemClock,
    log: silentLog,
  }) as unknown as AppDeps;

/** `producer/openapi.json`: the OpenAPI 3.1 document of the routes as they are built. */
export const openApiText = async (): Promise<string> => {
  const app = buildApp(deps(), (instance) => {
    void instance.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'verdikt edge',
          version: '1',
          description:
            'Submit words for evaluation. 202 means that all in-sync replicas have stored the word.',
        },
        components: {
          securitySchemes: {
            token: {
              type: 'http',
              scheme: 'bearer',
              description:
                'A token of `tokens`, or a JWT of `jwtIssuer`. Required unless `anonymousScopes` allow the request.',
            },
          },
        },
        security: [{ token: [] }, {}],
      },
      convertConstToEnum: false,
      refResolver: { buildLocalReference: (schema) => String(schema.$id) },
    });
  });
  await app.ready();
  const document = app.swagger();
  await app.close();
  return `${JSON.stringify(document, null, 2)}\n`;
};
