-- Runs the program; asks for the token when it has come to its end.
local open, leave = io.open, os.exit

local function finish()
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
