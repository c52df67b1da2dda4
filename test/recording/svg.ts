import type { Frame, Line } from './screen.ts';

const CELL = { width: 8.4, height: 18 };
const EDGE = 16;
const COLORS: Readonly<Record<number, string>> = {
  ...{ 1: '#f07178', 2: '#8fd6a8', 3: '#e6c07b', 4: '#82aaff', 5: '#c792ea', 6: '#89ddff', 8: '#7a8299' },
};
const BACKGROUND = '#141821';
const TEXT = '#d5d9e6';
/** The last frame of an animation stays for so long. */
const LAST_MS = 4_000;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const px = (n: number): string => String(Math.round(n * 10) / 10);

const lineSvg = (line: Line, y: number): string => {
  const at = px(EDGE + (y + 0.72) * CELL.height);
  return line
    .map(({ column, cells, text, bold, dim, color }) => {
      const looks = [
        ...(bold ? ['bold'] : []),
        ...(dim ? ['dim'] : []),
        ...(color in COLORS ? [`c${color}`] : []),
      ];
      const place = `x="${px(EDGE + column * CELL.width)}" y="${at}" textLength="${px(cells * CELL.width)}"`;
      return `<text ${place}${looks.length > 0 ? ` class="${looks.join(' ')}"` : ''}>${escaped(text)}</text>`;
    })
    .join('\n');
};

/** What a terminal of that width showed: a still of one frame, a film of more, which begins again. `title` is for who does not see it. */
export const svgOf = (frames: readonly Frame[], columns: number, title: string): string => {
  const rows = Math.max(...frames.map((f) => f.lines.length));
  const width = Math.ceil(2 * EDGE + columns * CELL.width);
  const height = 2 * EDGE + rows * CELL.height;
  const strip = frames.map(
    (frame, i) =>
      `<g transform="translate(0 ${i * height})">\n${frame.lines.map(lineSvg).filter(Boolean).join('\n')}\n</g>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>`,
    `text { font: 14px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; fill: ${TEXT} }`,
    `.bold { font-weight: bold } .dim { opacity: 0.6 }`,
    Object.entries(COLORS)
      .map(([number, color]) => `.c${number} { fill: ${color} }`)
      .join(' '),
    ...film(frames, height),
    `</style>`,
    `<rect width="100%" height="100%" rx="6" fill="${BACKGROUND}"/>`,
    `<g class="film">`,
    ...strip,
    `</g>`,
    `</svg>`,
    '',
  ].join('\n');
};

const film = (frames: readonly Frame[], height: number): string[] => {
  if (frames.length === 1) return [];
  const begin = frames[0].at;
  const total = frames[frames.length - 1].at - begin + LAST_MS;
  const stops = frames.map((frame, i) => {
    const percent = (100 * (frame.at - begin)) / total;
    return `${percent.toFixed(2)}% { transform: translateY(-${i * height}px) }`;
  });
  return [
    // Where nothing moves, the last frame is seen.
    `.film { transform: translateY(-${(frames.length - 1) * height}px); animation: film ${px(total / 1_000)}s step-end infinite }`,
    `@media (prefers-reduced-motion) { .film { animation: none } }`,
    `@keyframes film { ${stops.join(' ')} }`,
  ];
};
