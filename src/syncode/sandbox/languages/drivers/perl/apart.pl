# One end of the channel between tests and answer. A message is changes, then a body. Values are written by their kind; what references
# point to gets a number on its way, and what one half does to it is told to the other one with the next message. Objects are data
# with a class; its methods are asked for where it is defined. Functions stay where they are.
package SyncodeApart;
use strict;
use warnings;
no warnings qw(recursion redefine prototype once);
no overloading;
use Scalar::Util qw(blessed dualvar reftype refaddr set_prototype);

our ($AUTOLOAD, $asked, $last) = ('', 0, undef);
our $LARGEST = 20_000;  # elements that two processes keep in step (chosen here); beyond it they are one
my ($in, $out, $text, $leave, $count, $depth, $crossed) = (undef, undef, undef, undef, 0, 0, 0);
my (%held, %ids, %seen, %class, @order);
my (@lent, %lent, %borrowed, %number);
my (%packages, %before, %named, %partial, %given);  # given: classes of the objects that went out
my $COMPARE = qr/^(?:[=!<>]=?|==|<=>|cmp|eq|ne|lt|gt|le|ge|~~)$/;
my $DECIDES = qr/^(?:is|has|contains?|includes?|equals?|eq|ne|same|match(?:es)?|compare|cmp|starts|ends)(?:_|\b|[A-Z])/;  # methods (chosen here)
our $decided = 0;  # whether an object of no named class has decided about a value, rather than computed one
my $CONVERT = qr/^(?:""|0\+|bool|[@%&\$*]\{\}|<>|qr)$/;

# `text`: the tests, in their half; nothing that the answer says is believed there.
sub begin {
    ($text, $leave) = @_;
    open($in, '<&=', 6) or die "6: $!";
    open($out, '>&=', 7) or die "7: $!";
    binmode $_ for $in, $out;
    $count = defined $text ? 1 : 2;
    $before{$_} = 1 for all_packages();
}

sub all_packages {
    my @found;
    my @places = ('main');
    no strict 'refs';
    while (defined(my $place = shift @places)) {
        push @found, $place;
        push @places, map { /^(\w+)::$/ && $1 ne 'main' ? ($place eq 'main' ? $1 : "${place}::$1") : () } keys %{"${place}::"};
    }
    return @found;
}

sub own {  # whether a package is the program's, not of the language or of a library
    my ($package) = @_;
    (my $file = "$package.pm") =~ s{::}{/}g;
    return 0 if $package =~ /^main::|::main(?:::|$)/;  # other names of what there is
    return !$before{$package} && !$INC{$file} && !$packages{$package} && $package !~ /^(?:Test2?|UNIVERSAL|CORE|overload|B|Regexp|DB|SyncodeApart)\b/;
}

sub stay {
    my ($why) = @_;
    return $leave->(107, $why) if defined $text;
    transmit('stay', sub { bytes($_[0], $why) }, 1);
    exactly(1) while 1;  # until the tests are gone
}

sub foreign { $leave->(1, "not a message of this protocol: $_[0]") }

# Has the other half do something. `args`: aliases, for a function may change what it is given.
sub ask {
    my ($what, $name, $want) = @_;
    my ($kind, @result);
    {
        local ($@, $!, $?);  # those of the one who calls
        ($kind, @result) = replied(@_);
    }
    if ($kind eq 'error') {
        $last = $result[0];
        missing($last) if defined $text;
        die $last;
    }
    return $want ? @result : $result[0];
}

sub replied {
    my ($what, $name, $want, $args, $package) = @_;
    my $quiet = $what eq 'package';  # in the midst of a message: not all that it brings is complete
    my $outermost = ++$depth == 1 && !$quiet;
    my $mark = @order;
    $asked++ if $what eq 'call' || $what eq 'operate';
    my @topics = topics($args, $package);
    transmit('ask', sub {
        my ($buffer) = @_;
        put($buffer, $_) for $what, $name, $want;
        $$buffer .= scalar(@$args) . ';';
        put($buffer, $_) for @$args;
        put($buffer, $_) for @topics;
    }, $quiet);
    my @result = receive($args, $package);
    my $keep = pop @result;
    forget($mark, $keep) if $outermost;
    $depth--;
    return @result;
}

