-- Stand-in for the parts of luaunit that published tests call. Its argument is called with the number of tests once all have passed.
local finished = ...
local unit = {}
local pcall, type, pairs, ipairs, tostring, error, sort = pcall, type, pairs, ipairs, tostring, error, table.sort

local function same(left, right)
  if type(left) ~= "table" or type(right) ~= "table" then return left == right end
  for key, value in pairs(left) do
    if not same(value, right[key]) then return false end
  end
  for key in pairs(right) do
    if left[key] == nil then return false end
  end
  return true
end

function unit.assertEquals(actual, expected, message)
  if not same(actual, expected) then error("Assertion failed: " .. tostring(message or actual), 2) end
end
unit.assert_equals = unit.assertEquals

function unit.assertTrue(value) unit.assertEquals(value, true) end
function unit.assertFalse(value) unit.assertEquals(value, false) end
function unit.assertNil(value) unit.assertEquals(value, nil) end
function unit.assertError(call, ...)
  if pcall(call, ...) then error("Assertion failed: no error", 2) end
end

unit.LuaUnit = {
  run = function()
    local names, failures = {}, 0
    for name, value in pairs(_G) do
      if type(name) == "string" and name:lower():sub(1, 4) == "test" and type(value) == "function" then names[#names + 1] = name end
    end
    sort(names)
    for _, name in ipairs(names) do
      local good, problem = pcall(_G[name])
      if not good then
        failures = failures + 1
        io.stderr:write(tostring(problem), "\n")
      end
    end
    if failures == 0 then finished(#names) end
    return failures
  end,
}

return unit
