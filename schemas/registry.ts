import { SchemaRegistry as Client, SchemaType } from '@kafkajs/confluent-schema-registry';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { isAvroType, typeOf } from './avro.ts';
import {
  ask,
  errorCode,
  registryAddress,
  NO_PATH,
  unavailable,
  type RegistryAddress,
  type RegistryOptions,
} from './http.ts';
import { noteLogicalTypes, sameSchema } from './logical.ts';
import type { SchemaAnswer, SchemaRegistry } from './registry-port.ts';

export type { SchemaAnswer, SchemaRegistry } from './registry-port.ts';

/** "Schema not found" of `GET /schemas/ids/{id}`. A bare 404 may as well come from a proxy or a wrong base path. */
const SCHEMA_NOT_FOUND = 40403;

/** Any registry with the Confluent API: Confluent, Apicurio (`/apis/ccompat/v7`), Karapace. Throws CONFIG_INVALID. */
export function createSchemaRegistry(options: RegistryOptions, clock: Clock = systemClock): SchemaRegistry {
  const to = registryAddress(options);
  return {
    async byId(id) {
      let type: unknown;
      try {
        type = await limited(to, clock, (client) => client.getSchema(id));
      } catch (e) {
        return confirmed(to, id, e);
      }
      return isAvroType(type)
        ? { kind: 'found', type }
        : { kind: 'unusable', detail: `Schema ${id} is not Avro.` };
    },

    async idOf(subject, schema) {
      try {
        const wanted = { type: SchemaType.AVRO, schema } as const;
        return idIn(to, await limited(to, clock, (client) => client.getRegistryIdBySchema(subject, wanted)));
      } catch (e) {
        // The client wraps "not found" in an error without status.
        if (statusOf(e) !== undefined || isUnavailable(e)) throw unavailable(to, `looking up ${subject}`, e);
      }
      return latestIfEqual(to, clock, subject, schema);
    },
  };
}

/**
 * One client per question: it remembers a request that hangs forever and would hand it to every later one, and it has no
 * time limit for an answer that stops halfway.
 */
export function limited<T>(to: RegistryAddress, clock: Clock, f: (client: Client) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(to.timeLimitMs, () =>
      reject(unavailable(to, `no answer within ${to.timeLimitMs} ms`)),
    );
    f(createClient(to)).then(resolve, reject).finally(cancel);
  });
}

function createClient(to: RegistryAddress): Client {
  const api: ConstructorParameters<typeof Client>[0] = {
    host: to.base,
    clientId: 'verdikt',
    retry: { retries: 1 },
    // Releases the socket; `limited` ends the wait.
    middlewares: [() => ({ request: (request) => request.enhance({ timeout: to.timeLimitMs }) })],
    ...(to.auth === undefined ? {} : { auth: to.auth }),
  };
  return new Client(api, { [SchemaType.AVRO]: { typeHook: noteLogicalTypes } });
}

/**
 * What a failed `getSchema` means. The client reports a refused connection as status 400 and hides the error code, so nothing
 * that would condemn records is taken from it: a plain request has to confirm it.
 */
async function confirmed(to: RegistryAddress, id: number, e: unknown): Promise<SchemaAnswer> {
  if (isUnavailable(e)) return { kind: 'unavailable', detail: text(e) };
  try {
    const answer = await ask(to, 'GET', `/schemas/ids/${id}`);
    if (answer.status === 404 && errorCode(answer) === SCHEMA_NOT_FOUND) return { kind: 'missing' };
    const schema = (answer.body as { schema?: unknown } | undefined)?.schema;
    if (answer.status === 200 && typeof schema === 'string' && statusOf(e) === undefined) {
      return { kind: 'unusable', detail: `Schema ${id} cannot be used: ${text(e)}` };
    }
    return {
      kind: 'unavailable',
      detail: unavailable(to, `unexpected answer, status ${answer.status}`).message,
    };
  } catch (e2) {
    return { kind: 'unavailable', detail: text(e2) };
  }
}

/** Some registries compare texts. A latest version that reads the same will do as well. */
async function latestIfEqual(
  to: RegistryAddress,
  clock: Clock,
  subject: string,
  schema: string,
): Promise<number> {
  try {
    const [id, type] = await limited(to, clock, async (client) => {
      const latest = await client.getLatestSchemaId(subject);
      return [latest, await client.getSchema(latest)] as const;
    });
    if (isAvroType(type) && sameSchema(typeOf(schema), type)) return id;
  } catch (e) {
    if (statusOf(e) !== 404) throw unavailable(to, `looking up ${subject}`, e);
  }
  const hint =
    new URL(to.base).pathname === '/'
      ? `Register it with \`verdikt init\`. ${NO_PATH}`
      : 'Register it with `verdikt init`.';
  throw new ServiceError('SCHEMA_UNAVAILABLE', `Our schema is not registered under ${subject}. ${hint}`, {
    ...{ subject, registered: false },
  });
}

/** The client passes on what a proxy answers with status 200. Throws SCHEMA_UNAVAILABLE when that is no id. */
export function idIn(to: RegistryAddress, id: unknown): number {
  if (typeof id === 'number' && Number.isInteger(id)) return id;
  throw unavailable(to, 'its answer holds no schema id');
}

/** HTTP status of an error of the client; undefined for its other errors. */
export function statusOf(e: unknown): number | undefined {
  const status = (e as { status?: unknown } | null | undefined)?.status;
  return typeof status === 'number' ? status : undefined;
}

const isUnavailable = (e: unknown): boolean => e instanceof ServiceError && e.code === 'SCHEMA_UNAVAILABLE';

const text = (e: unknown): string => (e instanceof Error ? e.message : String(e));
