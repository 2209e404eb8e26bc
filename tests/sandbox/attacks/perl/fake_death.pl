# expect: fail error
$SIG{__DIE__} = sub { exit 0 };
sub f { return 1 }
# tests
die "Assertion failed" unless f() == 2;
