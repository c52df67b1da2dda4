import { expect, test } from '@jest/globals';
import { propertiesText, serverProperties } from './server-properties.ts';

test('a folder of Windows is written with slashes, which Kafka takes everywhere', () => {
  const node = { id: 1, port: 9092, controllerPort: 9093, extraPorts: [], folder: 'C:\\data\\n1' };
  const text = propertiesText(serverProperties(node, [node], 'test', { own: 'a\\b\nc' }));
  expect(text).toContain('log.dirs=C:/data/n1/log\n');
  expect(text).toContain('own=a\\\\b\\nc\n');
});
