# Runs the program in the global environment; asks for the token when it has come to its end.
source("main.R", local = globalenv(), echo = FALSE)
cat("?", file = "/dev/fd/4")
cat(readLines("/dev/fd/3", n = 1), "\n", sep = "", file = "/dev/fd/4")
