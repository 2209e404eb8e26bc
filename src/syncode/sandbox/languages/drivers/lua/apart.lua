-- Both halves of a pair. `answer`: loads the answer and does what it is asked for. `tests`: has something in the place of each of the
-- answer's names that asks for it, and runs the tests; exit codes are those of cell/outcome.py.
-- Messages: a size, then values in string.pack's forms. Tables without metatable and functions are data; whatever else there is stays
-- where it is and crosses as a number. A table that is there twice, or in itself, stays so.
local role, file, least = arg[1], arg[2], tonumber(arg[3] or 0)
arg = { [0] = file }
local open, leave, load, error, pcall, type = io.open, os.exit, load, error, pcall, type
local pairs, next, select, tostring, tonumber, rawget, rawset = pairs, next, select, tostring, tonumber, rawget, rawset
local getmeta, setmeta, rawequal, rawlen, collect = debug.getmetatable, setmetatable, rawequal, rawlen, collectgarbage
local pack, unpack, concat, sub, find, match = string.pack, string.unpack, table.concat, string.sub, string.find, string.match
local packed, spread, mathtype, stderr = table.pack, table.unpack, math.type, io.stderr
local FAILED, UNREADABLE, UNTESTABLE, GONE, INSEPARABLE, SILENT = 101, 103, 104, 106, 107, 108

local function content(name)
  local text = open(name, "rb")
  if not text then return nil end
  local all = text:read("a")
  text:close()
  os.remove(name)
  return all
end
local program, unit_text = content(file), content("luaunit.lua")
local input, output = open("/dev/fd/6", "rb"), open("/dev/fd/7", "wb")
local read, write, flush = input.read, output.write, output.flush

local function stop(code, why)
  stderr:write(tostring(why):gsub("%s+", " "):sub(1, 300), "\n")
  leave(code)
end

-- What an error carries that ends both halves: the tests need the answer in their process.
local Stay = {}
local function stay(why)
  if role == "tests" then stop(INSEPARABLE, why) end
  error(setmeta({ why = why }, Stay), 0)
end

local own, numbers, proxies, homes = {}, setmeta({}, { __mode = "k" }), setmeta({}, { __mode = "v" }), setmeta({}, { __mode = "k" })
local ask

local function lend(value, kind)
  local home = homes[value]
  if home then return pack("<c1I4", "B", home) end
  local number = numbers[value]
  if not number then
    number = #own + 1
    own[number], numbers[value] = value, number
  end
  return pack("<c1I4c1", "H", number, kind)
end

-- Whether a table is data: no metatable, no function in it, and not one that has been lent before.
local function is_data(value)
  if getmeta(value) ~= nil or numbers[value] or homes[value] then return false end
  for key, each in next, value do
    if type(key) == "function" or type(each) == "function" then return false end
  end
  return true
end

