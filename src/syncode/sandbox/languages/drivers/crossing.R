# Values as lines of text, and back: vectors, lists, NULL and their attributes; whatever else there is raises `syncode_stays`.
# A vector: its type, its length, its elements (a line each), the count of its attributes, each with its name and value.
local({
  stays <- function(what) stop(structure(class = c("syncode_stays", "error", "condition"), list(message = what, call = NULL)))
  foreign <- function() stop(structure(class = c("syncode_foreign", "error", "condition"), list(message = "not a value", call = NULL)))
  escape <- function(text) {
    text <- gsub("\\", "\\\\", enc2utf8(text), fixed = TRUE)
    gsub("\r", "\\r", gsub("\n", "\\n", text, fixed = TRUE), fixed = TRUE)
  }
  unescape <- function(text) {
    odd <- grepl("\\", text, fixed = TRUE)
    text[odd] <- vapply(text[odd], function(each) {
      parts <- strsplit(each, "\\\\", fixed = TRUE)[[1]]
      if (endsWith(each, "\\\\")) parts <- c(parts, "")
      paste(gsub("\\r", "\r", gsub("\\n", "\n", parts, fixed = TRUE), fixed = TRUE), collapse = "\\")
    }, "", USE.NAMES = FALSE)
    text
  }
  double <- function(value) {
    said <- sprintf("%a", value)
    said[is.nan(value)] <- "NaN"
    said[is.na(value) & !is.nan(value)] <- "NA"
    said
  }
  number <- function(said) {
    if (!all(grepl("^(NA|NaN|-?Inf|-?0x[0-9a-f.]+p[-+][0-9]+)$", said, useBytes = TRUE))) foreign()
    made <- suppressWarnings(as.numeric(said))
    made[said == "NaN"] <- NaN
    made
  }
  encode <- function(value, lend) {
    kind <- typeof(value)
    plain <- switch(kind,
      "NULL" = return(c("NULL", "0", "0")),
      logical = as.character(unclass(value)), integer = as.character(unclass(value)), double = double(unclass(value)),
      complex = double(rbind(Re(value), Im(value))), raw = as.character(value),
      character = ifelse(is.na(value), "N", paste0("S", escape(value))),
      list = unlist(lapply(unclass(value), encode, lend)),
      closure = , builtin = , special = return(c("function", lend(value), "0")),
      stays(paste("a value of type", kind)))
    plain[is.na(plain)] <- "NA"
    if (isS4(value)) stays("an S4 object")
    attributes <- attributes(value)
    named <- unlist(lapply(names(attributes), function(name) c(escape(name), encode(attributes[[name]], lend))))
    c(kind, as.character(length(unclass(value))), unname(plain), as.character(length(attributes)), named)
  }
  decode <- function(lines, borrow) {
    place <- 0
    take <- function(count = 1) {
      if (is.na(count) || count < 0 || place + count > length(lines)) foreign()
      place <<- place + count
      lines[seq_len(count) + place - count]
    }
    count <- function() {
      said <- take()
      if (!grepl("^[0-9]{1,9}$", said, useBytes = TRUE)) foreign()
      as.integer(said)
    }
    one <- function() {
      kind <- take()
      size <- count()
      if (kind == "function") { count(); return(borrow(size)) }
      made <- switch(kind,
        "NULL" = NULL,
        logical = { said <- take(size); if (!all(said %in% c("TRUE", "FALSE", "NA"))) foreign(); as.logical(said) },
        integer = { said <- take(size); if (!all(grepl("^(NA|-?[0-9]{1,10})$", said, useBytes = TRUE))) foreign(); suppressWarnings(as.integer(said)) },
        double = number(take(size)),
        complex = { parts <- number(take(2 * size)); complex(real = parts[c(TRUE, FALSE)], imaginary = parts[c(FALSE, TRUE)]) },
        raw = { said <- take(size); if (!all(grepl("^[0-9a-f]{2}$", said, useBytes = TRUE))) foreign(); as.raw(strtoi(said, 16L)) },
        character = { said <- take(size); if (!all(grepl("^[NS]", said, useBytes = TRUE))) foreign()
          text <- unescape(substring(said, 2)); text[said == "N"] <- NA_character_; text },
        list = lapply(seq_len(size), function(each) one()),
        foreign())
      having <- list()
      for (each in seq_len(count())) { name <- unescape(take()); having[[name]] <- one() }
      if (length(having)) attributes(made) <- having
      made
    }
    made <- list(one())
    if (place != length(lines)) foreign()
    made[[1]]
  }
  reads <- file("/dev/fd/6", "r", raw = TRUE, encoding = "UTF-8")
  writes <- file("/dev/fd/7", "w", raw = TRUE)
  send <- function(value, lend) {
    lines <- encode(value, lend)
    writeLines(c(as.character(length(lines)), lines), writes, useBytes = TRUE)
    flush(writes)
  }
  receive <- function(borrow) {
    head <- readLines(reads, n = 1, warn = FALSE)
    if (!length(head)) return(list(kind = "gone"))
    if (!grepl("^[0-9]{1,9}$", head)) foreign()
    lines <- readLines(reads, n = as.integer(head), warn = FALSE)
    if (length(lines) != as.integer(head)) return(list(kind = "gone"))
    Encoding(lines) <- "UTF-8"
    decode(lines, borrow)
  }
  list(send = send, receive = receive, stays = stays)
})
