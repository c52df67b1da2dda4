/**
 * How Node is told to keep a processor small: its objects die young, so a small young generation is enough, and what lives long
 * lies in buffers outside of the heap. The heap limit is a bound to be noticed, far above what is used.
 */
export const PROCESSOR_NODE_OPTIONS = '--max-semi-space-size=8 --max-old-space-size=192';
