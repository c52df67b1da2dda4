import type { Service } from './system.ts';

/** What a service tells of itself. Throws where it does not answer. */
export const metricsOf = async ({ management }: Pick<Service, 'management'>): Promise<string> => {
  const answer = await fetch(`${management}/metrics`, {
    // A connection that is kept may just be closed when it is used again.
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`/metrics answers ${answer.status}`);
  return answer.text();
};

/** Sum of a metric over services. Throws where one does not answer, unless there is something to take for its page. */
export const metricOver = async (
  services: readonly Pick<Service, 'management'>[],
  name: string,
  instead?: string,
): Promise<number> => {
  const pages = await Promise.all(
    services.map((s) =>
      metricsOf(s).catch((e: unknown) => {
        if (instead === undefined) throw e;
        return instead;
      }),
    ),
  );
  return pages.reduce((sum, page) => sum + metricSum(page, name), 0);
};

/** Value of a metric without labels; undefined where there is none. */
export const metricIn = (text: string, name: string): number | undefined => {
  const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(text);
  return found === null ? undefined : Number(found[1]);
};

/** Sum of a metric over all its labels; 0 where there is none. */
export const metricSum = (text: string, name: string): number =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