# What $_, $a and $b hold goes along to a block of the tests; to the answer only if it is given nothing else.
sub topics {
    my ($args, $package) = @_;
    return (undef, undef, undef) if !defined $package || (defined $text && @$args);
    no strict 'refs';
    my @found = ($_, ${"${package}::a"}, ${"${package}::b"});
    return defined $text ? map({ ref $_ ? undef : $_ } @found) : map({ ref $_ eq 'GLOB' || ref \$_ eq 'GLOB' ? undef : $_ } @found);
}

sub missing {  # an answer that uses what the tests define
    my ($problem) = @_;
    return if ref $problem;
    stay('the answer uses what the tests define') if $problem =~ /^Undefined subroutine &(?:\w+::)*(\w+) called/ && $text =~ /\bsub\s+$1\b/;
    my ($package) = $problem =~ /^Can't locate object method "\w+" via package "([\w:]+)"/ or return;
    stay('the answer uses what the tests define') if $text =~ /\bpackage\s+\Q$package\E\b/;
}

sub receive {
    my ($args, $package) = @_;
    while (1) {
        my ($kind, $message) = incoming();
        my $at = length($kind) + 1;
        $at = eval { changed($message, $at) } || foreign($@);
        if ($kind eq 'ask') { serve($message, $at) }
        elsif ($kind eq 'value' || $kind eq 'error') {
            my @values = ($kind, several($message, \$at));
            (my $size, $at) = number($message, $at);
            for my $each (1 .. $size) {  # $_ is the tests'
                (my $index, $at) = number($message, $at);
                my ($value) = several($message, \$at, 1);
                foreign('an argument that was not given') if $index >= @$args && $index ne 'topic';
                eval { $args->[$index] = $value; 1 } if $index ne 'topic';
                eval { $_ = $value; 1 } if $index eq 'topic';
            }
            return (@values, substr($message, $at, 1) eq '1');
        }
        elsif ($kind eq 'stay') { my ($why) = text_at($message, $at); stay($why) }
        else { foreign("a message $kind") }
    }
}

# Returns so many values, or as many as the message says.
sub several {
    my (undef, $at, $size) = @_;
    my @values;
    eval {
        local $SIG{__DIE__};
        ($size, $$at) = number($_[0], $$at) unless defined $size;
        for my $each (1 .. $size) { ($values[$each - 1], $$at) = take($_[0], $$at) }
        1;
    } or foreign($@);
    return @values;
}

sub transmit {
    my ($kind, $write, $quiet) = @_;
    my $buffer = "$kind;";
    if ($quiet) { $buffer .= '0;' }
    else { changes(\$buffer) }
    $write->(\$buffer);
    my $frame = pack('N', length $buffer) . $buffer;
    local $SIG{PIPE} = 'IGNORE';
    my $sent = 0;
    while ($sent < length $frame) {
        my $more = syswrite($out, $frame, length($frame) - $sent, $sent);
        $leave->(106, 'the answer has ended') unless $more;
        $sent += $more;
    }
}

sub incoming {
    my $message = exactly(unpack 'N', exactly(4));
    my $kind = substr $message, 0, index($message, ';');
    return ($kind, $message);
}

sub exactly {
    my ($size) = @_;
    my $got = '';
    while (length $got < $size) {
        $leave->(106, 'the answer has ended') unless sysread($in, $got, $size - length $got, length $got);
    }
    return $got;
}

