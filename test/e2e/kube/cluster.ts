import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { freePorts } from '@verdikt/local/ports.ts';
import { run, tail, type RunResult } from '@verdikt/local/run.ts';
import { until } from '../../support/wait.ts';

interface Cluster {
  readonly kubeconfig: string;
  /** Ends each process that was started here, and waits for it. */
  stop(): Promise<void>;
}

const TOKEN = 'proof';

/** Processes of the folder `dir`, each with its log there. */
const processes = (bin: string, dir: string) => {
  const running: ChildProcess[] = [];
  process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));
  return {
    start: (name: string, args: readonly string[]): void => {
      const log = openSync(join(dir, `${name}.log`), 'a');
      running.push(spawn(join(bin, name), args, { cwd: dir, stdio: ['ignore', log, log] }));
      closeSync(log);
    },
    dead: () => running.find((child) => child.exitCode !== null),
    stop: async (): Promise<void> => {
      for (const child of running.toReversed()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const ended = new Promise((resolve) => child.once('exit', resolve));
        const force = setTimeout(() => child.kill('SIGKILL'), 5_000);
        child.kill();
        await ended;
        clearTimeout(force);
      }
    },
  };
};

/** The key of service accounts, and the token of the one user. */
const writeSecrets = (pki: string): void => {
  mkdirSync(pki, { recursive: true });
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  writeFileSync(join(pki, 'sa.key'), keys.privateKey, { mode: 0o600 });
  writeFileSync(join(pki, 'sa.pub'), keys.publicKey);
  writeFileSync(join(pki, 'tokens.csv'), `${TOKEN},admin,admin,system:masters\n`);
};

const local = (port: number): string[] => ['--bind-address', '127.0.0.1', '--secure-port', String(port)];

const etcdArgs = (dir: string, port: number, peerPort: number): string[] => {
  const client = `http://127.0.0.1:${port}`;
  const peers = `http://127.0.0.1:${peerPort}`;
  return [
    ...['--data-dir', join(dir, 'etcd'), '--unsafe-no-fsync'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers],
    ...['--initial-cluster', `default=${peers}`],
  ];
};

const apiServerArgs = (pki: string, port: number, etcdPort: number): string[] => [
  ...['--etcd-servers', `http://127.0.0.1:${etcdPort}`, ...local(port)],
  ...['--advertise-address', '127.0.0.1', '--cert-dir', pki],
  ...['--service-account-key-file', join(pki, 'sa.pub')],
  ...['--service-account-signing-key-file', join(pki, 'sa.key')],
  ...['--service-account-issuer', 'https://kubernetes.default.svc'],
  ...['--service-cluster-ip-range', '10.96.0.0/16'],
  ...['--token-auth-file', join(pki, 'tokens.csv'), '--authorization-mode', 'RBAC'],
  ...['--endpoint-reconciler-type', 'none'],
];

/**
 * A Kubernetes control plane on loopback: etcd, API server, controllers, scheduler, and kwok, which plays the nodes: pods are
 * scheduled and become Ready, but no container runs.
 * @param bin folder with the binaries
 * @param stages files that tell kwok how nodes and pods change
 */
export const startCluster = async (bin: string, dir: string, stages: readonly string[]): Promise<Cluster> => {
  const [etcd, peer, api, controllers, scheduler, kwok] = await freePorts(6);
  const pki = join(dir, 'pki');
  writeSecrets(pki);
  const kubeconfig = join(dir, 'kubeconfig');
  writeFileSync(kubeconfig, configOf(api));
  const { start, dead, stop } = processes(bin, dir);
  start('etcd', etcdArgs(dir, etcd, peer));
  start('kube-apiserver', apiServerArgs(pki, api, etcd));
  try {
    await until('the API server', async () => {
      const ended = dead();
      if (ended !== undefined) {
        const said = tail(readFileSync(join(dir, 'kube-apiserver.log'), 'utf8'));
        throw new Error(`${ended.spawnfile} has ended: ${said}`);
      }
      return (await kubectl(bin, kubeconfig, ['get', '--raw', '/readyz'])).code === 0;
    });
    const config = ['--kubeconfig', kubeconfig];
    const elected = ['--leader-elect=false', '--cert-dir', pki];
    start('kube-controller-manager', [
      ...[...config, ...elected, ...local(controllers)],
      ...['--service-account-private-key-file', join(pki, 'sa.key')],
      '--use-service-account-credentials=false',
    ]);
    start('kube-scheduler', [...config, ...elected, ...local(scheduler)]);
    start('kwok', [
      ...[...config, '--manage-all-nodes=true', '--node-ip', '127.0.0.1'],
      ...['--server-address', `127.0.0.1:${kwok}`, ...stages.flatMap((stage) => ['--config', stage])],
    ]);
  } catch (e) {
    await stop();
    throw e;
  }
  return { kubeconfig, stop };
};

export const kubectl = (
  bin: string,
  kubeconfig: string,
  args: readonly string[],
  input = '',
): Promise<RunResult> => run(join(bin, 'kubectl'), ['--kubeconfig', kubeconfig, ...args], { input });

const configOf = (port: number): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'proof', cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
    ],
    users: [{ name: 'admin', user: { token: TOKEN } }],
    contexts: [{ name: 'proof', context: { cluster: 'proof', user: 'admin' } }],
    'current-context': 'proof',
  });
