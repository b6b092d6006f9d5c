import { chromium } from "playwright-core";
import { readdirSync } from "node:fs";
const [,, filter, out, width="620", cols="3"]=process.argv;
const dir="/work/w/shots/"; const names=process.argv[6]?process.argv[6].split(","):null;
const files=readdirSync(dir).filter(f=>f.endsWith(filter)).filter(f=>!names||names.includes(f.split(".")[0])).sort();
const b=await chromium.launch({executablePath:"/usr/bin/chromium",args:["--no-sandbox","--allow-file-access-from-files"]});
const per=Number(cols)*2; 
for(let i=0,n=0;i<files.length;i+=per,n++){const p=await b.newPage({viewport:{width:Number(width)*Number(cols)+40,height:600}});
 const {writeFileSync}=await import("node:fs"); writeFileSync("/tmp/m.html",`<body style="margin:4px;display:grid;grid-template-columns:repeat(${cols},1fr);gap:6px;font:12px sans-serif;background:#999">`+files.slice(i,i+per).map(f=>`<div>${f}<br><img style="width:100%" src="file://${dir}${f}"></div>`).join(""));
 await p.goto("file:///tmp/m.html"); await p.waitForLoadState("networkidle"); await p.screenshot({path:`${out}${n}.png`,fullPage:true}); await p.close();}
await b.close(); console.log(files.length);