sub serve {
    my ($message, $at) = @_;
    my $mark = @order;
    my $before = $crossed;
    $crossed = 0 if !$depth;
    my ($what, $name, $want) = several($message, \$at, 3);
    my @args = several($message, \$at);
    my @topics = several($message, \$at, 3);
    if ($what eq 'package') {
        my @said = described($name);
        transmit('value', sub { my ($buffer) = @_; $$buffer .= @said . ';'; put($buffer, $_) for @said; $$buffer .= '0;1' }, 1);
        $crossed = $before;
        return;
    }
    my $outermost = ++$depth == 1;
    my @given = @args;
    my ($kind, @result) = ('value');
    my $topic = $topics[0];
    foreign('a request for names') if $what eq 'hello' && defined $text;
    if ($what eq 'hello') { @result = hello() }
    else {
        my $code = called($what, $name);
        no strict 'refs';
        my $package = ref $name || $name !~ /^(.*)::\w+/ ? 'main' : $1;
        my @places = defined $text ? ('main', @{$named{places} ||= [$text =~ /^package\s+([\w:]+)/mg]}) : ($package);
        my $done = eval {
            local $SIG{__DIE__};
            local $_ = $topics[0];
            local (${"$places[0]::a"}, ${"$places[0]::b"}) = @topics[1, 2];
            local (${"$places[-1]::a"}, ${"$places[-1]::b"}) = @topics[1, 2] if @places > 1;
            if ($want) { @result = &$code(@args) }
            elsif (defined $want) { $result[0] = &$code(@args) }
            else { &$code(@args) }
            $topic = $_;
            1;
        };
        ($kind, @result) = ('error', $@) unless $done;
    }
    my $keep;
    transmit($kind, sub {
        my ($buffer) = @_;
        $$buffer .= scalar(@result) . ';';
        put($buffer, $_) for @result;
        my @changed = grep { !alike($given[$_], $args[$_]) } 0 .. $#given;
        my $moved = $kind eq 'value' && !alike($topics[0], $topic);
        $$buffer .= (@changed + ($moved ? 1 : 0)) . ';';
        for (@changed) { $$buffer .= "$_;"; put($buffer, $args[$_]) }
        if ($moved) { $$buffer .= 'topic;'; put($buffer, $topic) }
        $keep = $crossed || !$outermost ? 1 : 0;
        $$buffer .= $keep;
    });
    forget($mark, $keep) if $outermost;
    $depth--;
}

# Returns what is to be called; of the tests, only what they have given away or what their own classes define.
sub called {
    my ($what, $name) = @_;
    return $name if $what eq 'call' && ref $name eq 'CODE';
    foreign("a request for $what") if ref $name || $what !~ /^(?:call|operate)$/;
    if ($what eq 'operate') {
        my ($package, $operator) = split /\0/, $name;
        return overload::Method($package, $operator) || foreign("no operator $operator");
    }
    no strict 'refs';
    (my $full, my $wanted) = split /\0/, $name;
    my ($package) = $full =~ /^(.*)::\w+$/ or foreign('a function without a package');
    stay('the answer reaches into the tests') if defined $text && !(exists $given{$package} && defined &$full);
    ${"${package}::AUTOLOAD"} = $wanted if defined $wanted;
    return \&$full;
}

# Packages: what the other half needs to stand something for them.

sub hello {
    my @own = grep { $_ eq 'main' || (own($_) && functions($_)) } all_packages();
    return map { described($_) } @own;
}

sub functions {
    my ($package) = @_;
    no strict 'refs';
    my $stash = \%{"${package}::"};
    return grep { /^[A-Za-z_]\w*$/ && !$before{"${package}::$_"} && defined &{"${package}::$_"} } keys %$stash;
}

