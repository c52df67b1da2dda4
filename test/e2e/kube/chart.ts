// What the chart renders, without a cluster: `node test/e2e/kube/chart.ts BIN [OUT]`. Every container of every file of values must
// start: its environment and files go through the loader of its own program. OUT gets the manifests.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertAgreement } from './agreement.ts';
import { template, valuesFiles } from './helm.ts';
import { objectsOf } from './rendered.ts';

const [bin, out] = process.argv.slice(2);
let failed = 0;
if (out !== undefined) mkdirSync(out, { recursive: true });
for (const { name, path } of valuesFiles()) {
  try {
    const manifest = await template(bin, ['--values', path]);
    if (out !== undefined) writeFileSync(join(out, `${name}.yaml`), manifest);
    const objects = objectsOf(manifest);
    console.log(`${name}: ${objects.length} objects, ${assertAgreement(objects)} statements hold`);
  } catch (e) {
    failed++;
    console.error(`${name}: ${(e as Error).message}`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
