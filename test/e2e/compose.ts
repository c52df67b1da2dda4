// `npm run proof:compose -- [--words 20000] [--secure] [--keep] [--registry PROGRAM]`: the image and docker-compose.yml, from nothing,
// under load and kills. With a registry to start, the image is released there first, and what runs is what was pulled.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { freePorts } from '@verdikt/local/ports.ts';
import { consoleProblems } from '../support/system/console-files.ts';
import { judge } from '../support/system/judge.ts';
import { sendWords } from '../support/system/load.ts';
import { palindromeVerdict, wordOf } from '../support/system/words.ts';
import { containerProblems, logProblems, prometheusProblems, until } from './checks.ts';
import { composeCommand } from './compose-plugin.ts';
import { EDGE_NAME, openHelmTest } from './helm-test.ts';
import { assertContainersRun, NoEngine, openEngine, type Engine } from './engine.ts';
import { isStandIn, provideImages } from './images.ts';
import { VERSION } from '@verdikt/core/service/version.ts';
import { releaseProblems } from './release-image.ts';
import { openStack, type Stack } from './stack.ts';

const PROCESSORS = 3;
const KEYS = 500;
/** Longer than a killed processor is missed (session) and replaced (rebalance, fence, restore). */
const QUIET_MS = 25_000;
const NO_ENGINE = 77;

const { values } = parseArgs({
  options: {
    words: { type: 'string', default: '20000' },
    keep: { type: 'boolean' },
    secure: { type: 'boolean', default: false },
    registry: { type: 'string' },
  },
});
const SECURE = values.secure;
const SERVICES = [
  ...(SECURE ? ['credentials', 'users', 'rights'] : []),
  ...['kafka', 'registry', 'init', 'producer', 'processor', 'prometheus'],
];
const rounds = Math.max(6, Math.ceil(Number(values.words) / KEYS));
const began = Date.now();
const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;
const say = (line: string): void => void process.stdout.write(`[${seconds(began).padStart(7)}] ${line}\n`);

const problems: string[] = [];
const check = (what: string, found: readonly string[]): void => {
  say(found.length === 0 ? `ok: ${what}` : `NOT: ${what}`);
  for (const f of found.slice(0, 10)) say(`     ${f}`);
  problems.push(...found.map((f) => `${what}: ${f}`));
};

/** Kills the first container of a service as a power cut would; resolves with the time of the kill. */
const kill = async (stack: Stack, service: string): Promise<{ id: string; at: number }> => {
  const [victim] = await stack.containers(service);
  await stack.docker('kill', '--signal', 'KILL', victim.id);
  const at = Date.now();
  say(`killed ${service} ${victim.id.slice(0, 6)}`);
  return { id: victim.id, at };
};

