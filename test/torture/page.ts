import type { Mark } from './cell.ts';
import { EXTRA_LAWS, LAWS } from './law-names.ts';
import { lineOf, type PlantedRun } from './planted/bug.ts';
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
const MAX_FINDINGS = 50;

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const number = (n: number): string => n.toLocaleString('en');

/** Ends per second as an area, marks as lines over it. */
const timeline = (run: CellRun): string => {
  const length = Math.max(run.throughput.length, Math.ceil(run.ms / 1_000), 1);
  const most = Math.max(1, ...run.throughput);
  const x = (s: number): string => ((s / length) * WIDTH).toFixed(1);
  const y = (n: number): string => (HEIGHT - (n / most) * (HEIGHT - 12)).toFixed(1);
  const points = run.throughput.map((n, s) => `${x(s)},${y(n)}`).join(' ');
  const marks = run.marks.map(
    (m) =>
      `<line x1="${x(m.at / 1_000)}" x2="${x(m.at / 1_000)}" y1="0" y2="${HEIGHT}" stroke="${COLOUR[m.kind]}"><title>${escape(`${seconds(m.at)} ${m.kind}: ${m.text}`)}</title></line>`,
  );
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="ends per second"><polygon points="0,${HEIGHT} ${points} ${x(run.throughput.length)},${HEIGHT}" fill="#9db8d2"/>${marks.join('')}<text x="4" y="10">${most}/s</text></svg>`;
};

const countOf = (run: CellRun, laws: readonly string[]): number =>
  run.findings.filter((f) => laws.includes(f.law)).length;

const stallOf = (run: CellRun): string => (run.stalls.length === 0 ? '–' : seconds(run.stalls[0].ms));
const progressOf = (run: CellRun): string =>
  run.progressAfterHealMs === undefined ? '–' : seconds(run.progressAfterHealMs);

const cell = (n: number): string => (n === 0 ? '<td>0</td>' : `<td class="no">${n}</td>`);
const COLUMNS = [...LAWS, ...EXTRA_LAWS];

/** One row per run: what was done, what every law counts, and how long it stood still. */
const runsTable = (runs: readonly CellRun[]): string => {
  const head = COLUMNS.map(({ short, title }) => `<th title="${escape(title)}">${short}</th>`).join('');
  const rows = runs.map(
    (r) =>
      `<tr><td>${r.number}</td><td>${escape(r.name)}</td><td>${number(r.accepted)}</td>${COLUMNS.map(({ laws }) => cell(countOf(r, laws))).join('')}<td>${stallOf(r)}</td><td>${progressOf(r)}</td></tr>`,
  );
  return `<table><tr><th>cell</th><th></th><th>words</th>${head}<th>longest stall</th><th>progress after heal</th></tr>${rows.join('')}</table>
<p class="small">${COLUMNS.map(({ short, title }) => `${short} ${escape(title)}`).join(' · ')}. Longest stall: time without an end in one partition while there was work. Progress after heal: first end after the last repair.</p>`;
};

const section = (run: CellRun): string => `
<section class="${run.findings.length === 0 ? 'good' : 'bad'}">
<h2>${run.number}. ${escape(run.name)}</h2>
<p>Beside the laws: ${escape(run.holds)}.</p>${run.notRun === undefined ? '' : `<p><b>Not run</b>: ${escape(run.notRun)}</p>`}
${timeline(run)}
<p>${number(run.accepted)} accepted, ${number(run.results)} verdicts, ${number(run.deadLetters)} dead letters in ${(run.ms / 1_000).toFixed(0)} s; seed ${run.seed}.</p>
${
  run.findings.length === 0
    ? ''
    : `<ul>${run.findings
        .slice(0, MAX_FINDINGS)
        .map((f) => `<li><b>${escape(f.law)}</b> ${escape(f.detail)}</li>`)
        .join(
          '',
        )}${run.findings.length > MAX_FINDINGS ? `<li>and ${run.findings.length - MAX_FINDINGS} more</li>` : ''}</ul>`
}
<details><summary>${run.marks.length} marks</summary><ol>${run.marks.map((m) => `<li style="color:${COLOUR[m.kind]}">${seconds(m.at)} ${m.kind}: ${escape(m.text)}</li>`).join('')}</ol></details>
</section>`;

const plantedRow = (p: PlantedRun): string => {
  const others = Object.entries(p.counts).map(([law, n]) => `${law}: ${n}`);
  return `<tr><td>${escape(p.name)}</td><td>${escape(p.what)}</td><td>${escape(p.workload)}</td><td${p.passed ? '' : ' class="no"'}>${escape(lineOf(p).slice(p.name.length + 2))}</td><td>${escape(others.join(', ') || '0')}</td></tr>`;
};

const plantedTable = (planted: readonly PlantedRun[]): string => {
  if (planted.length === 0) return '';
  const controls = planted.filter((p) => p.control);
  const bugs = planted.filter((p) => !p.control);
  const clean = controls.filter((p) => p.passed).length;
  return `<h1>Planted bugs</h1>
<p>${bugs.filter((p) => p.passed).length} of ${bugs.length} faults put into the source of the services were caught, by real processes under the same laws; ${clean} of ${controls.length} workloads have no violation on the source as it is.</p>
<table><tr><th>bug</th><th></th><th>workload</th><th>outcome</th><th>violations</th></tr>${planted.map(plantedRow).join('')}</table>`;
};

const STYLE = `body{font:15px/1.45 system-ui,sans-serif;max-width:960px;margin:2rem auto;padding:0 1rem;color:#222}
section{border-left:4px solid;padding-left:1rem;margin:2rem 0}.good{border-color:#27ae60}.bad{border-color:#c0392b}.no{color:#c0392b;font-weight:bold}
h2{font-size:1.05rem}svg{width:100%;height:auto;background:#f4f6f8}text{font-size:10px;fill:#555}li,td{overflow-wrap:anywhere}table{border-collapse:collapse;width:100%;font-size:13px}td,th{text-align:left;vertical-align:top;padding:.15rem .4rem;border-bottom:1px solid #ddd}td:nth-child(3){white-space:nowrap}.small{font-size:12px;color:#555}`;

/** One page that stands alone: no script, nothing fetched. */
export const reportPage = (runs: readonly CellRun[], planted: readonly PlantedRun[] = []): string => {
  const bad = runs.filter((r) => r.findings.length > 0).length;
  const accepted = runs.reduce((n, r) => n + r.accepted, 0);
  const cells =
    runs.length === 0
      ? ''
      : `<h1>verdikt under faults</h1>
<p>${runs.length} runs, ${number(accepted)} words, ${bad === 0 ? 'no violation' : `${bad} runs with violations`}. Red lines are faults, green ones repairs; the area is verdicts and dead letters per second.</p>
${runsTable(runs)}`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>verdikt under faults</title><style>
${STYLE}
</style></head><body>${cells}
${plantedTable(planted)}
${runs.map(section).join('\n')}
</body></html>
`;
};
