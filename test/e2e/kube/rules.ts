// The rules of a rendered PrometheusRule as a file for promtool: `node test/e2e/kube/rules.ts MANIFEST`.
import { readFileSync } from 'node:fs';
import { objectsOf } from './rendered.ts';

const rule = objectsOf(readFileSync(process.argv[2], 'utf8')).find((o) => o.kind === 'PrometheusRule');
if (rule === undefined) throw new Error('there is no PrometheusRule');
console.log(JSON.stringify({ groups: rule.spec?.groups }));