/** Sends words, kills a processor at a third and the edge at two thirds of them, and judges all that came out. */
const underFire = async (stack: Stack, edge: string): Promise<void> => {
  const kills: Promise<unknown>[] = [];
  let processorKilled = 0;
  let edgeAway = 0;
  const third = Math.floor(rounds / 3);
  const loadBegan = Date.now();
  const sent = await sendWords({
    url: () => edge,
    ...{ rounds, keys: KEYS, word: wordOf, pauseMs: 100 },
    sent: (round) => {
      // Not awaited: the load goes on meanwhile.
      if (round === third) kills.push(kill(stack, 'processor').then(({ at }) => (processorKilled = at)));
      if (round === 2 * third)
        kills.push(
          kill(stack, 'producer').then(async ({ id, at }) => {
            await stack.docker('start', id);
            await until(60_000, async () =>
              (await fetch(`${edge}/v1/words`).catch(() => undefined)) ? [] : ['away'],
            );
            edgeAway = Date.now() - at;
          }),
        );
    },
  });
  await Promise.all(kills);
  say(
    `${sent.length} words over ${KEYS} keys accepted in ${seconds(loadBegan)}; the edge was away for ${edgeAway} ms`,
  );

  const topics = topicNames('', 'verdikt');
  /** By partition: when its last verdict before the kill and its first one after it were appended. */
  const silence = new Map<number, { before: number; longest: number }>();
  let last = 0;
  const judgement = await judge(
    { brokers: 'kafka:19092', topics },
    {
      ...{ sent, expected: palindromeVerdict, quietMs: QUIET_MS },
      read: async function* (topic, quietMs) {
        for await (const r of stack.read(topic, quietMs)) {
          const seen = silence.get(r.partition) ?? { before: r.timestamp, longest: 0 };
          if (r.timestamp > processorKilled) seen.longest = Math.max(seen.longest, r.timestamp - seen.before);
          seen.before = r.timestamp;
          silence.set(r.partition, seen);
          last = Math.max(last, r.timestamp);
          yield r;
        }
      },
    },
  );
  const longest = Math.max(...[...silence.values()].map((s) => s.longest));
  say(
    `${judgement.results} verdicts, ${judgement.deadLetters} dead letters; longest silence of a partition after the kill ` +
      `${longest} ms; last verdict ${last - processorKilled} ms after it`,
  );
  const laws = judgement.violations.map((v) => `${v.law}: ${v.detail}`);
  if (judgement.results + judgement.deadLetters === 0) laws.push('nothing was decided');
  check('every accepted word has exactly one end, in order of its key', laws);
};

/** The pod of `helm test` beside the system: it passes, and fails while the edge or Kafka does not answer. */
const helmTest = async (stack: Stack, place: Parameters<typeof openHelmTest>[1]): Promise<void> => {
  const pod = await openHelmTest(stack, place);
  const whole = await pod.run('60s');
  say(`helm test: ${whole.said}`);
  check(
    'the pod of `helm test` sees the verdict of its word',
    whole.code === 0 ? [] : [`ended with ${whole.code}`],
  );
  for (const [service, names] of [
    ['producer', 'words-verdikt-edge'],
    ['kafka', 'Kafka'],
  ] as const) {
    await stack.compose('pause', service);
    const { code, said } = await pod.run('10s').finally(() => stack.compose('unpause', service));
    say(`helm test while ${service} does not answer: ${said}`);
    check(
      `the pod of \`helm test\` fails while ${service} does not answer, and names it`,
      code === 1 && said.includes(names) ? [] : [`ended with ${code}`],
    );
  }
  check(
    'all is healthy once they answer',
    await until(60_000, async () => containerProblems(await stack.containers(), PROCESSORS)),
  );
};

const prove = async (
  stack: Stack,
  ports: { edge: number; prometheus: number },
  pod: Parameters<typeof openHelmTest>[1],
): Promise<void> => {
  const upBegan = Date.now();
  await stack.compose('up', '--wait', '--no-build', '--scale', `processor=${PROCESSORS}`, ...SERVICES);
  say(`up with ${PROCESSORS} processors in ${seconds(upBegan)}`);
  check(
    'containers are healthy, hardened and limited',
    containerProblems(await stack.containers(), PROCESSORS),
  );
  check(
    'Prometheus scrapes every replica and evaluates the rules',
    await until(60_000, () => prometheusProblems(`http://127.0.0.1:${ports.prometheus}`, PROCESSORS)),
  );
  const edge = `http://127.0.0.1:${ports.edge}`;
  check('the image serves the console, and all that its page imports', await consoleProblems(edge));
  await underFire(stack, edge);

  const again = Date.now();
  await stack.compose('up', '--wait', '--no-build', '--scale', `processor=${PROCESSORS}`, ...SERVICES);
  say(`up again in ${seconds(again)}: init changed nothing, the killed processor is back`);
  check('all is healthy again', containerProblems(await stack.containers(), PROCESSORS));
  // Behind TLS and logins it would need the secrets of a cluster.
  if (!SECURE) await helmTest(stack, pod);
  const logs = await logProblems(stack);
  check(`${logs.lines} lines of log are JSON`, logs.problems);
  const stopBegan = Date.now();
  await stack.compose('stop', 'processor', 'producer');
  const stopped = (await stack.containers()).filter(
    (c) => c.service === 'processor' || c.service === 'producer',
  );
  say(`stopped in ${seconds(stopBegan)}`);
  check(
    'services end in order when told to',
    stopped.filter((c) => c.exitCode !== 0).map((c) => `${c.service} ended with ${c.exitCode}`),
  );
};

