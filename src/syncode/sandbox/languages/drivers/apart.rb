# One end of the channel between tests and answer. Evaluates to an anonymous class, for no name of it may be seen by either.
# A message is changes, then a body. Values are written by their kind; arrays, hashes, sets and strings that can change get a number
# on their way, and what one half does to them is told to the other one with the next message. What is no data stays where it is.
Class.new do
  attr_reader :remote, :classes
  attr_reader :asked
  attr_writer :keeping

  # `text`: the tests, in their half; nothing that the answer says is believed there. `leave`: ends that half with a code.
  def initialize(input, output, text = nil, &leave)
    @input, @output, @text, @leave = input, output, text, leave
    @lent, @lent_ids = [], {}.compare_by_identity
    @objects, @remote, @classes = {}, {}.compare_by_identity, {}.compare_by_identity
    @held, @ids, @seen, @count = {}, {}.compare_by_identity, {}, text ? 1 : 2
    @depth, @tags, @making, @asked = 0, [], false, 0
    @class_of = ::Kernel.instance_method(:class)
    @values = %w[BasicObject Object NilClass TrueClass FalseClass Integer Float Numeric String Symbol Array Hash Range Rational Complex
                 Proc Struct Comparable Enumerable Enumerator Regexp Time]
    @list = Class.new(Array)  # of what the halves themselves have to say
    @puts = {
      @list => ->(out, value) { out << 'l' << value.size.to_s << ';'; value.each { |each| put(out, each) } },
      NilClass => ->(out, _) { out << 'n' }, TrueClass => ->(out, _) { out << 't' }, FalseClass => ->(out, _) { out << 'f' },
      Integer => ->(out, value) { out << 'i' << value.to_s(16) << ';' }, Float => ->(out, value) { out << 'd' << [value].pack('G') },
      Symbol => ->(out, value) { out << 'y'; bytes(out, value.to_s) },
      String => method(:container), Array => method(:container), Hash => method(:container),
      Range => ->(out, value) { out << 'r' << (value.exclude_end? ? '1' : '0'); put(out, value.begin); put(out, value.end) },
      Rational => ->(out, value) { out << 'q'; put(out, value.numerator); put(out, value.denominator) },
      Complex => ->(out, value) { out << 'c'; put(out, value.real); put(out, value.imaginary) },
      Regexp => ->(out, value) { out << 'x'; bytes(out, value.source); put(out, value.options) },
      Time => ->(out, value) { out << 'T'; put(out, value.to_r); put(out, value.utc? ? nil : value.utc_offset) }
    }
  end

  def stay(why)
    return @leave.call(107, why) if @text
    transmit('stay') { |out| bytes(out, why) }
    loop { sleep }
  end

  # Requests: what the other half does with an object of its own (nil: with its program).
  def ask(what, target = nil, name = nil, args = [], named = {}, block = nil)
    stay('the answer uses threads') if Thread.current != Thread.main
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
  rescue SystemStackError
    stay('a value that is nested too deep')
  ensure
    @depth -= 1
  end

  # Does what the other half asks for until it replies, or is gone.
  def receive
    loop do
      kind, from, at = understood { read }
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
    if UncaughtThrowError === problem && @text
      throw problem.tag, problem.value
    elsif NameError === problem && @text && problem.name && @text.match?(/\b(?:def|class|module)\s+(?:self\.)?#{Regexp.escape(problem.name.to_s)}\b|^\s*#{Regexp.escape(problem.name.to_s)}\s*=[^=]/)
      stay('the answer uses what the tests define')
    end
    raise problem
  end

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
  rescue StandardError => e
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
    value = catch(tag) { perform(what, target, name, args, pairs.each_slice(2).to_h, block) }
    finished = true
    reply('value', value, outermost, mark)
  rescue SystemStackError => e
    finished = true
    reply('error', RuntimeError === e ? e : SystemStackError.new(e.message), outermost, mark)
  rescue Exception => e
    finished = true
    reply('error', e, outermost, mark)
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
    gone.each { |id| @ids.delete(@held.delete(id)); @seen.delete(id) }
  end

  def perform(what, target, name, args, named, block)
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

  # Values out.

  def bytes(out, text) = out << text.bytesize.to_s << ':' << text.b

  def put(out, value)
    kind = @class_of.bind_call(value)
    known = @puts[kind]
    return known.call(out, value) if known
    if (id = @remote[value])
      @crossed = true
      out << 'w' << id.to_s << ';'
    elsif @nameless && kind == Class && @nameless.equal?(value)
      put(out, Object)
    elsif (Module === value && builtin?(value) && (@values.include?(value.name) || value <= Exception))
      out << 'k'
      bytes(out, value.name)
    elsif kind.name == 'Set' && !own?(kind)
      container(out, value)
    elsif kind.name == 'BigDecimal'
      out << 'B'
      bytes(out, value.to_s)
    elsif kind.name == 'Date'
      out << 'D'
      put(out, value.jd)
    else
      lend(out, value, kind)
    end
  end

  def container(out, value)
    if (id = @ids[value])
      return out << 'u' << id.to_s << ';'
    end
    id = @count
    @count += 2
    hold(id, value)
    out << 'C' << id.to_s << ';'
    content(out, value)
  end

  def content(out, value)
    out << (value.frozen? ? '!' : '.')
    case value
    when String
      out << 's'
      bytes(out, value.encoding == Encoding::UTF_8 ? '' : value.encoding.name)
      bytes(out, value)
    when Array
      out << 'a' << value.size.to_s << ';'
      value.each { |each| put(out, each) }
    when Hash
      out << 'h' << value.size.to_s << ';' << (value.default_proc ? 'p' : value.compare_by_identity? ? 'i' : '.')
      put(out, value.default_proc ? nil : value.default)
      value.each_pair { |key, each| put(out, key); put(out, each) }
    else
      out << 'z' << value.size.to_s << ';'
      value.each { |each| put(out, each) }
    end
  end

  def hold(id, value)
    @held[id] = value
    @ids[value] = id
    @seen[id] = value.dup
  end

  def same?(value, before)
    return false if value.frozen? != before.frozen? && value.frozen? && !@froze&.include?(value.__id__)
    return value.eql?(before) && value.encoding == before.encoding if String === value
    value.eql?(before) && (!(Hash === value) || value.keys.eql?(before.keys)) || (value.respond_to?(:to_set) && !(Array === value || Hash === value) && value == before)
  end

  def changes(out)
    found = if @depth > 1 && @held.size > 1 && @held.sum { |_, each| each.size } > 20_000
              []
            else
              @held.select { |id, value| !same?(value, @seen[id]) }.to_a
            end
    out << found.size.to_s << ';'
    found.each do |id, value|
      out << id.to_s << ';'
      (@froze ||= {})[value.__id__] = true if value.frozen?
      @seen[id] = value.dup
      content(out, value)
    end
  end

  def lend(out, value, kind)
    stay("the tests pass on an object of #{kind}") if @text && !Proc.===(value) && !own?(kind) && kind != Object && !(Exception === value || Module === value || Enumerator === value || Method === value || kind <= Struct)
    stay('the tests pass on a class of their own process') if @text && Module === value && !own?(value)
    @crossed = true
    id = @lent_ids[value] ||= begin
      @lent << value
      @lent.size - 1
    end
    out << 'o' << id.to_s << ';'
    case value
    when Proc, Method then out << 'f' << value.arity.to_s << ';' << (Method === value || value.lambda? ? '1' : '0')
    when Enumerator
      out << 'g' << (Enumerator::Lazy === value ? '1' : '0')
      size = (value.size rescue nil)
      put(out, Numeric === size ? size : nil)
    when Module then out << 'c'
    when Exception
      out << 'x'
      put(out, kind)
      bytes(out, value.message.to_s)
      more = case value
             when KeyError then (value.key rescue nil)
             when NameError then value.name
             when SystemExit then value.status
             when StopIteration then value.result
             when UncaughtThrowError then [value.tag, value.value].freeze
             end
      put(out, more)
    else
      out << 'b'
      put(out, kind)
      put(out, @list[*(@single ||= Kernel.instance_method(:singleton_methods)).bind_call(value)])
      base = [Array, Hash, String].find { |each| kind < each } unless @text
      out << (base ? '1' : '0')
      content(out, base == String ? String.new(value) : base == Array ? [].replace(value) : {}.merge(value)) if base
    end
  end

  # Values in.

  def number(from, at)
    stop = from.index(';', at) || foreign('a number without end')
    [from.byteslice(at, stop - at), stop + 1]
  end

  def text_at(from, at)
    stop = from.index(':', at) || foreign('a text without length')
    size = from.byteslice(at, stop - at).to_i
    foreign('a text that is cut') if size.negative? || stop + 1 + size > from.bytesize
    [from.byteslice(stop + 1, size).force_encoding('UTF-8'), stop + 1 + size]
  end

  def several(from, at, width = 1)
    count, at = number(from, at)
    made = Array.new(count.to_i * width) { value, at = take(from, at); value }
    [made, at]
  end

  def take(from, at)
    kind = from[at]
    at += 1
    case kind
    when 'n' then [nil, at]
    when 't' then [true, at]
    when 'f' then [false, at]
    when 'i'
      digits, at = number(from, at)
      [digits.to_i(16), at]
    when 'd' then [from.byteslice(at, 8).unpack1('G'), at + 8]
    when 'y'
      text, at = text_at(from, at)
      [text.to_sym, at]
    when 'l' then several(from, at)
    when '.', '!' then filled(from, at - 1)
    when 'C'
      id, at = number(from, at)
      filled(from, at, id.to_i)
    when 'u'
      id, at = number(from, at)
      [@held.fetch(id.to_i), at]
    when 'r'
      open = from[at] == '1'
      first, at = take(from, at + 1)
      last, at = take(from, at)
      [Range.new(first, last, open), at]
    when 'q', 'c'
      first, at = take(from, at)
      last, at = take(from, at)
      [kind == 'q' ? Rational(first, last) : Complex.rect(first, last), at]
    when 'x'
      text, at = text_at(from, at)
      options, at = take(from, at)
      [Regexp.new(text, options & 7), at]
    when 'T'
      moment, at = take(from, at)
      offset, at = take(from, at)
      [offset ? Time.at(moment, in: offset) : Time.at(moment).utc, at]
    when 'B'
      text, at = text_at(from, at)
      require 'bigdecimal'
      [BigDecimal(text), at]
    when 'D'
      day, at = take(from, at)
      require 'date'
      [Date.jd(day), at]
    when 'k'
      name, at = text_at(from, at)
      found = name.match?(/\A[A-Z]\w*(?:::[A-Z]\w*)*\z/) && core?(Object.const_source_location(name)) && Object.const_get(name)
      foreign("a class #{name}") unless Module === found && (@values.include?(name) || found <= Exception)
      [found, at]
    when 'w'
      id, at = number(from, at)
      @crossed = true
      [@lent.fetch(id.to_i), at]
    when 'o' then borrow(from, at)
    else foreign("a value #{kind.inspect}")
    end
  end

  def filled(from, at, id = nil)
    frozen = from[at] == '!'
    kind = from[at + 1]
    if kind == 's'
      name, at = text_at(from, at + 2)
      text, at = text_at(from, at)
      made = text.force_encoding(name.empty? ? 'UTF-8' : name)
      hold(id, made) if id
    else
      count, at = number(from, at + 2)
      count = count.to_i
      made = { 'a' => Array, 'h' => Hash, 'z' => (require('set'); ::Set) }.fetch(kind).new
      hold(id, made) if id
      if kind == 'h'
        mode = from[at]
        made.compare_by_identity if mode == 'i'
        made.default, at = take(from, at + 1)
        made.default_proc = ->(*) { stay('a hash is asked for a default that stands in the other process') } if mode == 'p'
      end
      count.times do
        key, at = take(from, at)
        next made << key unless kind == 'h'
        made[key], at = take(from, at)
      end
      @seen[id] = made.dup if id
    end
    if frozen
      made.freeze
      (@froze ||= {})[made.__id__] = true
    end
    [made, at]
  end

  def changed(from, at)
    count, at = number(from, at)
    count.to_i.times do
      id, at = number(from, at)
      own = @held.fetch(id = id.to_i)
      made, at = filled(from, at)
      unless own.frozen?
        own.replace(made)
        own.freeze if made.frozen?
      end
      (@froze ||= {})[own.__id__] = true if own.frozen?
      @seen[id] = own.dup
    end
    at
  end

  def borrow(from, at)
    peer = self
    id, at = number(from, at)
    id = id.to_i
    @crossed = true
    kind = from[at]
    at += 1
    case kind
    when 'f'
      arity, at = number(from, at)
      made = @objects[id] || function(id, arity.to_i, from[at] == '1')
      at += 1
    when 'g'
      lazy = from[at] == '1'
      size, at = take(from, at + 1)
      made = @objects[id] || sequence(id, size, lazy)
    when 'c' then made = @objects[id] || stand_in(id)
    when 'x'
      cls, at = take(from, at)
      text, at = text_at(from, at)
      more, at = take(from, at)
      made = @objects[id] || problem(cls, text, more)
    when 'b'
      cls, at = take(from, at)
      single, at = take(from, at)
      value, at = from[at] == '1' ? take(from, at + 1) : [self, at + 1]
      return [value, at] if !value.equal?(self) && !named?(cls)
      if cls == Object || cls == BasicObject
        cls = @nameless ||= build('', Object, [], [], [], true)
      end
      foreign('an object without a class') unless @classes[cls]
      made = @objects[id] || Class.instance_method(:allocate).bind_call(cls)
      single.each { |each| ::Kernel.instance_method(:define_singleton_method).bind_call(made, each) { |*args, **named, &block| peer.forward(made, each, args, named, block) } } unless @objects[id]
    else foreign("an object #{kind.inspect}")
    end
    @objects[id] = made
    @remote[made] = id
    [made, at]
  end

  def function(id, arity, strict)
    peer = self
    made = strict ? lambda { |*args, **named, &block| peer.ask(:call, made, nil, args, named, block) } : proc { |*args, **named, &block| peer.ask(:call, made, nil, args, named, block) }
    made.define_singleton_method(:arity) { arity }
    made.define_singleton_method(:curry) { |count = (arity.negative? ? ~arity : arity)| super(count) }
    made.define_singleton_method(:===) { |*| peer.stay('a function of the answer is compared') } if @text
    made
  end

  def sequence(id, size, lazy)
    peer = self
    made = nil
    steps = lambda do |out|
      cursor = peer.ask(:cursor, made)
      loop do
        more, *values = peer.ask(:next, cursor)
        break unless more
        out.yield(*values)
      end
    end
    made = Enumerator.new(size, &steps)
    lazy ? (made = made.lazy) : made
  end

  def problem(cls, text, more)
    foreign('not an exception') unless Class === cls && cls <= Exception
    made = Class.instance_method(:allocate).bind_call(cls)
    if cls == KeyError then made = cls.new(text, key: more)
    elsif cls == NameError || cls == NoMethodError then made = cls.new(text, more)
    elsif cls == SystemExit then made = cls.new(more, text)
    elsif cls == UncaughtThrowError then made = cls.new(more[0], more[1], text)
    else Exception.instance_method(:initialize).bind_call(made, text)
    end
    made.define_singleton_method(:result) { more } if cls == StopIteration
    made
  end

  def named?(cls)
    info = @classes[cls]
    return false unless info
    info[:named] = cls.ancestors.any? { |each| (name = @classes[each]&.fetch(:name)) && !name.empty? && @text&.match?(/\b#{name[/\w+\z/]}\b/) } if info[:named].nil?
    info[:named]
  end

  def stand_in(id)
    name, parent, included, methods, single, own, is_class = ask(:describe, id)
    if !own && @text
      return @objects[id] = library_error(name.to_s, parent) if parent && parent <= Exception
      return stay("the answer has an object of #{name}, and so may the tests")
    end
    @objects[id] ||= build(name.to_s, is_class ? parent || Object : nil, included, methods, single, is_class)
  end

  # An exception of a library is the own one of that name, if it has been loaded here too.
  def library_error(name, parent)
    known = name.match?(/\A(?!Mini|Test|RSpec)[A-Z]\w*(?:::[A-Z]\w*)*\z/) && Object.const_defined?(name) && Object.const_get(name)
    Class === known && known <= Exception ? known : parent
  end

  def build(name, parent, included, methods, single, is_class)
    peer = self
    parent = Object if parent && !@classes[parent] && !(parent <= Exception) && parent != Object  # of Array, Struct, ...: kept there
    @making = true
    made = is_class ? Class.new(parent) : Module.new
    @classes[made] = { name: name, named: nil, over: methods }
    included.each { |each| made.include(each) if Module === each && !(Class === each) }
    kept = %i[class is_a? kind_of? instance_of? nil? equal? object_id __id__ __send__ singleton_class method_missing respond_to_missing?]
    kept += %i[message full_message backtrace backtrace_locations set_backtrace exception ==] if is_class && parent <= Exception
    if is_class
      forwarded = methods + %i[dup clone freeze frozen? instance_variable_get instance_variable_set instance_variables instance_variable_defined? method_missing respond_to? methods public_methods singleton_methods]
      forwarded += %i[cause] if parent <= Exception
      (forwarded - kept).each { |each| made.define_method(each) { |*args, **named, &block| peer.forward(self, each, args, named, block) } }
      made.define_method(:method_missing) { |each, *args, **named, &block| peer.forward(self, each, args, named, block) }
      made.define_method(:respond_to_missing?) { |each, all = false| peer.forward(self, :respond_to?, [each, all], {}, nil) ? true : false }
      %i[send public_send].each do |each|
        made.define_method(each) { |what, *args, **named, &block| each == :send && !peer.compares?(what) ? peer.ask(:private, self, what, args, named, block) : peer.forward(self, what, args, named, block) }
      end
      %i[extend define_singleton_method instance_eval instance_exec instance_variable_set].each { |each| made.define_method(each) { |*, **| peer.stay('the tests change an object of the answer') } }
      unless methods.include?(:inspect)
        text = @text && @text.include?('inspect')
        made.define_method(:inspect) { text ? peer.forward(self, :inspect, [], {}, nil) : "#<#{self.class}>" }
      end
    end
    singles(made, single, is_class)
    @making = false
    made
  end

  def singles(made, single, is_class)
    peer = self
    changing = %i[class_eval module_eval class_exec module_exec define_method alias_method remove_method undef_method attr_accessor attr_reader
                  attr_writer const_set remove_const include prepend extend instance_eval instance_exec define_singleton_method
                  inherited included extended prepended method_added singleton_method_added]
    reading = %i[instance_methods public_instance_methods private_instance_methods method_defined? public_method_defined? private_method_defined?
                 protected_method_defined? class_variable_get class_variables class_variable_defined? class_variable_set instance_variable_get
                 instance_variable_defined? constants const_defined? singleton_methods respond_to? methods]
    reading += %i[new allocate] if is_class
    kept = %i[class is_a? kind_of? instance_of? === == != ! equal? hash object_id __id__ __send__ name to_s inspect ancestors superclass nil? method
              const_missing const_get send public_send respond_to_missing? method_missing < <= > >= freeze frozen?]
    place = made.singleton_class
    (reading + single - kept - changing - %i[respond_to?]).each do |each|
      place.define_method(each) { |*args, **named, &block| peer.ask(:send, self, each, args, named, block) }
    end
    place.define_method(:method_missing) { |each, *args, **named, &block| peer.ask(:send, self, each, args, named, block) }
    # Ruby itself asks this of a class before it allocates.
    place.define_method(:respond_to?) { |each, all = false| each == :allocate || peer.ask(:send, self, :respond_to?, [each, all]) }
    place.define_method(:respond_to_missing?) { |each, all = false| peer.ask(:send, self, :respond_to?, [each, all]) }
    place.define_method(:exception) { |*args, **named, &block| peer.ask(:send, self, :new, args, named, block) } if is_class && made <= Exception
    said = @classes[made][:name]
    %i[name to_s inspect].each { |each| place.define_method(each) { said } } unless said.empty?
    place.define_method(:const_missing) { |each| peer.ask(:const, self, each) }
    place.define_method(:send) { |what, *args, **named, &block| changing.include?(what) ? peer.stay('the tests change a class of the answer') : peer.ask(:private, self, what, args, named, block) }
    place.define_method(:public_send) { |what, *args, **named, &block| peer.ask(:send, self, what, args, named, block) }
    changing.each { |each| place.define_method(each) { |*args, **, &block| peer.making ? super(*args, &block) : peer.stay('the tests change or extend what the answer has defined') } }
  end

  attr_reader :making

  def compares?(name) = %i[== != === =~ !~ eql? <=> < > <= >= hash between? clamp coerce].include?(name)

  # What the tests do with an object of the answer. Whether it is equal to something is not asked of it.
  def forward(object, name, args, named, block)
    if @text
      cls = @class_of.bind_call(object)
      known = named?(cls)
      if %i[== != eql? ===].include?(name) && !known && !@remote.key?(args[0]) && !claims?(object, name, args[0])
        return name == :!=
      elsif name == :hash && !known
        return object.__id__.hash
      elsif compares?(name) || (!known && (name.match?(/\A[-+*\/%&|^~!]/) || name.end_with?('?') && of_values?(name)))
        return stay("the tests compare objects of the answer: #{name}")
      end
    end
    ask(:send, object, name, args, named, block)
  end

  # Whether an object says that it is equal to this, and to nothing else: then it may be honest.
  def claims?(object, name, value)
    some = ->(&make) { Array.new(12, &make) }
    others = case value
             when Integer then some.call { rand(-2**40..2**40) }
             when Numeric then some.call { rand * 2**20 - 2**19 }
             when String, Symbol then some.call { made = rand(36**12).to_s(36); Symbol === value ? made.to_sym : made }
             when Array then some.call { Array.new(rand(1..3)) { rand(2**40) } }
             when Hash then some.call { { rand(2**40) => rand(2**40) } }
             else ['syncode', 918_273_645, [0.5], nil, true, false].reject { |each| each.equal?(value) }
             end
    asked = others.insert(rand(others.size + 1), value)
    equal = asked.select { |each| (ask(:send, object, name, [each]) rescue name == :!=) ? name != :!= : name == :!= }
    equal.size == 1 && equal[0].equal?(value)
  end

  def of_values?(name) = name != :respond_to? && [Array, Hash, String, Integer, Float, Symbol, Range].any? { |each| each.method_defined?(name) }
end
