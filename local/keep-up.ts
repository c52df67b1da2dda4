import type { ServiceProcess } from './service-process.ts';

interface KeepUpOptions {
  /** As it is started at first and again. */
  readonly start: () => Promise<ServiceProcess>;
  readonly say: (text: string) => void;
  /** True once all are to end. */
  readonly stopping: () => boolean;
  /** Told when it cannot be kept up. */
  readonly failed: (error: unknown) => void;
}

/** More deaths than somebody who tries things out brings about. */
const MOST = 5;
const WITHIN_MS = 60_000;

/** Starts a service, and again each time that it was killed; rejects where the first start fails. */
export const keepUp = async (o: KeepUpOptions): Promise<ServiceProcess> => {
  let deaths: number[] = [];
  const follow = (service: ServiceProcess): void => {
    void service.child.exited.then(async ({ code, signal }) => {
      if (o.stopping()) return;
      const now = performance.now();
      deaths = [...deaths.filter((at) => now - at < WITHIN_MS), now];
      const how = `${service.name} ended with ${signal ?? code}`;
      if (deaths.length > MOST)
        return o.failed(new Error(`${how}, for the ${deaths.length}th time in a minute`));
      o.say(`${how}; its tasks move to the others. Starting it again.`);
      try {
        const next = await o.start();
        if (o.stopping()) return;
        o.say(`${next.name} is up again with pid ${next.child.pid}.`);
        follow(next);
      } catch (error) {
        if (!o.stopping()) o.failed(error);
      }
    });
  };
  const first = await o.start();
  follow(first);
  return first;
};
