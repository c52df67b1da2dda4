import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { loadProcessorConfig, processorSchema } from '@verdikt/processor/config.ts';
import { nextSteps } from './next-steps.ts';
import { envFor } from './service-process.ts';

const variables = { KAFKA_BROKERS: 'h:1', SCHEMA_REGISTRY_URL: 'http://r/apis' };
const noFile = (): string => {
  throw new Error('no file');
};
const config = loadProcessorConfig({ ...variables, VERDIKT_TOPIC_PREFIX: 'p.' }, noFile);
const chain = JSON.stringify(['palindrome', { http: { url: "http://127.0.0.1:1/it's" } }]);
const stepsOn = (platform: NodeJS.Platform): string =>
  nextSteps({
    platform,
    edge: 'http://e',
    console: 'http://e/console',
    config,
    environment: { variables },
    processor: { chain },
    inCheckout: true,
    services: [{ name: 'processor-1', child: { pid: 7 } }],
    folder: '/f',
  });
const text = stepsOn('linux');

test('the command for one more processor gives it just what the others have, through a real shell', () => {
  const command = text.split('\n').find((line) => line.endsWith('npm run processor')) ?? '';
  const print = `${process.execPath} -p 'JSON.stringify(process.env)'`;
  const out = execFileSync('sh', ['-c', command.replace('npm run processor', print)], { env: {} });
  const env = JSON.parse(String(out)) as NodeJS.ProcessEnv;
  const started = loadProcessorConfig(envFor(processorSchema, env), noFile);
  expect(started).toMatchObject({
    chain: JSON.parse(chain),
    topicPrefix: 'p.',
    brokers: ['h:1'],
    managementPort: 0,
  });
  expect(started.group).toBe(config.group);
  expect(started.partitions).toBe(config.partitions);
});

test('the console consumer reads the results of this prefix, committed ones alone', () => {
  expect(text).toContain(
    'npm run --silent kafka -- console-consumer --bootstrap-server h:1 --topic p.results --from-beginning --isolation-level read_committed',
  );
});

test('a service gets variables of its own and of others, not those of our other services', () => {
  const env = { PATH: '/bin', KAFKA_BROKERS: 'h:1', VERDIKT_GROUP: 'g', VERDIKT_BODY_MAX_BYTES: '1' };
  expect(envFor(processorSchema, env)).toEqual({ PATH: '/bin', KAFKA_BROKERS: 'h:1', VERDIKT_GROUP: 'g' });
});

test('commands are those of the shell of the platform', () => {
  expect(text).toContain('\n   kill -9 7\n');
  expect(text).toContain(
    `curl -i http://e/v1/words -H 'content-type: application/json' -d '{"word":"rotavator"}'`,
  );
  expect(stepsOn('darwin')).toBe(text);
  const windows = stepsOn('win32');
  expect(windows).toContain('\n   Stop-Process -Force -Id 7\n');
  expect(windows).toContain(
    `-Uri http://e/v1/words -ContentType application/json -Body '{"word":"rotavator"}'`,
  );
  // What stands in quotes is taken as it is; a quote within is doubled.
  expect(windows).toContain(
    `$env:VERDIKT_CHAIN='["palindrome",{"http":{"url":"http://127.0.0.1:1/it''s"}}]'; `,
  );
  expect(windows).toMatch(/; npm run processor\n/);
});
