import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { javaName, findJava, parseJavaSettings } from './java.ts';

test('the major version is read from old and new numbering', () => {
  const settings = (spec: string): string =>
    `Property settings:\n    java.specification.version = ${spec}\n    java.vm.vendor = V\n    java.vm.version = 17+6\n`;
  expect(parseJavaSettings(settings('17'))).toEqual({ major: 17, build: '17+6 V' });
  expect(parseJavaSettings(settings('1.8'))?.major).toBe(8);
  expect(parseJavaSettings('command not found')).toBeUndefined();
});

test('without a JRE that is new enough it says what is missing and the remedy', async () => {
  const root = await mkdtemp(join(tmpdir(), 'verdikt-java-'));
  const error = await findJava(999, undefined, { PATH: '' }, root).catch((e: unknown) => e);
  await rm(root, { recursive: true });
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  expect((error as Error).message).toMatch(
    /No Java 999 or newer: found none[\s\S]*python3 is not installed\nRemedy: install a JRE 999/,
  );
});

test('the launcher has the name that the platform gives it', () => {
  expect((['linux', 'darwin', 'win32'] as const).map(javaName)).toEqual(['java', 'java', 'java.exe']);
});
