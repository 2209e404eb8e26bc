"""One file a subcommand: options in, one call out."""
