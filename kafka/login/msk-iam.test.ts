import { expect, test } from '@jest/globals';
import { createMskTokens, mskToken } from './msk-iam.ts';

/** Parameters of the presigned URL in a token, and its host. */
const read = (token: string) => {
  const url = new URL(Buffer.from(token, 'base64url').toString());
  return { host: url.host, path: url.pathname, ...Object.fromEntries(url.searchParams) };
};

// Recorded from aws-msk-iam-sasl-signer-python 1.0.2 with botocore 1.44.8, its clock set.
test.each([
  [
    'us-east-1',
    { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
    1_785_000_000_000,
    {
      'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20260725/us-east-1/kafka-cluster/aws4_request',
      'X-Amz-Date': '20260725T172000Z',
      'X-Amz-Signature': '2aa058a6ff4deb1115a3dd0d4700af74c495a19d14a10107dce1a8039a1d03d9',
    },
  ],
  [
    'eu-central-1',
    {
      accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'abc+/=secret',
      sessionToken: 'FwoGZXIvYXdzEBY+/=token//with==chars',
    },
    1_767_225_599_000,
    {
      'X-Amz-Credential': 'ASIAIOSFODNN7EXAMPLE/20251231/eu-central-1/kafka-cluster/aws4_request',
      'X-Amz-Date': '20251231T235959Z',
      'X-Amz-Security-Token': 'FwoGZXIvYXdzEBY+/=token//with==chars',
      'X-Amz-Signature': '4a3935b7c1ecd79cf2449989295a7a9034f39849f88857013afcf415b1f5eeac',
    },
  ],
])('a token for %s is signed as by the signer of AWS', (region, credentials, now, recorded) => {
  const token = mskToken(region, credentials, now);
  expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(read(token)).toEqual({
    ...{ host: `kafka.${region}.amazonaws.com`, path: '/', Action: 'kafka-cluster:Connect' },
    ...{ 'X-Amz-Algorithm': 'AWS4-HMAC-SHA256', 'X-Amz-Expires': '900', 'X-Amz-SignedHeaders': 'host' },
    ...recorded,
    'User-Agent': 'verdikt',
  });
});

const NOW = 1_785_000_000_000;
const credentials = { accessKeyId: 'AK', secretAccessKey: 'SK' };

test('a token ends with its credentials, if they end first', async () => {
  const expires = async (expiration?: Date) => {
    const provider = () => Promise.resolve({ ...credentials, expiration });
    return (await createMskTokens('r', { now: () => NOW }, () => Promise.resolve(provider))()).expiresAt;
  };
  expect(await expires()).toBe(NOW + 900_000);
  expect(await expires(new Date(NOW + 60_000))).toBe(NOW + 60_000);
  expect(await expires(new Date(NOW + 9_000_000))).toBe(NOW + 900_000);
});

test('without credentials it is ACCESS_DENIED, until there are some', async () => {
  let there = false;
  const provider = () => (there ? Promise.resolve(credentials) : Promise.reject(new Error('no role')));
  const token = createMskTokens('r', { now: () => NOW }, () => Promise.resolve(provider));
  await expect(token()).rejects.toMatchObject({
    code: 'ACCESS_DENIED',
    message: expect.stringContaining('no role') as unknown,
  });
  there = true;
  expect(read((await token()).value)).toMatchObject({ host: 'kafka.r.amazonaws.com' });
});

test('credentials are found where the SDKs of AWS look for them', async () => {
  const before = { ...process.env };
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'FROM_ENV', AWS_SECRET_ACCESS_KEY: 's' });
  try {
    const token = await createMskTokens('r', { now: () => NOW })();
    expect(read(token.value)).toMatchObject({
      'X-Amz-Credential': 'FROM_ENV/20260725/r/kafka-cluster/aws4_request',
    });
  } finally {
    process.env = before;
  }
});
