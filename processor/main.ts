import { runMain } from '@verdikt/core/run-service.ts';
import { startProcessor } from './start.ts';

await runMain(() => startProcessor());
