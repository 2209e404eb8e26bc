# The half of the tests: puts stand-ins in the place of what the answer defines, runs the tests, and says the proof in the end. Nothing of the
# answer is ever in this process. Exit codes are those of `cell/outcome.py`.
lambda do |file, least|
  ask, tell = IO.for_fd(4, 'w', autoclose: false), IO.for_fd(3, 'r', autoclose: false)
  ask.syswrite('?')
  key = tell.sysread(33)[0, 32]
  input, output = IO.for_fd(6, 'rb', autoclose: false), IO.for_fd(7, 'wb', autoclose: false)
  tests = File.read(file)
  leave = lambda do |code, why = ''|
    $stdout.flush
    $stderr.puts why.to_s.scrub.split.join(' ')[0, 300]
    $stderr.flush
    exit!(code)
  end
  peer = eval(File.read('apart.rb'), nil, 'apart.rb').new(input, output, tests, &leave)
  results, silent = [], nil
  quoted = ->(text) { %("#{text.to_s.scrub.gsub(/["\\\u0000-\u001f\u007f]/) { |each| format('\\u%04x', each.ord) }}") }
  report = lambda do |passed, failed, errors|
    rows = results.first(200).map { |name, state, why| %({"name":#{quoted.(name)},"state":"#{state}","reason":#{quoted.(why.to_s[0, 300])}}) }
    counts = %("total":#{passed + failed + errors},"passed":#{passed},"failed":#{failed},"errors":#{errors},"skipped":0)
    ask.syswrite(%({"tests":{#{counts}},"results":[#{rows.join(',')}],"asked":#{peer.decided ? true : false}}\n))
  end
  wrong = lambda do |problem|  # of a test that ends in an exception: whether it has failed, or could not be run
    meant = [RuntimeError, StandardError, Exception, SystemExit].include?(problem.class) || problem.class.name.to_s.match?(/Assert|Fail/)
    meant && !peer.remote.key?(problem) ? 'fail' : 'error'
  end

  loaded = false
  at_exit do
    ended = $!
    framework = results.any?
    if ScriptError === ended && !peer.remote.key?(ended)
      leave.call(107, ended.message) if LoadError === ended
      leave.call(103, "#{ended.message} (SyntaxError)") if SyntaxError === ended && !loaded && ended.message.start_with?(file)
    end
    due = defined?(Minitest::Runnable) ? Minitest::Runnable.runnables.sum { |kind| kind.runnable_methods.size } : 0
    results << ['tests', 'error', 'the answer ended the tests'] if (SystemExit === ended && peer.remote.key?(ended)) || (loaded && results.size < due)
    bad = results.reject { |_, state, _| %w[pass skip].include?(state) }
    if ended && !(SystemExit === ended && (ended.success? || bad.any?))
      state = wrong.call(ended)
      why = SystemExit === ended ? "exit #{ended.status}: #{ended.message}" : "#{ended.message.to_s.scrub.split.join(' ')} (#{ended.class})"
      results << ['tests', state, why]
      bad << results.last
    end
    if bad.any?
      good = results.count { |_, each, _| each == 'pass' }
      report.call(good, bad.count { |_, each, _| each == 'fail' }, bad.count { |_, each, _| each == 'error' })
      first = bad.find { |_, each, _| each == 'fail' } || bad[0]
      leave.call(first[1] == 'fail' ? 101 : 1, first[2])
    end
    begun = framework || defined?(Minitest::Runnable) || defined?(Test::Unit::TestCase)
    own = SystemExit === ended && !peer.remote.key?(ended) && !begun  # an `exit` of theirs
    leave.call(1, 'the tests ended before the last of them') unless loaded || own
    leave.call(108) if silent && !tests.match?(/\b(?:raise|fail|abort|exit)\b/)
    leave.call(108) if framework && results.all? { |_, each, _| each == 'skip' }
    leave.call(108) if !framework && (least == '0' || (begun && tests.match?(/^\s*(?:class\s+\w+\s*<|describe\b)/)))
    leave.call(*(tests.match?(/^\s*def test_/) ? [108] : [107, 'the tests ask nothing of the answer'])) if peer.asked.zero?
    total = framework ? results.count { |_, each, _| each == 'pass' } : least.to_i
    report.call(total, 0, 0)
    ask.syswrite('?')
    ask.syswrite(key + tell.sysread(33))
    $stdout.flush
    exit!(0)
  end

  begin
    peer.keeping = keeping = tests.match?(/\b(?:equal\?|assert_same|refute_same|assert_not_same|object_id|__id__)/)
    functions, names, mods, constants = peer.ask(:hello, nil, keeping)
  rescue KeyError, TypeError, ArgumentError, NoMethodError => e
    leave.call(1, "malformed: #{e.message}")
  end
  reserved = /\A(?:assert|refute|flunk|describe|it|specify|context|expect|test|should|skip|pend|omit|must_|wont_)/
  frameworks = tests.match?(%r{minitest|test/unit|rspec}i)
  mentioned = ->(name) { tests.match?(/(?<![\w@$])#{Regexp.escape(name)}(?!\w)/) }
  functions, constants = functions.map(&:to_s), constants.map(&:to_s)
  implied = /\A(?:to_\w+|coerce|each|call|succ|exception|deconstruct\w*|marshal_\w+|pretty_\w+|encode_with|begin|end)\z/  # by the language
  taken, free = functions.partition do |name|
    !name.match?(/\A[[:alpha:]_][[:word:]]*[?!]?\z/) || name.match?(implied) || (frameworks && name.match?(reserved)) ||
      Object.private_method_defined?(name) || Object.method_defined?(name)
  end
  used = free.any?(&mentioned)
  names.zip(mods) do |name, mod|
    next unless name.match?(/\A[[:upper:]][[:word:]]*\z/) && Module === mod
    if Object.const_defined?(name) || %i[Minitest MiniTest Test RSpec].include?(name)
      leave.call(107, "the answer has a #{name} of its own") if mentioned.call(name.to_s) && %i[Minitest MiniTest Test RSpec].none?(name)
      next
    end
    next if tests.match?(/^\s*class\s+#{name}\s*</)
    leave.call(107, "the tests go on with #{name}, which the answer has defined") if tests.match?(/^\s*(?:class|module)\s+#{name}\b/)
    used ||= mentioned.call(name.to_s)
    Object.const_set(name, mod)
  end
  used ||= constants.any?(&mentioned)
  leave.call(107, 'the answer defines anew what the tests call') if !used && taken.any?(&mentioned)
  stand_ins = Module.new do
    free.each do |name|
      define_method(name) { |*args, **named, &block| peer.ask(:function, nil, name.to_sym, args, named, block) }
      private name
    end
  end
  Object.include(stand_ins)
  loads = Module.new do  # what they load by the name of a file is the answer
    define_method(:require_relative) do |name|
      Kernel.instance_method(:require).bind_call(self, File.expand_path(name, File.dirname(file)))
    rescue LoadError
      true
    end
    define_method(:require) do |name|
      super(name)
    rescue LoadError
      raise unless name.to_s.start_with?('./', '../')
      true
    end
    private :require, :require_relative
  end
  Object.include(loads)
  Object.define_singleton_method(:const_missing) do |name|
    if constants.include?(name.to_s)
      peer.ask(:const, nil, name)
    elsif caller_locations(1, 1)[0].path == file
      leave.call(107, "uninitialized constant #{name}")
    else
      super(name)
    end
  end

  $0 = file
  TracePoint.new(:raise) do |point|  # a name that the tests take for granted may be one of the answer's
    problem = point.raised_exception
    if NameError === problem && !KeyError.===(problem) && point.path == file && !peer.remote.key?(problem)
      leave.call(107, problem.message)
    end
  end.enable
  eval(tests, TOPLEVEL_BINDING, file)
  loaded = true
  note = lambda do |name, problems, asserted|
    problem = problems[0]
    state = problem.nil? ? 'pass' : problem[0]
    results << [name, state, problem ? problem[1] : '']
    silent = silent != false && !asserted
  end
  if defined?(Minitest::Test)
    recorder = Module.new do
      define_method(:run) do |*args|
        made = super(*args)
        problems = made.failures.map do |each|
          inner = each.respond_to?(:error) && each.error || each
          state = { 'Minitest::Skip' => 'skip', 'Minitest::Assertion' => 'fail' }.fetch(inner.class.name) { wrong.call(inner) }
          [state, "#{inner.message.to_s.scrub.split.join(' ')} (#{inner.class})"]
        end
        note.call("#{made.klass}##{made.name}", problems, made.assertions.positive?)
        made
      end
    end
    Minitest::Test.prepend(recorder)
    Minitest.autorun unless Minitest.class_variable_defined?(:@@installed_at_exit) && Minitest.class_variable_get(:@@installed_at_exit)
  end
  if defined?(Test::Unit::TestCase)
    require 'test/unit/testresult'
    failed = {}
    Test::Unit::TestResult.prepend(Module.new do
      define_method(:add_failure) { |each| failed[each.test_name] ||= ['fail', each.message.to_s]; super(each) }
      define_method(:add_error) do |each|
        problem = each.exception
        failed[each.test_name] ||= [wrong.call(problem), "#{problem.message} (#{problem.class})"]
        super(each)
      end
    end)
    Test::Unit::TestCase.prepend(Module.new do
      define_method(:run) do |*args, **named, &block|
        made = super(*args, **named, &block)
        note.call(name, [failed[name]].compact, true)
        made
      end
    end)
  end
end.call(File.expand_path(ARGV.shift), ARGV.shift)
