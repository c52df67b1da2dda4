import { describe, expect, test } from '@jest/globals';
import { assertAgreement } from './agreement.ts';
import { loadedBy, objectsOf, type KubeObject } from './rendered.ts';

const ENV = [
  { name: 'KAFKA_BROKERS', value: 'kafka:9092' },
  { name: 'SCHEMA_REGISTRY_URL', value: 'http://registry' },
];
const PASSWORD = [
  { name: 'VERDIKT_KAFKA_SASL_MECHANISM', value: 'plain' },
  { name: 'VERDIKT_KAFKA_SASL_USERNAME', value: 'judge' },
  { name: 'VERDIKT_KAFKA_SASL_PASSWORD_FILE', value: '/etc/sasl/password' },
];
const MOUNT = [{ name: 'sasl', mountPath: '/etc/sasl' }];
const VOLUMES = [{ name: 'sasl', secret: { secretName: 's', items: [{ key: 'secret', path: 'password' }] } }];

const deployment = (container: object, pod: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'words-processor' },
  spec: {
    template: {
      spec: {
        terminationGracePeriodSeconds: 15,
        containers: [
          {
            ...{ name: 'processor', args: ['processor'], env: ENV },
            ports: [{ name: 'management', containerPort: 9464 }],
            ...container,
          },
        ],
        ...pod,
      },
    },
  },
});

const init = (env: readonly object[]): KubeObject => ({
  ...deployment({ name: 'init', args: ['init'], env: [...ENV, ...env], ports: [] }),
  kind: 'Job',
  metadata: { name: 'words-init' },
});

const scaled = (metadata: object, maxReplicaCount = 12): KubeObject => ({
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name: 'words-processor' },
  spec: { maxReplicaCount, triggers: [{ type: 'kafka', metadata }] },
});
const TRIGGER = { topic: 'words', consumerGroup: 'words/verdikt', bootstrapServers: 'kafka:9092' };

describe('a container', () => {
  test('is taken with secrets that are mounted where its environment says', () => {
    const object = deployment({ env: [...ENV, ...PASSWORD], volumeMounts: MOUNT }, { volumes: VOLUMES });
    expect(loadedBy(object)[0].config).toMatchObject({ kafkaSaslPassword: 'content of secret' });
  });

  test.each([
    ['a secret that is not mounted', { env: [...ENV, ...PASSWORD] }, {}, 'cannot be read'],
    ['a mount without a volume', { volumeMounts: MOUNT }, {}, 'no volume of its pod'],
    ['a variable twice', { env: [...ENV, ENV[0]] }, {}, 'has KAFKA_BROKERS twice'],
    ['a number as value', { env: [...ENV, { name: 'VERDIKT_PARTITIONS', value: 6 }] }, {}, 'is no text'],
    [
      'an unknown variable',
      { env: [...ENV, { name: 'VERDIKT_NONSENSE', value: '1' }] },
      {},
      'VERDIKT_NONSENSE',
    ],
    ['an unknown command', { args: ['judge'] }, {}, 'no command judge'],
  ])('is refused for %s', (_, container, pod, says) => {
    expect(() => loadedBy(deployment(container, pod))).toThrow(says);
  });
});

describe('agreement', () => {
  test('holds for what belongs together', () => {
    expect(assertAgreement([deployment({}), scaled(TRIGGER)])).toBe(4);
    const topic = { name: 'VERDIKT_DEAD_LETTER_TOPIC', value: 'dead' };
    expect(assertAgreement([deployment({ env: [...ENV, topic] }), init([topic])])).toBeGreaterThan(0);
  });

  test.each([
    ['a scaler of another topic', [deployment({}), scaled({ ...TRIGGER, topic: 'other' })]],
    ['a scaler of another group', [deployment({}), scaled({ ...TRIGGER, consumerGroup: 'other' })]],
    [
      'an init that creates other topics than the processor uses',
      [deployment({}), init([{ name: 'VERDIKT_RESULT_TOPIC', value: 'final' }])],
    ],
    ['metadata that is no text', [deployment({}), scaled({ ...TRIGGER, lagThreshold: 5 })]],
    ['more replicas than partitions', [deployment({}), scaled(TRIGGER, 13)]],
    ['a grace shorter than the stop', [deployment({}, { terminationGracePeriodSeconds: 10 })]],
    ['another port', [deployment({ ports: [{ name: 'management', containerPort: 1 }] })]],
  ])('does not hold for %s', (_, objects) => {
    expect(() => assertAgreement(objects)).toThrow();
  });
});

test('a manifest that is no YAML is refused', () => {
  expect(() => objectsOf('a: [')).toThrow('no YAML');
});
