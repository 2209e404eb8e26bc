# One end of the channel between tests and answer. Evaluates to an anonymous class, for no name of it may be seen by either.
# A message is changes, then a body. Values are written by their kind; arrays, hashes, sets and strings that can change get a number
# on their way, and what one half does to them is told to the other one with the next message. What is no data stays where it is.
Class.new do
  %w[apart_values.rb apart_stand_ins.rb].each { |name| include eval(File.read(name), nil, name) }

  attr_reader :remote, :asked, :making, :decided
  attr_writer :keeping

  # `text`: the tests, in their half; nothing that the answer says is believed there. `leave`: ends that half with a code.
  def initialize(input, output, text = nil, &leave)
    @input, @output, @text, @leave = input, output, text, leave
    @lent, @lent_ids = [], {}.compare_by_identity
    @objects, @remote, @classes = {}, {}.compare_by_identity, {}.compare_by_identity
    @held, @ids, @seen, @frozen, @count = {}, {}.compare_by_identity, {}, {}, text ? 1 : 2
    @depth, @tags, @making, @asked, @lost = 0, [], false, 0, false
    begin_values
  end

  def stay(why)
    return @leave.call(107, why) if @text
    transmit('stay', true) { |out| bytes(out, why) }
    loop { exactly(1) }  # until the tests are gone
  end

  # Requests: what the other half does with an object of its own (nil: with its program).
  def ask(what, target = nil, name = nil, args = [], named = {}, block = nil)
    stay('calls come from several threads') if Thread.current != Thread.main
    stay('a call was given up') if @lost
    quiet = what == :describe  # in the midst of a message: no container is complete
    outermost = (@depth += 1) == 1 && !quiet
    mark = @held.size
    @asked += 1 unless %i[hello describe].include?(what)
    transmit('ask', quiet) do |out|
      [what, target, name].each { |each| put(out, each) }
      out << args.size.to_s << ';'
      args.each { |each| put(out, each) }
      out << named.size.to_s << ';'
      named.each { |pair| pair.each { |each| put(out, each) } }
      put(out, block)
    end
    receive { |keep| forget(outermost ? mark : nil, keep) }
  rescue SystemStackError => e
    raise if @remote.key?(e)
    stay('a value that is nested too deep')
  ensure
    @depth -= 1
  end

  # Does what the other half asks for until it replies, or is gone.
  def receive
    loop do
      @lost = true  # until it has come whole: a Timeout may end the waiting
      kind, from, at = understood { read }
      @lost = false
      case kind
      when 'ask' then serve(from, at)
      when 'value', 'error'
        value, at = understood { take(from, at) }
        yield from.getbyte(at) == 49 if block_given?
        return value if kind == 'value'
        raised(value)
      when 'unwind' then throw @tags.last
      when 'stay' then stay(text_at(from, at)[0])
      else foreign("a message #{kind}")
      end
    end
  end

  def raised(problem)
    foreign('not an exception') unless Exception === problem
    if UncaughtThrowError === problem && @text&.match?(/\b(?:catch|throws?)\b|assert_throw/)
      throw problem.tag, problem.value
    elsif NameError === problem && @text && problem.name && defines?(Regexp.escape(problem.name.to_s))
      stay('the answer uses what the tests define')
    end
    raise problem
  end

  def defines?(name) = @text.match?(/\b(?:def|class|module)\s+(?:self\.)?#{name}\b|^\s*#{name}\s*=[^=]/)

  def transmit(kind, quiet = false)
    out = "#{kind};".b
    quiet ? out << '0;' : changes(out)
    yield out
    frame = [out.bytesize].pack('N') << out
    sent = 0
    sent += @output.syswrite(sent.zero? ? frame : frame.byteslice(sent..)) while sent < frame.bytesize
  rescue Errno::EPIPE
    @leave.call(106, 'the answer has ended')
  end

  def read
    size = exactly(4).unpack1('N')
    from = exactly(size)
    at = from.index(';')
    kind = from.byteslice(0, at)
    [kind, from, changed(from, at + 1)]
  end

  def exactly(size)
    got = ''.b
    got << @input.readpartial(size - got.bytesize) while got.bytesize < size
    got
  rescue EOFError
    @leave.call(106, 'the answer has ended')
  end

  def understood
    yield
  rescue IndexError, RegexpError, TypeError, ArgumentError, NoMethodError, RangeError, FrozenError, EncodingError, ZeroDivisionError => e
    foreign(e.message)
  end

  def foreign(what) = @leave.call(1, "not a message of this protocol: #{what}")

  def serve(from, at)
    finished = false
    mark = @held.size
    before = @crossed
    @crossed = false if @depth.zero?
    what, target, name, args, pairs, block = understood { request(from, at) }
    @depth += 1
    return finished = answer(target, before) if what == :describe
    outermost = @depth == 1
    tag = Object.new
    @tags.push(tag)
    begin
      value = catch(tag) { perform(what, target, name, args, pairs.each_slice(2).to_h, block) }
      kind = 'value'
    rescue Exception => e
      kind, value = 'error', e
    end
    finished = true
    reply(kind, value, outermost, mark)
  rescue SystemStackError
    stay('a value that is nested too deep')
  ensure
    @tags.pop unless what == :describe
    @depth -= 1
    unless finished  # break, return or throw out of a block
      transmit('unwind') {}
      receive
    end
  end

  def request(from, at)
    what, at = take(from, at)
    target, at = take(from, at)
    name, at = take(from, at)
    args, at = several(from, at)
    pairs, at = several(from, at, 2)
    block, = take(from, at)
    [what, target, name, args, pairs, block]
  end

  def answer(target, crossed)
    transmit('value', true) do |out|
      put(out, describe(@lent.fetch(target)))
      out << '1'
    end
    @crossed = crossed
    true
  end

  def reply(kind, value, outermost, mark)
    keep = nil
    transmit(kind) do |out|
      put(out, value)
      keep = @crossed || @keeping || !outermost
      out << (keep ? '1' : '0')
    end
    forget(outermost ? mark : nil, keep)
  end

  # Containers are common to both halves for one call; longer only if something that stays behind might hold on to them.
  def forget(mark, keep)
    return unless mark
    stay('the tests ask whether objects are the same ones, and there are too many') if @text && @keeping && @held.size > 256
    gone = keep ? (@held.size > 256 ? @held.keys.first(@held.size - 256) : []) : @held.keys.drop(mark)
    gone.each { |id| @ids.delete(@held.delete(id)); @seen.delete(id); @frozen.delete(id) }
  end

  def perform(what, target, name, args, named, block)
    foreign("a request for #{what}") if @text && %i[function hello].include?(what)
    case what
    when :function then TOPLEVEL_BINDING.receiver.__send__(name, *args, **named, &block)
    when :send then may(target, name) && target.public_send(name, *args, **named, &block)
    when :private then may(target, nil) && target.__send__(name, *args, **named, &block)
    when :call then target.call(*args, **named, &block)
    when :cursor
      @lent << (target.dup rescue target)
      @lent.size - 1
    when :next
      begin
        [true, *@lent.fetch(target).next_values]
      rescue StopIteration
        [false]
      end
    when :const then may(target, nil) && (target || Object).const_get(name)
    when :hello
      @keeping = name
      hello
    else foreign("a request for #{what}")
    end
  end

  # The answer may do to objects of the tests only what the tests have written themselves.
  def may(target, name)
    return true unless @text
    kind = @class_of.bind_call(target)
    owner = name && begin
      (Module === target ? target : kind).then { target.method(name).owner }
    rescue NameError
      return true
    end
    ours = owner && (owner.singleton_class? ? own?(target) || !(Module === target) : own?(owner))
    return true if ours || [Struct, Comparable, Enumerable].include?(owner) || (Module === target && name == :new && own?(target))
    return true if %i[== != eql? hash to_s inspect <=> === respond_to? dup frozen? instance_variable_defined?].include?(name)
    stay('the answer reaches into an object of the tests')
  end

  def own?(mod)
    name = Module.instance_method(:name).bind_call(mod)
    return true unless name
    written?(Object.const_source_location(name)) rescue false
  end

  def builtin?(mod)
    name = Module.instance_method(:name).bind_call(mod)
    name && core?(Object.const_source_location(name)) && Object.const_get(name).equal?(mod) rescue false
  end

  # Where a name comes from: the language itself, a library, or the program.
  def core?(where) = !where.nil? && (where.empty? || where[1].zero?)

  def written?(where) = !where.nil? && !core?(where) && (!where[0].start_with?('/') || where[0].end_with?('/main.rb', '/tests.rb'))

  def describe(mod)
    names = mod.public_instance_methods - (@plain ||= Object.public_instance_methods)
    (@plain | %i[== ! != equal? instance_eval instance_exec __id__ __send__]).each do |name|
      owner = mod.public_method_defined?(name) && mod.instance_method(name).owner
      names << name if owner && ![Object, Kernel, BasicObject, Exception].include?(owner) && owner.name != 'PP::ObjectMixin'
    end
    single = mod.singleton_class.public_instance_methods(true).select do |name|
      Class.method_defined?(name) && ![Class, Module, Object, Kernel, BasicObject].include?(mod.singleton_class.instance_method(name).owner)
    end
    parent = Class === mod ? mod.superclass : nil
    parent = parent.superclass while parent && !builtin?(parent) && !own?(parent)
    included = mod.included_modules.select { |each| builtin?(each) && @values.include?(each.name) }
    @list[mod.name.to_s.to_sym, parent, @list[*included], @list[*names], @list[*single], own?(mod), Class === mod]
  end

  def hello
    found = [Object, Kernel].flat_map do |place|
      (place.private_instance_methods(false) + place.public_instance_methods(false)).select do |name|
        written?(place.instance_method(name).source_location)
      end
    end
    main = TOPLEVEL_BINDING.receiver
    single = main.singleton_methods(false).select { |name| written?(main.method(name).source_location) }
    constants = Object.constants(false).select do |name|
      !Object.autoload?(name) && written?(Object.const_source_location(name))
    end
    mods = constants.select { |name| Module === Object.const_get(name) }
    @list[@list[*(found | single)], @list[*mods], @list[*mods.map { |name| Object.const_get(name) }], @list[*(constants - mods)]]
  end
end
