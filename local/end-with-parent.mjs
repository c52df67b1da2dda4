// Preloaded by node24.mjs: asks this process to stop when its parent is gone. Only in the process that was started for it;
// forks of it have an IPC channel of their own.
if (process.env.VERDIKT_END_WITH_PARENT === String(process.ppid) && process.channel) {
  delete process.env.VERDIKT_END_WITH_PARENT;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
