# expect: error
cat /etc/shadow
