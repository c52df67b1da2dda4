// `npm run kafka -- TOOL ARGS...`: Kafka's own command-line tools without an installation of Kafka.
import { constants } from 'node:os';
import { isServiceError } from '@verdikt/core/errors.ts';
import { TOOLS, openKafkaTools } from './kafka-tools.ts';
import type { ToolName } from './kafka-tools.ts';

const [name, ...given] = process.argv.slice(2);
const isTool = (text: string | undefined): text is ToolName =>
  text !== undefined && Object.hasOwn(TOOLS, text);

/** Tools that speak to no broker. */
const OFFLINE: readonly ToolName[] = ['storage', 'dump-log'];

const withBroker = (tool: ToolName): string[] => {
  const brokers = process.env.KAFKA_BROKERS;
  const has = given.some((arg) => /^--(bootstrap-(server|controller)|help|version)/.test(arg));
  return brokers === undefined || has || OFFLINE.includes(tool)
    ? given
    : ['--bootstrap-server', brokers, ...given];
};

if (!isTool(name)) {
  console.error(`Usage: npm run kafka -- TOOL ARGS...\nTools: ${Object.keys(TOOLS).join(' ')}`);
  console.error('With KAFKA_BROKERS set, --bootstrap-server may be left out.');
  process.exitCode = 2;
} else {
  try {
    const tools = await openKafkaTools((line) => console.error(line));
    const child = tools.spawn(name, withBroker(name), 'inherit');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => child.kill(signal));
    child.on(
      'exit',
      (code, signal) => (process.exitCode = code ?? 128 + constants.signals[signal as NodeJS.Signals]),
    );
  } catch (e) {
    console.error(isServiceError(e) ? e.message : e);
    process.exitCode = 1;
  }
}
