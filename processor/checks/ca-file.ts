import { X509Certificate } from 'node:crypto';

const PEM = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The certificates of a PEM file. Throws where it has none, or one that cannot be read: TLS itself would just trust nobody. */
export const readCa = (path: string, readFile: (path: string) => string): string => {
  const pem = readFile(path);
  const certificates = pem.match(PEM) ?? [];
  if (certificates.length === 0) throw new Error('it holds no certificate in PEM form');
  for (const certificate of certificates) void new X509Certificate(certificate);
  return pem;
};