sub described {
    my ($package) = @_;
    no strict 'refs';
    return ($package, '', '', '', '', '') if $package ne 'main' && !own($package);
    my @functions = map { my $proto = prototype \&{"${package}::$_"}; defined $proto ? "$_ $proto" : $_ } functions($package);
    my @operators = map { /^\((.+)$/ && $1 ne '(' && $1 ne ')' ? $1 : () } keys %{"${package}::"};
    my $fallback = ${"${package}::()"};
    my $parents = join ' ', map { own($_) ? $_ : '!' } @{"${package}::ISA"};
    my $exported = join ' ', @{"${package}::EXPORT"};
    return ($package, $parents, join("\n", @functions), join(' ', @operators), defined $fallback ? "$fallback" : 'undef', $exported);
}

sub remember { my ($name) = @_; $before{$name} = 1 }

# Puts functions that ask in the place of those of the other half.
sub stand_for {
    my ($package, $parents, $functions, $operators, $fallback, $exported) = @_;
    no strict 'refs';
    foreign("a package $package") if $package !~ /^[A-Za-z_]\w*(?:::\w+)*$/ || $package =~ /^main::|::main(?:::|$)/;
    my $put = eval "package $package; no strict 'refs'; no warnings; sub { *{\$_[0]} = \$_[1] }" or foreign($@);
    for (split /\n/, $functions) {
        my ($name, $proto) = split / /, $_, 2;
        next if $name !~ /^[A-Za-z_]\w*$/ || defined &{"${package}::$name"};
        next if $name =~ /^(?:DESTROY|BEGIN|END|INIT|CHECK|UNITCHECK|import|unimport)$/;
        my $full = "${package}::$name";
        my $asks = $name eq 'AUTOLOAD'
            ? sub { my $wanted = $AUTOLOAD; return if $wanted =~ /::DESTROY$/; ask('call', "$full\0$wanted", wantarray, \@_, scalar caller) }
            : sub {
                return ask('call', $full, wantarray, \@_, scalar caller) if @_ < 2 || !defined $text || !ref $_[0] || !UNIVERSAL::isa($_[0], $package) || is_named($package);
                my @said = wantarray ? ask('call', $full, 1, \@_, scalar caller) : scalar ask('call', $full, wantarray, \@_, scalar caller);
                $decided = 1 if $name =~ $DECIDES || (@said == 1 && defined $said[0] && $said[0] =~ /^(?:|0|-?1)\z/);
                return wantarray ? @said : $said[0];
            };
        &set_prototype($asks, $proto) if defined $proto;
        $put->($full, $asks);
    }
    return if $package eq 'main';
    $packages{$package} = 1;
    (my $file = "$package.pm") =~ s{::}{/}g;
    $INC{$file} = 'main.pl' if defined $text;  # what the tests `use` may be the answer
    $put->("${package}::import", sub {
        my ($own, @names) = @_;
        my $into = caller;
        my $give = eval "package $into; no strict 'refs'; sub { *{\$_[0]} = \$_[1] }" or die $@;
        for (@names ? @names : split / /, $exported) {
            $give->("${into}::$_", \&{"${package}::$_"}) if /^&?([A-Za-z_]\w*)$/ && defined &{"${package}::$_"};
        }
    });
    for (split / /, $parents) {
        if ($_ eq '!') { $partial{$package} = 1; next }  # a library's: what it defines is not here
        known($_);
        push @{"${package}::ISA"}, $_;
    }
    my %made = map { my $operator = $_; ($operator => sub { operate($package, $operator, @_) }) } split / /, $operators;
    if (%made) {
        require overload;
        my $back = $fallback eq 'undef' ? undef : $fallback;
        eval "package $package; overload->import(\%made, fallback => \$back); 1" or foreign($@);
    }
}

# Whether a class is the other half's, and all its methods have something in their place here.
sub is_whole {
    my ($package) = @_;
    no strict 'refs';
    return $packages{$package} && !$partial{$package} && !grep { !is_whole($_) } @{"${package}::ISA"};
}

sub known {  # makes a class of the other half known here
    my ($package) = @_;
    return if $packages{$package};
    no strict 'refs';
    foreign("a class $package") unless $package =~ /^[A-Za-z_]\w*(?:::\w+)*$/;
    (my $file = "$package.pm") =~ s{::}{/}g;
    stay("both have a class $package") if $before{$package} || $INC{$file};
    my ($said, @rest) = ask('package', $package, 1, []);
    stay("an object of $package") if $said ne $package;
    stand_for($package, @rest);
}

# What an object of the other half is asked for by an operator. Whether it is equal to something is not asked of it.
sub operate {
    my ($package, $operator, $object, $other, $swapped) = @_;
    if (defined $text && $operator !~ $CONVERT) {
        my $known = is_named($package);
        if ($operator =~ /^(?:==|eq|!=|ne)$/ && !$known && !ref $other) {
            return $operator =~ /^(?:!=|ne)$/ ? 1 : !!0 unless claims($package, $operator, $object, $other, $swapped);
        }
        stay("the tests compare objects of the answer: $operator") if !$known || $operator =~ $COMPARE;
    }
    return ask('operate', "$package\0$operator", scalar wantarray, [$object, $other, $swapped]);
}

# Whether an object says that it is equal to this, and to nothing else: then it may be honest.
sub claims {
    my ($package, $operator, $object, $other, $swapped) = @_;
    my @asked = map { $operator =~ /[a-z]/ ? 'w' . int rand 1e9 : int(rand 2e9) - 1e9 } 1 .. 12;
    splice @asked, int rand @asked, 0, $other;
    my @equal;
    for my $each (@asked) {
        my $said = eval { ask('operate', "$package\0$operator", '', [$object, $each, $swapped]) };
        push @equal, $each if $operator =~ /^(?:!=|ne)$/ ? !$said : $said;
    }
    return @equal == 1 && $equal[0] eq $other;
}

sub is_named {
    my ($package) = @_;
    return $named{$package} //= !!grep({ $text =~ /(?<![\w:])\Q$_\E(?![\w:])/ } ancestry($package));
}

sub ancestry {
    my ($package) = @_;
    no strict 'refs';
    return ($package, map { ancestry($_) } @{"${package}::ISA"});
}

# Values out.

sub bytes { my ($buffer, $bytes) = @_; $$buffer .= length($bytes) . ":$bytes" }

sub is_number {
    my ($value) = @_;
    no warnings;
    return has_number($value) && 0 + $value eq $value;
}

sub has_number {  # of a text nothing is left by this operator, of a number 0
    my ($value) = @_;
    no warnings;
    return !utf8::is_utf8($value) && length((my $empty = '') & $value);
}

sub put {
    my ($buffer, $value) = @_;
    if (!defined $value) { $$buffer .= 'n' }
    elsif (ref $value) { put_reference($buffer, $value) }
    elsif (ref \$value eq 'GLOB') { stay('a file crosses') }
    elsif (is_number($value)) {
        if ($value =~ /^(?:-?[1-9][0-9]{15,19}|-?[1-9][0-9]{0,14}|0)\z/ && (length $value > 15 || "$value" == $value)) { $$buffer .= "i$value;" }
        else { $$buffer .= 'd' . pack('d>', $value) }
    }
    elsif ($value eq '' && has_number($value)) { $$buffer .= 'f' }
    elsif (has_number($value)) {  # "0 but true", $!, a text that has been used as a number
        no warnings;
        $$buffer .= 'D';
        put($buffer, 0 + $value);
        put_text($buffer, $value);
    }
    else { put_text($buffer, $value) }
}

sub put_text {
    my ($buffer, $value) = @_;
    if (utf8::is_utf8($value)) {
        utf8::encode($value);
        $$buffer .= 'U';
    }
    else { $$buffer .= 'S' }
    bytes($buffer, $value);
}

sub put_reference {
    my ($buffer, $value) = @_;
    my ($class, $kind, $address) = (blessed $value, reftype $value, refaddr $value);
    if ($kind eq 'CODE') {
        stay('an object that is a function') if defined $class;
        $crossed = 1;
        if (defined $number{$address}) { $$buffer .= "w$number{$address};"; return }
        unless (defined $lent{$address}) { push @lent, $value; $lent{$address} = $#lent }
        my $proto = prototype $value;
        $$buffer .= "o$lent{$address};";
        bytes($buffer, defined $proto ? "+$proto" : '');
        return;
    }
    if ($kind eq 'REGEXP') {
        my ($pattern, $flags) = re::regexp_pattern($value);
        $$buffer .= 'x';
        put($buffer, $pattern);
        bytes($buffer, $flags);
        return;
    }
    if (defined $class && $class =~ /^Math::Big(?:Int|Float|Rat)$/) {
        $$buffer .= 'B';
        bytes($buffer, $class);
        bytes($buffer, $value->bstr);
        return;
    }
    stay("a reference to $kind crosses") unless $kind =~ /^(?:ARRAY|HASH|SCALAR|REF|LVALUE|VSTRING)$/;
    $crossed = 1 if defined $class;
    if (defined $ids{$address}) { $$buffer .= "u$ids{$address};"; return }
    stay("an object of $class crosses") if defined $class && !own($class) && !$packages{$class};
    @given{grep { own($_) } ancestry($class)} = () if defined $class && own($class);
    my $id = $count;
    $count += 2;
    hold($id, $value);
    $$buffer .= "C$id;";
    content($buffer, $value);
}

sub content {
    my ($buffer, $value) = @_;
    my ($class, $kind) = (blessed $value, reftype $value);
    bytes($buffer, defined $class ? $class : '');
    if ($kind eq 'ARRAY') {
        $$buffer .= 'a' . scalar(@$value) . ';';
        put($buffer, $_) for @$value;
    }
    elsif ($kind eq 'HASH') {
        $$buffer .= 'h' . scalar(keys %$value) . ';';
        for my $key (keys %$value) { put($buffer, $key); put($buffer, $value->{$key}) }
    }
    else {
        $$buffer .= 's';
        put($buffer, $$value);
    }
}

sub hold {
    my ($id, $value) = @_;
    $held{$id} = $value;
    $ids{refaddr $value} = $id;
    push @order, $id;
    noted($id, $value);
}

sub noted {
    my ($id, $value) = @_;
    my $kind = reftype $value;
    $class{$id} = blessed $value;
    $seen{$id} = $kind eq 'ARRAY' ? [@$value] : $kind eq 'HASH' ? {%$value} : \(my $copy = $$value);
}

sub size { my ($value) = @_; my $kind = reftype $value; return $kind eq 'ARRAY' ? scalar @$value : $kind eq 'HASH' ? scalar keys %$value : 1 }

sub alike {
    my ($one, $other) = @_;
    return !defined $one && !defined $other unless defined $one && defined $other;
    return ref $one && ref $other && refaddr $one == refaddr $other if ref $one || ref $other;
    return 0 if $one ne $other;
    return 1 unless $one =~ /[.e]/ && is_number($one) && is_number($other);
    return $one == $other;
}

sub is_same {
    my ($id) = @_;
    my ($value, $before) = ($held{$id}, $seen{$id});
    my $class = blessed $value;
    return 0 if (defined $class ? $class : '') ne (defined $class{$id} ? $class{$id} : '');
    my $kind = reftype $value;
    if ($kind eq 'ARRAY') {
        return 0 if @$value != @$before;
        for my $index (0 .. $#$value) { return 0 unless alike($value->[$index], $before->[$index]) }
        return 1;
    }
    if ($kind eq 'HASH') {
        return 0 if keys %$value != keys %$before;
        for my $key (keys %$value) { return 0 unless exists $before->{$key} && alike($value->{$key}, $before->{$key}) }
        return 1;
    }
    return alike($$value, $$before);
}

sub changes {
    my ($buffer) = @_;
    my $total = 0;
    if (@order && $depth > 1) { $total += size($_) for values %held }
    my @found = $total > $LARGEST ? () : grep { !is_same($_) } @order;
    $$buffer .= @found . ';';
    for my $id (@found) {
        noted($id, $held{$id});
        $$buffer .= "$id;";
        content($buffer, $held{$id});
    }
}

# What was passed is common to both halves for one call; longer only if something that stays behind might hold on to it.
sub forget {
    my ($mark, $keep) = @_;
    my @gone = $keep ? () : @order[$mark .. $#order];
    if ($keep) {
        my $spare = @order - 256;
        @gone = (grep { !defined $class{$_} } @order)[0 .. $spare - 1] if $spare > 0;
        @gone = grep { defined } @gone;
        my $total = 0;
        $total += size($_) for values %held;
        stay('objects too large to be kept in step') if $total > $LARGEST && defined $text;
    }
    return unless @gone;
    my %gone = map { $_ => 1 } @gone;
    @order = grep { !$gone{$_} } @order;
    for (@gone) { delete $ids{refaddr delete $held{$_}}; delete $seen{$_}; delete $class{$_} }
}

# Values in.

sub number {
    my (undef, $at) = @_;
    my $stop = index $_[0], ';', $at;
    foreign('a number without end') if $stop < 0;
    return (substr($_[0], $at, $stop - $at), $stop + 1);
}

sub text_at {
    my (undef, $at) = @_;
    my $stop = index $_[0], ':', $at;
    my $size = $stop < 0 ? '' : substr $_[0], $at, $stop - $at;
    foreign('a text that is cut') if $size !~ /^\d+$/ || $stop + 1 + $size > length $_[0];
    return (substr($_[0], $stop + 1, $size), $stop + 1 + $size);
}

sub take {
    my (undef, $at) = @_;
    my $kind = substr $_[0], $at++, 1;
    return (undef, $at) if $kind eq 'n';
    return (!!0, $at) if $kind eq 'f';
    if ($kind eq 'i') {
        my ($digits, $next) = number($_[0], $at);
        foreign('a number') unless $digits =~ /^-?\d+$/;
        return (0 + $digits, $next);
    }
    return (unpack('d>', substr $_[0], $at, 8), $at + 8) if $kind eq 'd';
    if ($kind eq 'S' || $kind eq 'U') {
        my ($bytes, $next) = text_at($_[0], $at);
        foreign('a text that is not UTF-8') if $kind eq 'U' && !utf8::decode($bytes);
        utf8::upgrade($bytes) if $kind eq 'U';
        return ($bytes, $next);
    }
    if ($kind eq 'D') {
        my ($number, $next) = take($_[0], $at);
        (my $said, $next) = take($_[0], $next);
        foreign('two numbers in one') if ref $number || ref $said;
        return (dualvar($number, $said), $next);
    }
    if ($kind eq 'C') {
        my ($id, $next) = number($_[0], $at);
        return filled($_[0], $next, $id);
    }
    if ($kind eq 'u') {
        my ($id, $next) = number($_[0], $at);
        $crossed = 1 if $held{$id} && defined $class{$id};
        return ($held{$id} || foreign("a reference $id"), $next);
    }
    if ($kind eq 'w') {
        my ($id, $next) = number($_[0], $at);
        $crossed = 1;
        return ($lent[$id] || foreign("a function $id"), $next);
    }
    if ($kind eq 'o') {
        my ($id, $next) = number($_[0], $at);
        (my $proto, $next) = text_at($_[0], $next);
        $crossed = 1;
        return ($borrowed{$id} ||= function($id, $proto), $next);
    }
    if ($kind eq 'x') {
        my ($pattern, $next) = take($_[0], $at);
        (my $flags, $next) = text_at($_[0], $next);
        foreign('flags') unless $flags =~ /^[msixnpaul^]*$/;
        $flags =~ tr/^//d;
        my $made = eval "qr/\$pattern/$flags" or foreign($@);
        return ($made, $next);
    }
    if ($kind eq 'B') {
        my ($class, $next) = text_at($_[0], $at);
        (my $digits, $next) = text_at($_[0], $next);
        foreign("a number of $class") unless $class =~ /^Math::(Big(?:Int|Float|Rat))$/;
        require "Math/$1.pm";
        return ($class->new($digits), $next);
    }
    foreign("a value $kind");
}

sub function {
    my ($id, $proto) = @_;
    my $made;
    $made = sub { ask('call', $made, wantarray, \@_, scalar caller) };
    $number{refaddr $made} = $id;
    &set_prototype($made, substr $proto, 1) if $proto ne '';
    return $made;
}

sub filled {
    my (undef, $at, $id) = @_;
    (my $class, $at) = text_at($_[0], $at);
    my $kind = substr $_[0], $at++, 1;
    my $made = $kind eq 'a' ? [] : $kind eq 'h' ? {} : $kind eq 's' ? \(my $scalar) : foreign("a container $kind");
    hold($id, $made) if defined $id;
    my $size = 1;
    ($size, $at) = number($_[0], $at) if $kind ne 's';
    for (1 .. $size) {
        (my $key, $at) = take($_[0], $at);
        if ($kind eq 'a') { push @$made, $key }
        elsif ($kind eq 'h') { ($made->{$key}, $at) = take($_[0], $at) }
        else { $$made = $key }
    }
    bless_as($made, $class);
    noted($id, $made) if defined $id;
    return ($made, $at);
}

sub bless_as {
    my ($made, $class) = @_;
    return if $class eq '';
    $crossed = 1;
    known($class) unless $packages{$class} || (own($class) && functions($class));
    bless $made, $class;
}

sub changed {
    my (undef, $at) = @_;
    (my $found, $at) = number($_[0], $at);
    for (1 .. $found) {
        (my $id, $at) = number($_[0], $at);
        my $own = $held{$id} || foreign("a reference $id");
        (my $made, $at) = filled($_[0], $at);
        my $kind = reftype $own;
        my $other = reftype $made;
        foreign('another kind of container') if ($kind =~ /^(?:ARRAY|HASH)$/ ? $kind : 'x') ne ($other =~ /^(?:ARRAY|HASH)$/ ? $other : 'x');
        if ($kind eq 'ARRAY') { @$own = @$made }
        elsif ($kind eq 'HASH') { %$own = %$made }
        else { eval { $$own = $$made } }
        my $class = blessed $made;
        bless $own, $class if defined $class;
        noted($id, $own);
    }
    return $at;
}

1;
