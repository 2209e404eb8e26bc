# Stand-in for Data::Compare: true when two values have the same structure and the same texts at its leaves.
package Data::Compare;
use strict;
use Scalar::Util qw(blessed reftype);
use Exporter 'import';
our @EXPORT = qw(Compare);

sub Compare {
    my ($left, $right) = @_;
    return !defined $left && !defined $right unless defined $left && defined $right;
    return 0 if ref $left ne ref $right;
    return $left eq $right unless ref $left;
    my $kind = reftype $left;
    if ($kind eq 'ARRAY') {
        return 0 if @$left != @$right;
        for my $index (0 .. $#$left) { return 0 unless Compare($left->[$index], $right->[$index]); }
        return 1;
    }
    if ($kind eq 'HASH') {
        return 0 if keys %$left != keys %$right;
        for my $key (keys %$left) { return 0 unless exists $right->{$key} && Compare($left->{$key}, $right->{$key}); }
        return 1;
    }
    return Compare($$left, $$right) if $kind eq 'SCALAR' || $kind eq 'REF';
    return $left == $right;
}

1;
