import { createHash, createHmac } from 'node:crypto';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { BearerToken } from './token-cache.ts';

interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** As AWS's own signers have it. */
const EXPIRES_SECONDS = 900;
const SERVICE = 'kafka-cluster';
const ALGORITHM = 'AWS4-HMAC-SHA256';
const USER_AGENT = 'verdikt';

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * The token by which MSK takes IAM logins over OAUTHBEARER: a presigned URL (Signature Version 4) in base64url. A signature of a host
 * that is never asked: it says who signs, in which region, and for how long. Pure.
 */
export const mskToken = (region: string, credentials: AwsCredentials, now: number): string => {
  const host = `kafka.${region}.amazonaws.com`;
  const time = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/${SERVICE}/aws4_request`;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const parameters: readonly (readonly [string, string])[] = [
    ['Action', 'kafka-cluster:Connect'],
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', `${accessKeyId}/${scope}`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', String(EXPIRES_SECONDS)],
    ...(sessionToken === undefined ? [] : [['X-Amz-Security-Token', sessionToken] as const]),
    ['X-Amz-SignedHeaders', 'host'],
  ];
  // In the order of their names, as they are listed.
  const query = parameters.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  const canonical = ['GET', '/', query, `host:${host}\n`, 'host', sha256('')].join('\n');
  const toSign = [ALGORITHM, time, scope, sha256(canonical)].join('\n');
  const key = [day, region, SERVICE, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, toSign).toString('hex');
  const url = `https://${host}/?${query}&X-Amz-Signature=${signature}&User-Agent=${USER_AGENT}`;
  return Buffer.from(url).toString('base64url');
};

/** Where AWS's SDKs look for credentials. */
type Provider = () => Promise<AwsCredentials & { readonly expiration?: Date | undefined }>;

/** Loaded where it is needed: it is larger than the rest of us. */
const defaultProvider = async (): Promise<Provider> => {
  const aws = await import('@aws-sdk/credential-provider-node');
  return aws.defaultProvider();
};

/** Signs tokens with the credentials of this process. Rejects ACCESS_DENIED where there are none; it is asked again then. */
export const createMskTokens = (
  region: string,
  clock: Pick<Clock, 'now'>,
  open: () => Promise<Provider> = defaultProvider,
): (() => Promise<BearerToken>) => {
  let provider: Promise<Provider> | undefined;
  return async () => {
    let credentials: Awaited<ReturnType<Provider>>;
    try {
      credentials = await (await (provider ??= open()))();
    } catch (cause) {
      throw new ServiceError(
        'ACCESS_DENIED',
        `There are no AWS credentials for this process: ${(cause as Error).message}. Give it a role or AWS_* variables.`,
        { region },
        cause,
      );
    }
    const now = clock.now();
    const ends = [now + EXPIRES_SECONDS * 1_000, credentials.expiration?.getTime() ?? Infinity];
    return { value: mskToken(region, credentials, now), expiresAt: Math.min(...ends) };
  };
};
