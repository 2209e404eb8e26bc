// Runs the tests in a process that holds nothing of the answer. Names of the answer stand for what is asked of its process; the
// assertions are counted; the proof is said when nothing is left to do and nothing has failed.
"use strict";
const fs = require("fs");
const vm = require("vm");
const assert = require("assert");
const path = require("path");
const Module = require("module");
const util = require("util");
const { pathToFileURL } = require("url");
const { writeSync, readSync } = fs;
const { reallyExit } = process;
const [FAILED, GONE, INSEPARABLE, SILENT] = [101, 106, 107, 108];
for (const stream of [process.stdout, process.stderr]) stream._handle?.setBlocking?.(true);
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
const text = fs.readFileSync(file, "utf8");
process.argv.splice(1, process.argv.length, file);

const exit = (code, why) => {
  if (why) writeSync(2, `${String(why).trimEnd()}\n`);
  reallyExit.call(process, code);
};
const stay = (why) => exit(INSEPARABLE, why);
const { toString } = Function.prototype;
const isOfTests = (value) => text.includes(Reflect.apply(toString, value, []));
const NATIVE = "function () { [native code] }";
const isResolving = (value) => value.name === "" && value.length === 1 && Reflect.apply(toString, value, []) === NATIVE;  // a promise
const isClassPrototype = (value) => typeof Object.getOwnPropertyDescriptor(value, "constructor")?.value === "function";
let listed;
let asked = false;  // whether an object of the answer was asked what it is compared with
const classes = new Set();  // numbers of the classes that the tests name
const made = [...text.matchAll(/\b(?:new|instanceof|extends)\s+(?:[\w$]+\.)*([\w$]+)|(?<![\w$.])([A-Z][\w$]*)\s*\./g)]
  .map(([, one, other]) => one ?? other);
const DECIDES = new RegExp(`^(?:every|some|includes|indexOf|lastIndexOf|find\\w*|filter|forEach|map|flatMap|reduce\\w*|delete|exec|has\\w*|contains\\w*|startsWith|endsWith
|test|match\\w*|search|locale\\w+|\\w*[eE]qual\\w*|eq|is[A-Z]\\w*|same\\w*|compare\\w*)$`.replaceAll("\n", ""));  // methods (chosen here)

