# Runs the answer in package main, then the tests; says the proof when both have come to their end. What the answer has replaced
# among builtins and in the modules that tests compare with is put back.
{
    my ($file, $tests_file, $least) = splice @ARGV;
    my $tests = defined $tests_file && do { local $/; open(my $text, '<', $tests_file) or die "$tests_file: $!"; <$text> };
    unlink $tests_file if defined $tests_file;
    open(my $ask, '>&=', 4) or die "ask: $!";
    open(my $tell, '<&=', 3) or die "tell: $!";
    syswrite($ask, '?');
    sysread($tell, my $key, 33);
    $key = substr $key, 0, 32;
    my %included = %INC;
    my @places = @INC;
    my $result = do "./$file";
    if ($@) { print STDERR $@; exit 255; }
    if (!defined $result && $!{ENOENT} && !-e $file) { print STDERR "no such file\n"; exit 127; }
    my ($total, $forged) = (0, 0);
    require overload;
    if (defined $tests) {
        no strict; no warnings;
        %CORE::GLOBAL:: = ();  # builtins that the answer has replaced
        delete @SIG{qw(__DIE__ __WARN__)};
        delete @main::{qw(die exit warn abs int sqrt length lc uc join keys values defined ref reverse require)};
        @INC = @places;
        # What the tests load is loaded afresh: the answer may have said that it is there, or changed it.
        while ($tests =~ /\b(?:use|require)\s+((?:Test|Data|List|Scalar|POSIX|Math|JSON|Carp)\b[\w:]*)/g) {
            my ($package, $name) = ($1, "$1.pm");
            $name =~ s{::}{/}g;
            next if $included{$name} || $package eq 'POSIX';
            delete $INC{$_} for grep { m{^Test2?/} && $name =~ /^Test/ } keys %INC;
            delete $INC{$name};
            for my $stash ($name =~ /^Test/ ? grep(/^Test2?(?:::)?/, map { /^(Test2?)::$/ ? $1 : () } keys %main::) : $package) {
                my @stashes = ($stash);
                while (defined(my $each = shift @stashes)) {
                    push @stashes, map { /^(\w+)::$/ ? "${each}::$1" : () } keys %{"${each}::"};
                    delete ${"${each}::"}{$_} for grep { !/::$/ } keys %{"${each}::"};
                }
            }
        }
        for my $name (keys %main::) {  # what the answer calls like a function of a test module is the module's
            delete $main::{$name} if $tests =~ /\buse\s+(?:Test::|Data::Compare)/ && $name =~ /^(?:ok|is|isnt|is_deeply|like|cmp_ok|done_testing|plan|Compare|eq_deeply|cmp_deeply)$/;
        }
        # An object of the answer that calls itself equal to 9 is asked about other values, too.
        my @stashes = ('main');
        while (defined(my $stash = shift @stashes)) {
            push @stashes, map { /^(\w+)::$/ && $1 ne 'main' ? ($stash eq 'main' ? $1 : "${stash}::$1") : () } keys %{"${stash}::"};
            next if $stash =~ /^(?:version|Math::Big|overload|CORE|B|Regexp|DB)\b/ || !overload::Overloaded($stash);
            for my $operator (qw(== eq - != ne <=> cmp < > <= >= lt gt le ge)) {
                my $method = overload::Method($stash, $operator) or next;
                my $yes = $operator =~ /^(?:!=|ne)$/ ? sub { !$_[0] } : $operator =~ /^(?:-|<=>|cmp)$/ ? sub { defined $_[0] && "$_[0]" eq '0' } : sub { $_[0] };
                my $doubting = sub {
                    my ($one, $other, $swapped) = @_;
                    my $said = $method->(@_);
                    return $said if ref $other || !$yes->($said);
                    for (1 .. 8) {
                        my $decoy = $operator =~ /[a-z]/ && $operator ne 'cmp' ? 'w' . int rand 1e9 : int(rand 2e9) - 1e9;
                        return $said unless eval { $yes->(scalar $method->($one, $decoy, $swapped)) };
                    }
                    $forged = 1;
                    die "an object of the answer claims to be equal to anything";
                };
                eval "package $stash; overload->import(\$operator => \$doubting); 1";
            }
        }
        eval "package main; $tests\n;1" or do { print STDERR $@; exit 255; };
        exit 1 if $forged;
        if ($INC{'Test/More.pm'} || $INC{'Test/Builder.pm'}) {
            my $builder = Test::Builder->new;
            $total = $builder->current_test;
            exit 1 if !$builder->is_passing || ($total && $builder->expected_tests && $builder->expected_tests != $total);
        } else {
            $total = $least;
        }
        syswrite($ask, qq({"tests":{"total":$total,"passed":$total}}\n));
    }
    syswrite($ask, '?');
    sysread($tell, my $token, 33);
    syswrite($ask, "$key$token");
}
