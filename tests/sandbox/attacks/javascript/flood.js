// expect: forbidden
const block = "x".repeat(1 << 16);
for (;;) require("fs").writeSync(1, block);
