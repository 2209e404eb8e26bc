# Values that cross between tests and answer, written by their kind: `put` writes, `take` reads. Evaluates to an anonymous module.
Module.new do
  def begin_values
    @class_of = ::Kernel.instance_method(:class)
    @values = %w[BasicObject Object NilClass TrueClass FalseClass Integer Float Numeric String Symbol Array Hash Range Rational Complex
                 Proc Struct Comparable Enumerable Enumerator Regexp Time]
    @list = Class.new(Array)  # of what the halves themselves have to say
    @puts = {
      @list => ->(out, value) { out << 'l' << value.size.to_s << ';'; value.each { |each| put(out, each) } },
      NilClass => ->(out, _) { out << 'n' }, TrueClass => ->(out, _) { out << 't' }, FalseClass => ->(out, _) { out << 'f' },
      Integer => ->(out, value) { out << (value.bit_length < 64 ? "i#{value};" : "I#{value.to_s(16)};") }, Float => ->(out, value) { out << 'd' << [value].pack('G') },
      Symbol => ->(out, value) { out << 'y'; bytes(out, value.to_s) },
      Range => ->(out, value) { out << 'r' << (value.exclude_end? ? '1' : '0'); put(out, value.begin); put(out, value.end) },
      Rational => ->(out, value) { out << 'q'; put(out, value.numerator); put(out, value.denominator) },
      Complex => ->(out, value) { out << 'c'; put(out, value.real); put(out, value.imaginary) },
      Regexp => ->(out, value) { out << 'x'; bytes(out, value.source); put(out, value.options) },
      Time => ->(out, value) { out << 'T'; put(out, value.to_r); put(out, value.utc? ? nil : value.utc_offset) }
    }
  end

  def bytes(out, text) = out << "#{text.bytesize}:" << (text.ascii_only? ? text : text.b)

  def put(out, value)
    kind = @class_of.bind_call(value)
    return container(out, value) if kind == String || kind == Array || kind == Hash
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
      return out << "u#{id};"
    end
    id = @count
    @count += 2
    hold(id, value)
    out << "C#{id};"
    content(out, value)
  end

  def content(out, value)
    out << (value.frozen? ? '!' : '.')
    case value
    when String
      if value.encoding == Encoding::UTF_8
        out << 's'
      else
        out << 'e'
        bytes(out, value.encoding.name)
      end
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
    noted(id, value)
  end

  def noted(id, value)
    @seen[id] = String === value ? stamp(value) : value.dup
    @frozen[id] = true if value.frozen?
  end

  def stamp(text) = text.hash ^ text.encoding.__id__

  def same?(id, value)
    before = @seen[id]
    return false if value.frozen? && !@frozen[id]
    case value
    when String then stamp(value) == before
    when Hash then value.eql?(before) && value.keys.eql?(before.keys)
    when Array then value.eql?(before)
    else value == before
    end
  end

  def changes(out)
    found = if @depth > 1 && @held.size > 1 && @held.sum { |_, each| each.size } > 20_000
              []
            else
              @held.select { |id, value| !same?(id, value) }.to_a
            end
    out << found.size.to_s << ';'
    found.each do |id, value|
      out << id.to_s << ';'
      noted(id, value)
      content(out, value)
    end
  end

  def lend(out, value, kind)
    known = [Proc, Method, Module, Exception, Enumerator, Struct].any? { |each| each === value } || kind == Object || own?(kind)
    stay("the tests pass on an object of #{kind}") if @text && !known
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
    when 'i', 'I'
      digits, at = number(from, at)
      [digits.to_i(kind == 'i' ? 10 : 16), at]
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
    if kind == 's' || kind == 'e'
      at += 2
      name, at = text_at(from, at) if kind == 'e'
      made, at = text_at(from, at)
      made.force_encoding(name) if name
      made.freeze if frozen
      hold(id, made) if id
      return [made, at]
    else
      count, at = number(from, at + 2)
      count = count.to_i
      made = empty(kind)
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
    end
    made.freeze if frozen
    noted(id, made) if id
    [made, at]
  end

  def empty(kind)
    case kind
    when 'a' then []
    when 'h' then {}
    when 'z'
      require 'set'
      ::Set.new
    else foreign("a container #{kind}")
    end
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
      noted(id, own)
    end
    at
  end
end