local function encode(value, parts, seen, given)
  local kind = type(value)
  if kind == "nil" then parts[#parts + 1] = "N"
  elseif kind == "boolean" then parts[#parts + 1] = value and "T" or "F"
  elseif kind == "number" then
    parts[#parts + 1] = mathtype(value) == "integer" and pack("<c1i8", "I", value) or pack("<c1d", "D", value)
  elseif kind == "string" then parts[#parts + 1] = pack("<c1s4", "S", value)
  elseif kind == "function" then parts[#parts + 1] = lend(value, "f")
  elseif kind ~= "table" then stay("a " .. kind .. " crosses")
  elseif given and given[value] then parts[#parts + 1] = pack("<c1I4", "P", given[value])
  elseif seen[value] then parts[#parts + 1] = pack("<c1I4", "R", seen[value])
  elseif not is_data(value) then parts[#parts + 1] = lend(value, "t")
  else
    seen.count = seen.count + 1
    seen[value] = seen.count
    local count, place = 0, #parts + 1
    parts[place] = ""
    for key, each in next, value do
      count = count + 1
      encode(key, parts, seen, given)
      encode(each, parts, seen, given)
    end
    parts[place] = pack("<c1I4", "L", count)
  end
end

local function encoded(values, first, last, seen, given)
  local parts = {}
  for at = first, last do encode(values[at], parts, seen, given) end
  return concat(parts)
end

local OPERATORS = { "eq", "lt", "le", "add", "sub", "mul", "div", "mod", "pow", "idiv", "band", "bor", "bxor", "shl", "shr", "concat" }
local UNARY = { "unm", "bnot", "len", "tostring" }
local object = { __metatable = false, __name = "table" }
for _, name in pairs(OPERATORS) do object["__" .. name] = function() stay("an object of the other side is compared or reckoned with") end end
for _, name in pairs(UNARY) do object["__" .. name] = function(each) return ask("do", homes[each], name) end end
-- Tables that the tests name, functions that were taken out of objects, and whether one of these has decided about a value rather than
-- computed one.
local known, taken_from, decided = {}, setmeta({}, { __mode = "k" }), false
function object.__index(each, key)
  local found = ask("get", homes[each], key)
  if known[each] and type(found) == "table" then known[found] = true end
  if type(found) == "function" and not known[each] then taken_from[found] = key end
  return found
end
local function judged(called, count, ...)
  local said = ...
  if taken_from[called] ~= nil and count > 0 and select("#", ...) == 1 and (type(said) == "boolean" or said == 0 or said == 1 or said == -1) then
    for each in pairs(known) do
      if homes[each] and ask("get", homes[each], taken_from[called]) == called then return ... end  -- a method of a class that they name
    end
    decided = true
  end
  return ...
end
function object.__newindex(each, key, value) ask("set", homes[each], key, value) end
function object.__call(each, ...) return ask("call", homes[each], ...) end
function object.__pairs(each)
  local found = ask("pairs", homes[each])
  local at = 0
  return function()
    at = at + 2
    return found[at - 1], found[at]
  end
end

local function borrow(number, kind)
  local known = proxies[number]
  if known then return known end
  local made
  if kind == "f" then
    made = function(...)
      if taken_from[made] == nil then return ask("call", number, ...) end
      local first = ...
      return judged(made, select("#", ...) - (homes[first] and 1 or 0), ask("call", number, ...))
    end
  elseif kind == "t" then
    made = setmeta({}, object)
  else
    error("malformed")
  end
  proxies[number], homes[made] = made, number
  return made
end

local function decode(text, at, tables, given)
  local code = sub(text, at, at)
  at = at + 1
  if code == "N" then return nil, at
  elseif code == "T" then return true, at
  elseif code == "F" then return false, at
  elseif code == "I" then return unpack("<i8", text, at)
  elseif code == "D" then return unpack("<d", text, at)
  elseif code == "S" then return unpack("<s4", text, at)
  end
  local number
  number, at = unpack("<I4", text, at)
  if code == "H" then return borrow(number, sub(text, at, at)), at + 1 end
  local found
  if code == "B" then found = own[number]
  elseif code == "R" then found = tables[number]
  elseif code == "P" then found = given[number]
  elseif code == "L" then
    local made, key, value = {}, nil, nil
    tables[#tables + 1] = made
    for _ = 1, number do
      key, at = decode(text, at, tables, given)
      value, at = decode(text, at, tables, given)
      rawset(made, key, value)
    end
    return made, at
  end
  if found == nil then error("malformed") end
  return found, at
end

local function decoded(text, at, tables, given)
  local values = { n = 0 }
  while at <= #text do
    values.n = values.n + 1
    values[values.n], at = decode(text, at, tables, given)
  end
  return values
end

local function send(...)
  local body = concat({ ... })
  write(output, pack("<I4", #body), body)
  flush(output)
end

local function receive()
  local head = read(input, 4)
  if not head or #head < 4 then return nil end
  local size = unpack("<I4", head)
  local body = size == 0 and "" or read(input, size)
  return body and #body == size and body or nil
end

-- Gives a table the content that its copy has got, keeping what has kept its place.
local function become(mine, now, done)
  if done[now] then return end
  done[now] = mine
  for key in next, mine do
    if rawget(now, key) == nil then rawset(mine, key, nil) end
  end
  for key, value in next, now do
    local before = rawget(mine, key)
    if type(value) == "table" and not homes[value] then
      if done[value] then value = done[value]
      elseif type(before) == "table" and not homes[before] and getmeta(before) == nil then
        become(before, value, done)
        value = before
      end
    end
    rawset(mine, key, value)
  end
end

local serve
local kept, remote = false, nil
-- Has the other side do something; its arguments are then what it has made of them. Values that are returned may be arguments.
ask = function(what, ...)
  local words = packed(...)
  local seen = { count = 0 }
  local body = encoded(words, 1, words.n, seen, nil)
  local given = {}
  for value, number in next, seen do
    if type(value) == "table" then given[number] = value end
  end
  send("Q", pack("<s1", what), body)
  while true do
    local reply = receive()
    if not reply then
      if role == "tests" then stop(GONE, "the process of the answer has ended") end
      leave(0)
    end
    local code = sub(reply, 1, 1)
    if code == "Q" then
      serve(reply)
    elseif code == "S" then
      stay(sub(reply, 2))
    else
      local good, changed, results = pcall(function()
        local flag, size = unpack("<c1I4", reply, 2)
        kept = kept or flag == "k"
        local tables = {}
        local first = decoded(sub(reply, 7, 6 + size), 1, tables, {})
        return first, decoded(sub(reply, 7 + size), 1, tables, given)
      end)
      if not good or (code ~= "V" and code ~= "E") then
        if role == "tests" then stop(1, "a message that is none") end
        leave(1)
      end
      local done = {}
      for at = 1, changed.n do
        local mine = words[at]
        if type(mine) == "table" and type(changed[at]) == "table" and not homes[mine] then become(mine, changed[at], done) end
      end
      for at = 1, results.n do
        if type(results[at]) == "table" and done[results[at]] then results[at] = done[results[at]] end
      end
      if code == "E" then
        remote = { value = results[1] }
        error(results[1], 0)
      end
      return spread(results, 1, results.n)
    end
  end
end

local named = function() return nil end  -- what the answer calls by a name, in the half of the answer
local UNDO = {
  unm = function(each) return -each end,
  bnot = function(each) return ~each end,
  len = function(each) return #each end,
  tostring = function(each) return tostring(each) end,
}

local function perform(what, words)
  local target = what ~= "name" and own[words[1]] or nil
  if what == "name" then return named(words[1])
  elseif what == "call" then return target(spread(words, 2, words.n))
  elseif what == "get" then return target[words[2]]
  elseif what == "set" then target[words[2]] = words[3]
  elseif what == "do" then return UNDO[words[2]](target)
  elseif what == "pairs" then
    local found = {}
    for key, value in pairs(target) do
      found[#found + 1] = key
      found[#found + 1] = value
    end
    return found
  end
end

-- Does what is asked, and says what came of it: what has become of the arguments, whether one of them is held, the results.
serve = function(request)
  local tables, words, what = {}, nil, nil
  local read_well, problem = pcall(function()
    local at
    what, at = unpack("<s1", request, 2)
    words = decoded(request, at, tables, nil)
  end)
  if not read_well then
    if role == "tests" then stop(1, problem) end
    leave(1)
  end
  local results = packed(pcall(perform, what, words))
  if not results[1] and getmeta(results[2]) == Stay then return send("S", results[2].why) end
  local code, changed, body = results[1] and "V" or "E", "", nil
  local well, why = pcall(function()
    local given, seen = {}, { count = 0 }
    for number, value in next, tables do given[value] = number end
    if #tables > 0 then changed = encoded(words, 1, words.n, seen, nil) end
    body = encoded(results, 2, results.n, seen, given)
  end)
  if not well then return send("S", getmeta(why) == Stay and why.why or tostring(why)) end
  local flag = "-"
  if #tables > 0 and role == "answer" then
    local weak = setmeta({}, { __mode = "v" })
    for number, value in next, tables do weak[number] = value end
    tables, words, results = nil, nil, nil
    collect()
    if next(weak) ~= nil then flag = "k" end
  end
  send(code, flag, pack("<I4", #changed), changed, body)
end

if role == "answer" then
  local before, added = {}, {}
  local libraries = { [""] = _G, string = string, table = table, math = math, io = io, os = os, coroutine = coroutine, utf8 = utf8, debug = debug }
  for place, library in pairs(libraries) do
    before[place] = {}
    for name, value in pairs(library) do before[place][name] = value end
  end
  local locals = {}
  local run, problem = load(program, "@" .. file)
  if not run then
    stderr:write(tostring(problem), "\n")
    send("S", "the answer does not parse alone: " .. tostring(problem))
    leave(1)
  end
  _G[match(program, "(syncode_%x+)%b{}%s*$") or ""] = function(found) locals = found end
  run()
  for place, library in pairs(libraries) do
    if place ~= "" then
      for name in next, library do
        if before[place][name] == nil and type(name) == "string" then added[#added + 1] = name end
      end
    end
  end
  local redefined = {}
  for name in next, before[""] do
    if type(name) == "string" and (not rawequal(rawget(_G, name), before[""][name]) or locals[name]) then redefined[#redefined + 1] = name end
  end
  named = function(name)
    if locals[name] then return locals[name]() end
    return rawget(_G, name)
  end
  local function whole(value)  -- a table that has a name is one object, however plain
    if type(value) == "table" and not homes[value] and not numbers[value] then lend(value, "t") end
    return value
  end
  local plain = named
  named = function(name) return whole(plain(name)) end
  send("V-", pack("<I4", 0), encoded({ concat(added, " "), concat(redefined, " ") }, 1, 2, { count = 0 }, nil))
  while true do
    local request = receive()
    if not request then leave(0) end
    serve(request)
  end
end

-- The tests.
local asked, tell = open("/dev/fd/4", "w"), open("/dev/fd/3", "r")
asked:setvbuf("no")
asked:write("?")
local key = tell:read(33):sub(1, 32)
local done, ended, language = 0, false, {}
for name in pairs(_G) do language[name] = true end

local function report(passed, failed, errors, skipped)
  local total = passed + failed + errors + (skipped or 0)
  local counts = {
    '{"tests":{"total":', total, ',"passed":', passed, ',"failed":', failed, ',"errors":', errors, ',"skipped":', skipped or 0, '},"asked":', tostring(decided), "}\n",
  }
  asked:write(spread(counts))
end
local used, replaced = false, {}
local function whole()  -- ends the tests if it is the language's own names that they have tested
  for _, mentioned in pairs(replaced) do
    if not used and mentioned then stop(INSEPARABLE, "the answer defines anew what the tests call") end
  end
end
local function failed(why, in_the_answer)
  whole()
  if kept then stop(INSEPARABLE, "the answer holds on to what the tests have given it") end
  report(done, in_the_answer and 0 or 1, in_the_answer and 1 or 0)
  stop(in_the_answer and 1 or FAILED, why)
end
local function finish()
  if done == 0 and least == 0 then stop(SILENT, "nothing was asserted") end
  whole()
  if not used then stop(INSEPARABLE, "the tests ask nothing of the answer") end
  report(done > 0 and done or least, 0, 0)
  asked:write("?")
  asked:write(key, tell:read(33))
  asked:close()
end

local first = receive()
if not first then stop(GONE, "the process of the answer has ended") end
if sub(first, 1, 1) == "S" then stop(INSEPARABLE, sub(first, 2)) end
local good, facts = pcall(function() return decoded(sub(first, 7), 1, {}, {}) end)
if not good or type(facts[1]) ~= "string" or type(facts[2]) ~= "string" then stop(1, "a message that is none") end
for name in facts[1]:gmatch("%S+") do
  if program:find("[.:]%s*" .. name .. "%f[^%w_]") then stop(INSEPARABLE, "the answer adds " .. name .. " to the standard library") end
end
for name in facts[2]:gmatch("%S+") do replaced[name] = program:find("%f[%w_.:]" .. name .. "%f[^%w_]") ~= nil end

local global = {}
local FRAMEWORK = { check = true, expect = true, test = true, it = true, describe = true, fail = true, verify = true, should = true }
setmeta(_G, {
  __index = function(_, name)
    if type(name) ~= "string" or global[name] then return nil end
    if match(name, "^assert") or FRAMEWORK[name] then stay("the tests do not define " .. name) end
    local found = ask("name", name)
    if found ~= nil then used = true end
    if type(found) == "table" then known[found] = true end
    return found
  end,
  __newindex = function(all, name, value)
    global[name] = true
    rawset(all, name, value)
  end,
})
for _, name in pairs({ "next", "rawget", "rawset", "rawlen", "rawequal", "getmetatable", "setmetatable" }) do
  local plain = _G[name]
  _G[name] = function(one, other, ...)
    if homes[one] or homes[other] then stay(name .. " looks into an object of the answer") end
    return plain(one, other, ...)
  end
end
assert = function(...)
  if select("#", ...) == 0 then error("bad argument #1 to 'assert' (value expected)", 2) end
  local said, message = ...
  if not said then
    if select("#", ...) > 1 then error(message, 0) end
    error("assertion failed!", 2)
  end
  done = done + 1
  return ...
end
if unit_text then
  package.preload.luaunit = function()
    return load(unit_text, "@luaunit.lua")(function(passed, failures, skipped)
      done = done + passed
      ended = true
      if #failures == 0 then
        if passed == 0 then least = 0 end
        return
      end
      whole()
      if kept then stop(INSEPARABLE, "the answer holds on to what the tests have given it") end
      report(done, #failures, 0, skipped)
      stop(FAILED, failures[1])
    end, function(name) stop(UNTESTABLE, "our stand-in has no " .. name) end)
  end
end
os.exit = function(code)
  if code == nil or code == 0 or code == true then  -- the tests' own: nothing of the answer is here
    if unit_text and not ended then stop(1, "the tests ended before the last of them") end
    finish()
    leave(0)
  end
  failed("exit " .. tostring(code))
end

local run, problem = load(program, "@" .. file)
if not run then stop(UNREADABLE, problem) end
local well, why = pcall(run)
if not well then
  local text = type(why) == "table" and tostring(rawget(why, "message") or "an error") or tostring(why)
  if text:match("^tests%.lua:%d+: .*attempt to ") or text:match("luaunit%.lua:%d+: .*attempt to ") then stop(INSEPARABLE, text) end
  if text:find("module '", 1, true) and text:find("not found", 1, true) then stop(1, text) end
  failed(text, remote and rawequal(remote.value, why))
end
whole()
finish()