const HIDDEN = new Set(["toString", "toLocaleString", "caller", "arguments"]);  // what would show the text of a function
const hidden = () => NATIVE;
const may = (value) => {
  if (value === hidden) return;
  if (typeof value === "function") {
    if (isOfTests(value) || isResolving(value)) return;
    stay(`the answer is given a function of the language: ${value.name}`);
  }
  if (util.types.isNativeError(value) || util.types.isGeneratorObject(value)) return;
  if (util.types.isProxy(value)) stay("the answer is given a proxy of the tests");
  for (let proto = Object.getPrototypeOf(value); proto !== null; proto = Object.getPrototypeOf(proto)) {
    if (side.standing.has(proto)) stay("an object of the tests has one of the answer as its prototype");
    const known = side.named.get(proto);
    const isPlain = known === undefined ? isPrototypeOfTests(proto) : side.bare.has(known);
    if (!isPlain) stay("the answer is given an object that both would need");
  }
};
const isPrototypeOfTests = (proto) => {
  const made = Object.getOwnPropertyDescriptor(proto, "constructor")?.value;
  return made === undefined ? true : typeof made === "function" && isOfTests(made);
};
const ours = (of) => (side.lent.has(of) ? of : exit(1, "not an object of the tests"));
const changeable = (of, name) => {
  ours(of);
  if (typeof of === "function" || isClassPrototype(of) || name === "__proto__") stay("the answer changes a class of the tests");
  return of;
};
const side = require("./apart.js").side({
  odd: false,
  may,
  gone: () => exit(GONE),
  wrong: (what) => exit(1, `Error: the answer has sent what is not a message: ${what}`),
  inseparable: stay,
  trap: (what, number, name, own = true) => {
    if (what === "keys") {  // of one object of the answer and of another one, with nothing between: they are compared
      asked ||= listed !== undefined && listed !== number;
      listed = number;
      return;
    }
    listed = undefined;
    if (what === "call") return;
    if (what === "decide") {
      asked ||= !isNamed(number);
      return;
    }
    if (what !== "get" && what !== "set") stay(`the tests ${what} an object of the answer`);
    if (!own) stay("an object of the tests has one of the answer as its prototype");
    if (what === "get" && typeof name === "string" && DECIDES.test(name) && !isNamed(number)) asked = true;
  },
  holds: (kind, list) => {  // a key and a function behind it: a method, though of an object that is here
    if ("oNAE".includes(kind)) for (let at = 1; at < list.length; at += 1) {
      if (typeof list[at] === "function" && typeof list[at - 1] === "string" && DECIDES.test(list[at - 1])) asked = true;
    }
  },
  ops: (generic) => ({
    get: (of, name) => {
      if (typeof ours(of) === "function" && HIDDEN.has(name)) return name === "toString" ? hidden : undefined;
      const value = generic.get(of, name);
      if (typeof value !== "function" || side.lent.has(value) || side.standing.has(value) || isOfTests(value)) return value;
      if (side.named.has(value) && name === "constructor") return undefined;
      return util.types.isNativeError(of) ? undefined : stay(`the answer uses ${String(name)} of an object of the tests`);
    },
    has: (of, name) => generic.has(ours(of), name),
    keys: (of) => generic.keys(ours(of)),
    describe: (of, name) => {
      const own = Object.getOwnPropertyDescriptor(ours(of), name);
      return own && [Reflect.get(of, name, of), own.enumerable];
    },
    set: (of, name, value) => generic.set(changeable(of, name), name, value),
    delete: (of, name) => generic.delete(changeable(of, name), name),
    define: (of, name, ...more) => generic.define(changeable(of, name), name, ...more),
    extensible: (of) => generic.extensible(ours(of)),
    proto: (of) => {
      let proto = Object.getPrototypeOf(ours(of));
      const isShown = () => side.named.has(proto) || (isClassPrototype(proto) && isPrototypeOfTests(proto));
      while (proto !== null && !isShown()) proto = Object.getPrototypeOf(proto);
      if (proto !== null && !side.named.has(proto) && !side.lent.has(proto)) may(proto);
      return proto;
    },
    call: (of, ...words) => generic.call(ours(of), ...words),
    new: (of, ...words) => generic.new(ours(of), ...words),
  }),
});
const kinds = new Map();
const isNamed = (number) => {  // whether it, or its class, is what the tests name
  if (classes.has(number)) return true;
  if (!kinds.has(number)) {
    kinds.set(number, false);
    let made = side.ask("get", { of: { H: number } }, ["constructor"]);
    for (let hops = 0; hops < 20 && side.standing.has(made); hops += 1) {
      if (classes.has(side.standing.get(made))) kinds.set(number, true);
      made = Object.getPrototypeOf(made);
    }
  }
  return kinds.get(number);
};

// Assertions, counted as they come to their end.
let done = 0;
let broken, seen;  // the first assertion that has failed in a call of the answer, and of the tests, which may have caught it
const holdsTheirs = (value, depth = 0) => value !== null && ["object", "function"].includes(typeof value) && (side.standing.has(value)
  || (depth < 3 && !util.types.isProxy(value) && Object.values(value).some((each) => holdsTheirs(each, depth + 1))));
