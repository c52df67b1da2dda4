// Health check of the image: asks the service whether it is ready. Light, since it runs every few seconds.
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { managementPort } from './management-port.ts';

const TIMEOUT_MS = 2_000;
const port = managementPort(process.env, (path) => readFileSync(path, 'utf8'));

get({ host: '127.0.0.1', port, path: '/readyz', timeout: TIMEOUT_MS }, (answer) => {
  answer.pipe(process.stdout);
  process.exitCode = answer.statusCode === 200 ? 0 : 1;
})
  .on('timeout', () => {
    process.stderr.write(`no answer within ${TIMEOUT_MS} ms\n`);
    process.exit(1);
  })
  .on('error', (e) => {
    process.stderr.write(`${e.message}\n`);
    process.exitCode = 1;
  });
