import { ServiceError } from '@verdikt/core/errors.ts';
import { causeOf } from '@verdikt/core/http-cause.ts';
import { safeText } from '@verdikt/core/record/safe-text.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { BearerToken } from './token-cache.ts';

/** Client credentials (RFC 6749, 4.4; KIP-768). */
export interface OauthClient {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | undefined;
}

interface OauthDeps {
  readonly clock: Clock;
  readonly timeLimitMs: number;
  /** @default the global one */
  readonly fetch?: typeof globalThis.fetch;
}

/** RFC 6750, `b64token`. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
const MAX_ANSWER_BYTES = 256 * 1024;
/** Enough of an error answer to tell what is wrong. */
const EXCERPT = 200;

/** As RFC 6749, 2.3.1 has it: both parts are form-encoded before they are joined. */
const basicAuth = (id: string, secret: string): string => {
  const form = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
  return `Basic ${Buffer.from(`${form(id)}:${form(secret)}`).toString('base64')}`;
};

/** When a token ends, by its own claim; undefined where it tells none. */
const expiryOf = (token: string): number | undefined => {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      exp?: unknown;
    };
    return typeof exp === 'number' ? exp * 1_000 : undefined;
  } catch {
    return undefined;
  }
};

const textOf = async (response: Response): Promise<string> => {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
  }
  return text;
};

const parsed = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

/** The error that the endpoint names, never more of an answer that could hold a token. */
const saidIn = (text: string): string => {
  const { error, error_description: description } = parsed(text);
  const said = [error, description].filter((t) => typeof t === 'string').join(': ');
  return said === '' ? '' : `: ${safeText(said, EXCERPT)}`;
};

/**
 * Asks the token endpoint for a token. Rejects ACCESS_DENIED where it refuses the client (a 4xx), BROKER_UNAVAILABLE where it cannot be
 * asked or gives no token: both are retried, with the code in the log. No secret and no token is in a message.
 */
export const askToken = async (
  { tokenUrl, clientId, clientSecret, scope }: OauthClient,
  { clock, timeLimitMs, fetch = globalThis.fetch }: OauthDeps,
): Promise<BearerToken> => {
  const { origin, pathname, host } = new URL(tokenUrl);
  const where = `The token endpoint ${origin}${pathname}`;
  const unavailable = (what: string, cause?: unknown): ServiceError =>
    new ServiceError('BROKER_UNAVAILABLE', `${where} ${what}`, { tokenUrl: `${origin}${pathname}` }, cause);
  let status: number;
  let text: string;
  try {
    const response = await fetch(tokenUrl, {
      method: 'POST',
      // A redirect would take the secret elsewhere.
      redirect: 'manual',
      headers: {
        authorization: basicAuth(clientId, clientSecret),
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        ...(scope === undefined ? {} : { scope }),
      }).toString(),
      signal: AbortSignal.timeout(timeLimitMs),
    });
    status = response.status;
    text = await textOf(response);
  } catch (cause) {
    const late = (cause as { name?: unknown }).name === 'TimeoutError';
    throw unavailable(`cannot be asked: ${late ? 'no answer in time' : causeOf(cause, host)}`, cause);
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 429)
    throw new ServiceError(
      'ACCESS_DENIED',
      `${where} refuses the client with ${status}${saidIn(text)}. Check kafkaOauthClientId, its secret and kafkaOauthScope.`,
      { tokenUrl: `${origin}${pathname}` },
    );
  if (status !== 200) throw unavailable(`answered ${status}${saidIn(text)}`);
  const { access_token: token, expires_in: seconds } = parsed(text);
  if (typeof token !== 'string' || !TOKEN.test(token)) throw unavailable('gave no access_token');
  const lifetime = Number(seconds);
  const told =
    seconds !== undefined && Number.isFinite(lifetime) ? clock.now() + lifetime * 1_000 : undefined;
  return { value: token, expiresAt: told ?? expiryOf(token) };
};
