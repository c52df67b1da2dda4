/**
 * Errors are drawn by the thousand, and to record where they were made is a quarter of the time of a history. What fails is
 * replayed, which keeps that.
 */
export const withoutStacks = async <T>(run: () => Promise<T>): Promise<T> => {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return await run();
  } finally {
    Error.stackTraceLimit = limit;
  }
};
