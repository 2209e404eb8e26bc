// Values that cross between the two processes as data: of which kind one is, what it consists of, and how it is made from that; and
// what of the language both processes have, by its name.
"use strict";
const { Object, Array, Map, Set, Number, String, Boolean, Error, RegExp, Symbol, Reflect, Buffer, Date, ArrayBuffer } = globalThis;
const { types } = require("util");
const { getPrototypeOf, getOwnPropertyDescriptor, is } = Object;
const { ownKeys } = Reflect;

// What both processes have of their own. A class may come from the answer as a result, a prototype as the answer to "which one?".
const classes = ["Object", "Array", "String", "Number", "Boolean", "Symbol", "BigInt", "Promise", "Map", "Set", "WeakMap", "WeakSet", "Date",
  "RegExp", "Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError", "AggregateError", "ArrayBuffer",
  "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array", "Float32Array", "Float64Array",
  "BigInt64Array", "BigUint64Array", "DataView", "Buffer"];
const intrinsics = new Map();  // name -> object
const named = new Map();  // object -> name
const know = (name, value) => {
  if (value === null || (typeof value !== "object" && typeof value !== "function") || named.has(value)) return;
  intrinsics.set(name, value);
  named.set(value, name);
};
for (const name of [...classes, "Function", "eval", "parseInt", "parseFloat", "isNaN", "isFinite", "Math", "JSON", "Reflect"]) {
  know(name, globalThis[name]);
  know(`${name}.prototype`, globalThis[name].prototype);
}
know("Iterator.prototype", getPrototypeOf(getPrototypeOf([][Symbol.iterator]())));
know("ArrayIterator.prototype", getPrototypeOf([][Symbol.iterator]()));
know("Generator.prototype", getPrototypeOf(function* () {}.prototype));
know("AsyncGenerator.prototype", getPrototypeOf(async function* () {}.prototype));
know("TypedArray.prototype", getPrototypeOf(Uint8Array.prototype));
know("GeneratorFunction.prototype", getPrototypeOf(function* () {}));
know("AsyncFunction.prototype", getPrototypeOf(async () => {}));
know("AsyncGeneratorFunction.prototype", getPrototypeOf(async function* () {}));
const plainClasses = new Set(classes);
const methods = new Set();  // functions of the language: they act on what they are called for where that is
for (const [name, holder] of [...intrinsics]) {
  for (const key of ownKeys(holder)) {
    const described = getOwnPropertyDescriptor(holder, key);
    if (typeof described.value !== "function" || named.has(described.value)) continue;
    methods.add(described.value);
    if (!name.endsWith(".prototype")) know(`${name}.${String(key)}`, described.value);
  }
}
const bare = new Set(["Object", "Array", "Function", ...classes.filter((name) => name.endsWith("Error"))].map((name) => `${name}.prototype`));
const errors = new Map(classes.filter((name) => /Error$/.test(name)).map((name) => [globalThis[name].prototype, name]));
const arrays = new Map(classes.filter((name) => /\d\w*Array$/.test(name)).concat("Buffer").map((name) => [globalThis[name].prototype, name]));
const symbols = new Map(ownKeys(Symbol).filter((name) => typeof Symbol[name] === "symbol").map((name) => [Symbol[name], name]));
const boxes = new Map([Number, String, Boolean].map((kind) => [kind.prototype, kind.prototype.valueOf]));

const numerals = new Map([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity], ["-0", -0]]);

