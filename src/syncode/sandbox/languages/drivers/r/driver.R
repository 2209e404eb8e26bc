# Runs the answer in the global environment, then the tests; says the proof when both have come to their end. The tests see base R
# as it was before the answer, whatever the answer calls its own functions.
local({
  words <- commandArgs(trailingOnly = TRUE)
  ask <- file("/dev/fd/4", "w", raw = TRUE)
  tell <- file("/dev/fd/3", "r", raw = TRUE)
  cat("?", file = ask)
  flush(ask)
  key <- readLines(tell, n = 1)
  tests <- if (length(words) > 1) parse(text = readLines(words[2], warn = FALSE), keep.source = FALSE)
  if (length(words) > 1) unlink(words[2])
  names <- c("stopifnot", "stop", "identical", "all.equal", "isTRUE", "isFALSE", "quit", "q", "tryCatch", "try", "if", "!", "==", "!=",
             "<", ">", "<=", ">=", "&&", "||", "&", "|", "{", "(", "[", "[[", "$", "+", "-", "*", "/", "^", "%%", "%in%", "abs", "all",
             "any", "sum", "length", "is.null", "is.na", "max", "min", "setequal", "sapply", "lapply", "vapply", "Map", "mapply",
             "for", "while", "repeat", "function", "invisible", "suppressWarnings", "warning", "inherits", "is.list", "is.numeric",
             "nchar", "paste", "paste0", "sort", "unlist", "c", "list", "round", "sqrt", "all.equal.numeric", "all.equal.default",
             "all.equal.list", "all.equal.character", "Negate", "Reduce", "Filter", "do.call", "toString", "cat", "print", "stopifnot")
  used <- if (!is.null(tests)) all.names(as.call(c(as.name("{"), as.list(tests))), unique = TRUE)
  names <- unique(c(names, Filter(function(name) exists(name, baseenv(), mode = "function", inherits = FALSE), used)))
  kept <- mget(names, baseenv())
  places <- search()
  source(words[1], local = globalenv(), echo = FALSE)
  if (length(words) > 1) {
    functions <- Filter(function(name) is.function(get(name, globalenv())), intersect(ls(globalenv(), all.names = TRUE), used))
    attached <- unlist(lapply(setdiff(search(), places), function(place) ls(place, all.names = TRUE)))
    hidden <- intersect(c(functions, attached), names)
    view <- globalenv()
    if (length(hidden) && length(setdiff(functions, names))) view <- list2env(kept[hidden], parent = globalenv())
    for (name in names) if (!base::identical(get(name, baseenv()), kept[[name]])) base::stop("the answer has replaced ", name)
    unlock <- function(name, value) { unlockBinding(name, baseenv()); assign(name, value, baseenv()); lockBinding(name, baseenv()) }
    unlock("sys.calls", function() NULL)  # the stack would show the tests
    methods <- grep("^(Ops|Math|Summary|[=!<>]=|[<>]|all\\.equal|-|abs|all|any|length)\\.", ls(globalenv(), all.names = TRUE), value = TRUE)
    for (name in methods) {  # a comparison of the answer's own class is asked about other values, too
      generic <- sub("^(all\\.equal|[^.]*)\\..*", "\\1", name)
      if (!generic %in% c("Ops", "==", "!=", "<", ">", "<=", ">=", "all.equal", "-")) next
      operators <- if (generic == "Ops") c("==", "!=") else generic
      for (operator in operators) local({
        name <- name; operator <- operator
        made <- structure(list(), class = sub("^(all\\.equal|[^.]*)\\.", "", name))
        ask_about <- list(5316911983.5, "syncode", list(1, "x"), 1:7, -3)
        says <- lapply(ask_about, function(value) tryCatch(suppressWarnings(
          if (operator == "all.equal") isTRUE(all.equal(made, value)) else get(operator)(made, value)), error = function(problem) NULL))
        yes <- vapply(says, function(said) if (operator == "!=") base::identical(said, FALSE) else if (operator == "-") is.numeric(said) && base::length(said) && all(said == 0) else base::length(said) > 0 && isTRUE(all(said)), NA)
        if (all(yes)) base::stop("an object of the answer claims to be equal to anything")
      })
    }
    options(error = NULL)
    for (place in seq_along(tests)) eval(tests[[place]], view)
    total <- as.integer(words[3])
    cat('{"tests":{"total":', total, ',"passed":', total, '}}\n', sep = "", file = ask)
  }
  cat("?", file = ask)
  flush(ask)
  cat(key, readLines(tell, n = 1), "\n", sep = "", file = ask)
  close(ask)
})
