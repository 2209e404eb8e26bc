# What stands here for functions, iterators, classes, exceptions and objects of the other half. Evaluates to an anonymous module.
Module.new do
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
      define = ::Kernel.instance_method(:define_singleton_method)
      (@objects[id] ? [] : single).each do |each|
        define.bind_call(made, each) { |*args, **named, &block| peer.forward(made, each, args, named, block) }
      end
    else foreign("an object #{kind.inspect}")
    end
    @objects[id] = made
    @remote[made] = id
    [made, at]
  end

  def function(id, arity, strict)
    peer = self
    made = nil
    asks = lambda do |own, args, named, block|
      peer.stay('a block runs as a part of another object') unless peer.equal?(own)  # instance_eval, define_method
      peer.ask(:call, made, nil, args, named, block)
    end
    made = if strict
             lambda { |*args, **named, &block| asks.call(self, args, named, block) }
           else
             proc { |*args, **named, &block| asks.call(self, args, named, block) }
           end
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
    return info[:named] unless info[:named].nil?
    names = cls.ancestors.filter_map { |each| @classes[each]&.fetch(:name) } - ['']
    info[:named] = names.any? { |name| @text&.match?(/\b#{name[/\w+\z/]}\b/) }
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
      forwarded = methods + %i[dup clone freeze frozen? instance_variable_get instance_variable_set instance_variables
                               instance_variable_defined? method_missing respond_to? methods public_methods singleton_methods]
      forwarded += %i[cause] if parent <= Exception
      (forwarded - kept).each { |each| made.define_method(each) { |*args, **named, &block| peer.forward(self, each, args, named, block) } }
      made.define_method(:method_missing) { |each, *args, **named, &block| peer.forward(self, each, args, named, block) }
      made.define_method(:respond_to_missing?) { |each, all = false| peer.forward(self, :respond_to?, [each, all], {}, nil) ? true : false }
      %i[send public_send].each do |each|
        made.define_method(each) do |what, *args, **named, &block|
          next peer.ask(:private, self, what, args, named, block) if each == :send && !peer.compares?(what)
          peer.forward(self, what, args, named, block)
        end
      end
      %i[extend define_singleton_method instance_eval instance_exec instance_variable_set].each do |each|
        made.define_method(each) { |*, **| peer.stay('the tests change an object of the answer') }
      end
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
    place.define_method(:send) do |what, *args, **named, &block|
      peer.stay('the tests change a class of the answer') if changing.include?(what)
      peer.ask(:private, self, what, args, named, block)
    end
    place.define_method(:public_send) { |what, *args, **named, &block| peer.ask(:send, self, what, args, named, block) }
    changing.each do |each|
      place.define_method(each) do |*args, **, &block|
        peer.stay('the tests change or extend what the answer has defined') unless peer.making
        super(*args, &block)
      end
    end
  end

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
    said = ask(:send, object, name, args, named, block)
    # A method of an object of no named class: with these it has decided about a value, rather than computed one.
    @decided = true if @text && !known && args.any? && (DECIDES.match?(name) || [true, false, -1, 0, 1].include?(said))
    said
  end
  DECIDES = /\A(?:is_|has_|\w*contains?|includes?|\w*equals?|same|match|compare|covers?|starts?_|ends?_)\w*\z/

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
