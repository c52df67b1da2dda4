import { kafkaClient } from './boards/kafka-client.ts';
import { node } from './boards/node.ts';
import { retries } from './boards/retries.ts';
import { services } from './boards/services.ts';
import type { Board } from './dashboard.ts';

/** Every dashboard by the name of its file in `charts/verdikt/files/dashboards/`; `npm run generate` writes them. */
export const BOARDS: Readonly<Record<string, Board>> = {
  'verdikt-services.json': services,
  'verdikt-retries.json': retries,
  'verdikt-kafka-client.json': kafkaClient,
  'verdikt-node.json': node,
};
