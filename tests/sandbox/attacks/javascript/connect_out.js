// expect: error forbidden
const line = require("net").connect(@PORT@, "127.0.0.1", () => line.end("escaped"));
