// Writes the dead letters of one topic as a fixture: `node test/e2e/dialects/record.ts <brokers> <topic> <software>`, on standard output.
import { createKafka } from '@verdikt/kafka/connect.ts';
import { exportLine } from '@verdikt/operate/dlq/json-line.ts';

const [brokers, topic, software] = process.argv.slice(2);
const kafka = createKafka({ brokers: brokers.split(','), clientId: 'verdikt-fixtures' });
const logs = kafka.logs();
const letters: object[] = [];
const [partitions] = await kafka.partitionsOf([topic]);
for (let p = 0; p < partitions; p++) {
  const { start, end } = await logs.bounds(topic, p);
  await logs.scan(topic, p, start, end, (record) => letters.push(exportLine(record, topic, p)));
}
await kafka.close();
process.stdout.write(`${JSON.stringify({ made: 'recorded', software, letters }, null, 1)}\n`);
