import { availableParallelism, cpus, loadavg, platform, totalmem } from "node:os";

/** What was measured on; figures of two machines, or of a busy and a quiet one, do not compare. */
export const machine = () => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memoryGb: Math.round(totalmem() / 2 ** 30),
  platform: platform(),
  node: process.version,
  loadAverage: loadavg().map((value) => Number(value.toFixed(2))),
});
