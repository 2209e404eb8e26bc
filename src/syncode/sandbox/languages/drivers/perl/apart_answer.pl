# The answer's half: loads it, and does what the tests ask for until they are gone.
{
    my $file = shift @ARGV;
    (do './apart.pl') or die $@ || $!;
    SyncodeApart::begin(undef, sub {
        my ($code, $why) = @_;
        print STDERR "$why\n" unless $code == 106;
        exit($code == 106 ? 0 : 1);
    });
    SyncodeApart::remember("main::$_") for keys %main::;
    my $result = do "./$file";
    if ($@) { print STDERR $@; exit 255; }
    if (!defined $result && $!{ENOENT} && !-e $file) { print STDERR "no such file\n"; exit 127; }
    SyncodeApart::receive([]);
}
