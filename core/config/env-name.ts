/** Of the variable that gives a field: `kafkaTlsCaFile` → `VERDIKT_KAFKA_TLS_CA_FILE`. The unit MiB is one word. */
export const envName = (field: string): string =>
  `VERDIKT_${field
    .replace('MiB', 'Mib')
    .replace(/[A-Z]/g, (c) => `_${c}`)
    .toUpperCase()}`;
