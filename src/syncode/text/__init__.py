"""What text means: fences, languages, chats, programs, words; pure functions of strings."""
