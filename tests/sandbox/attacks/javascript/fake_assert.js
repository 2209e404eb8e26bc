// expect: fail error
console.assert = () => {};
process.on("uncaughtException", () => process.exit(0));
function f() { return 1; }
// tests
if (f() !== 2) throw new Error("Assertion failed");
