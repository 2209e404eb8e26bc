// expect: error
process.reallyExit(0);
// tests
require("assert")(false);
