// expect: oom
const hoard = [];
for (;;) hoard.push(Buffer.alloc(1 << 24, 1));
