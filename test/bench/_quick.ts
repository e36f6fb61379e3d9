import { startStack } from "../../infra/local/stack.ts";
import { startCeiling } from "./ceiling.ts";
import { startGenerator } from "./load.ts";
import { makeTenant, enrolMembers } from "./tenant.ts";
import { processorMs } from "./processes.ts";
import { execSync } from "node:child_process";
import { writeFileSync } from "node:fs";
const dir=process.argv[2] ?? "/dev/shm/rb-quick";
const N=Number(process.argv[3] ?? 500);
const s = await startStack({dataDir:dir, quiet:false});
const c = await startCeiling("/dev/shm/rb-ceiling");
const cpid = Number(execSync(`pgrep -P ${process.pid} workerd`).toString().trim());
const g = startGenerator();
const t = await makeTenant(s.url, s.operatorKey, "quick");
const ids = await enrolMembers(s.url, t.key, Array.from({length:N},(_, i)=>`card-${i}`));
const [hot] = await enrolMembers(s.url, t.key, ["hot"]);
console.log("enrolled");
let n=0;
for (let round=0; round<3; round++) {
 for (const [sn,members] of [["hot",[hot!]],["spread",ids]] as const) {
  const out:string[]=[];
  const run = async (name:string,url:string,key:string,pid:number,operation:any)=>{
    await g.run({url,key,operation:name==="ceil"?"earn":operation==="quote"?"balance":operation,memberIds:members,connections:32,seconds:sn==="hot"?0.4:30,once:sn!=="hot",prefix:`w${Date.now()}-${n++}`});
    const b=processorMs(pid);
    const r = await g.run({url,key,operation,memberIds:members,connections:32,seconds:2,prefix:`p${Date.now()}-${n++}`});
    const done=r.done.reduce((a,b)=>a+b,0)*(operation==="hold"?2:1);
    out.push(`${name} ${operation} ${Math.round(r.requests/r.seconds)}/s cpu ${((processorMs(pid)-b)/done*1000).toFixed(0)}us p50 ${r.p50Ms.toFixed(1)}`);
  };
  await run("ceil",c.url,"rpc",cpid,"earn");
  await run("ceil",c.url,"rpc-echo",cpid,"earn");
  for (const op of ["earn","redeem","hold","quote","balance"]) await run("reg",s.url,t.key,s.pids.workerd!,op);
  console.log(round,sn,"\n  "+out.join("\n  "));
 }
}
g.stop(); await c.stop(); await s.stop();
