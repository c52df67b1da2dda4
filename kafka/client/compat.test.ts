import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { Connection, assertKafkajs, patchErrorCodes, patchIdleTimer } from './compat.ts';
import { kafkaCode } from './classify.ts';

const require = createRequire(import.meta.url);

describe('the version of kafkajs', () => {
  test('any other than the known one is refused', () => {
    expect(() => assertKafkajs('2.2.4')).not.toThrow();
    expect(() => assertKafkajs('2.2.5')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});

describe('idle timer', () => {
  interface Queue {
    pending: unknown[];
    throttleCheckTimeoutId: unknown;
    scheduleCheckPendingRequests(): void;
    destroy(): void;
  }
  test('a connection with nothing pending arms no timer', () => {
    const none = () => undefined;
    const logger = { namespace: () => logger, error: none, warn: none, info: none, debug: none };
    const connection = new Connection({
      host: 'x',
      port: 1,
      clientId: 'x',
      logger,
      socketFactory: () => ({ destroy: none }),
      ssl: null,
      sasl: null,
      connectionTimeout: 1,
      requestTimeout: 1,
      enforceRequestTimeout: false,
      maxInFlightRequests: null,
    });
    const queue = connection.requestQueue as unknown as Queue;
    queue.scheduleCheckPendingRequests();
    const armed = queue.throttleCheckTimeoutId;
    queue.destroy();
    expect(armed).toBeNull();
  });

  test('the original runs when something is pending', () => {
    let runs = 0;
    const Fake = function () {} as unknown as {
      prototype: { scheduleCheckPendingRequests(this: { pending: unknown[] }): void };
    };
    Fake.prototype.scheduleCheckPendingRequests = () => void runs++;
    patchIdleTimer(Fake);
    Fake.prototype.scheduleCheckPendingRequests.call({ pending: [] });
    expect(runs).toBe(0);
    Fake.prototype.scheduleCheckPendingRequests.call({ pending: [1] });
    expect(runs).toBe(1);
  });
});

describe('newer error codes', () => {
  const { createErrorFromCode, errorCodes } = require('kafkajs/src/protocol/error') as {
    createErrorFromCode(code: number): Error & { code: number };
    errorCodes: { code: number; type: string; retriable: boolean; message: string }[];
  };

  test.each([47, 89, 90, 100, 103, 120])('%i keeps its number', (code) => {
    expect(kafkaCode(createErrorFromCode(code))).toBe(code);
  });

  test('each is there once', () => {
    patchErrorCodes(errorCodes);
    const numbers = errorCodes.map((c) => c.code);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
