// Runs the answer, then the tests; asks for the token when nothing is left to do and nothing has failed.
"use strict";
const fs = require("fs");
const vm = require("vm");
const assert = require("assert");
const path = require("path");
const { createRequire } = require("module");
const { pathToFileURL } = require("url");
const { writeSync, readSync } = fs;
const [file, testsFile] = process.argv.slice(2).map((name) => path.resolve(name));
const tests = testsFile && fs.readFileSync(testsFile, "utf8");

process.argv.splice(1, process.argv.length, file);
const check = (condition, ...message) => {
  if (!condition) throw new assert.AssertionError({ message: `Assertion failed ${message.join(" ")}` });
};
console.assert = check;
globalThis.require = createRequire(file);

let done = false;
process.on("beforeExit", () => {
  if (!done || process.exitCode) return;
  done = false;
  const token = Buffer.alloc(33);
  writeSync(4, "?");
  for (let got = 0; got < token.length; ) got += readSync(3, token, got, token.length - got, null);
  writeSync(4, token);
});

if (file.endsWith(".mjs")) {
  import(pathToFileURL(file)).then(() => { done = true; });
} else {
  // Scripts of one global scope, as on a page: the tests see every name of the answer, and the answer cannot leave them out.
  const run = (code, filename) =>
    vm.runInThisContext(code, { filename, importModuleDynamically: (name) => import(name) });
  const module = { exports: {}, children: [], filename: file, id: file, loaded: false };
  Object.assign(globalThis, { module, exports: module.exports, __filename: file, __dirname: path.dirname(file) });
  const kept = { ...assert };
  const keptStrict = { ...assert.strict };
  run(fs.readFileSync(file, "utf8"), file);
  if (tests) {
    Object.assign(assert, kept);
    Object.assign(assert.strict, keptStrict);
    console.assert = check;
    for (const event of ["uncaughtException", "unhandledRejection"]) process.removeAllListeners(event);
    run(`(function (require) {${tests}\n})`, testsFile)(createRequire(file));
  }
  done = true;
}
