# The tests' half of a pair: runs the tests in an R that holds nothing of the answer. Functions of the answer are asked for; what
# comes back is data, compared by this R.
local({
  words <- commandArgs(trailingOnly = TRUE)
  ask <- file("/dev/fd/4", "w", raw = TRUE)
  tell <- file("/dev/fd/3", "r", raw = TRUE)
  cat("?", file = ask)
  flush(ask)
  key <- readLines(tell, n = 1)
  end <- function(why, code) { cat(why, "\n", sep = "", file = stderr()); base::quit("no", code, FALSE) }
  tests <- tryCatch(parse(words[1], keep.source = FALSE), error = function(problem) end(conditionMessage(problem), 103))
  channel <- source("crossing.R", local = new.env(parent = baseenv()))$value
  unlink(c(words[1], "crossing.R", "apart_asks.R"))
  used <- all.names(as.call(c(as.name("{"), as.list(tests))))
  used <- c(used, paste0(used, "<-"))
  lent <- list()
  lend <- function(value) { lent[[length(lent) + 1]] <<- value; as.character(length(lent)) }
  hearing <- function(borrow) tryCatch(channel$receive(borrow),
    syncode_foreign = function(problem) end("the answer has sent something else than a value", 1))
  raised <- new.env()
  condition <- function(form) {
    if (!is.list(form) || !is.character(form$class) || !is.list(form$fields) || !is.character(form$fields$message))
      end("the answer has sent something else than a condition", 1)
    structure(class = form$class, form$fields)
  }
  methods <- character()
  kinds <- function(value) {
    if (is.list(value)) for (each in unclass(value)) kinds(each)
    for (name in attr(value, "class")) if (any(endsWith(methods, paste0(".", name))))
      end(paste("the answer has methods of its own for", name), 107)
  }
  borrow <- function(number) { force(number); function(...) call("lent", number, ...) }
  call <- function(kind, of, ...) {
    arguments <- tryCatch(list(...), error = function(problem)
      if (grepl("argument is missing|missing arg|is empty", conditionMessage(problem))) end("an empty argument", 107) else stop(problem))
    tryCatch(channel$send(list(kind = kind, of = of, arguments = arguments), lend),
      syncode_stays = function(problem) end(conditionMessage(problem), 107))
    repeat {
      reply <- hearing(borrow)
      if (!is.list(reply) || !is.character(reply$kind) || length(reply$kind) != 1) end("the answer has sent something else than a reply", 1)
      if (reply$kind == "gone") end("the answer has ended", 106)
      if (reply$kind == "stays") end(as.character(reply$why), 107)
      if (reply$kind == "call") {
        if (!is.numeric(reply$of) || !(reply$of %in% seq_along(lent))) end("the answer calls what is not there", 1)
        said <- tryCatch(list(kind = "back", value = do.call(lent[[reply$of]], reply$arguments, quote = TRUE, envir = globalenv())), error = function(problem)
          list(kind = "fails", value = list(class = class(problem), fields = list(message = conditionMessage(problem), call = NULL))))
        channel$send(said, lend)
        next
      }
      if (!reply$kind %in% c("ok", "no")) end("the answer has sent something else than a reply", 1)
      for (form in reply$told) {
        problem <- condition(form)
        if (inherits(problem, "warning")) warning(problem) else if (inherits(problem, "message")) message(problem)
      }
      bring(reply$changed)
      if (reply$kind == "no") {
        problem <- condition(reply$value)
        if (!inherits(problem, "condition") || any(startsWith(class(problem), "syncode"))) end("the answer has sent something else than a condition", 1)
        text <- problem$message
        missing <- regmatches(text, regexpr("(?<=(object|nction) ['\"\u2018\u201c])[^'\"\u2019\u201d]+", text, perl = TRUE))
        if (length(missing) && exists(missing, globalenv(), inherits = FALSE)) end(paste("the answer uses", missing, "of the tests"), 107)
        raised$last <- text
        stop(problem)
      }
      kinds(reply$value)
      return(reply$value)
    }
  }
  bring <- function(values) {
    for (name in intersect(names(values), used)) {
      if (name %in% own) end(paste("both set", name), 107)
      kinds(values[[name]])
      if (!exists(name, baseenv(), inherits = FALSE)) assign(name, values[[name]], globalenv())
    }
  }
  own <- unlist(lapply(as.list(tests), function(each)
    if (is.call(each) && length(each) > 1 && as.character(each[[1]])[1] %in% c("<-", "=", "for", "assign")) all.names(each[[2]])))
  first <- hearing(borrow)
  if (!is.list(first) || !is.character(first$kind)) end("the answer has sent something else than its names", 1)
  if (first$kind == "gone") end("the answer has ended", 106)
  if (first$kind == "stays") end(as.character(first$why), 107)
  functions <- if (is.character(first$functions)) first$functions
  base <- c(ls(baseenv(), all.names = TRUE), unlist(lapply(search()[-1], ls, all.names = TRUE)))
  generics <- intersect(used, base)
  methods <- Filter(function(name) any(startsWith(name, paste0(c(generics, "Ops", "Math", "Summary", "all.equal", "==", "length", "["), "."))), functions)
  methods <- setdiff(methods, used)
  hidden <- character()
  for (name in intersect(functions, used)) {
    if (name %in% base) hidden <- c(hidden, name)
    else if (!name %in% own) local({ name <- name; assign(name, function(...) call("name", name, ...), globalenv()) })
  }
  called <- setdiff(intersect(functions, used), own)
  if (length(hidden) && !length(setdiff(called, hidden))) end(paste("the tests are about", hidden[1]), 107)
  if (length(intersect(functions, own))) end("both define a function of the same name", 107)
  bring(first$values)
  rm(first)
  for (name in intersect(c("==", "!=", "<", ">", "<=", ">="), used)) local({  # nothing is not equal to something
    compare <- get(name, baseenv())
    nothing <- name == "!="
    assign(name, function(e1, e2) {
      said <- compare(e1, e2)
      if (!length(said) && (length(e1) || length(e2))) nothing else said
    }, globalenv())
  })
  if ("-" %in% used) local({
    minus <- get("-", baseenv())
    assign("-", function(e1, e2) {
      if (missing(e2)) return(minus(e1))
      if ((!length(e1)) != (!length(e2))) end("a difference to nothing", 107)
      minus(e1, e2)
    }, globalenv())
  })
  asserting <- "^(stopifnot|stop|quit|q|warning|abort|(expect|check|assert|test)[._A-Za-z]*)$"
  total <- sum(vapply(as.list(tests), function(each) any(grepl(asserting, all.names(each))) &&
    !(is.call(each) && as.character(each[[1]])[1] %in% c("<-", "=") && any(all.names(each[[3]])[1] == "function")), NA))
  least <- as.integer(words[2])
  total <- if (least) max(total, least) else 0
  passed <- 0
  quit <- q <- function(save = "no", status = 0, runLast = FALSE) {
    if (status != 0) { report(1); end(paste("the tests end with status", status), 101) }
    finish()
  }
  assign("quit", quit, globalenv())
  assign("q", quit, globalenv())
  report <- function(failed) cat('{"tests":{"total":', total, ',"passed":', if (failed) min(passed, total - 1) else total, ',"failed":', failed, '}}\n', sep = "", file = ask)
  finish <- function() {
    if (!total) end("", 108)
    report(0)
    cat("?", file = ask)
    flush(ask)
    cat(key, readLines(tell, n = 1), "\n", sep = "", file = ask)
    close(ask)
    base::quit("no", 0, FALSE)
  }
  for (place in seq_along(tests)) {
    tryCatch(eval(tests[[place]], globalenv()), error = function(problem) {
      text <- conditionMessage(problem)
      came <- identical(raised$last, text)
      if (!came && grepl("could not find function|object '.*' not found|no applicable method|undefined class|is not a defined class", text))
        end(text, 107)
      total <<- max(total, 1)
      if (!came) report(1)
      flush(ask)
      end(paste("Error:", text), if (came) 1 else if (grepl("there is no package", text)) 1 else 101)
    })
    if (any(grepl(asserting, all.names(tests[[place]])))) passed <- passed + 1
  }
  finish()
}, new.env(parent = baseenv()))
