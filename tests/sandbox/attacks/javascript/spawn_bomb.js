// expect: error timeout oom
const { spawn } = require("child_process");
for (let number = 0; number < 2000; number++) spawn("sleep", ["9"]);
