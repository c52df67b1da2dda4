import { ServiceError } from '@verdikt/core/errors.ts';

export interface RegistryOptions {
  /** With its base path, for example `http://localhost:8080/apis/ccompat/v7`. May hold `user:password@`. */
  readonly url: string;
  readonly auth?: { readonly username: string; readonly password: string };
  /** For one request and its answer. Default 5,000 ms. */
  readonly timeLimitMs?: number;
}

/** Where the registry is: `base` without credentials and trailing slash. Throws CONFIG_INVALID. */
export interface RegistryAddress {
  readonly base: string;
  readonly auth: { readonly username: string; readonly password: string } | undefined;
  readonly timeLimitMs: number;
}

export function registryAddress({ url, auth, timeLimitMs = 5_000 }: RegistryOptions): RegistryAddress {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw new ServiceError('CONFIG_INVALID', 'The URL of the schema registry is not a URL.', {}, cause);
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw new ServiceError(
      'CONFIG_INVALID',
      'The URL of the schema registry must begin with http:// or https://.',
    );
  }
  const inUrl =
    parsed.username === ''
      ? undefined
      : { username: plain(parsed.username, 'user name'), password: plain(parsed.password, 'password') };
  const base = `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`;
  return { base, auth: auth ?? inUrl, timeLimitMs };
}

/** Names the part, never its text. */
const plain = (encoded: string, part: string): string => {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new ServiceError(
      'CONFIG_INVALID',
      `schemaRegistryUrl: the ${part} in the URL has a % that begins no escape. Remedy: write %25 for a percent sign.`,
      { field: 'schemaRegistryUrl' },
    );
  }
};

interface RegistryAnswer {
  readonly status: number;
  /** Parsed JSON; undefined when the body is none. */
  readonly body: unknown;
}

/** One plain request. Rejects SCHEMA_UNAVAILABLE when there is no whole answer in time; any status is an answer. */
export async function ask(
  to: RegistryAddress,
  method: string,
  path: string,
  body?: unknown,
): Promise<RegistryAnswer> {
  const headers: Record<string, string> = {
    accept: 'application/vnd.schemaregistry.v1+json, application/json',
  };
  if (to.auth !== undefined) {
    headers.authorization = `Basic ${Buffer.from(`${to.auth.username}:${to.auth.password}`).toString('base64')}`;
  }
  if (body !== undefined) headers['content-type'] = 'application/vnd.schemaregistry.v1+json';
  try {
    const response = await fetch(`${to.base}${path}`, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      // A redirect leads to a login page, not to a registry.
      redirect: 'manual',
      signal: AbortSignal.timeout(to.timeLimitMs),
    });
    return { status: response.status, body: parsed(await response.text()) };
  } catch (cause) {
    throw unavailable(to, `${method} ${path} has no answer (${reason(cause)})`, cause);
  }
}

/** `error_code` of an error answer in the registry's own format. */
export function errorCode(answer: RegistryAnswer): number | undefined {
  const code = (answer.body as { error_code?: unknown } | undefined)?.error_code;
  return typeof code === 'number' ? code : undefined;
}

const withPath = (base: string): boolean => new URL(base).pathname !== '/';
/** Said where an answer may be that of another path. */
export const NO_PATH =
  'Its URL has no path: Apicurio answers below /apis/ccompat/v7, Confluent and Karapace without one. Check also that it runs, and the credentials.';

export const unavailable = (to: RegistryAddress, what: string, cause?: unknown): ServiceError =>
  new ServiceError(
    'SCHEMA_UNAVAILABLE',
    `The schema registry at ${to.base} cannot be used: ${what}. ${withPath(to.base) ? 'Check its URL (with base path), that it runs, and the credentials.' : NO_PATH}`,
    { url: to.base },
    cause,
  );

/** `ECONNREFUSED`, `TimeoutError` and the like. */
function reason(e: unknown): string {
  const { name, cause } = e as { name?: unknown; cause?: { code?: unknown } };
  return String(cause?.code ?? name);
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value ?? undefined;
  } catch {
    return undefined;
  }
}
