import { median } from './report.ts';

/** Points of one curve; those with the same x are runs of one configuration. */
interface Line {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const WIDTH = 640;
const HEIGHT = 320;
const BORDER = { left: 56, right: 96, top: 40, bottom: 48 };
const COLORS = ['#1f6feb', '#bf5b00', '#1a7f37'];
const STEPS = 4;

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const short = (n: number): string =>
  n >= 1e6 ? `${n / 1e6} M` : n >= 1e3 ? `${Math.round(n / 100) / 10} k` : String(Math.round(n * 10) / 10);

/** The next larger number of one digit, so that steps are round. */
const ceiling = (n: number): number => {
  const unit = 10 ** Math.floor(Math.log10(n));
  return Math.ceil(n / unit) * unit;
};

/** A picture (SVG) of curves over the same configurations, which stand side by side at equal distances; medians where there are runs. */
export const curve = (xTitle: string, yTitle: string, lines: readonly Line[]): string => {
  const xs = [...new Set(lines.flatMap((l) => l.points.map((p) => p.x)))].sort((a, b) => a - b);
  const most = ceiling(Math.max(1e-9, ...lines.flatMap((l) => l.points.map((p) => p.y))));
  const [width, height] = [WIDTH - BORDER.left - BORDER.right, HEIGHT - BORDER.top - BORDER.bottom];
  const px = (x: number): number => BORDER.left + (xs.indexOf(x) / Math.max(1, xs.length - 1)) * width;
  const py = (y: number): number => BORDER.top + height - (y / most) * height;
  const grid = Array.from({ length: STEPS + 1 }, (_, i) => (most * i) / STEPS).map(
    (y) =>
      `<line x1="${BORDER.left}" x2="${BORDER.left + width}" y1="${py(y)}" y2="${py(y)}" stroke="#d0d7de"/>` +
      `<text x="${BORDER.left - 8}" y="${py(y) + 4}" text-anchor="end">${short(y)}</text>`,
  );
  const names = xs.map(
    (x) => `<text x="${px(x)}" y="${HEIGHT - BORDER.bottom + 18}" text-anchor="middle">${short(x)}</text>`,
  );
  const drawn = lines.map(({ label, points }, i) => {
    const color = COLORS[i % COLORS.length];
    const at = xs
      .map((x) => ({ x, ys: points.filter((p) => p.x === x).map((p) => p.y) }))
      .filter(({ ys }) => ys.length > 0)
      .map(({ x, ys }) => ({ x: px(x), y: py(median(ys)) }));
    const last = at.at(-1) ?? { x: 0, y: 0 };
    return (
      `<polyline fill="none" stroke="${color}" stroke-width="2" points="${at.map((p) => `${p.x},${p.y}`).join(' ')}"/>` +
      at.map((p) => `<circle cx="${p.x}" cy="${p.y}" r="3" fill="${color}"/>`).join('') +
      `<text x="${last.x + 10}" y="${last.y + 4}" fill="${color}">${escape(label)}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#57606a">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${BORDER.left - 40}" y="22">${escape(yTitle)}</text>`,
    ...grid,
    ...names,
    `<text x="${BORDER.left + width / 2}" y="${HEIGHT - 10}" text-anchor="middle">${escape(xTitle)}</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
};
