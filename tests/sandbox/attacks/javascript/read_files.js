// expect: error
const fs = require("fs");
let found = 0;
for (const path of ["/etc/shadow", "/root/.bashrc", "@FILE@"]) {
  try { fs.readFileSync(path); found++; } catch (problem) { }
}
process.exitCode = found ? 0 : 1;
