import { appendFileSync } from "node:fs";
import { afterAll, expect } from "vitest";
const begun = performance.now();
afterAll(()=>{ const {user,system}=process.cpuUsage(); appendFileSync(process.env.CPU_OUT ?? "/tmp/t/cpu.tsv", [((user+system)/1e6).toFixed(2), ((performance.now()-begun)/1000).toFixed(2), expect.getState().testPath.replace(process.cwd()+"/","")].join("\t")+"\n"); });
