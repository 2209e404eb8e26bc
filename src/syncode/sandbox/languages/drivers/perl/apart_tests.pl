# The half of the tests: puts functions that ask in the place of those that the answer defines, runs the tests, and says the proof in the
# end. Nothing of the answer is ever in this process. Exit codes are those of `cell/outcome.py`.
{
    my ($file, $least) = splice @ARGV;
    open(my $ask, '>&=', 4) or die "ask: $!";
    open(my $tell, '<&=', 3) or die "tell: $!";
    syswrite($ask, '?');
    sysread($tell, my $key, 33);
    $key = substr $key, 0, 32;
    my $tests = do { local $/; open(my $text, '<', $file) or die "$file: $!"; <$text> };
    my ($finished, $code, $report, $conclude) = (0);
    my $leave = sub {
        my ($with, $why) = @_;
        $why = defined $why ? substr("$why", 0, 2000) : '';
        $why =~ s/\s+/ /g;
        print STDERR substr($why, 0, 300), "\n";
        ($finished, $code) = (1, $with);
        exit $with;
    };
    END {
        if (!$finished && !$? && $conclude) { eval { $conclude->(1, '') } }  # an `exit 0` of their own
        if (!$finished && $? && $report) { $report->(0, 1, 0, ['tests', 'fail', "exit $?"]) }
        if (!$finished) { print STDERR $? ? "exit $?\n" : "it ended before the last test\n" }
        $? = $finished ? $code : $? ? 101 : 1;
    }
    (do './apart.pl') or die $@ || $!;
    SyncodeApart::begin($tests, $leave);
    SyncodeApart::remember("main::$_") for keys %main::;
    my @said = SyncodeApart::ask('hello', undef, 1, []);
    while (my @package = splice @said, 0, 6) {
        (my $loaded = "$package[0].pm") =~ s{::}{/}g;
        if ($package[0] ne 'main') {
            next if $package[0] =~ /^(?:Test2?|UNIVERSAL|CORE|overload|B|Regexp|DB|SyncodeApart)\b/;
            next if $INC{$loaded} || grep { -e "$_/$loaded" } @INC;
        }
        SyncodeApart::stand_for(@package);
    }
    my $quoted = sub {
        my $text = defined $_[0] ? "$_[0]" : '';
        utf8::encode($text) if utf8::is_utf8($text);
        $text =~ s/([^ !#-\[\]-~])/sprintf '\\u%04x', ord $1/ge;
        return qq("$text");
    };
    $report = sub {
        my ($passed, $failed, $errors, @rows) = @_;
        my $total = $passed + $failed + $errors;
        my $listed = join ',', map {
            my ($name, $state, $why) = @$_;
            sprintf '{"name":%s,"state":"%s","reason":%s}', $quoted->($name), $state, $quoted->($why);
        } grep { defined } @rows[0 .. 199];
        syswrite($ask, qq({"tests":{"total":$total,"passed":$passed,"failed":$failed,"errors":$errors,"skipped":0},"results":[$listed],"asked":@{[$SyncodeApart::decided ? 'true' : 'false']}}\n));
    };
    my $is_remote = sub {
        my ($problem) = @_;
        return 0 unless defined $SyncodeApart::last;
        return SyncodeApart::alike($problem, $SyncodeApart::last);
    };
    $conclude = sub {
        my ($done, $problem) = @_;
        my @rows;
        my $builder = $INC{'Test/Builder.pm'} ? Test::Builder->new : undef;
        if ($builder && $builder->current_test) {
            my $number = 0;
            for my $each ($builder->details) {
                $number++;
                my $name = defined $each->{name} && length $each->{name} ? "$number: $each->{name}" : "test $number";
                push @rows, [$name, $each->{ok} ? ('pass', '') : ('fail', 'not ok')];
            }
        }
        my $passed = grep { $_->[1] eq 'pass' } @rows;
        my $failed = @rows - $passed;
        if (!$done) {
            my $of_perl = qr/^(?:Can't (?:use|call|locate|modify|coerce)|Not an? |Illegal |Modification |Use of |Attempt to |Odd )/;
            my $state = $is_remote->($problem) || $problem =~ $of_perl ? 'error' : 'fail';
            my $why = ref $problem ? 'the tests died of an object of ' . ref $problem : $problem;
            $report->($passed, $failed + ($state eq 'fail'), $state eq 'error' ? 1 : 0, @rows, ['tests', $state, $why]);
            $leave->($state eq 'fail' || $failed ? 101 : 1, $why);
        }
        if ($builder) {
            my $expected = $builder->expected_tests;
            if ($failed || !$builder->is_passing) {
                my ($first) = grep { $_->[1] eq 'fail' } @rows;
                $report->($passed, $failed, 0, @rows);
                $builder->no_ending(1);
                $leave->(101, $first ? "Failed $first->[0]" : 'the tests do not pass');
            }
            if (@rows && $expected && $expected != @rows) {
                $report->($passed, 0, 1, @rows);
                $builder->no_ending(1);
                $leave->(1, "it planned $expected tests and ran " . scalar @rows);
            }
        }
        $leave->(108) if $builder && !@rows && $least eq '0' || !$builder && $least eq '0';
        $leave->(107, 'the tests ask nothing of the answer') unless $SyncodeApart::asked;
        $report->(@rows ? $passed : $least, 0, 0, @rows);
        syswrite($ask, '?');
        sysread($tell, my $token, 33);
        syswrite($ask, "$key$token");
        $builder->no_ending(1) if $builder && !@rows;
        ($finished, $code) = (1, 0);
        exit 0;
    };
    $SIG{__DIE__} = sub {  # a name that the tests take for granted may be one of the answer's
        my ($problem) = @_;
        my $unknown = qr/^(?:Undefined subroutine|Can't locate object method|Can't call method "\w+" without a package)/;
        return if ref $problem || $problem !~ $unknown || $is_remote->($problem);
        return if $problem =~ /^Can't locate object method "\w+" via package "([\w:]+)" at/ && SyncodeApart::is_whole($1);
        $leave->(107, $problem) if $problem =~ /tests\.pl line \d+/;
    };
    my $done = eval qq(package main; no strict; no warnings;\n#line 1 "tests.pl"\n$tests\n;1);
    my $problem = $@;
    delete $SIG{__DIE__};
    my $unread = join '|', "^(?:Can't locate \\S+ in \\@INC|Can't find|syntax error|Global symbol|Bareword|BEGIN failed|Type of arg)",
        '^(?:Not enough|Too many) arguments', 'had compilation errors', 'Execution of .* aborted';
    $leave->(107, $problem) if !$done && !ref $problem && $problem =~ /$unread/m && !$is_remote->($problem);
    $conclude->($done, $problem);
}