const counted = (call) => {
  let result;
  try {
    result = call();
  } catch (problem) {
    if (side.depth()) broken ??= problem;
    else seen ??= problem;
    throw problem;
  }
  if (util.types.isPromise(result)) return result.then((value) => { done += 1; return value; });
  done += 1;
  return result;
};
const EQUALS = /^(?:not)?(?:deepEqual|deepStrictEqual)$/i;
const counting = (plain, own) => {
  const made = (...words) => counted(() => plain(...words));
  for (const [name, value] of Object.entries(own)) {
    const isPlain = name === "AssertionError" || name === "CallTracker" || typeof value !== "function" || name === "strict";
    made[name] = isPlain ? value : (...words) => {
      if (EQUALS.test(name) && holdsTheirs(words[0]) && holdsTheirs(words[1])) asked = true;
      return counted(() => value(...words));
    };
  }
  return made;
};
const strictly = counting(assert.strict.ok, { ...assert.strict });
const loosely = counting(assert.ok, { ...assert });
for (const each of [loosely, strictly]) each.strict = strictly;
console.assert = (condition, ...message) => counted(() => {
  if (!condition) throw new assert.AssertionError({ message: `Assertion failed ${message.join(" ")}` });
});

// A timer of the tests comes after those of the answer that were due before it, as in one process.
const { setTimeout: later, setInterval: often } = globalThis;
const caughtUp = (call) => (typeof call !== "function" ? call : function (...words) {
  side.ask("turn");
  return Reflect.apply(call, this, words);
});
const sleep = (time, value) => new Promise((then) => { setTimeout(then, time, value); });
const timers = { "timers/promises": { setTimeout: sleep } };
timers.timers = {
  setTimeout: Object.assign((call, ...words) => later(caughtUp(call), ...words), { [util.promisify.custom]: sleep }),
  setInterval: (call, ...words) => often(caughtUp(call), ...words),
};
const useTimers = () => Object.assign(globalThis, timers.timers);

// Modules: those of values only; a file beside, or else the answer under whichever name the tests know it by.
const plain = Module.createRequire(file);
const VALUES = new Set(["util", "events", "buffer", "crypto", "url", "querystring", "string_decoder", "timers", "timers/promises", "path",
  "perf_hooks", "lodash", "js-md5"]);
const require_ = Object.assign((name) => {
  const short = String(name).replace(/^node:/, "");
  if (short === "assert") return loosely;
  if (short === "assert/strict") return strictly;
  if (VALUES.has(short) || name === "node:test") return short in timers ? { ...plain(name), ...timers[short] } : plain(name);
  if (/^\.\.?(?:\/|$)/.test(short)) {
    try { return plain(name); } catch (problem) { if (problem.code !== "MODULE_NOT_FOUND") throw problem; }
    const found = side.ask("module");
    const parts = found === null || typeof found !== "object" ? [found] : ["default", ...made].map((part) => found[part]);
    if (side.standing.has(found)) classes.add(side.standing.get(found));
    if (made.length) for (const part of parts) if (side.standing.has(part)) classes.add(side.standing.get(part));
    return found;
  }
  return stay(`the tests use the module ${name}`);
}, plain);
const imported = (name) => {
  const found = require_(name);
  const isObject = found !== null && ["object", "function"].includes(typeof found);
  if (isObject && (found[Symbol.toStringTag] === "Module" || found.__esModule)) return found;
  return new Proxy({}, { get: (_, part) => (part === "default" ? found?.default ?? found : found[part]) });
};
const exported = new Proxy({}, {
  get: (target, name) => (Object.hasOwn(target, name) || typeof name === "symbol" ? target[name] : side.ask("module")?.[name]),
});
const isModule = file.endsWith(".mjs");
Object.assign(globalThis, { require: require_, [mark]: imported });
if (!isModule) Object.assign(globalThis, { module: { exports: exported }, exports: exported });

