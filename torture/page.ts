import type { Mark } from './cell.ts';
import type { CellRun } from './run-cell.ts';

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const WIDTH = 720;
const HEIGHT = 90;
const COLOUR: Readonly<Record<Mark['kind'], string>> = {
  fault: '#c0392b',
  healed: '#27ae60',
  note: '#7f8c8d',
};

/** Ends per second as an area, marks as lines over it. */
const timeline = (run: CellRun): string => {
  const seconds = Math.max(run.throughput.length, Math.ceil(run.ms / 1_000), 1);
  const most = Math.max(1, ...run.throughput);
  const x = (s: number): string => ((s / seconds) * WIDTH).toFixed(1);
  const y = (n: number): string => (HEIGHT - (n / most) * (HEIGHT - 12)).toFixed(1);
  const points = run.throughput.map((n, s) => `${x(s)},${y(n)}`).join(' ');
  const marks = run.marks.map(
    (m) =>
      `<line x1="${x(m.at / 1_000)}" x2="${x(m.at / 1_000)}" y1="0" y2="${HEIGHT}" stroke="${COLOUR[m.kind]}"><title>${escape(`${(m.at / 1_000).toFixed(1)} s ${m.kind}: ${m.text}`)}</title></line>`,
  );
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="ends per second"><polygon points="0,${HEIGHT} ${points} ${x(run.throughput.length)},${HEIGHT}" fill="#9db8d2"/>${marks.join('')}<text x="4" y="10">${most}/s</text></svg>`;
};

const byLaw = (run: CellRun): string => {
  const counts = new Map<string, number>();
  for (const f of run.findings) counts.set(f.law, (counts.get(f.law) ?? 0) + 1);
  return [...counts].map(([law, n]) => `${law}: ${n}`).join(', ') || 'none';
};

const section = (run: CellRun): string => `
<section class="${run.findings.length === 0 ? 'good' : 'bad'}">
<h2>${run.number}. ${escape(run.name)}</h2>
<p>Beside the laws: ${escape(run.holds)}.</p>
${timeline(run)}
<p>${run.accepted.toLocaleString('en')} accepted, ${run.results.toLocaleString('en')} verdicts, ${run.deadLetters.toLocaleString('en')} dead letters in ${(run.ms / 1_000).toFixed(0)} s; seed ${run.seed}. Longest time without an end in one partition: ${((run.stalls[0]?.ms ?? 0) / 1_000).toFixed(1)} s${run.progressAfterHealMs === undefined ? '' : `; first end after the last repair: ${(run.progressAfterHealMs / 1_000).toFixed(1)} s`}. Violations: ${escape(byLaw(run))}.</p>
${
  run.findings.length === 0
    ? ''
    : `<ul>${run.findings
        .slice(0, 50)
        .map((f) => `<li><b>${escape(f.law)}</b> ${escape(f.detail)}</li>`)
        .join('')}</ul>`
}
<details><summary>${run.marks.length} marks</summary><ol>${run.marks.map((m) => `<li style="color:${COLOUR[m.kind]}">${(m.at / 1_000).toFixed(1)} s ${m.kind}: ${escape(m.text)}</li>`).join('')}</ol></details>
</section>`;

/** One page that stands alone: no script, nothing fetched. */
export const reportPage = (runs: readonly CellRun[]): string => {
  const bad = runs.filter((r) => r.findings.length > 0).length;
  const accepted = runs.reduce((n, r) => n + r.accepted, 0);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>verdikt under faults</title><style>
body{font:15px/1.45 system-ui,sans-serif;max-width:780px;margin:2rem auto;padding:0 1rem;color:#222}
section{border-left:4px solid;padding-left:1rem;margin:2rem 0}.good{border-color:#27ae60}.bad{border-color:#c0392b}
h2{font-size:1.05rem}svg{width:100%;height:auto;background:#f4f6f8}text{font-size:10px;fill:#555}li{overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.15rem .5rem;border-bottom:1px solid #ddd}
</style></head><body><h1>verdikt under faults</h1>
<p>${runs.length} runs, ${accepted.toLocaleString('en')} words, ${bad === 0 ? 'no violation' : `${bad} runs with violations`}. Red lines are faults, green ones repairs; the area is verdicts and dead letters per second.</p>
<table><tr><th>cell</th><th></th><th>words</th><th>longest stall</th><th>violations</th></tr>${runs.map((r) => `<tr><td>${r.number}</td><td>${escape(r.name)}</td><td>${r.accepted.toLocaleString('en')}</td><td>${((r.stalls[0]?.ms ?? 0) / 1_000).toFixed(1)} s</td><td>${r.findings.length}</td></tr>`).join('')}</table>
${runs.map(section).join('\n')}
</body></html>
`;
};
