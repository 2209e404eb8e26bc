# The answer's half: loads it, and does what the tests ask for until they are gone.
lambda do |file|
  input, output = IO.for_fd(6, 'rb', autoclose: false), IO.for_fd(7, 'wb', autoclose: false)
  gone = lambda do |code, why = ''|
    $stderr.puts why unless code == 106
    $stdout.flush
    $stderr.flush
    exit!(code == 106 ? 0 : 1)
  end
  peer = eval(File.read('apart.rb'), nil, 'apart.rb').new(input, output, &gone)
  code = File.read(file)
  if (data = code[/^__END__\n(.*)\z/m, 1])
    require 'stringio'
    Object.const_set(:DATA, StringIO.new(data))
  end
  eval(code, TOPLEVEL_BINDING, file)
  peer.receive
end.call(File.expand_path(ARGV.shift))
