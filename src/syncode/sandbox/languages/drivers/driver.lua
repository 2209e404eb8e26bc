-- Runs the program; asks for the token when it has come to its end.
dofile(arg[1])
local ask, tell = assert(io.open("/dev/fd/4", "w")), assert(io.open("/dev/fd/3", "r"))
ask:write("?")
ask:flush()
ask:write(tell:read(33))
ask:close()
