import { runMain } from '@verdikt/core/service/run-service.ts';
import { startProcessor } from './start.ts';

await runMain(() => startProcessor());
