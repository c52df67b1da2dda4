/** Examples for each command, without the program: what you would type most often, the first one first. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  init: ['init --brokers broker-1:9092 --schema-registry-url http://registry:8080/apis/ccompat/v7'],
  'topics apply': ['topics apply --partitions 24 --replication-factor 3 --min-insync-replicas 2'],
  'topics plan': ['topics plan'],
  'schemas register': ['schemas register'],
  'acls apply': ['acls apply --prune'],
  'acls plan': ['acls plan --processor-principal User:CN=processor'],
  'acls script': ['acls script --no-users > acls.sh'],
  tail: [
    'tail --follow --key order-17',
    'tail --id 0190a5f2-7c1e-7b7e-9d0a-3f4c5b6a7d8e',
    'tail --from 15m --answer false',
  ],
  probe: ['probe --edge-url http://localhost:8080'],
  audit: ['audit --from 2h --max-age 10m', 'audit --key order-17'],
  'dlq list': ['dlq list --reason http-5xx --since 1d', 'dlq list --histogram'],
  'dlq show': ['dlq show 3:1042'],
  'dlq export': ['dlq export --key order-17 > letters.jsonl'],
  'dlq redrive': [
    'dlq redrive --reason http-5xx --rate 50',
    'dlq redrive --all --dry-run',
    'dlq redrive --from-file letters.jsonl',
  ],
  'dlq what-if': ['dlq what-if --reason http-5xx --since 1d --all-checks'],
  'dlq skip': ['dlq skip --status parked --key order-17'],
  'dlq purge': ['dlq purge --before 7d'],
  'dlq history': ['dlq history --max 20'],
  'dlq reset': ['dlq reset --partition 3'],
  'offsets show': ['offsets show'],
  'offsets set': ['offsets set --partition 3 --dry-run'],
  copy: ['copy --to-prefix v2. --dry-run'],
  status: ['status'],
  doctor: ['doctor --strict'],
  completion: ['completion bash > ~/.local/share/bash-completion/completions/verdikt'],
};

/** For the end of the help of a command, or of all commands below it. */
export const examplesText = (path: string): string => {
  const own = EXAMPLES[path];
  const below = Object.entries(EXAMPLES).flatMap(([of, [first]]) =>
    of.startsWith(`${path} `) ? [first] : [],
  );
  const all = own ?? (path === '' ? ROOT : below);
  return `\n${all.length === 1 ? 'Example' : 'Examples'}:\n${all.map((e) => `  verdikt ${e}`).join('\n')}`;
};

/** Where to begin. */
const ROOT = ['init --help', 'status', 'tail --follow', 'dlq list'];
