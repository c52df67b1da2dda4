import { writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@verdikt/local/run.ts';

/** PEM texts of an authority and of those it vouches for. */
export interface Certificates {
  readonly ca: string;
  /** Key and certificate in one file, as brokers read it. */
  readonly serverFile: string;
  readonly caFile: string;
  /** A client certificate with this common name. */
  client(name: string): Promise<{ readonly cert: string; readonly key: string }>;
}

const openssl = async (args: readonly string[]): Promise<void> => {
  const ran = await run('openssl', args);
  if (ran.code === 127) throw new Error('This test makes certificates with openssl, which is not installed.');
  if (ran.code !== 0) throw new Error(`openssl ${args[0]} failed: ${ran.stderr}`);
};

/** An authority of our own in `folder`, and a broker certificate for loopback. */
export const makeCertificates = async (folder: string): Promise<Certificates> => {
  const at = (name: string): string => join(folder, name);
  const read = (name: string): string => readFileSync(at(name), 'utf8');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl([
    ...['req', '-x509', ...key, '-days', '2', '-subj', '/CN=verdikt test authority'],
    ...['-keyout', at('ca.key'), '-out', at('ca.crt')],
  ]);
  const sign = async (name: string, subject: string, extensions: string): Promise<void> => {
    await writeFile(at(`${name}.ext`), extensions);
    await openssl([
      ...['req', '-new', ...key, '-subj', subject],
      ...['-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)],
    ]);
    await openssl([
      ...['x509', '-req', '-in', at(`${name}.csr`), '-CA', at('ca.crt'), '-CAkey', at('ca.key')],
      ...['-CAcreateserial', '-days', '2', '-extfile', at(`${name}.ext`), '-out', at(`${name}.crt`)],
    ]);
  };
  await sign('server', '/CN=broker', 'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:secure.test\n');
  await writeFile(at('server.pem'), read('server.key') + read('server.crt'));
  return {
    ca: read('ca.crt'),
    caFile: at('ca.crt'),
    serverFile: at('server.pem'),
    client: async (name) => {
      await sign(name, `/CN=${name}`, 'extendedKeyUsage=clientAuth\n');
      return { cert: read(`${name}.crt`), key: read(`${name}.key`) };
    },
  };
};
