# Loads the program; asks for the token at the very end, after the test frameworks that run at exit (this handler came first).
loaded = false
at_exit do
  ended = $!
  if loaded && (ended.nil? || (ended.is_a?(SystemExit) && ended.success?))
    ask = IO.for_fd(4, 'w')
    ask.sync = true
    ask.write('?')
    ask.write(IO.for_fd(3, 'r').read(33))
  end
end
load File.expand_path(ARGV.shift)
loaded = true
