# The answer's half of a pair: does what the tests' half asks and says what came of it. Nothing in here is believed.
local({
  words <- commandArgs(trailingOnly = TRUE)
  channel <- source("crossing.R", local = new.env(parent = baseenv()))$value
  parse(words[1], keep.source = FALSE)
  lent <- list()
  lend <- function(value) { lent[[length(lent) + 1]] <<- value; as.character(length(lent)) }
  visiting <- list()
  borrow <- function(number) function(...) {
    channel$send(list(kind = "call", of = number, arguments = list(...)), lend)
    serve()
  }
  tell <- function(said) tryCatch(channel$send(said, lend), syncode_stays = function(problem)
    channel$send(list(kind = "stays", why = conditionMessage(problem)), lend))
  frozen <- function(problem) {
    fields <- unclass(problem)
    fields["call"] <- list(NULL)
    list(class = class(problem), fields = lapply(fields, identity))
  }
  values <- function() {
    names <- Filter(function(name) !is.function(get(name, globalenv())), ls(globalenv(), all.names = TRUE))
    mget(setdiff(names, ".Random.seed"), globalenv())
  }
  known <- list()
  changed <- function() {
    now <- values()
    new <- Filter(function(name) !identical(now[[name]], known[[name]]), names(now))
    known <<- now
    now[new]
  }
  perform <- function(order) {
    told <- list()
    said <- tryCatch(withCallingHandlers({
      target <- if (order$kind == "name") get(order$of, globalenv(), mode = "function") else lent[[order$of]]
      list(kind = "ok", value = do.call(target, order$arguments, quote = TRUE, envir = globalenv()))
    }, warning = function(problem) { told[[length(told) + 1]] <<- frozen(problem); invokeRestart("muffleWarning") },
       message = function(problem) { told[[length(told) + 1]] <<- frozen(problem); invokeRestart("muffleMessage") }),
    error = function(problem) list(kind = "no", value = frozen(problem)))
    tell(c(said, list(told = told, changed = changed())))
  }
  serve <- function() repeat {  # until a value has come back
    order <- channel$receive(borrow)
    if (order$kind == "gone") quit(status = 0)
    if (order$kind == "back") return(order$value)
    if (order$kind == "fails") stop(structure(class = order$value$class, order$value$fields))
    perform(order)
  }
  source(words[1], local = globalenv(), echo = FALSE)
  names <- ls(globalenv(), all.names = TRUE)
  functions <- Filter(function(name) is.function(get(name, globalenv())), names)
  known <- values()
  sendable <- Filter(function(value) !is.environment(value) && !isS4(value), known)
  tell(list(kind = "names", functions = functions, values = sendable))
  serve()
}, new.env(parent = baseenv()))
