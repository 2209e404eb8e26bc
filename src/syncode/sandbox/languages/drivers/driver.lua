-- Runs answer and tests, one text because locals of the answer are to be seen by the tests; asks for the token when it has come to
-- its end and has passed the mark between the two, a call of the function whose name is the second argument.
local open, leave = io.open, os.exit
local fail, kept, passed = error, { assert, error, pcall, type, tostring, ipairs, pairs, next }, not arg[2]
if arg[2] then
  _G[arg[2]] = function()
    passed = true
    return table.unpack(kept)
  end
end

local function finish()
  if not passed then fail("the answer does not let the tests begin", 0) end
  local ask, tell = assert(open("/dev/fd/4", "w")), assert(open("/dev/fd/3", "r"))
  ask:write("?")
  ask:flush()
  ask:write(tell:read(33))
  ask:close()
end

-- Tests in luaunit's form end with os.exit(LuaUnit.run()): that is their last line, once all of them have passed.
os.exit = function(code, close)
  local unit = package.loaded.luaunit
  if unit and unit.passed and (code == nil or code == 0 or code == true) then finish() end
  leave(code, close)
end

dofile(arg[1])
finish()
