// Runs answer and tests, one text because imports of the answer are to be seen by the tests; says the proof when nothing is left to
// do, nothing has failed, and the mark between the two was passed: a call of the function whose name is the third argument. What
// the answer has replaced in the language is put back there, and the tests get assertions of their own, which are counted.
"use strict";
// The answer may have variables with the names of globals, which this file would see, too.
const { Object, Array, JSON, Math, Number, Map, Set, Error, RegExp, String, Reflect, Buffer, Function } = globalThis;
const fs = require("fs");
const vm = require("vm");
const assert = require("assert");
const util = require("util");
const path = require("path");
const Module = require("module");
const hooks = require("async_hooks");
const { pathToFileURL } = require("url");
const { writeSync, readSync, readFileSync, rmSync, writeFileSync } = fs;
for (const stream of [process.stdout, process.stderr]) stream._handle?.setBlocking?.(true);  // else a loop that prints fills memory
const file = path.resolve(process.argv[2]);
const least = Number(process.argv[3]);
const mark = process.argv[4];

const told = () => {
  const words = Buffer.alloc(33);
  writeSync(4, "?");
  for (let got = 0; got < words.length; ) got += readSync(3, words, got, words.length - got, null);
  return words;
};
const key = told().subarray(0, 32);
const tests = JSON.parse(readFileSync("tests.json", "utf8"));
const text = readFileSync(file, "utf8");
for (const name of ["tests.json", "main.ts", file]) rmSync(name, { force: true });
process.argv.splice(1, process.argv.length, file);