const isPlain = (value) => {
  for (const key of ownKeys(value)) {
    const own = getOwnPropertyDescriptor(value, key);
    if (!own.enumerable || !("value" in own) || typeof own.value === "function") return false;
  }
  return true;
};
const isHiding = (value) => value.length <= 10000 && ownKeys(value).length !== Object.keys(value).length + 1;
const isDense = (value) => {
  for (let at = 0; at < value.length; at += 1) if (value[at] === undefined && !(at in value)) return false;
  return value.length > 10000 || Object.keys(value).length === value.length;
};
const kindOf = (value) => {
  if (types.isProxy(value)) return "";
  const proto = getPrototypeOf(value);
  if (proto === Array.prototype) return !Array.isArray(value) || isHiding(value) ? "" : isDense(value) ? "a" : "A";
  if (proto === Object.prototype || proto === null) {
    return !types.isModuleNamespaceObject(value) && !named.has(value) && isPlain(value) ? (proto ? "o" : "N") : "";
  }
  if (proto === Map.prototype) return types.isMap(value) ? "M" : "";
  if (proto === Set.prototype) return types.isSet(value) ? "S" : "";
  if (proto === Date.prototype) return types.isDate(value) ? "D" : "";
  if (proto === RegExp.prototype) return types.isRegExp(value) ? "R" : "";
  if (errors.has(proto)) return types.isNativeError(value) ? "E" : "";
  if (arrays.has(proto)) return ArrayBuffer.isView(value) && types.isArrayBuffer(value.buffer) ? "T" : "";
  if (proto === ArrayBuffer.prototype) return types.isArrayBuffer(value) ? "B" : "";
  return boxes.has(proto) && types.isBoxedPrimitive(value) ? "W" : "";
};
const properties = (value, keys = ownKeys(value)) => keys.flatMap((key) => [key, value[key]]);
const parts = {
  a: (value) => Array.prototype.slice.call(value),
  A: (value) => [value.length, ...properties(value, Object.keys(value))],
  o: (value) => properties(value),
  N: (value) => properties(value),
  M: (value) => [...Map.prototype.entries.call(value)].flat(1),
  S: (value) => [...Set.prototype.values.call(value)],
  D: (value) => [Date.prototype.getTime.call(value)],
  R: (value) => [value.source, value.flags, value.lastIndex],
  E: (value) => [errors.get(getPrototypeOf(value)), ...ownKeys(value).filter((key) => key !== "stack").flatMap((key) => {
    const own = getOwnPropertyDescriptor(value, key);
    return [key, own.value, own.enumerable];
  })],
  T: (value) => [arrays.get(getPrototypeOf(value)), Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")],
  B: (value) => [Buffer.from(value).toString("base64")],
  W: (value) => [boxes.get(getPrototypeOf(value)).call(value)],
};
const make = (kind, first, second) => {
  switch (kind) {
    case "a": case "A": return [];
    case "o": return {};
    case "N": return Object.create(null);
    case "M": return new Map();
    case "S": return new Set();
    case "D": return new Date(first);
    case "R": return new RegExp(first, second);
    case "E": return errors.has(globalThis[first]?.prototype) ? Reflect.construct(Error, [], globalThis[first]) : undefined;
    case "T": {
      const bytes = Buffer.from(second, "base64");
      if (first === "Buffer") return bytes;
      if (![...arrays.values()].includes(first)) return undefined;
      const copy = new Uint8Array(bytes).buffer;
      return new globalThis[first](copy);
    }
    case "B": return new Uint8Array(Buffer.from(first, "base64")).buffer;
    case "W": return Object(first);
    default: return undefined;
  }
};
const define = (value, key, content, enumerable = true) =>
  Object.defineProperty(value, key, { value: content, writable: true, enumerable, configurable: true });
const empty = (value) => { for (const key of ownKeys(value)) if (key !== "length" || !Array.isArray(value)) delete value[key]; };
const pairs = (value, list, from = 0) => { for (let at = from; at < list.length; at += 2) define(value, list[at], list[at + 1]); };
const filled = (value, list) => { empty(value); pairs(value, list); };
const fill = {
  a: (value, list) => {
    if (ownKeys(value).length !== value.length + 1) empty(value);
    value.length = list.length;
    for (let at = 0; at < list.length; at += 1) value[at] = list[at];
  },
  A: (value, list) => { empty(value); value.length = list[0]; pairs(value, list, 1); },
  o: filled,
  N: filled,
  M: (value, list) => { value.clear(); for (let at = 0; at < list.length; at += 2) value.set(list[at], list[at + 1]); },
  S: (value, list) => { value.clear(); for (const each of list) value.add(each); },
  D: (value, list) => { value.setTime(list[0]); },
  R: (value, list) => { value.lastIndex = list[2]; },
  E: (value, list) => {
    for (let at = 1; at < list.length; at += 3) define(value, list[at], list[at + 1], Boolean(list[at + 2]));
    define(value, "stack", `${value.name}: ${value.message}\n    at the answer`, false);
  },
  T: (value, list) => { Buffer.from(list[1], "base64").copy(Buffer.from(value.buffer, value.byteOffset, value.byteLength)); },
  B: (value, list) => { Buffer.from(list[0], "base64").copy(Buffer.from(value)); },
  W: () => {},
};
const same = (one, other) => one.length === other.length && one.every((each, at) => is(each, other[at]));
const isUnchanged = ({ kind, value, was, locked }) => {  // for certain, by a glance at what there is most of
  if (locked || !Object.isExtensible(value)) return false;
  if (kind === "a") {
    if (value.length !== was.length) return false;
    for (let at = 0; at < was.length; at += 1) if (!is(value[at], was[at]) || was[at] === undefined) return false;
    return was.length < 10000 && Object.keys(value).length === was.length;
  }
  return kind === "E" || kind === "W";
};
const level = (value) => (Object.isExtensible(value) ? 0 : Object.isFrozen(value) ? 3 : Object.isSealed(value) ? 2 : 1);
const lock = [(value) => value, Object.preventExtensions, Object.seal, Object.freeze];
const isConstructor = (value) => { try { Reflect.construct(Object, [], value); return true; } catch { return false; } };

module.exports = {
  plainClasses, intrinsics, named, methods, bare, symbols, numerals, kindOf, isDense, parts, make, fill, same, isUnchanged, level, lock, isConstructor,
};
