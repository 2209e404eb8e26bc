# expect: error
exit 0;
# tests
die "Assertion failed";
