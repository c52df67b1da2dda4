import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fieldsOf } from '@verdikt/core/config/fields.ts';
import { serviceFields } from '@verdikt/core/config/kafka.ts';
import { run } from '@verdikt/local/run.ts';
import { processorSchema } from '@verdikt/processor/config.ts';
import { processorEnvFor } from '@verdikt/processor/memory.ts';
import { EDGE_ENV } from '@verdikt/producer/memory.ts';
import { commandOf, merged } from './command.ts';
import { configured } from './configured.ts';
import { DEFAULT_MANAGEMENT_PORT, managementPort } from './management-port.ts';

const { NODE_OPTIONS: _, ...env } = process.env;
const script = (name: string): string => join(import.meta.dirname, name);

describe('the command', () => {
  test.each([
    ['producer', 'producer/main.ts', [], EDGE_ENV],
    ['processor', 'processor/main.ts', [], processorEnvFor(300)],
    ['topics apply --json', 'cli/main.ts', ['topics', 'apply', '--json'], {}],
    // A service takes no arguments: the command line refuses them.
    ['processor --fast', 'cli/main.ts', ['processor', '--fast'], {}],
    ['toString', 'cli/main.ts', ['toString'], {}],
  ])('%s runs %s', (line, path, args, wants) => {
    expect(commandOf(line.split(' '), 300)).toEqual({ script: path, args, env: wants });
  });

  test('shows help when there is none', () => {
    expect(commandOf([], 300)).toMatchObject({ script: 'cli/main.ts', args: ['--help'] });
  });

  test('lets the environment win', () => {
    expect(merged({ NODE_OPTIONS: '--a=1', A: '1', B: '1' }, { NODE_OPTIONS: '--a=2', A: '2' })).toEqual({
      ...{ NODE_OPTIONS: '--a=1 --a=2', A: '2', B: '1' },
    });
    expect([merged({}, {}), merged({ NODE_OPTIONS: '--a' }, { NODE_OPTIONS: '' })]).toEqual([
      {},
      { NODE_OPTIONS: '--a' },
    ]);
    expect(merged({}, { NODE_OPTIONS: '--b' })).toEqual({ NODE_OPTIONS: '--b' });
  });

  test('becomes the program itself: output and exit code are its own', () => {
    const ran = spawnSync(process.execPath, [script('main.ts'), 'nonsense'], { env, encoding: 'utf8' });
    expect(ran.stderr).toContain("unknown command 'nonsense'");
    expect(ran.status).toBe(2);
  });
});

describe('the port for probes', () => {
  const none = (): string => '{}';
  test('is that of the environment, of the file, or the default', () => {
    const file = (): string => '{"managementPort":7}';
    expect(managementPort({ VERDIKT_MANAGEMENT_PORT: '5', VERDIKT_CONFIG: 'f' }, file)).toBe(5);
    expect(managementPort({ VERDIKT_MANAGEMENT_PORT: '', VERDIKT_CONFIG: 'f' }, file)).toBe(7);
    expect(managementPort({ VERDIKT_CONFIG: 'f' }, none)).toBe(DEFAULT_MANAGEMENT_PORT);
    expect(managementPort({}, none)).toBe(DEFAULT_MANAGEMENT_PORT);
  });

  test('has the default of the services', () => {
    expect(serviceFields.managementPort).toMatchObject({ default: DEFAULT_MANAGEMENT_PORT });
  });
});

test('the limit of memory is that of the service, under the same name', () => {
  const { env } = fieldsOf(processorSchema).find(({ name }) => name === 'memoryLimitMiB')!;
  expect(configured({ [env]: '768' }, 'memoryLimitMiB', () => '{}')).toBe(768);
});

test.each([
  [200, 0],
  [503, 1],
  [undefined, 1],
])('the health check of a service that answers %s exits with %s', async (status, code) => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/readyz' ? (status ?? 500) : 404;
    response.end('why\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  if (status === undefined) await new Promise((resolve) => server.close(resolve));
  const checked = await run(process.execPath, [script('health.ts')], {
    env: { ...env, VERDIKT_MANAGEMENT_PORT: String(port) },
  });
  server.close();
  expect(checked.code).toBe(code);
  expect(checked.stdout + checked.stderr).toContain(status === undefined ? 'ECONNREFUSED' : 'why');
});
