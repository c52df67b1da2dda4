// `npm run proof:alerts [-- --short] [-- --only=<part>]`: a real Prometheus scrapes real services on a real broker, and every
// alert must be silent while all is well, fire by a real fault, and be over when the fault is fixed.
import { startKafka } from '@verdikt/local/kafka.ts';
import { startRegistry } from '@verdikt/local/registry.ts';
import { PARTS } from './alerts/faults.ts';
import { findPrometheus, startPrometheus } from './alerts/prometheus.ts';
import { alertNames, FACTOR, fastRules } from './alerts/rules.ts';
import { tableText, type Line } from './alerts/watch.ts';

const say = (line: string): void => console.log(line);
const short = process.argv.includes('--short');
const only = process.argv
  .find((a) => a.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',');
const main = async (): Promise<void> => {
  const parts = PARTS.filter((p) => (only === undefined ? p.short || !short : only.includes(p.name)));
  say(
    `${await findPrometheus()}; the rules of charts/verdikt/files/rules/ with every duration divided by ${FACTOR}`,
  );
  const began = Date.now();
  const kafka = await startKafka({ say });
  const lines: Line[] = [];
  const failed: string[] = [];
  const stops = [(): Promise<void> => kafka.stop()];
  try {
    const registry = await startRegistry({ say });
    stops.push(() => registry.stop());
    const prometheus = await startPrometheus({ rules: fastRules(), intervalSeconds: 1 });
    stops.push(() => prometheus.stop());
    for (const part of parts)
      try {
        lines.push(...(await part.run({ prometheus, kafka, registry, say })));
      } catch (e) {
        failed.push(`${part.name}: ${e instanceof Error ? e.message : String(e)}`);
        say(`FAILED ${failed.at(-1)}`);
      }
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
  say(`\n${tableText(lines)}`);
  const seen = new Set(lines.map((l) => l.alert));
  const missing = alertNames().filter((a) => !seen.has(a));
  if (!short && only === undefined && missing.length > 0) failed.push(`never fired: ${missing.join(', ')}`);
  say(
    `\n${seen.size} of ${alertNames().length} alerts fired by their fault in ${((Date.now() - began) / 1000).toFixed(0)} s`,
  );
  for (const f of failed) say(`FAILED ${f}`);
  process.exitCode = failed.length === 0 && lines.length > 0 ? 0 : 1;
};

await main();
