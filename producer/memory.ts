import { nodeEnv } from '@verdikt/core/service/node-memory.ts';

/**
 * The environment that keeps an edge small. Its buffers come and go with requests, and V8 counts them: below a heap limit of 2 GiB it
 * collects all garbage each time that a third more is in use, which halves the rate of large batches. What bounds an edge is the size
 * of requests and how many it takes at once; `npm run bench:view` measures what it comes to.
 */
export const EDGE_ENV = nodeEnv(2_048);
