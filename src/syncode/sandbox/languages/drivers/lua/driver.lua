-- Runs answer and tests, one text because locals of the answer are to be seen by the tests; says the proof when it has come to its
-- end and has passed the mark between the two, a call of the function whose name is the third argument. What the answer has replaced
-- in the standard library is put back there.
local file, least, mark = arg[1], tonumber(arg[2]), arg[3]
arg = { [0] = file }
local open, leave, fail, load, unpack, random = io.open, os.exit, error, load, table.unpack, math.random
local pairs, type, pcall, insert, abs, same_raw = pairs, type, pcall, table.insert, math.abs, rawequal
local sethook, setmeta, getmeta = debug.sethook, setmetatable, getmetatable

local function content(name)
  local text = open(name)
  if not text then return nil end
  local all = text:read("a")
  text:close()
  os.remove(name)
  return all
end
local program, unit_text = content(file), content("luaunit.lua")
local ask, tell = open("/dev/fd/4", "w"), open("/dev/fd/3", "r")
ask:setvbuf("no")
ask:write("?")
local key = tell:read(33):sub(1, 32)

local kept, libraries = {}, { [_G] = true, [getmeta("")] = true }
for _, library in pairs(_G) do
  if type(library) == "table" and library ~= package and library ~= arg then libraries[library] = true end
end
for library in pairs(libraries) do
  kept[library] = {}
  for name, value in pairs(library) do kept[library][name] = value end
end

local passed, done, ended = not mark, 0, false

-- A table of the answer that calls itself equal or near to 9 is asked about other numbers (or tables), too.
local forged = false
local function doubted(method, near)
  return function(left, right)
    local said = method(left, right)
    local other = right
    if getmeta(left) == nil or type(left) == "number" then other = left end
    if type(other) == "table" and getmeta(other) ~= nil then return said end
    local agreed = near and type(said) == "number" and abs(said) < 1e-6 or not near and said and true
    for _ = 1, 12 do
      if not agreed then return said end
      local decoy = type(other) == "table" and { random(1 << 40) } or random(-(1 << 40), 1 << 40)
      local one, two = left, decoy
      if other == left then one, two = decoy, right end
      local good, answer = pcall(method, one, two)
      agreed = good and (near and type(answer) == "number" and abs(answer) < 1e-6 or not near and answer)
    end
    if not agreed then return said end
    forged = true
    fail("an object of the answer claims to be equal to anything", 2)
  end
end
local ours = setmeta({}, { __mode = "k" })
local function checked(value, meta)
  if type(meta) == "table" then
    for name, near in pairs({ __eq = false, __lt = false, __le = false, __sub = true }) do
      local method = meta[name]
      if type(method) == "function" and not ours[method] then
        local doubt = doubted(method, near)
        ours[doubt] = true
        meta[name] = doubt
      end
    end
  end
  return setmeta(value, meta)
end
setmetatable = checked
kept[_G].setmetatable = checked

local function counted(call)
  return function(...)
    local results = table.pack(call(...))
    done = done + 1
    return unpack(results, 1, results.n)
  end
end

if mark then
  _G[mark] = function(names)
    passed = true
    for library, values in pairs(kept) do
      for name, value in pairs(values) do library[name] = value end
    end
    sethook()
    debug.sethook = function() end
    for _, value in pairs({ 1, true, print }) do debug.setmetatable(value, nil) end
    if unit_text then
      package.loaded.luaunit = nil
      package.preload.luaunit = function()
        return load(unit_text, "@luaunit.lua")(function(count, failures)
          done = done + count
          if count == 0 then least = 0 end
          ended = #failures == 0 and count > 0
        end, function(name)
          io.stderr:write("our stand-in has no ", name, "\n")
          leave(104)
        end)
      end
    end
    _G.assert = counted(kept[_G].assert)
    local found = {}
    for name in names:gmatch("%S+") do insert(found, _G[name] or false) end
    return unpack(found)
  end
end

local function finish()
  if not passed then fail("the answer does not let the tests begin", 0) end
  if forged then fail("an object of the answer claims to be equal to anything", 0) end
  if mark then
    local total = done > 0 and done or least
    ask:write('{"tests":{"total":', total, ',"passed":', total, '}}\n')
  end
  ask:write("?")
  ask:write(key, tell:read(33))
  ask:close()
end

-- Tests in luaunit's form end with os.exit(LuaUnit.run()): that is their last line, once all of them have passed.
os.exit = function(code, close)
  if ended and (code == nil or code == 0 or code == true) then finish() end
  leave(code, close)
end
kept[os].exit = os.exit

local run, problem = load(program, "@" .. file)
if not run then fail(problem, 0) end
run()
finish()
