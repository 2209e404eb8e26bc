# Runs the answer, then the tests; asks for the token at the very end, after the test frameworks that run at exit (this handler
# came first). In a lambda: what the driver keeps is out of the answer's reach.
lambda do |file, tests_file|
  tests = tests_file && File.read(tests_file)
  kept = %i[raise fail abort exit exit! throw catch].to_h { |name| [name, Kernel.instance_method(name)] }
  equal = [Integer, Float, String, Symbol, Array, Hash, NilClass].to_h { |kind| [kind, kind.instance_method(:==)] }
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
  code = File.read(file)
  if (data = code[/^__END__\n(.*)\z/m, 1])
    require 'stringio'
    Object.const_set(:DATA, StringIO.new(data))
  end
  eval(code, TOPLEVEL_BINDING, file)
  if tests
    kept.each do |name, method|
      Object.send(:remove_method, name) if Object.private_method_defined?(name, false) || Object.method_defined?(name, false)
      Kernel.send(:define_method, name, method) unless Kernel.instance_method(name) == method
    end
    equal.each { |kind, method| kind.send(:define_method, :==, method) unless kind.instance_method(:==) == method }
    eval(tests, TOPLEVEL_BINDING, tests_file)
  end
  loaded = true
end.call(File.expand_path(ARGV.shift), ARGV.shift)
