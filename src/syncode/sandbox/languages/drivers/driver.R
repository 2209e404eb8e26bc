# Runs the answer in the global environment, then the tests; asks for the token when both have come to their end.
local({
  words <- commandArgs(trailingOnly = TRUE)
  tests <- if (length(words) > 1) readLines(words[2], warn = FALSE)
  names <- c("stopifnot", "stop", "identical", "all.equal", "isTRUE", "quit", "q", "tryCatch", "if", "!", "==", "{", "(")
  kept <- mget(names, baseenv())
  source(words[1], local = globalenv(), echo = FALSE)
  if (!is.null(tests)) {
    rm(list = intersect(names, ls(globalenv(), all.names = TRUE)), envir = globalenv())
    for (name in names) if (!base::identical(get(name, baseenv()), kept[[name]])) base::stop("the answer has replaced ", name)
    eval(parse(text = tests, keep.source = FALSE), globalenv())
  }
  cat("?", file = "/dev/fd/4")
  cat(readLines("/dev/fd/3", n = 1), "\n", sep = "", file = "/dev/fd/4")
})