// How it ends.
const reports = (failed, errors, name, reason) => {
  const total = Math.max(done, failed || errors ? 0 : least) + failed + errors;
  const counts = { total, passed: total - failed - errors, failed, errors };
  const results = name === undefined ? [] : [{ name, state: failed ? "fail" : "error", reason }];
  writeSync(4, `${JSON.stringify({ tests: counts, results, asked })}\n`);
};
const ELSEWHERE = "could not be cloned|incompatible receiver|called on incompatible|not generic|requires that 'this'";  // of a proxy
const MISSING = new RegExp(`is not (?:a function|a constructor|iterable|async iterable|defined)|Maximum call stack|${ELSEWHERE}`);
const shown = (value) => (typeof value === "object" && value !== null ? util.inspect(value) : String(value));
const failure = (problem) => {
  const isError = util.types.isNativeError(problem) || problem instanceof Error;
  const said = isError ? `${problem.name}: ${problem.message}` : shown(problem);
  const came = isError || typeof problem === "object" ? side.thrown.has(problem) : side.last && Object.is(side.last.problem, problem);
  const isAssertion = problem instanceof assert.AssertionError;
  if (!came && !isAssertion && (MISSING.test(said) || problem?.code === "MODULE_NOT_FOUND" || problem instanceof SyntaxError)) stay(said);
  if (came && new RegExp(ELSEWHERE).test(said)) stay(`the answer cannot do it from there: ${said}`);
  const isFailure = isAssertion || (!came && !(problem instanceof TypeError || problem instanceof RangeError));
  const line = isError && !came ? String(problem.stack).match(/(?<!\/out)\/tests\.m?js:(\d+)/)?.[1] : undefined;  // not of what tsc wrote
  const reason = said.replace(/\s+/g, " ").slice(0, 300);
  reports(Number(isFailure), Number(!isFailure), line ? `line ${line}` : `assertion ${done + 1}`, reason);
  exit(isFailure ? FAILED : 1, said === reason ? reason : `${said}\n${reason}`);
};
const declared = new Set([...text.matchAll(/\b(?:function\*?|class|const|let|var)\s+([\w$]+)/g)].map(([, name]) => name));
const shared = new Set([...text.matchAll(/^(?:async\s+)?(?:function\*?|class|const|let|var)\s+([\w$]+)/gm)].map(([, name]) => name));
side.noted = (problem) => {
  const missing = util.types.isNativeError(problem) && String(problem.message).match(/^(\S+) is not defined$/)?.[1];
  if (missing && shared.has(missing)) stay(`the answer uses ${missing} of the tests`);
};
process.setUncaughtExceptionCaptureCallback((problem) => failure(problem));
process.on("unhandledRejection", (problem) => failure(problem));

