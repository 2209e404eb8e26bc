// expect: error
process.exit(0);
// tests
require("assert")(false);
