/** A column of the report: one or more laws under which findings are told. */
interface LawColumn {
  readonly short: string;
  readonly title: string;
  readonly laws: readonly string[];
}

/** The ten laws that every cell is held to, by the name under which findings tell of them. */
export const LAWS: readonly LawColumn[] = [
  { short: 'I1', title: 'no loss', laws: ['no-loss'] },
  { short: 'I2', title: 'no duplicate', laws: ['no-duplicate'] },
  { short: 'I3', title: 'order per key', laws: ['order'] },
  { short: 'I4', title: 'no gap', laws: ['no-gap'] },
  { short: 'I5', title: 'correct verdicts', laws: ['correct'] },
  { short: 'I6', title: 'conservation', laws: ['conservation'] },
  { short: 'I7', title: 'no phantom', laws: ['no-phantom'] },
  { short: 'I8', title: 'readers agree', laws: ['readers-agree'] },
  { short: 'I9', title: 'complete dead letters', laws: ['complete-dead-letters'] },
  { short: 'I10', title: 'liveness', laws: ['liveness', 'standstill'] },
];

/** What is no law of its own: the claims of a cell, and cells that could not be run at all. */
export const EXTRA_LAWS: readonly LawColumn[] = [
  { short: 'view', title: 'answers about words agree with Kafka', laws: ['view'] },
  { short: 'stream', title: 'streams of results without gap or double', laws: ['stream'] },
  { short: 'claims', title: 'what the cell itself promises', laws: ['cell'] },
  { short: 'memory', title: 'every processor within its memory', laws: ['memory'] },
  { short: 'harness', title: 'the cell could not be run', laws: ['harness'] },
];
