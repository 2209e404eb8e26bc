// Holds the answer and does what the process of the tests asks for. Nothing that it knows proves anything.
"use strict";
const { Object, Array, Map, Set, Proxy, Reflect, Symbol, Error, Number } = globalThis;
const fs = require("fs");
const vm = require("vm");
const path = require("path");
const Module = require("module");
const { pathToFileURL } = require("url");
const { writeSync } = fs;
const { reallyExit } = process;
for (const stream of [process.stdout, process.stderr]) stream._handle?.setBlocking?.(true);  // else a loop that prints fills memory
const file = path.resolve(process.argv[2]);
const text = fs.readFileSync(file, "utf8");

const globals = new Map(Object.getOwnPropertyNames(globalThis).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
const holders = ["Object", "Function", "Array", "String", "Number", "Boolean", "Symbol", "Math", "JSON", "Promise", "Map", "Set", "RegExp",
  "BigInt", "Date", "Error"].flatMap((name) => [globalThis[name], globalThis[name].prototype]).filter(Boolean);
const described = (holder) => new Map(Reflect.ownKeys(holder).map((key) => [key, Object.getOwnPropertyDescriptor(holder, key)]));
const before = new Map(holders.map((holder) => [holder, described(holder)]));

const differs = (was, now) => !was || !now || !Object.is(was.value, now.value) || was.get !== now.get;

const module_ = { exports: {}, children: [], filename: file, id: file, loaded: false };
const first = module_.exports;
let read;  // a name of the answer, in its own scope
let space;  // what it exports, as a module of the language

const end = () => reallyExit.call(process, 0);
const inseparable = (why) => { side.write({ x: why }); };
let waits = true;  // whether the tests go on before anything else does
let drained = 0;
const lookUp = (name) => {
  try { return [read(name)]; } catch (problem) { if (problem?.name !== "ReferenceError") throw problem; }
  const holder = space ?? module_.exports;
  return holder !== null && ["object", "function"].includes(typeof holder) && Object.hasOwn(holder, name) ? [holder[name]] : [];
};
const side = require("./apart.js").side({
  odd: true,
  may: () => {},
  gone: end,
  wrong: (what) => { writeSync(2, `not a message: ${what}\n`); reallyExit.call(process, 1); },
  inseparable,
  trap: (what, number, name, own) => {
    if (what === "extend" || what === "lock" || what === "change the prototype of" || what === "define") {
      inseparable(`the answer wants to ${what} an object of the tests`);
      end();
    }
  },
  ops: (generic) => ({
    ...generic,
    names(_, ...names) {
      names.pop();
      const found = [], hidden = [], changed = [];
      for (const name of names) {
        const value = lookUp(name);
        if (!globals.has(name)) {
          if (value.length) found.push([name, typeof value[0] === "function" ? value[0] : undefined]);
          continue;
        }
        const now = Object.getOwnPropertyDescriptor(globalThis, name);
        if (differs(globals.get(name), now) || value[0] !== globalThis[name]) hidden.push(name);
      }
      for (const [holder, own] of before) {
        for (const key of Reflect.ownKeys(holder)) {
          if (typeof key !== "string") continue;
          const [now, was] = [Object.getOwnPropertyDescriptor(holder, key), own.get(key)];
          if (differs(was, now)) changed.push([key, Boolean(was)]);
        }
      }
      return [found, hidden, changed];
    },
    name: (_, name) => lookUp(name)[0],
    assign: (_, name, value) => {
      globalThis.syncode_value = value;
      vm.runInThisContext(`${name} = globalThis.syncode_value`);
    },
    module: () => {
      if (space) return space;
      if (module_.exports !== first || Object.keys(first).length) return module_.exports;
      return new Proxy({}, {
        get: (target, name) => (typeof name === "string" ? lookUp(name)[0] : undefined),
        has: (target, name) => typeof name === "string" && lookUp(name).length > 0,
      });
    },
    listen: () => {
      socket = side.listen(turn);
      socket.unref();
    },
    idle: () => {
      waits = false;
      return side;
    },
    turn: (_, head) => {  // said when all timers that are due have been
      waits = false;
      setImmediate(() => setImmediate(() => side.send({ a: head.i }, "ok", true)));
      return side;
    },
    drain: (_, head) => {
      waits = false;
      drained = head.i;
      socket?.unref();
      return side;
    },
  }),
});
let socket;
const turn = () => {  // until the tests have nothing to do
  waits = true;
  for (side.all(); waits; side.all()) side.one();  // all that has come, too: nothing else would look at it
};
process.on("beforeExit", () => {
  if (side.depth()) return;  // the answer says so, for it is not so
  if (drained) {
    const number = drained;
    drained = 0;
    socket?.ref();
    side.send({ a: number }, "ok", true);
  }
  if (socket) return;
  turn();
  setImmediate(() => {});  // so that this comes again
});

const require_ = Module.createRequire(file);
Object.assign(globalThis, { require: require_ });
process.argv.splice(1, process.argv.length, file);
for (const name of [file, "main.ts"]) fs.rmSync(name, { force: true });
const begin = () => {
  turn();
  if (!drained) socket?.ref();
};
if (file.endsWith(".mjs")) {
  fs.writeFileSync(file, `${text}\n;globalThis.syncode_read((syncode_name) => eval(syncode_name));\n`);
  globalThis.syncode_read = (own) => { read = own; };
  import(pathToFileURL(file)).then((made) => {
    delete globalThis.syncode_read;
    space = made;
    read ??= (name) => vm.runInThisContext(name);
    begin();
  });
} else {
  Object.assign(globalThis, { module: module_, exports: first, __filename: file, __dirname: path.dirname(file) });
  const importModuleDynamically = vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER ?? ((name) => import(name));
  read = (name) => vm.runInThisContext(name);
  vm.runInThisContext(text, { filename: file, importModuleDynamically });
  begin();
}
