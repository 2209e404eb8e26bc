# expect: error
exec cat /etc/shadow
