export * from '../../testing/manual-clock.ts';