/** Compose files, images and the image of verdikt; then the proof; then nothing is left. */
const run = async (engine: Engine): Promise<void> => {
  const command = await composeCommand(say);
  const [edge, kafka, prometheus] = await freePorts(3);
  const project = `verdikt-proof-${randomBytes(3).toString('hex')}`;
  const env = {
    ...engine.env,
    ...{ EDGE_PORT: String(edge), KAFKA_PORT: String(kafka), PROMETHEUS_PORT: String(prometheus) },
    VERDIKT_IMAGE: `${project}:local`,
    VERDIKT_HOST_NAMES: `producer,${EDGE_NAME}`,
  };
  const files = [
    'docker-compose.yml',
    ...(SECURE ? ['deploy/compose/secure.yml'] : []),
    ...(engine.ours ? [join('test', 'e2e', 'host-network.yml')] : []),
  ];
  const stack = openStack({ command, project, files, secure: SECURE, env });
  const config = JSON.parse(await stack.compose('--profile', '*', 'config', '--format', 'json')) as {
    services: Record<string, { image: string; build?: { args: { NODE_IMAGE: string } } }>;
  };
  const images = SERVICES.map((s) => config.services[s]).map((s) => s.build?.args.NODE_IMAGE ?? s.image);
  const wanted = [...new Set(images)].filter((image) => image !== env.VERDIKT_IMAGE);
  await provideImages(wanted, engine.env, say);
  const standIns: string[] = [];
  for (const image of wanted) if (await isStandIn(image, engine.env)) standIns.push(image);
  say(standIns.length === 0 ? 'published images' : `stand-ins for ${standIns.join(', ')}`);
  await assertContainersRun(engine, wanted.find((i) => i.startsWith('apache/kafka')) ?? wanted[0]);

  try {
    const buildBegan = Date.now();
    await stack.compose('build', 'init');
    const size = Number(await stack.docker('image', 'inspect', '--format', '{{.Size}}', env.VERDIKT_IMAGE));
    say(`image built in ${seconds(buildBegan)}: ${Math.round(size / 1e6)} MB`);
    if (values.registry !== undefined)
      check(
        'the image is pulled from a registry as it was pushed',
        await releaseProblems(stack, env.VERDIKT_IMAGE, VERSION, values.registry),
      );
    const pod = { env: engine.env, image: env.VERDIKT_IMAGE, network: `${project}_kafka` };
    await prove(stack, { edge, prometheus }, pod);
  } catch (e) {
    problems.push(String(e));
    say(String(e));
    say(await stack.compose('logs', '--tail', '15').catch(() => 'no logs'));
  } finally {
    if (values.keep !== true) {
      await stack.compose('--profile', '*', 'down', '--volumes', '--timeout', '15');
      await stack.docker('image', 'rm', '--force', env.VERDIKT_IMAGE).catch(() => undefined);
    }
  }
};

let engine: Engine | undefined;
try {
  engine = await openEngine();
  await run(engine);
  say(problems.length === 0 ? 'proved' : `NOT proved: ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} catch (e) {
  if (!(e instanceof NoEngine)) throw e;
  say(`NOTHING WAS PROVED: ${e.message}`);
  process.exitCode = NO_ENGINE;
} finally {
  if (values.keep !== true) await engine?.stop();
}