// What comparisons rest on, as it was before the answer.
const { getOwnPropertyDescriptor, getPrototypeOf, defineProperty, is } = Object;
const { ownKeys } = Reflect;
const holders = new Map();
const keep = (holder) => {
  if (holders.has(holder)) return;
  const own = new Map();
  for (const name of ownKeys(holder)) own.set(name, getOwnPropertyDescriptor(holder, name));
  holders.set(holder, own);
};
const names = ["Object", "Function", "Array", "String", "Number", "Boolean", "Symbol", "Math", "JSON", "Reflect", "Promise", "Map", "Set",
  "WeakMap", "RegExp", "BigInt", "Date", "Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "Proxy"];
for (const name of names) {
  keep(globalThis[name]);
  if (globalThis[name].prototype) keep(globalThis[name].prototype);
}
keep(getPrototypeOf([][Symbol.iterator]()));
keep(getPrototypeOf(function* () {}.prototype));
const library = new Set([assert, assert.strict, util, console, fs]);
for (const holder of library) keep(holder);
const globals = [...names, "isNaN", "isFinite", "parseInt", "parseFloat", "setTimeout", "setInterval", "setImmediate", "queueMicrotask",
  "clearTimeout", "clearInterval", "structuredClone", "console", "process"];
const keptGlobals = new Map(globals.map((name) => [name, globalThis[name]]));
const comparing = new Set(["is", "stringify", "forEach", "every", "some", "map", "filter", "reduce", "includes", "abs", "isArray", "join",
  "toString", "valueOf", "entries", "keys", "values", "then", "equals", "from", "sort", "max", "min", "round", "isNaN", "isInteger"]);
const same = (one, other) => one !== undefined && one.value === other.value && one.get === other.get;
const answer = mark ? text.split(mark)[0] : text;
const called = [...answer.matchAll(/\b(?:function\*?|class|const|let|var)\s+(\w+)/g)].some(
  ([, name]) => new RegExp(`(?<![\\w.$])${name}\\s*[(.]`).test(tests));
const mentioned = (name) => !called && typeof name === "string" && !comparing.has(name) && tests.includes(`.${name}`);
const foreign = (name) => typeof name === "symbol" || name === "toJSON";  // what the language would call behind the tests' back

let done = 0;
let failed = false;
let forged = "";
const ask = (call, wanted) => {  // an assertion that has come to its end; of a promise, when that has
  const result = call();
  if (typeof result?.then === "function") return result.then((value) => { done += 1; return value; });
  done += 1;
  return result;
};
const intact = () => {
  for (const [holder, own] of holders) {
    if (holder === console || holder === fs || holder === globalThis.Date) continue;
    for (const name of comparing) {
      const before = own.get(name);
      if (before && !same(getOwnPropertyDescriptor(holder, name), before) && !tests.includes(`.${name} =`)) forged = name;
    }
  }
};
const original = { ...assert, strict: { ...assert.strict } };
const bare = { loose: assert, strict: assert.strict };
const counted = (plain, parts) => {
  const made = (...words) => ask(() => plain(...words));
  for (const [name, value] of Object.entries(parts)) {
    const constructed = name === "AssertionError" || name === "CallTracker" || typeof value !== "function" || name === "strict";
    made[name] = constructed ? value : (...words) => ask(() => value(...words));
  }
  return made;
};
const strictly = counted(original.strict.ok, original.strict);
const ours = counted(original.ok, original);
for (const each of [ours, strictly]) each.strict = strictly;
const begin = () => {
  const plain = Module.createRequire(file);
  globalThis.require = Object.assign((name) => {
    if (!passed || !mark) return plain(name);
    const short = name.replace(/^node:/, "");
    return short === "assert" ? ours : short === "assert/strict" ? strictly : plain(name);
  }, plain);
  console.assert = (condition, ...message) => {
    if (!condition) throw new original.AssertionError({ message: `Assertion failed ${message.join(" ")}` });
    done += 1;
  };
};
let passed = !mark;
begin();
const pending = new Map();
if (mark) {
  globalThis[mark] = () => {
    if (passed) return Object.fromEntries([...keptGlobals, ["require", globalThis.require]]);
    passed = true;
    for (const [name, value] of keptGlobals) {
      if (globalThis[name] !== value) try { globalThis[name] = value; } catch { forged = name; }
    }
    for (const [holder, own] of holders) {
      for (const [name, before] of own) {
        if (same(getOwnPropertyDescriptor(holder, name), before) || (mentioned(name) && !library.has(holder))) continue;
        try { defineProperty(holder, name, before); } catch { forged = String(name); }
      }
      for (const name of ownKeys(holder)) if (!own.has(name) && foreign(name)) delete holder[name];
    }
    for (const [name, before] of endings) {
      if (before && same(getOwnPropertyDescriptor(process, name), before)) continue;
      try { if (before) defineProperty(process, name, before); else delete process[name]; } catch { forged = name; }
    }
    begin();
    for (const event of ["uncaughtException", "unhandledRejection", "uncaughtExceptionMonitor", "exit", "beforeExit"]) {
      for (const listener of process.listeners(event)) if (listener !== finish) process.removeListener(event, listener);
    }
    if (!/uncaughtException|unhandledRejection/.test(tests)) {
      process.setUncaughtExceptionCaptureCallback(null);
      const { on } = process;
      for (const name of ["on", "addListener", "once", "prependListener", "prependOnceListener"]) {
        process[name] = (event, ...words) => (/^u/.test(String(event)) ? process : on.call(process, event, ...words));
      }
    }
    for (const name of ["is", "stringify", "isArray", "abs", "isNaN", "isInteger"]) {  // nor may it replace them while it is called
      for (const holder of [Object, JSON, Array, Math, Number]) {
        if (holders.get(holder).has(name) && !tests.includes(`${name} =`)) defineProperty(holder, name, { writable: false, configurable: false });
      }
    }
    if (/\bawait\b|\.then\b|\basync\b|Promise/.test(tests)) {
      hooks.createHook({
        init: (id, type) => { if (type === "PROMISE") pending.set(id, true); },
        promiseResolve: (id) => { pending.delete(id); },
      }).enable();
    }
  };
}

// A function of the tests shows its text to no one, least of all to the answer that it calls.
const { toString } = Function.prototype;
const { call } = Function.prototype;
const shown = (each) => call.call(toString, each);
const toText = { toString() {
  const said = shown(this);
  return passed && mark && said.length > 20 && tests.includes(said) ? "function () { [native code] }" : said;
} }.toString;
defineProperty(Function.prototype, "toString", { value: toText, writable: true, configurable: true });
keep(toText);
holders.get(Function.prototype).set("toString", getOwnPropertyDescriptor(Function.prototype, "toString"));

const { reallyExit } = process;
let told_all = false;
process.reallyExit = (code) => reallyExit.call(process, told_all ? code || 1 : code);  // nothing may end what has been called finished
const endings = new Map(["exit", "reallyExit", "abort", "kill", "exitCode"].map((name) => [name, getOwnPropertyDescriptor(process, name)]));
let loaded = false;
function finish() {
  if (!loaded || !passed || process.exitCode || failed) return;
  loaded = false;
  if (mark) {
    intact();
    const sites = tests.match(/\bassert(?:\.\w+)*\s*\(/g)?.length ?? 0;
    if (forged) throw new Error(`the answer has replaced ${forged}`);
    if (pending.size && done < Math.max(sites, least)) throw new Error("a promise of the tests has never settled");
    const total = done || least;
    writeSync(4, `{"tests":{"total":${total},"passed":${total}}}\n`);
  }
  told_all = true;
  writeSync(4, Buffer.concat([key, told()]));
}
process.on("beforeExit", finish);

if (file.endsWith(".mjs")) {
  // Modules of the text's own: assertions that are counted, and the text itself, gone before the answer's first line.
  const lines = Object.keys(original).filter((name) => /^\w+$/.test(name) && name !== "strict");
  globalThis.syncode_assert = ours;
  writeFileSync("syncode_assert.mjs", `const ours = globalThis.syncode_assert; delete globalThis.syncode_assert; export default ours;
export const strict = ours.strict; ${lines.map((name) => `export const ${name} = ours.${name};`).join(" ")}\n`);
  globalThis.syncode_gone = () => { for (const name of [file, "syncode_assert.mjs", "syncode_gone.mjs"]) rmSync(name, { force: true }); };
  writeFileSync("syncode_gone.mjs", "globalThis.syncode_gone(); delete globalThis.syncode_gone;\n");
  const from = /(\bfrom\s*|\bimport\s*)(['"])(?:node:)?assert(?:\/strict)?\2/g;
  writeFileSync(file, `import "./syncode_gone.mjs"; ${text.replace(from, '$1"./syncode_assert.mjs"')}`);
  import(pathToFileURL(file)).then(() => { loaded = true; });
} else {
  // As a script, not as a module: a `return` between functions is an error there.
  const module = { exports: {}, children: [], filename: file, id: file, loaded: false };
  Object.assign(globalThis, { module, exports: module.exports, __filename: file, __dirname: path.dirname(file) });
  const importModuleDynamically = vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER ?? ((name) => import(name));
  vm.runInThisContext(text, { filename: file, importModuleDynamically });
  loaded = true;
}
