import { table } from '@verdikt/core/service/markdown.ts';
import { asyncApiText } from '../asyncapi.ts';

interface Ref {
  readonly $ref: string;
}
interface Described {
  readonly type?: unknown;
  readonly description?: string;
  readonly doc?: string;
  readonly name?: string;
}
type Properties = Readonly<Record<string, Described>>;
interface Payload {
  readonly description?: string;
  readonly doc?: string;
  readonly fields?: readonly Described[];
  readonly properties?: Properties;
}
interface Message {
  readonly title: string;
  readonly contentType: string;
  readonly headers: { readonly properties: Properties };
  readonly payload?: Payload & { readonly schema?: Payload };
}
interface Channel {
  readonly address: string;
  readonly description: string;
  readonly messages: Readonly<Record<string, Ref>>;
  readonly bindings: {
    readonly kafka: {
      readonly partitions: number;
      readonly topicConfiguration: Readonly<Record<string, unknown>>;
    };
  };
}
interface Document {
  readonly info: { readonly description: string };
  readonly channels: Readonly<Record<string, Channel>>;
  readonly operations: Readonly<
    Record<string, { readonly action: 'send' | 'receive'; readonly summary: string; readonly channel: Ref }>
  >;
  readonly components: { readonly messages: Readonly<Record<string, Message>> };
}

const nameIn = ({ $ref }: Ref): string => $ref.split('/').at(-1) ?? '';

const settings = ({ partitions, topicConfiguration: c }: Channel['bindings']['kafka']): string => {
  const shown = Object.entries(c).map(([name, value]) => `\`${name}=${String(value)}\``);
  return `${partitions} partitions by default, ${shown.join(', ')}.`;
};

const fieldRows = ({ fields, properties }: Payload): string[][] =>
  fields === undefined
    ? Object.entries(properties ?? {}).map(([name, p]) => [`\`${name}\``, p.description ?? ''])
    : fields.map((f) => [`\`${f.name ?? ''}\``, f.doc ?? '']);

const messageLines = (m: Message): string[] => {
  const payload = m.payload?.schema ?? m.payload ?? {};
  const fields = fieldRows(payload);
  const about = payload.description ?? payload.doc;
  return [
    `### ${m.title}`,
    '',
    ...(about === undefined ? [] : [about, '']),
    `Value: \`${m.contentType}\`.`,
    '',
    ...(fields.length === 0 ? [] : table(['field', 'meaning'], fields)),
    ...table(
      ['header', 'meaning'],
      Object.entries(m.headers.properties).map(([name, h]) => [`\`${name}\``, h.description ?? '']),
    ),
  ];
};

/** What is on which topic, from the AsyncAPI document. */
export const topicsMarkdown = async (): Promise<string> => {
  const d = JSON.parse(await asyncApiText()) as Document;
  const told = new Set<string>();
  const lines = Object.entries(d.channels).flatMap(([name, c]) => {
    const who = Object.values(d.operations).filter((o) => nameIn(o.channel) === name);
    const messages = Object.values(c.messages).map(nameIn);
    const fresh = messages.filter((m) => !told.has(m));
    for (const m of fresh) told.add(m);
    const others = messages.filter((m) => !fresh.includes(m));
    return [
      `## ${c.address}`,
      '',
      c.description,
      '',
      settings(c.bindings.kafka),
      '',
      ...who.map((o) => `- The processor ${o.action === 'send' ? 'writes it' : 'reads it'}: ${o.summary}`),
      ...(who.length === 0 ? [] : ['']),
      ...others.map((m) => `Its records are those of [${m}](#${m.toLowerCase()}).\n`),
      ...Object.entries(d.components.messages).flatMap(([m, of]) =>
        fresh.includes(m) ? messageLines(of) : [],
      ),
    ];
  });
  return [
    '# Topics',
    '',
    d.info.description,
    '',
    'For programs: [AsyncAPI document](/docs/asyncapi.json).',
    '',
    ...lines,
  ].join('\n');
};
