import { known, type Facts } from '../facts.ts';
import { finding, type Finding } from '../findings.ts';

const MINUTE_MS = 60_000;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export const brokersReachable = ({ brokers }: Facts): Finding[] => {
  if (!brokers.ok) return [];
  const found = brokers.value.flatMap((b) => [
    ...(b.unreachable === undefined
      ? []
      : [finding('BROKER_UNREACHABLE', `broker ${b.nodeId} at ${b.address}: ${b.unreachable}`)]),
    ...(b.unsupported.length === 0
      ? []
      : [finding('BROKER_UNSUPPORTED', `broker ${b.nodeId} does not speak ${b.unsupported.join(', ')}`)]),
  ]);
  const lost = new Set(brokers.value.flatMap((b) => b.lost));
  found.push(...[...lost].map((what) => finding('API_MISSING', what)));
  const [first, ...others] = brokers.value;
  return first !== undefined && others.length === 0
    ? [...found, finding('SINGLE_BROKER', first.address)]
    : found;
};

/** Settings of brokers: each finding names all brokers that have it. */
export const brokerSettings = (facts: Facts): Finding[] => {
  const { expected } = facts;
  const all = known(facts.settings);
  const where = (bad: (setting: (name: string) => string) => string | undefined): [string, string][] =>
    all.flatMap(({ nodeId, settings }) => {
      const what = bad((name) => settings[name] ?? '');
      return what === undefined ? [] : [[`broker ${nodeId}`, what]];
    });
  const told = (code: Parameters<typeof finding>[0], bad: Parameters<typeof where>[0]): Finding[] => {
    const byWhat = Map.groupBy(where(bad), ([, what]) => what);
    return [...byWhat].map(([what, who]) => finding(code, `${who.map(([b]) => b).join(', ')}: ${what}`));
  };
  const outside = (name: string, wrong: (limit: number) => boolean, setting: (n: string) => string) =>
    setting(name) !== '' && wrong(Number(setting(name))) ? `${name}=${setting(name)}` : undefined;
  return [
    ...told('AUTO_CREATE_ON', (s) =>
      s('auto.create.topics.enable') === 'true' ? 'auto.create.topics.enable=true' : undefined,
    ),
    ...told('UNCLEAN_ELECTION', (s) =>
      s('unclean.leader.election.enable') === 'true' ? 'unclean.leader.election.enable=true' : undefined,
    ),
    ...told('CLASSIC_GROUPS_OFF', (s) => {
      const protocols = s('group.coordinator.rebalance.protocols');
      return protocols === '' || protocols.split(',').some((p) => p.trim() === 'classic')
        ? undefined
        : `group.coordinator.rebalance.protocols=${protocols}`;
    }),
    ...told('ACL_OPEN', (s) =>
      s('authorizer.class.name') !== '' && s('allow.everyone.if.no.acl.found') === 'true'
        ? 'allow.everyone.if.no.acl.found=true'
        : undefined,
    ),
    ...told('TRANSACTION_TIMEOUT', (s) => {
      const wrong = outside('transaction.max.timeout.ms', (max) => expected.transactionTimeoutMs > max, s);
      return wrong === undefined
        ? undefined
        : `${wrong}, transactionTimeoutMs is ${expected.transactionTimeoutMs}`;
    }),
    ...told('SESSION_TIMEOUT', (s) => {
      const wrong =
        outside('group.min.session.timeout.ms', (min) => expected.sessionTimeoutMs < min, s) ??
        outside('group.max.session.timeout.ms', (max) => expected.sessionTimeoutMs > max, s);
      return wrong === undefined ? undefined : `${wrong}, sessionTimeoutMs is ${expected.sessionTimeoutMs}`;
    }),
    ...told('OFFSETS_RETENTION_SHORT', (s) => {
      const words = facts.topics.ok
        ? facts.topics.value.find((t) => t.name === expected.names.words)?.configs['retention.ms']
        : undefined;
      if (words === undefined) return undefined;
      const kept = Number(words) < 0 ? Infinity : Number(words);
      const wrong = outside('offsets.retention.minutes', (min) => min * MINUTE_MS < kept, s);
      return wrong === undefined ? undefined : `${wrong}, words are kept for ${words} ms`;
    }),
  ];
};

export const clock = ({ skewMs }: Facts): Finding[] =>
  skewMs.ok && Math.abs(skewMs.value) > MINUTE_MS
    ? [
        finding(
          'CLOCK_SKEW',
          `the clock here is ${seconds(Math.abs(skewMs.value))} ${skewMs.value > 0 ? 'ahead of' : 'behind'} the cluster`,
        ),
      ]
    : [];
