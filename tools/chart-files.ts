import { at } from '@verdikt/core/at.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { TObject } from 'typebox';
import { aclTable, type AclRow } from '@verdikt/cli/acls/table.ts';
import { wantedTopics } from '@verdikt/cli/topics/wanted.ts';
import { fieldsOf } from '@verdikt/core/config/fields.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { processorSchema } from '@verdikt/processor/config.ts';
import { edgeConfigSchema } from '@verdikt/producer/config.ts';
import { dashboardText } from '../deploy/observability/dashboard.ts';
import { BOARDS } from '../deploy/observability/dashboards.ts';
import { valuesSchemaText } from './chart-schema.ts';

/** Generated files of the Helm chart: what the chart must know of the services, it does not say a second time. */
interface ChartFile {
  /** From the root of the repository. */
  readonly path: string;
  text(): string;
}

const root = join(import.meta.dirname, '..');
const chart = 'charts/verdikt';
const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** Each topic is called by its role; the chart puts in the names. */
const ROLES: TopicNames = {
  words: 'words',
  results: 'results',
  retry: 'retry',
  deadLetters: 'deadLetters',
  control: 'control',
};

/** What is named after `words` alone has its role in its name. */
const roleOf = (name: string): string => name.replace(/^words\./, '');

const defaultsOf = (schema: TObject): Record<string, unknown> =>
  Object.fromEntries(
    fieldsOf(schema).flatMap((f) => ('default' in f.schema ? [[f.name, f.schema.default]] : [])),
  );

/** Settings of the topics; the largest batch as what it has above that of `words`. */
export const chartTopics = (): readonly object[] =>
  wantedTopics(ROLES, { wordsMaxBytes: 0 }).map(({ name, configs }) => {
    const { 'max.message.bytes': above, ...config } = configs;
    return { role: roleOf(name), maxMessageBytesAboveWords: Number(above), config };
  });

const strimziName = (text: string): string =>
  text.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
const strimziType = (type: string): string => (type === 'transactional-id' ? 'transactionalId' : type);

/** The access rules of the roles that run in a release, in the words of Strimzi. */
export const chartAcls = (): Record<string, object[]> => {
  const rows = aclTable({
    ...{ topics: ROLES, group: 'group', transactionalIds: 'transactionalIds' },
    quarantineIds: 'quarantineIds',
  });
  const of = (role: AclRow['role']): object[] => {
    const resources = Map.groupBy(
      rows.filter((r) => r.role === role),
      (r) => JSON.stringify([r.resource, r.name, r.pattern]),
    );
    return [...resources.values()].map((same) => {
      const { resource, name, pattern } = at(same, 0);
      return {
        type: strimziType(resource),
        name: roleOf(name),
        patternType: pattern === 'prefixed' ? 'prefix' : pattern,
        operations: same.map((r) => strimziName(r.operation)),
      };
    });
  };
  return { edge: of('edge'), view: of('view'), processor: of('processor'), operator: of('operator') };
};

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly record: string;
      readonly expr: string;
      readonly labels?: Record<string, string>;
    }[];
  }[];
}
interface Objective {
  readonly name: string;
  readonly value: number;
  /** It is also a label `le`, in both ways to write it. */
  readonly bucket: boolean;
}

/** Objectives with their defaults. Throws for a rule that the chart could not render from a value. */
export const objectivesOf = (text: string): Objective[] => {
  const rules = (parse(text) as Rules).groups.flatMap((g) => g.rules);
  const found = Map.groupBy(rules, (r) => r.record);
  return [...found].map(([record, same]) => {
    const { expr } = at(same, 0);
    const value = Number(/^vector\(([0-9.]+)\)$/.exec(expr)?.[1]);
    const name = /^verdikt:objective:([a-z0-9_]+)$/.exec(record)?.[1];
    const les = same.map((r) => r.labels?.le);
    const bucket = les[0] !== undefined;
    const forms = bucket
      ? [String(value), Number.isInteger(value) ? value.toFixed(1) : String(value)]
      : [undefined];
    const plain = same.every((r) => Object.keys(r.labels ?? {}).every((l) => l === 'le') && r.expr === expr);
    if (name === undefined || Number.isNaN(value) || !plain || String(les) !== String([...new Set(forms)]))
      throw new Error(
        `${record} in objectives.yml is no plain objective: the chart cannot make it from a value`,
      );
    return { name, value, bucket };
  });
};

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const objectives = (): Objective[] => objectivesOf(read('deploy/observability/objectives.yml'));

/** All of them. The chart renders the objectives from its values, so those are no copy. */
export const chartFiles = (): ChartFile[] => [
  { path: `${chart}/values.schema.json`, text: () => valuesSchemaText(objectives().map((o) => o.name)) },
  {
    path: `${chart}/files/service-defaults.json`,
    text: () => json({ producer: defaultsOf(edgeConfigSchema), processor: defaultsOf(processorSchema) }),
  },
  { path: `${chart}/files/topics.json`, text: () => json(chartTopics()) },
  { path: `${chart}/files/acls.json`, text: () => json(chartAcls()) },
  { path: `${chart}/files/objectives.json`, text: () => json(objectives()) },
  ...Object.entries(BOARDS).map(([file, board]) => ({
    path: `${chart}/files/dashboards/${file}`,
    text: () => dashboardText(board),
  })),
];
