-- Stand-in for luaunit: what tests call of it. Its argument is called once all tests have run, with the number of those that have
-- passed and with what was wrong with each of the others.
local finished, lacking = ...
local unit, own = {}, {}
local pcall, type, pairs, ipairs, tostring, error, sort, select = pcall, type, pairs, ipairs, tostring, error, table.sort, select
local abs, huge, unpack, format = math.abs, math.huge, table.unpack, string.format

local function shown(value, depth)
  if type(value) == "string" then return format("%q", value) end
  if type(value) ~= "table" or (depth or 0) > 3 then return tostring(value) end
  local parts = {}
  for key, each in pairs(value) do
    if #parts == 20 then break end
    parts[#parts + 1] = (type(key) == "number" and "" or tostring(key) .. "=") .. shown(each, (depth or 0) + 1)
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end
local function wrong(message, text, ...)
  for at = 1, select("#", ...) do text = text:gsub("%%%%", (shown((select(at, ...))):gsub("%%", "%%%%")), 1) end
  error((message ~= nil and tostring(message) .. ": " or "") .. text, 0)
end

local function same(left, right, margin, seen)
  if type(left) == "number" and type(right) == "number" and margin then return abs(left - right) <= margin end
  if left == right then return true end
  if type(left) ~= "table" or type(right) ~= "table" then return false end
  seen = seen or {}
  if seen[left] == right then return true end
  seen[left] = right
  for key, value in pairs(left) do
    if not same(value, right[key], margin, seen) then return false end
  end
  for key in pairs(right) do
    if left[key] == nil then return false end
  end
  return true
end
local function holds(list, value)
  for key, each in pairs(list) do
    if same(each, value) then return key end
  end
end
local function items(left, right)
  if type(left) ~= "table" or type(right) ~= "table" then return false end
  local rest = {}
  for _, each in pairs(right) do rest[#rest + 1] = each end
  for _, each in pairs(left) do
    local at = holds(rest, each)
    if not at then return false end
    rest[at] = rest[#rest]
    rest[#rest] = nil
  end
  return #rest == 0
end
local function isnan(value) return value ~= value end
local function has(text, part, pattern)
  return type(text) == "string" and (pattern and text:find("^" .. part .. "$") or not pattern and text:find(part, 1, true)) and true
end

-- Each with how many values it looks at; behind them there may be a message. `Not` stands for the opposite.
local ASK = {
  Equals = { 2, function(a, b) return same(a, b) end, "expected %%, actual %%", true },
  AlmostEquals = { 3, function(a, b, margin) return same(a, b, (margin or 0) + 2.3e-16) end, "expected %%, actual %%", true },
  Is = { 2, function(a, b) return a == b end, "expected %%, actual %%", true },
  ItemsEquals = { 2, items, "expected items %%, actual %%", true },
  True = { 1, function(a) return a == true end, "%% is not true" },
  False = { 1, function(a) return a == false end, "%% is not false" },
  Nil = { 1, function(a) return a == nil end, "%% is not nil" },
  NaN = { 1, isnan, "%% is not NaN" },
  Inf = { 1, function(a) return type(a) == "number" and abs(a) == huge end, "%% is not infinite" },
  EvalToTrue = { 1, function(a) return a end, "%% is not true" },
  EvalToFalse = { 1, function(a) return not a end, "%% is not false" },
  TableContains = { 2, function(list, value) return holds(list, value) ~= nil end, "%% lacks %%" },
  StrIContains = { 2, function(text, part) return has(text:lower(), part:lower()) end, "%% lacks %%" },
  StrMatches = { 2, function(text, pattern) return has(text, pattern, true) end, "%% is not like %%" },
}
for _, name in ipairs({ "Number", "String", "Table", "Boolean", "Function", "Userdata", "Thread" }) do
  ASK["Is" .. name] = { 1, function(a) return type(a) == name:lower() end, "%% is not a " .. name:lower() }
end
for name, each in pairs(ASK) do
  local count, test, text, turned = unpack(each)
  for _, no in ipairs({ false, true }) do
    own["assert" .. (no and "Not" or "") .. name] = function(...)
      local first, second = ...
      if (not test(...)) ~= no then
        if turned then first, second = second, first end
        wrong((select(count + 1, ...)), (no and "not as it should be: " or "") .. text, first, second)
      end
    end
  end
end
function own.assertStrContains(text, part, pattern, message)
  local found = type(text) == "string" and text:find(part, 1, pattern ~= true)
  if not found then wrong(message, "%% lacks %%", text, part) end
end
function own.assertNotStrContains(text, part, pattern, message)
  if type(text) == "string" and text:find(part, 1, pattern ~= true) then wrong(message, "%% has %%", text, part) end
end
local function caught(call, ...)
  local good, problem = pcall(call, ...)
  if good then wrong(nil, "no error") end
  return problem
end
local function said(problem) return type(problem) == "string" and problem or tostring(problem) end
function own.assertError(...) caught(...) end
function own.assertErrorMsgContains(part, ...)
  local problem = said(caught(...))
  if not has(problem, part) then wrong(nil, "the error %% lacks %%", problem, part) end
end
function own.assertErrorMsgMatches(pattern, ...)
  local problem = said(caught(...))
  if not has(problem, pattern, true) then wrong(nil, "the error %% is not like %%", problem, pattern) end
end
function own.assertErrorMsgEquals(whole, ...)
  local problem = caught(...)
  if not same(problem, whole) then wrong(nil, "expected error %%, actual %%", whole, problem) end
end
function own.assertErrorMsgContentEquals(whole, ...)
  local problem = said(caught(...)):gsub("^[^\n]-:%d+: ", "")
  if problem ~= whole then wrong(nil, "expected error %%, actual %%", whole, problem) end
end
local Skipped = {}
function own.fail(message) error(message or "fail", 0) end
function own.failIf(value, message) if value then own.fail(message) end end
function own.skip() error(Skipped, 0) end
function own.skipIf(value) if value then own.skip() end end
function own.success() error(own, 0) end
function own.successIf(value) if value then own.success() end end
own.prettystr = shown

-- assert_equals, assertIsTrue, AssertNil: the same.
local function plain(name)
  return (name:gsub("^Assert", "assert"):gsub("_(%w)", function(letter) return letter:upper() end))
end
setmetatable(unit, {
  __index = function(_, name)
    if type(name) ~= "string" then return nil end
    local made = plain(name)
    local found = own[made] or own[(made:gsub("^assertIs", "assert"))] or own[(made:gsub("^assertIsNot", "assertNot"))]
      or own[(made:gsub("^assertNotIs", "assertNot"))]
    if not found and made:find("^assert") then lacking("luaunit." .. name) end
    return found
  end,
})

local function begins(name) return type(name) == "string" and name:lower():sub(1, 4) == "test" end
local function sorted(from, kind)
  local names = {}
  for name, value in pairs(from) do
    if begins(name) and (type(value) == "function" or type(value) == kind) then names[#names + 1] = name end
  end
  sort(names)
  return names
end
local function run()
  local passed, skipped, failures = 0, 0, {}
  local function one(name, before, call, after, ...)
    local good, problem = true, nil
    if before then good, problem = pcall(before, ...) end
    if good then good, problem = pcall(call, ...) end
    local ended, worse = true, nil
    if after then ended, worse = pcall(after, ...) end
    if problem == Skipped then skipped = skipped + 1
    elseif (good or problem == own) and ended then passed = passed + 1
    else
      failures[#failures + 1] = name .. ": " .. tostring(good and worse or problem)
      io.stderr:write(failures[#failures], "\n")
    end
  end
  for _, name in ipairs(sorted(_G, "table")) do
    local found = _G[name]
    if type(found) == "function" then
      one(name, nil, found, nil)
    else
      for _, method in ipairs(sorted(found)) do
        one(name .. "." .. method, found.setUp or found.setup or found.SetUp, found[method], found.tearDown or found.teardown or found.TearDown, found)
      end
    end
  end
  finished(passed, failures, skipped)
  return #failures
end
unit.LuaUnit = { run = run, runSuite = run, new = function() return unit.LuaUnit end, setOutputType = function() end, setVerbosity = function() end }
unit.run = run

return unit
