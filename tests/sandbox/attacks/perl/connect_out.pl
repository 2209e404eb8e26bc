# expect: error forbidden
use IO::Socket::INET;
IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => @PORT@, Timeout => 1) or die "connect: $!";
