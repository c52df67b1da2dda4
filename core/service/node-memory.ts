/** Half of the space in which objects of requests and records live and die; it is made twice, beside a third part for those that come through. */
const SEMI_SPACE_MIB = 8;
/** The same for a thread, all three parts together. */
export const THREAD_YOUNG_MIB = 3 * SEMI_SPACE_MIB;

/**
 * For the allocator of the C library, which would keep the large buffers of requests and responses for itself, in a heap of its own for
 * each thread: above 128 KiB they go back to the system when they are free. Other allocators do not read it.
 */
const ALLOCATOR = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

/** The environment that keeps a service small: its objects die young, so a small young generation is enough. */
export const nodeEnv = (oldSpaceMiB: number): Readonly<Record<string, string>> => ({
  ...ALLOCATOR,
  NODE_OPTIONS: `--max-semi-space-size=${SEMI_SPACE_MIB} --max-old-space-size=${oldSpaceMiB}`,
});
