import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { BOARDS } from '../../../deploy/observability/dashboards.ts';
import { scaleRules } from '../../../deploy/observability/scale.ts';
import type { Prometheus } from './prometheus.ts';
import { FACTOR } from './rules.ts';

interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

const COLOURS = ['#3274d9', '#e0752d', '#37872d', '#c4162a', '#8f3bb8', '#b7950b', '#0f8a8a', '#7a4b2a'];
const [W, H, LEFT] = [388, 120, 44];

const short = (n: number): string =>
  n === 0
    ? '0'
    : n >= 1e6
      ? `${(n / 1e6).toFixed(0)}M`
      : n >= 1000
        ? `${(n / 1000).toFixed(1)}k`
        : String(Number(n.toPrecision(2)));

const escape = (s: string): string => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const svg = (series: readonly Series[], from: number, to: number): string => {
  const most = Math.max(0, ...series.flatMap((s) => s.points.map(([, v]) => v)));
  const top = most === 0 ? 1 : most;
  const x = (t: number): string => (LEFT + ((t - from) / (to - from)) * (W - LEFT)).toFixed(1);
  const y = (v: number): string => (H - 4 - (v / top) * (H - 14)).toFixed(1);
  const lines = series.map(
    (s, i) =>
      `<polyline fill="none" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="1.4" points="${s.points.map(([t, v]) => `${x(t)},${y(v)}`).join(' ')}"/>`,
  );
  const legend = series
    .slice(0, 6)
    .map((s, i) => `<i style="color:${COLOURS[i % COLOURS.length]}">&#9632; ${escape(s.name)}</i>`)
    .join(' ');
  return `<svg width="${W}" height="${H}"><text x="0" y="12">${short(top)}</text><text x="0" y="${H - 2}">0</text><path d="M${LEFT} 4V${H - 4}H${W}" stroke="#bbb" fill="none"/>${lines.join('')}</svg><div>${legend}</div>`;
};

/**
 * Draws the graphs of each dashboard by its own queries, asked of a Prometheus that runs in the fast world of the proof.
 * It is not Grafana: the picture says so.
 */
export const drawBoards = async (p: Prometheus, from: number, to: number, folder: string): Promise<void> => {
  for (const [file, board] of Object.entries(BOARDS)) {
    const parts: string[] = [];
    for (const row of board.rows)
      for (const panel of row.panels) {
        if (panel.kind !== 'timeseries') continue;
        const series: Series[] = [];
        for (const q of panel.queries) {
          const expr = scaleRules(q.expr.replaceAll(/\$\w+/g, '.*'), FACTOR);
          const path = `query_range?query=${encodeURIComponent(expr)}&start=${from}&end=${to}&step=1`;
          const { result } = (await p.get(path)) as {
            result: { metric: Record<string, string>; values: [number, string][] }[];
          };
          for (const r of result)
            series.push({
              name: q.legend.replaceAll(/\{\{(\w+)\}\}/g, (_, l: string) => r.metric[l] ?? ''),
              points: r.values.map(([t, v]) => [t, Number(v)] as const).filter(([, v]) => Number.isFinite(v)),
            });
        }
        parts.push(`<section><b>${escape(panel.title)}</b>${svg(series, from, to)}</section>`);
      }
    const html = `<meta charset="utf-8"><style>body{margin:12px;font:11px sans-serif;background:#fff;width:1240px}
h1{font-size:16px;margin:0 0 2px}p{margin:0 0 8px;color:#555}main{display:grid;grid-template-columns:repeat(3,1fr);gap:8px}
section{border:1px solid #ddd;padding:6px;overflow:hidden}svg{display:block}text{font-size:10px;fill:#666}i{font-style:normal}</style>
<h1>${board.title}</h1><p>The graphs of charts/verdikt/files/dashboards/${file}, drawn from a real Prometheus by its own queries, with windows ${FACTOR} times shorter. Not a picture of Grafana.</p><main>${parts.join('')}</main>`;
    const page = `${folder}/${file}.html`;
    await writeFile(page, html);
    const height = 70 + Math.ceil(parts.length / 3) * 182;
    await promisify(execFile)('chromium', [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
      ...[`--window-size=1270,${height}`, `--screenshot=${folder}/${file.replace('.json', '.png')}`],
      `file://${page}`,
    ]);
  }
};
