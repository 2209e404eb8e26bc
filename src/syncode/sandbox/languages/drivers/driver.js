// Loads the program given as argument; asks for the token when nothing is left to do and nothing has failed.
"use strict";
const fs = require("fs");
const assert = require("assert");
const path = require("path");
const { createRequire } = require("module");
const { pathToFileURL } = require("url");
const { writeSync, readSync } = fs;
const file = path.resolve(process.argv[2]);

process.argv.splice(1, 2, file);
console.assert = (condition, ...message) => {
  if (!condition) throw new assert.AssertionError({ message: `Assertion failed ${message.join(" ")}` });
};
globalThis.require = createRequire(file);  // tests may call it beside an ES module

let loaded = false;
process.on("beforeExit", () => {
  if (!loaded || process.exitCode) return;
  loaded = false;
  const token = Buffer.alloc(33);
  writeSync(4, "?");
  for (let done = 0; done < token.length; ) done += readSync(3, token, done, token.length - done, null);
  writeSync(4, token);
});

import(pathToFileURL(file)).then(() => { loaded = true; });
