// Requests and values between the process of the tests and the one of the answer: a line of JSON each, a closed set of types, rebuilt.
// Containers keep their identity: each has a number on both sides, and every message says which of those that both know have changed
// since the last one. What is no data stays where it is and crosses as a number, for which a proxy stands on the other side.
"use strict";
const {
  Object, Array, JSON, Number, Map, Set, WeakMap, WeakSet, Error, String, Symbol, Reflect, Buffer, Promise, Proxy, BigInt, Function,
} = globalThis;
const fs = require("fs");
const { types } = require("util");
const { getPrototypeOf, getOwnPropertyDescriptor, hasOwn, is } = Object;
const { ownKeys } = Reflect;
const IN = 6, OUT = 7;
const WATCHED = 1024;  // Parts of containers that are looked at with each message (chosen here); the oldest are let go beyond it.

const {
  plainClasses, intrinsics, named, methods, bare, symbols, numerals, kindOf, isDense, parts, make, fill, same, isUnchanged, level, lock, isConstructor,
} = require("./apart_values.js");

// `odd`: which numbers are ours. `may(value)`: lets an object of ours be lent, or does not return. `gone`: the other one has ended.
// `wrong`: a message that is none; `inseparable`: the tests need the answer in their process; neither returns.
// `trap`: what this side has to say to the use of a proxy, `holds`: to what a container holds. `ops`: what it does when it is asked.
exports.side = ({ odd, may, gone, wrong, inseparable, trap, holds = () => {}, ops }) => {
  const known = new Map();  // number -> { value, kind, was } of a container that both have
  const numbers = new WeakMap();
  const lent = new Map(), own = new Map();  // ours: object -> number, number -> object
  const others = new Map(), standing = new WeakMap();  // theirs: number -> proxy, proxy -> number
  const settling = new Map(), promised = new WeakMap(), promises = new Map();
  const bound = new WeakMap();
  let [containers, theirContainers] = odd ? [1, 2] : [2, 1];
  let loans = 0, requests = 0, watched = 0, depth = 0, mode = "";
  const side = { known, sent: 0, depth: () => depth, thrown: new WeakSet(), last: undefined };

  const watch = (number, value, kind) => {
    const each = { value, kind, was: [], locked: 0 };
    watched += 1;
    known.set(number, each);
    numbers.set(value, number);
    return each;
  };
  const remember = (each, list) => { watched += list.length - each.was.length; each.was = list; };
  const symbolForm = (value) => {
    if (Symbol.keyFor(value) !== undefined) return { y: Symbol.keyFor(value) };
    if (symbols.has(value)) return { Y: symbols.get(value) };
    return loan(value, "s", value.description);
  };
  const loan = (value, kind, ...more) => {
    const home = standing.get(value) ?? (typeof value === "symbol" ? strange.get(value) : undefined);
    if (home !== undefined) return { H: home };
    let number = lent.get(value);
    if (number === undefined) {
      number = ++loans;
      lent.set(value, number);
      own.set(number, value);
    }
    return { h: [number, kind, ...more] };
  };
  const strange = new Map();  // symbols of theirs
  // What the answer may name of the language: in the arguments of a function of the tests it would be something to change.
  const isAllowed = (name) => (mode === "proto" ? String(name).endsWith(".prototype") : mode === "result" && plainClasses.has(name));
  const lend = (value) => {
    const home = standing.get(value);
    if (home !== undefined) return { H: home };
    const name = named.get(value);
    if (name !== undefined && (!odd || isAllowed(name))) return { I: name };
    if (!lent.has(value)) may(value);
    const kind = typeof value === "function" ? (isConstructor(value) ? "c" : "f")
      : Array.isArray(value) ? "a" : types.isNativeError(value) ? "e" : "o";
    return loan(value, kind);
  };
  const encode = (value) => {
    switch (typeof value) {
      case "string": case "boolean": return value;
      case "number": return Number.isFinite(value) && !is(value, -0) ? value : { n: is(value, -0) ? "-0" : String(value) };
      case "undefined": return { u: 0 };
      case "bigint": return { b: String(value) };
      case "symbol": return symbolForm(value);
      case "function": return lend(value);
      default:
    }
    if (value === null) return null;
    const number = numbers.get(value);
    if (number !== undefined) return { r: number };
    if (standing.has(value)) return { H: standing.get(value) };
    if (types.isPromise(value) && getPrototypeOf(value) === Promise.prototype) return promise(value);
    const kind = kindOf(value);
    if (!kind) return lend(value);
    const each = watch(containers, value, kind);
    containers += 2;
    const list = parts[kind](value);
    remember(each, list);
    const forms = list.map(encode), locked = level(value);
    each.locked = locked;
    if (kind === "a" && !locked) return forms;
    return locked ? { k: kind, v: forms, f: locked } : { k: kind, v: forms };
  };
  const promise = (value) => {
    if (promised.has(value)) return promised.get(value);
    const number = ++loans;
    promised.set(value, { q: number });
    promises.set(number, value);
    const settled = (what) => (result) => send({ s: number }, what, result);
    Promise.prototype.then.call(value, settled("ok"), settled("no"));
    return { p: number };
  };

  const decode = (form) => {
    if (form === null || typeof form !== "object") return form;
    if (Array.isArray(form)) return container("a", form, 0);
    if (form.k !== undefined) return container(form.k, form.v, form.f ?? 0);
    if (form.n !== undefined) return numerals.has(form.n) ? numerals.get(form.n) : wrong("number");
    if (form.u !== undefined) return undefined;
    if (form.b !== undefined) return BigInt(form.b);
    if (form.y !== undefined) return Symbol.for(String(form.y));
    if (form.Y !== undefined) return typeof Symbol[form.Y] === "symbol" ? Symbol[form.Y] : wrong("symbol");
    if (form.r !== undefined) return known.has(form.r) ? known.get(form.r).value : wrong(`container ${form.r}`);
    if (form.H !== undefined) return own.has(form.H) ? own.get(form.H) : wrong(`object ${form.H}`);
    if (form.q !== undefined) return settling.get(form.q)?.made ?? wrong("promise");
    if (form.Q !== undefined) return promises.get(form.Q) ?? wrong("promise");
    if (form.h !== undefined) return standIn(...form.h);
    if (form.p !== undefined) return expected(form.p);
    if (form.I !== undefined) return intrinsic(form.I);
    return wrong(JSON.stringify(form));
  };
  const intrinsic = (name) => {
    return (odd || isAllowed(name)) && intrinsics.has(name) ? intrinsics.get(name) : wrong(`the language's ${name}`);
  };
  const container = (kind, forms, locked) => {
    const isOne = Array.isArray(forms) && typeof kind === "string" && hasOwn(fill, kind) && [0, 1, 2, 3].includes(locked);
    if (!isOne) return wrong("container");
    const early = "DRETBW".includes(kind) ? forms.slice(0, 2).map((each) => (each?.n === undefined ? each : decode(each))) : [];
    const made = make(kind, ...early);
    if (made === undefined) return wrong("container");
    const each = watch(theirContainers, made, kind);
    theirContainers += 2;
    const list = forms.map(decode);
    holds(kind, list);
    fill[kind](made, list);
    remember(each, kind === "a" || kind === "M" || kind === "S" ? list : parts[kind](made));
    each.locked = locked;
    return lock[locked](made);
  };
  const expected = (number) => {
    if (!settling.has(number)) {
      const each = {};
      each.made = new Promise((yes, no) => Object.assign(each, { ok: yes, no }));
      settling.set(number, each);
      promised.set(each.made, { Q: number });
    }
    return settling.get(number).made;
  };

  // What stands for an object of the other process.
  const standIn = (number, kind, description) => {
    if (others.has(number)) return others.get(number);
    if (kind === "s") {
      const made = Symbol(description);
      others.set(number, made);
      strange.set(made, number);
      return made;
    }
    const target = kind === "c" ? function () {} : kind === "f" ? () => {} : kind === "a" ? [] : kind === "e" ? new Error() : {};
    if (kind === "e") delete target.stack;
    const made = new Proxy(target, handler(number, kind));
    others.set(number, made);
    standing.set(made, number);
    return made;
  };
  const isShared = (name) => Symbol.keyFor(name) !== undefined || symbols.has(name) || strange.has(name) || lent.has(name);
  const handler = (number, kind) => {
    const on = (what, ...rest) => ask(what, { of: { H: number } }, rest);
    const fixed = kind === "c" ? "prototype" : kind === "a" ? "length" : "";
    return {
      get(target, name, receiver) {
        if (name === Symbol.hasInstance) return Function.prototype[Symbol.hasInstance];
        if (typeof name === "symbol" && !isShared(name)) return undefined;
        trap("get", number, name, receiver === undefined || standing.get(receiver) === number);
        return on("get", name);
      },
      set(target, name, value, receiver) {
        trap("set", number, name, receiver === undefined || standing.get(receiver) === number);
        return on("set", name, value);
      },
      has: (target, name) => (name === fixed ? true : on("has", name)),
      deleteProperty: (target, name) => on("delete", name),
      defineProperty: (target, name, own) => on("define", name, own.value, "value" in own ? Boolean(own.enumerable) : trap("define")),
      ownKeys() {
        trap("keys", number);
        return [...new Set([...on("keys"), ...(fixed ? [fixed] : [])])];
      },
      getOwnPropertyDescriptor: (target, name) => {
        const found = on("describe", name);
        if (name === fixed) return { value: on("get", name), writable: true, enumerable: false, configurable: false };
        return found ? { value: found[0], writable: true, enumerable: found[1], configurable: true } : undefined;
      },
      getPrototypeOf: () => on("proto"),
      setPrototypeOf: () => trap("change the prototype of"),
      isExtensible: () => on("extensible") || trap("lock"),
      preventExtensions: () => trap("lock"),
      apply: (target, self, words) => {
        trap("call", number, words.length);
        const result = on("call", self === globalThis ? undefined : self, words.length, ...words);
        const decides = typeof result === "boolean" || result === 0 || result === 1 || result === -1;
        if (decides && words.length && standing.has(self)) trap("decide", standing.get(self));
        return result;
      },
      construct: (target, words, as) => {
        if (standing.get(as) !== number) trap("extend");
        return on("new", ...words);
      },
    };
  };

  // Messages.
  const changes = () => {
    const found = [];
    for (const [number, each] of known) {
      if (isUnchanged(each)) continue;
      const kind = each.kind === "a" || each.kind === "A" ? (isDense(each.value) ? "a" : "A") : each.kind;
      if (kind === "E" || kind === "W") continue;
      const list = parts[kind](each.value), locked = level(each.value);
      if (kind === each.kind && locked === each.locked && same(list, each.was)) continue;
      const isData = (key) => { const now = getOwnPropertyDescriptor(each.value, key); return now.enumerable && "value" in now; };
      if ((kind === "o" || kind === "N") && !ownKeys(each.value).every(isData)) inseparable("a property of an argument is no longer data");
      each.kind = kind;
      each.locked = locked;
      remember(each, list);
      found.push([number, kind, list, locked]);
    }
    return found.map(([number, kind, list, locked]) => [number, kind, list.map(encode), ...(locked ? [locked] : [])]);
  };
  const forget = () => {
    const left = [];
    for (const most of [WATCHED / 16, -1]) {  // the large ones first: what lives long is small
      for (const [number, each] of known) {
        if (watched <= WATCHED) return left;
        if (each.was.length <= most) continue;
        left.push(number);
        drop(number, each);
      }
    }
    return left;
  };
  const drop = (number, each) => {
    watched -= each.was.length + 1;
    known.delete(number);
    numbers.delete(each.value);
  };
  const write = (head) => {
    side.sent += 1;
    side.after?.();
    const data = Buffer.from(`${JSON.stringify(head)}\n`);
    try {
      for (let at = 0; at < data.length; ) at += fs.writeSync(OUT, data, at);
    } catch (problem) {
      if (problem.code !== "EPIPE") throw problem;
      gone();
    }
  };
  const send = (head, what, value, as = "result") => {
    const left = odd ? [] : forget();
    const before = mode;
    mode = as;
    let form;
    try {
      const changed = changes();
      if (changed.length) head.c = changed;
      if (left.length) head.g = left;
      form = as === "request" ? value.map(encode) : encode(value);
    } finally { mode = before; }
    head[what] = form;
    write(head);
  };
  const replies = new Map();
  const received = (line) => {
    let head;
    try { head = JSON.parse(line); } catch { return wrong("line"); }
    if (head === null || typeof head !== "object") return wrong("line");
    let asked;
    try {
      for (const number of head.g ?? []) if (known.has(number)) drop(number, known.get(number));
      const before = mode;
      mode = head.do !== undefined ? "request" : waiting.get(head.a) === "proto" ? "proto" : "result";
      try {
        for (const [number, kind, forms] of head.c ?? []) {
          const each = known.get(number);
          if (!each) wrong(`container ${number}`);
          if (!hasOwn(fill, kind) || (kind !== each.kind && !/^[aA]{2}$/.test(kind + each.kind))) wrong("change");
        }
        for (const [number, kind, forms, locked = 0] of head.c ?? []) {
          const each = known.get(number), list = forms.map(decode);
          holds(kind, list);
          if (![0, 1, 2, 3].includes(locked)) wrong("change");
          if (!same(list, each.was)) fill[kind](each.value, list);
          if (locked > each.locked) lock[locked](each.value);
          [each.kind, each.locked] = [kind, locked];
          remember(each, parts[kind](each.value));
        }
        if (head.s !== undefined) {
          const each = settling.get(head.s) ?? wrong("promise");
          if ("no" in head) each.no(note(decode(head.no))); else each.ok(decode(head.ok));
        } else if (head.a !== undefined) {
          if (!waiting.has(head.a)) wrong("reply");
          replies.set(head.a, "no" in head ? [note(decode(head.no))] : [undefined, decode(head.ok)]);
          ends.get(head.a)?.();
        } else if (head.do !== undefined) {
          const of = head.of === undefined ? undefined : decode(head.of);
          const words = (head.w ?? []).map(decode);
          asked = [head, of, words];
        } else if (head.x !== undefined) inseparable(String(head.x));
        else wrong("message");
      } finally { mode = before; }
    } catch (problem) { wrong(problem?.message); }
    if (asked) serve(...asked);
  };
  const note = (problem) => {
    if (problem !== null && typeof problem === "object") side.thrown.add(problem); else side.last = { problem };
    side.noted?.(problem);
    return problem;
  };
  const serve = (head, of, words) => {
    depth += 1;
    let result, what = "ok";
    try {
      if (typeof head.do !== "string" || !hasOwn(side.ops, head.do)) return wrong(`request ${head.do}`);
      result = side.ops[head.do](of, ...words, head);
      if (result === side) return;  // the reply comes later
    } catch (problem) { [what, result] = ["no", problem]; } finally { depth -= 1; }
    try {
      send({ a: head.i }, what, result, head.do === "proto" ? "proto" : "result");
    } catch (problem) { inseparable(`it cannot be sent: ${problem?.message}`); }
  };
  const waiting = new Map();
  const ask = (what, head = {}, words = []) => {
    const number = ++requests;
    waiting.set(number, what);
    send({ ...head, i: number, do: what }, "w", words, "request");
    while (!replies.has(number)) side.one();
    const [problem, result] = replies.get(number);
    const failed = replies.get(number).length === 1;
    replies.delete(number);
    waiting.delete(number);
    if (lines.length && listener) setImmediate(() => { if (lines.length) listener(); });  // what came with the reply
    if (failed) throw problem;
    return result;
  };

  side.later = (then, listening) => {  // has the other one go on until nothing is left to do there
    const number = ++requests;
    waiting.set(number, "drain");
    send({ i: number, do: "drain" }, "w", [], "request");
    const sent = side.sent;
    const end = () => { waiting.delete(number); replies.delete(number); ends.delete(number); then(side.sent === sent); };
    if (listening) ends.set(number, end);
    else {
      while (!replies.has(number)) side.one();
      end();
    }
  };
  const ends = new Map();

  // Lines, waited for or as they come.
  let rest = [];
  const lines = [], buffer = Buffer.allocUnsafe(1 << 16);
  let from = IN, listener;
  const take = (data) => {
    let at = 0;
    for (let end; (end = data.indexOf(10, at)) >= 0; at = end + 1) {
      rest.push(data.subarray(at, end));
      lines.push(rest.length === 1 ? data.toString("utf8", at, end) : Buffer.concat(rest).toString("utf8"));
      rest = [];
    }
    if (at < data.length) rest.push(Buffer.from(data.subarray(at)));
  };
  side.next = () => {
    while (!lines.length) {
      const got = fs.readSync(from, buffer, 0, buffer.length, null);
      if (!got) gone();
      take(buffer.subarray(0, got));
    }
    return lines.shift();
  };
  side.listen = (then) => {
    from = fs.openSync(`/proc/self/fd/${IN}`, "r");  // a description of its own, which is waited for though the other one is not
    const socket = new (require("net").Socket)({ fd: IN, readable: true, writable: false });
    listener = then;
    socket.on("data", (data) => { take(data); then(); });
    socket.on("end", gone);
    socket.on("error", gone);
    return socket;
  };
  side.one = () => received(side.next());
  side.all = () => { while (lines.length) received(lines.shift()); };

  const method = (of, value) => {  // a function of the language acts on the object where that is
    if (!bound.has(of)) bound.set(of, new Map());
    const made = bound.get(of);
    if (!made.has(value)) made.set(value, (...words) => Reflect.apply(value, of, words));
    return made.get(value);
  };
  const generic = {
    get(of, name) {
      const value = Reflect.get(of, name, of);
      if (typeof value !== "function" || !methods.has(value) || name === "constructor") return value;
      const made = method(of, value);
      if (!lent.has(made)) loan(made, "f");
      return made;
    },
    set: (of, name, value) => Reflect.set(of, name, value),
    has: (of, name) => Reflect.has(of, name),
    delete: (of, name) => Reflect.deleteProperty(of, name),
    define: (of, name, value, enumerable) => Reflect.defineProperty(of, name, { value, enumerable, writable: true, configurable: true }),
    keys: (of) => ownKeys(of).filter((name) => typeof name === "string" || Symbol.keyFor(name) !== undefined || symbols.has(name)),
    describe: (of, name) => {
      const own = getOwnPropertyDescriptor(of, name);
      return own && [Reflect.get(of, name, of), own.enumerable];
    },
    proto: (of) => getPrototypeOf(of),
    extensible: (of) => Object.isExtensible(of),
    call: (of, self, count, ...words) => Reflect.apply(of, self, words.slice(0, count)),
    new: (of, ...words) => Reflect.construct(of, words.slice(0, -1)),
  };
  return Object.assign(side, { ask, send, write, standing, lent, named, bare, ops: { ...generic, ...ops(generic) } });
};