const ofNode = /["']node:test["']/.test(text);  // which says itself what has not come to its end
const LATER = /\bawait\b|\.then\b|\basync\b|Promise|setTimeout|setInterval|setImmediate|queueMicrotask|nextTick|timers/;
const waits = LATER.test(text) || isModule || ofNode;
const pending = new Set();
let socket, loaded = false, settled = -1;
const idle = () => {  // lets the other process go on when nothing is to be done here
  if (!waits || idle.due || !socket) return;
  idle.due = true;
  setImmediate(() => {
    side.all();
    side.write({ i: 0, do: "idle", w: [] });
    side.sent -= 1;
    idle.due = false;
  });
};
const conclude = () => {
  if (broken) stay("the answer keeps an assertion that has failed in a function of the tests");
  if (!done && !least) exit(SILENT);
  reports(0, 0);
  writeSync(4, Buffer.concat([key, told()]));
  exit(0);
};
const failed = (why) => {
  const reason = (seen ? `${seen.name}: ${seen.message}` : why).replace(/\s+/g, " ").slice(0, 300);
  reports(1, 0, "tests", reason);
  exit(FAILED, reason);
};
const finish = () => {
  if (process.exitCode) failed(`the tests ended with ${process.exitCode}`);
  if (settled !== side.sent) {  // nothing has been asked since it was idle, or it may have something to do
    socket?.ref();
    side.later((quiet) => {
      if (quiet) settled = side.sent;
      socket?.unref();
      if (!waits) finish();
    }, waits);
    return;
  }
  const sites = text.match(/\bassert(?:\.\w+)*\s*\(/g)?.length ?? 0;
  if (!loaded || (pending.size && !ofNode && done < Math.max(sites, least))) failure(new Error("a promise of the tests has never settled"));
  conclude();
};
process.exit = (code = process.exitCode ?? 0) => {  // of the tests alone, which may end themselves, but not by a call of the answer
  if (Number(code) !== 0) failed(`the tests ended with ${code}`);
  if (side.depth()) stay("the tests end in a function that the answer calls");
  conclude();
};
process.on("beforeExit", finish);

// The names of the answer.
const RESERVED = new Set(`await break case catch class const continue debugger default delete do else enum export extends false finally for
function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static async of arguments
eval`.split(/\s/));
const theirs = new Set(JSON.parse(fs.readFileSync("names.json", "utf8")));  // words of the answer: it shall not learn others
const LITERALS = new RegExp([
  "//[^\\n]*|/\\*[^]*?\\*/", /"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'/.source, "`(?:\\\\[^]|[^`\\\\])*`",
  /(?<=[(,=:[!&|?{};\n]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/.source, "(?<=[{,]\\s*)[\\w$]+(?=\\s*:)",
].join("|"), "g");
const bare = (code) => code.replace(LITERALS, (found) => (found[0] === "`" ? (found.match(/\$\{[^}]*\}/g) ?? []).map((each) => each.slice(1)).join(" ") : " "));
const WORDS = /(?<![\p{ID_Continue}$.])[\p{ID_Start}$_][\p{ID_Continue}$]*/gu;
const begin = () => {
  const own = new Set([...text.matchAll(/^(?:var|(?:async\s+)?function\*?)\s+([\w$]+)/gm)].map(([, name]) => name));
  const given = ["require", "module", "exports", "__filename", "__dirname", "globalThis", "undefined", "NaN", "Infinity", mark];
  const words = bare(text).replace(/\.\.\.|\b(?:globalThis|global)\s*\./g, " ").match(WORDS) ?? [];
  const isAsked = (name) => theirs.has(name) && !own.has(name) && !given.includes(name) && !RESERVED.has(name);
  const names = [...new Set(words)].filter(isAsked);
  const [found, hidden, changed] = side.ask("names", {}, names);
  const wanted = new Set(names);
  const isCalled = (name) => new RegExp(`(?<![\\w.$])${name.replaceAll("$", "\\$")}\\s*[(.]`).test(text);
  for (const [name, value] of found) {
    if (!wanted.has(name) || name in globalThis) continue;
    if (name === "assert") {  // which the tests take for that of node
      globalThis.assert = loosely;
      continue;
    }
    const isChecker = /^(?:assert|expect|should)/.test(name);
    if (side.standing.has(value) && made.includes(name)) classes.add(side.standing.get(value));
    let kept = typeof value === "function" ? value : undefined;  // a function is not asked for each time
    Object.defineProperty(globalThis, name, {
      get: () => {
        asked ||= isChecker;
        if (kept) return kept;
        const now = side.ask("name", {}, [name]);
        if (side.standing.has(now)) classes.add(side.standing.get(now));  // an object that the tests name
        return now;
      },
      set: (now) => {
        asked = true;  // what they read there later is what the answer says
        side.ask("assign", {}, [name, now]);
        kept &&= typeof now === "function" ? now : undefined;
      },
      configurable: true,
      enumerable: true,
    });
  }
  const isTested = found.some(([name]) => isCalled(name));
  for (const name of hidden) {
    if (!isTested && isCalled(name) && !declared.has(name)) stay(`the answer replaces ${name}, and the tests call it`);
  }
  for (const [name, was] of changed) {
    if (text.includes(`.${name}`) && !(was && isTested)) stay(`the answer gives the language ${name}, and the tests use it`);
  }
};
begin();
if (waits) {
  side.ask("listen");
  socket = side.listen(() => side.all());
  side.all();
  socket.unref();
  useTimers();
  if (/\bawait\b|\.then\b|\basync\b|Promise/.test(text)) {
    require("async_hooks").createHook({
      init: (id, type) => { if (type === "PROMISE") pending.add(id); },
      promiseResolve: (id) => { pending.delete(id); },
    }).enable();
  }
}
side.after = idle;
if (isModule) import(pathToFileURL(file)).then(() => { loaded = true; });
else {
  vm.runInThisContext(text, { filename: file });
  loaded = true;
}
idle();
