// `npm run proof:kube`: the Helm chart on a real API server, from nothing but package registries. Prints what it saw, the objects
// of a release, and times. PROOF_BIN names a folder with binaries that need not be built.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, tail } from '@verdikt/local/run.ts';
import { kubectl, startCluster } from './kube/cluster.ts';
import { definitions } from './kube/definitions.ts';
import { listed, steps } from './kube/steps.ts';

const TOOLS = [
  'helm',
  'kubectl',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'etcd',
  'kwok',
];
const begun = performance.now();
const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;
const keep = process.argv.includes('--keep');

const built = await run(join(import.meta.dirname, 'kube', 'tools.sh'), TOOLS);
if (built.code !== 0) throw new Error(tail(built.stderr));
process.stdout.write(built.stderr);
const bin = built.stdout.trim();
const { files, stages, sources } = await definitions();
console.log(`tools and definitions: ${seconds(begun)} (${sources})`);

const dir = mkdtempSync(join(tmpdir(), 'verdikt-kube-'));
const start = performance.now();
const cluster = await startCluster(bin, dir, stages);
let failed = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
try {
  const { kubeconfig } = cluster;
  for (const file of files) {
    const ran = await kubectl(bin, kubeconfig, ['apply', '--server-side', '-f', file]);
    if (ran.code !== 0) throw new Error(`${file}: ${tail(ran.stderr)}`);
  }
  const known = await kubectl(bin, kubeconfig, [
    'wait',
    '--for=condition=Established',
    'crd',
    '--all',
    '--timeout=30s',
  ]);
  if (known.code !== 0) throw new Error(tail(known.stderr));
  const version = await kubectl(bin, kubeconfig, ['version', '-o', 'json']);
  const { serverVersion } = JSON.parse(version.stdout) as { serverVersion: { gitVersion: string } };
  console.log(`API server ${serverVersion.gitVersion} with ${files.length} definitions: ${seconds(start)}`);
  for (const step of steps) {
    const from = performance.now();
    try {
      console.log(`ok   ${step.name}: ${await step.run({ bin, kubeconfig })} (${seconds(from)})`);
    } catch (e) {
      failed++;
      console.log(`FAIL ${step.name} (${seconds(from)})\n${(e as Error).message}`);
      break;
    }
  }
  console.log(`\nobjects of the release:\n${listed()}`);
} finally {
  await cluster.stop();
  if (keep) console.log(`kept: ${dir}`);
  else rmSync(dir, { recursive: true, force: true });
}
console.log(`\n${steps.length - failed} of ${steps.length} steps, ${seconds(begun)}`);
process.exitCode = failed === 0 ? 0 : 1;
